// Owns the past: versions of records, metrics over time, and how long they are kept.

import type { Key, VersionOp } from '../../model/record.ts'

export interface HistoryStore {
  /**
   * The contents a record has had, oldest first, the current one last; those that were superseded when they came stand
   * before the first one of a newer version (see version-order.ts). Empty: no such key.
   */
  versions(streamNo: number, key: Key): Promise<readonly VersionRow[]>
  /** What the changes of a part of the feed made, and what stands no more: in the order of the feed. */
  former(query: FormerQuery): Promise<readonly FormerRow[]>
  /**
   * What a metric was at the end of each run, in order of run. Values that the source did not tell (null) are none.
   *
   * @throws TidemarkError column_unknown: the stream has no such metric
   */
  snapshots(query: SnapshotsQuery): Promise<readonly SnapshotRow[]>
  /**
   * What a metric of each live record was before a moment and is now, in the order of the records' numbers; records that had
   * no value are left out.
   *
   * @throws TidemarkError column_unknown: the stream has no such metric
   */
  movements(query: MovementsQuery): Promise<readonly MovementRow[]>
  /**
   * Deletes what is older than `before`, `limit` rows at most, oldest first; returns how many went. Of the feed, the
   * project's `prunedTo` moves along; of versions, the first, the current and the newest superseded content of a record
   * always stay; superseded texts in quarantine go with them.
   */
  prune(order: {
    project: string
    what: 'changes' | 'requests' | 'versions' | 'audit'
    before: number
    limit: number
  }): Promise<number>
}

/** Changes of one stream: behind `after`, up to `to`. */
export interface FormerQuery {
  readonly project: string
  readonly streamNo: number
  readonly after: number
  readonly to: number
  readonly limit: number
}

/** A content that a record had. */
export interface FormerRow {
  /** The change that made it. */
  readonly seq: number
  readonly key: Key
  readonly at: number
  readonly columns: Readonly<Record<string, unknown>>
  readonly raw: string
}

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

export interface MovementsQuery {
  readonly streamNo: number
  /** One of the shape's metrics. */
  readonly metric: string
  readonly since: number
  /** Only records after the one of this number. */
  readonly after: number
  readonly limit: number
}

export interface MovementRow {
  /** The number of the record. */
  readonly id: number
  readonly key: Key
  /** The last value at `since` or before; without one, the first after it. */
  readonly from: { readonly value: string | number | bigint; readonly at: number }
  /** The latest. */
  readonly to: { readonly value: string | number | bigint; readonly at: number }
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
