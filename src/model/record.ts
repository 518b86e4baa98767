// Owns what a record is between the parser and the store: its key, its typed columns, its raw text, and the outcome of
// meeting the mirror.

/** What identifies a record in its stream. Always a string, taken from the source's own text. */
export type Key = string

/** The reason of a tombstone that a person has approved. */
export const REASON_APPROVED = 'approved'

/** What a column holds. Booleans are 0 and 1; objects and arrays are their JSON text. */
export type Cell = string | number | bigint | null

export const COLUMN_TYPES = ['text', 'integer', 'real', 'boolean', 'json'] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]

export interface Column {
  /** snake_case, the provider's own spelling. */
  readonly name: string
  readonly type: ColumnType
}

/** How a stream looks to the store: enough to make its table, and nothing about how it is read. */
export interface StreamShape {
  readonly connector: string
  readonly stream: string
  /** The name of its table in SQL. @default connector and stream */
  readonly table?: string
  /** The connector's version, and a hash of columns and metrics; a difference means the table has to grow. */
  readonly version: string
  readonly columns: readonly Column[]
  /** What the order of a record's contents is; contents that were stored under another one are given theirs anew. @default 'asked' */
  readonly order?: string
  /** Names of the columns whose values are kept as snapshots; each is a column of type integer, real or text. */
  readonly metrics: readonly string[]
}

/** The column of the order of a content: what its version says, else when it was asked for. */
export const ORDER: Column = { name: '_order', type: 'real' }

/** A record, parsed and ready to be written. */
export interface Incoming {
  readonly key: Key
  /** In the order of the shape's columns. */
  readonly cells: readonly Cell[]
  /** The source's own text of the record, every number token verbatim. */
  readonly raw: string
  /** Hash of `raw`; equal means the same content without looking at it. */
  readonly hash: string
  /** Older never overwrites newer: the source's version where the stream has one, else when the page was asked for. */
  readonly order: number
}

/** What the store knows of a key without its content. */
export interface Head {
  readonly hash: string
  readonly order: number
  /** Grows by one with every content, removal and restoration; the optimistic lock of a checkpoint. */
  readonly ordinal: number
  /** The walk that stored the record, or saw it after that; null after a write that no walk made. */
  readonly walk: number | null
  /** The full pass that missed the record, if one did and nobody has seen it since. */
  readonly missedBy: number | null
  /** Since when it is not returned when it is asked for by key, in milliseconds since 1970; null: it is there. */
  readonly unavailableSince: number | null
  readonly firstSeenAt: number
  readonly removedAt: number | null
}

export const CHANGE_OPS = ['insert', 'update', 'restore', 'remove'] as const
export type ChangeOp = (typeof CHANGE_OPS)[number]

/** `superseded`: a content that the source showed when the mirror had a newer one already; the record never had it. */
export type VersionOp = ChangeOp | 'superseded'

/** Why a content was superseded when it came: its version is lower than that of the stored content. */
export const REASON_OLDER = 'older_version'
/** Its page was asked for before the record was removed. */
export const REASON_BEFORE_REMOVAL = 'asked_before_removal'
