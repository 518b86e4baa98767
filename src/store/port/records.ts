// Owns stored records, as a pass and as people read them.

import type { Head, Key } from '../../model/record.ts'

export interface RecordStore {
  /** Heads of those keys that exist, tombstones too. Keys in any number, duplicates allowed. */
  look(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Head>>
  /** Stored content of keys, of tombstones too: the raw text and the columns by name, booleans as true and false. */
  contents(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Content>>
  /**
   * Hashes of the contents that each key had before the one it has now, and of those that were superseded when they came;
   * a key without either is not in it.
   */
  pastHashes(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, readonly string[]>>
  /** Live records in the order of their keys' bytes, each with what its two latest snapshots say. */
  readings(query: { streamNo: number; after: Key | null; limit: number }): Promise<readonly Readings[]>
  /** Keys of live records whose column has one of the values. */
  keysWhere(streamNo: number, column: string, values: readonly string[], limit: number): Promise<readonly Key[]>
  /**
   * Records in the order of their keys' bytes, as their columns by name with the underscored ones of the SQL views.
   *
   * @throws TidemarkError column_unknown
   */
  list(query: RecordsQuery): Promise<readonly RecordRow[]>
  /**
   * Keys in the order of a column: numbers by size before other texts, what is empty last in both directions; records with
   * equal values by key. Keys that are whole numbers are ordered as numbers, before all others. Both stores give one order.
   *
   * @throws TidemarkError column_unknown
   */
  orderedKeys(query: OrderedQuery): Promise<readonly Key[]>
  /**
   * The same keys with the values that they are ordered by: those behind a place, also where the record that had it has
   * another value meanwhile, or is gone.
   *
   * @throws TidemarkError column_unknown
   */
  orderedPlaces(query: OrderedQuery & { readonly behind?: RecordPlace | undefined }): Promise<readonly RecordPlace[]>
  /**
   * How many records match, and every so many of them the place in the order, from which the next ones can be read.
   *
   * @throws TidemarkError column_unknown
   */
  milestones(query: MilestonesQuery): Promise<Milestones>
  /**
   * How many digits those keys have that are whole numbers (from 0 up, without leading zeros), each count once, ascending;
   * a 0 at the end stands for keys that are none. With `removed`, those of tombstones; with `asOf`, of both. There may be
   * a count among them that keys had which are gone.
   */
  keyDigits(query: Pick<RecordsQuery, 'streamNo' | 'removed' | 'asOf'>): Promise<readonly number[]>
}

export interface Content {
  readonly raw: string
  readonly columns: Readonly<Record<string, unknown>>
  readonly ordinal: number
}

/** What is known of a live record's metrics over time. */
export interface Readings {
  readonly key: Key
  readonly firstSeenAt: number
  /** When its content changed last. */
  readonly updatedAt: number
  readonly unavailableSince: number | null
  /** The newest first, at most two; the values of the shape's metrics, null where there is no number. */
  readonly snapshots: readonly { readonly at: number; readonly values: readonly (number | null)[] }[]
}

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
  /**
   * By column name (or `_key`), with a comparison behind it where that is not equality: see `model/condition.ts`. Of
   * several values, a column equals one of them; no other comparison takes several.
   */
  readonly where?: Readonly<Record<string, string | number | readonly string[]>>
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

/** Where a record stands in an order: its value in the column, with all its digits, and its key. */
export interface RecordPlace {
  readonly key: Key
  /** Integers beyond 2^53 are their digits; booleans are 0 and 1. */
  readonly value: string | number | null
}

/** What `orderedKeys` orders: all records that match. */
export type OrderedQuery = Omit<RecordsQuery, 'after' | 'columns' | 'digits' | 'keys'> & {
  readonly order: RecordsOrder
}

export type MilestonesQuery = Omit<OrderedQuery, 'limit'> &
  Pick<RecordsQuery, 'digits'> & {
    readonly every: number
  }

export interface Milestones {
  readonly total: number
  /** Of the last one of each full part, in their order. */
  readonly places: readonly RecordPlace[]
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
