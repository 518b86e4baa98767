// Owns the values that pass through the store port when people read: records as they are and were, versions, metrics over
// time, and the change feed.

import type { ChangeOp, Key, VersionOp } from '../model/record.ts'

export interface RecordsQuery {
  readonly streamNo: number
  /** Tombstones instead of live records. */
  readonly removed?: boolean
  /**
   * The records as they were stored at this moment: those that were live then (with `removed`: tombstones then), with
   * what they held then. Of what happened to a record up to that moment the highest ordinal counts, also where the clock
   * was set back. As far as versions are kept: where they were pruned, what came before stands for them.
   */
  readonly asOf?: number
  /** Equality by column name (or `_key`). */
  readonly where?: Readonly<Record<string, string | number>>
  /** The columns that are read, by the names that rows have; `_key` comes with them. @default all */
  readonly columns?: readonly string[]
  /** Only keys that are whole numbers of so many digits; 0: only the other keys. @default all keys */
  readonly digits?: number
  /** Only these keys, at most `RECORD_KEYS_MAX` of them. @default all keys */
  readonly keys?: readonly Key[]
  readonly after?: Key
  readonly limit: number
}

/** Keys that one query for records may name. */
export const RECORD_KEYS_MAX = 500

/** By which column records are ordered: `_key`, a declared column, or one of those that every record has. */
export interface RecordsOrder {
  readonly column: string
  readonly descending: boolean
}

/** What `orderedKeys` orders: all records that match. */
export type OrderedQuery = Omit<RecordsQuery, 'after' | 'columns' | 'digits' | 'keys'> & {
  readonly order: RecordsOrder
}

/** What every record has besides its declared columns; `_raw` is the longest by far. */
export const RECORD_MARKS = [
  '_project',
  '_connection',
  '_key',
  '_first_seen_at',
  '_updated_at',
  '_removed_at',
  '_removed_reason',
  '_unavailable_since',
  '_raw',
] as const

export type RecordRow = Readonly<Record<string, unknown>> & { readonly _key: Key }

export interface VersionRow {
  readonly key: Key
  /** From 1, one more with every change of the record. Superseded contents are no change: they count down from -1. */
  readonly ordinal: number
  /**
   * What made it: an insert, update, restore, or remove (a tombstone, with the last content); `superseded`: it was shown,
   * but what was stored was newer.
   */
  readonly op: VersionOp
  readonly at: number
  /** Why it was removed, or superseded when it came. */
  readonly reason: string | null
  readonly run: string | null
  /** Null: no page brought it, such as a removal or a person's decision. */
  readonly page: number | null
  readonly columns: Readonly<Record<string, unknown>>
  readonly raw: string
}

/** Which snapshots of one metric: those of a record, or with no key the totals of the stream. */
export interface SnapshotsQuery {
  readonly streamNo: number
  readonly key?: Key
  /** One of the shape's metrics. */
  readonly metric: string
  /** Only what was taken at this moment or later; totals count what came before all the same. */
  readonly since?: number
  /** Only runs after this one, by number. */
  readonly after?: number
  readonly limit: number
}

/** What a metric was at the end of one run. */
export interface SnapshotRow {
  readonly runNo: number
  readonly run: string
  /** When it was taken; of a total, the run's last snapshot, or without any its last removal or return. */
  readonly at: number
  /** The day in the project's time zone under which it is stored; null where a run only removed or restored. */
  readonly day: string | null
  /**
   * A record's: as it is stored. A total: the sum of each record's latest known value, over the records that are live
   * after the run (what a person decided on removals counts from the next run on); exact, of a text column as decimal
   * text.
   * Texts that are no decimal numbers are not known.
   */
  readonly value: string | number | bigint
  /**
   * Whether the run set out to read all of the stream and every pass of it came to its end; else a total may lack what
   * was not read.
   */
  readonly complete: boolean
}

export interface ChangeRow {
  readonly seq: number
  readonly connection: string
  readonly stream: string
  readonly key: Key
  readonly op: ChangeOp
  readonly at: number
  readonly run: string | null
  readonly ordinal: number
}

/** The change feed of a project. A reader's cursor is `epoch.seq`. */
export interface Feed {
  /** Changes when the database comes from a backup: what was read after the backup is not this feed's past. */
  readonly epoch: string
  /** The last sequence number. */
  readonly seq: number
  /** Changes up to here are no longer kept; a reader behind it has to begin anew. */
  readonly prunedTo: number
}

export interface ConsumerRow {
  readonly name: string
  readonly epoch: string
  readonly seq: number
  readonly at: number
}
