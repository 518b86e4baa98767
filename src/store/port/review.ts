// Owns what waits for a person to decide: removals and quarantine.

import type { Key } from '../../model/record.ts'

export interface ReviewStore {
  /**
   * What runs have held or removed, what a person keeps of it, and what waits for a second witness; the newest run first,
   * one row per run and stream; of all connections, or of one.
   */
  removals(project: string, limit: number, connectionNo?: number): Promise<readonly RemovalsRow[]>
  /** Keys that a run has put on hold, after the key `after`, in the store's order of keys. */
  held(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
  /** Tombstones that a run has set and that still stand, after the key `after`, in the store's order of keys. */
  tombstonesOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Tombstone[]>
  /** Keys that a person keeps although this run would remove them, or has; as `held`. */
  keptOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
  /** Keys that this run missed and that wait for a second witness; as `held`. */
  unconfirmedOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
  /** Which of the keys a person wants kept, although their source no longer lists them (see `Batch.keep`). */
  kept(streamNo: number, keys: readonly Key[]): Promise<ReadonlySet<Key>>
  /**
   * In order of stream and identity. At most `limit`, and no more than QUARANTINE_BYTES_MAX (fitting.ts) of text together,
   * but one at least while there is one: a text may be as long as an answer of a source.
   */
  quarantined(query: {
    project: string
    connectionNo?: number
    after?: QuarantinePlace
    limit: number
  }): Promise<readonly QuarantineRow[]>
}

/** What one run has held, or removed, of one stream. */
export interface RemovalsRow {
  readonly runNo: number
  readonly run: string
  readonly connectionNo: number
  readonly connection: string
  readonly streamNo: number
  readonly stream: string
  readonly at: number
  /** Removals that wait. */
  readonly held: number
  /** Why they wait, in words; null when none do. */
  readonly reason: string | null
  /** Tombstones of this run that still stand. */
  readonly removed: number
  /** Records that a person keeps, although this run would remove them, or has; until the source lists them again. */
  readonly kept: number
  /** Records that this run was the first witness to miss: the next full pass confirms, or finds them again. */
  readonly unconfirmed: number
}

export interface Tombstone {
  readonly key: Key
  readonly ordinal: number
}

export interface QuarantinePlace {
  readonly streamNo: number
  readonly identity: string
}

export interface QuarantineRow extends QuarantinePlace {
  readonly connectionNo: number
  readonly connection: string
  readonly stream: string
  readonly key: Key | null
  readonly code: string
  readonly message: string
  readonly runNo: number
  readonly run: string | null
  readonly page: number
  /** Its place in the page. */
  readonly position: number
  readonly firstAt: number
  readonly at: number
  /** When the page was asked for that has brought it last: its order among what was read of the same record. */
  readonly askedAt: number
  readonly times: number
  readonly raw: string
  /** When a newer content of its record came; null: the record waits to be read. */
  readonly supersededAt: number | null
}
