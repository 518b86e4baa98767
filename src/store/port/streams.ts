// Owns the streams of a connection: their shape, their tables, and the state that passes keep.

import type { Coverage, CoverageCounts, Reading } from '../../model/coverage.ts'
import type { Json } from '../../model/json.ts'
import type { Cell, Key, StreamShape } from '../../model/record.ts'
import type { Ended, PassKind, RunMode } from '../../model/run.ts'
import type { Lease } from './leases.ts'

export interface StreamStore {
  /**
   * Makes the stream's row, its tables and its views, or adds the columns that the shape has and the table lacks.
   *
   * @throws TidemarkError shape_conflict, name_taken
   */
  define(connectionNo: number, shape: StreamShape): Promise<StreamRow>
  list(connectionNo: number): Promise<readonly StreamRow[]>
  /** All streams of a project, and how much each has. */
  counts(project: string): Promise<readonly StreamCount[]>
  state(streamNo: number): Promise<StreamState>
  /**
   * Contents (of records, tombstones and versions) that were stored before the stream had its newest columns, to be read
   * again from their raw text; where they get another order, the texts in quarantine, too. At most `limit`, and no more
   * than FILL_BYTES_MAX (fitting.ts) of text together, but one at least while there is one. Empty: nothing is left to fill.
   */
  fillable(streamNo: number, limit: number): Promise<readonly Fillable[]>
  /**
   * Sets the new columns of such contents; what `fillable` gave is not given again. With no rows: nothing is left to do.
   * False: the stream lacks other columns than these now, and nothing was written.
   * Content, versions and feed stay as they are. Without a lease, nobody is kept from filling at the same time: both set
   * the same.
   */
  fill(streamNo: number, lease: Lease | null, fill: Fill): Promise<boolean>
}

export interface StreamCount {
  readonly no: number
  readonly connectionNo: number
  readonly stream: string
  /** Live records. */
  readonly totalRecords: number
}

export interface StreamRow extends StreamCount {
  readonly shape: StreamShape
  readonly lastRunAt: number | null
  readonly lastSuccessAt: number | null
  readonly lastFullAt: number | null
  readonly runsSinceFull: number
  readonly lastRecordAt: number | null
  readonly lastMode: RunMode | null
  readonly lastRecords: number | null
  /** As it is now: what the last run said of its reading, with what is counted at this moment. */
  readonly coverage: Coverage
  readonly counts: CoverageCounts
  readonly reading: Reading
  /** Columns that the stream has got later and that older contents lack still; see `fillable`. */
  readonly unfilled: readonly string[]
  /** Columns that some older content lacks because its text could not be read when they were filled. */
  readonly unreadable: readonly string[]
}

/** A content that lacks the newest columns. */
export interface Fillable {
  /** Where the store finds it again; means nothing to anybody else. */
  readonly place: string
  /** Null of a text in quarantine whose key is not known. */
  readonly key: Key | null
  readonly raw: string
  /** It is a text in quarantine: it has no columns, and `order` of what it is filled with is its version. @default false */
  readonly waits?: boolean
}

export interface Fill {
  readonly columns: readonly string[]
  /** Everything that `fillable` gave, in its order. */
  readonly rows: readonly FilledContent[]
}

export interface FilledContent {
  readonly place: string
  /** As the columns; undefined for a text that can't be read, which keeps those it has. */
  readonly cells: readonly Cell[] | undefined
  /** Of what has no cells, where the order is among the columns; null: the version of a text in quarantine is not known. */
  readonly order?: number | null
}

export interface StreamState {
  /** What the passes keep; undefined before the first checkpoint. */
  readonly value: Json | undefined
  /** Walks that are not closed, oldest first. */
  readonly openWalks: readonly WalkRow[]
  /** Numbers of walks are given out from here. */
  readonly nextWalk: number
  /** Removals of the stream that are on hold. */
  readonly held: number
  /** Records that a person keeps, although the source no longer lists them. */
  readonly kept: number
  /** Fields that the source's rows have shown, as `name:kind`. */
  readonly fields: readonly string[]
}

/** One passage through a listing. Open until it reached anchored ground or the proven end. */
export interface WalkRow {
  readonly walk: number
  readonly pass: PassKind
  readonly openedAt: number
  readonly closedAt: number | null
  readonly ended: Ended | null
  /** Where the walk goes on, the token of the page it read last, and whatever else its pass keeps. */
  readonly position: Json
  readonly pages: number
  readonly records: number
  /** In words, for people: from where to where the walk has read. */
  readonly note: string
}
