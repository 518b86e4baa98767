// Owns the values that pass through the store port, but for a page's (batch.ts) and those of the past and the feed
// (history-rows.ts): what is asked for, and the rows that come back.

import type { Coverage, CoverageCounts, Reading } from '../model/coverage.ts'
import type { ErrorReport } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import type { Cell, Key, StreamShape } from '../model/record.ts'
import type { Counts, Ended, PassKind, RunMode, RunStatus } from '../model/run.ts'

export interface ProjectRow {
  readonly id: string
  readonly timezone: string
  readonly createdAt: number
}

export interface NewConnection {
  readonly project: string
  readonly id: string
  readonly connector: string
  readonly connectorVersion: string
  /** Without secrets. */
  readonly options: Json
  /** Used only when the connection is new. */
  readonly webhookSecret: string
  readonly at: number
}

export interface ConnectionRow {
  readonly no: number
  readonly project: string
  readonly id: string
  readonly connector: string
  readonly connectorVersion: string
  readonly options: Json
  readonly webhookSecret: string
  /** Why it stands still: `login`, `user`, …; empty when it runs. */
  readonly paused: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}

export interface SealedSecret {
  readonly name: string
  readonly version: number
  readonly sealed: Uint8Array
  /** When the source ends it, in milliseconds since 1970, as a renewal told. */
  readonly expiresAt?: number
}

export interface WrappedKey {
  readonly id: string
  readonly wrapped: Uint8Array
  readonly at: number
}

export interface StreamRow {
  readonly no: number
  readonly connectionNo: number
  readonly stream: string
  readonly shape: StreamShape
  readonly lastRunAt: number | null
  readonly lastSuccessAt: number | null
  readonly lastFullAt: number | null
  readonly runsSinceFull: number
  readonly lastRecordAt: number | null
  readonly lastMode: RunMode | null
  readonly lastRecords: number | null
  readonly totalRecords: number
  /** As it is now: what the last run said of its reading, with what is counted at this moment. */
  readonly coverage: Coverage
  readonly counts: CoverageCounts
  readonly reading: Reading
  /** Columns that the stream has got later and that older contents lack still; see `Store.fillable`. */
  readonly unfilled: readonly string[]
}

/** A content that lacks the newest columns. */
export interface Fillable {
  /** Where the store finds it again; means nothing to anybody else. */
  readonly place: string
  readonly key: Key
  readonly raw: string
}

export interface Fill {
  readonly columns: readonly string[]
  /** Everything that `fillable` gave, in its order; `cells` as the columns, undefined for a text that can't be read. */
  readonly rows: readonly { readonly place: string; readonly cells: readonly Cell[] | undefined }[]
}

export interface Claim {
  readonly resource: string
  readonly holder: Holder
  readonly now: number
  readonly expiresAt: number
  readonly takeOver?: number
}

/** Who holds a lease, so that a process on the same host can see whether the holder still lives. */
export interface Holder {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** When the process started, by the operating system; tells a reused pid from the holder. */
  readonly startedAt: number
  /** Where pid and start are comparable: one machine since its start, one namespace. Absent: not known. */
  readonly space?: string
}

export interface Lease {
  readonly resource: string
  readonly generation: number
}

export interface HeldLease extends Lease {
  readonly holder: Holder
  readonly expiresAt: number
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

export interface Content {
  readonly raw: string
  readonly columns: Readonly<Record<string, unknown>>
  readonly ordinal: number
}

export interface Unseen {
  readonly streamNo: number
  readonly walk: number
  readonly after: Key | null
  readonly limit: number
}

export interface UnseenRecord {
  readonly key: Key
  readonly ordinal: number
  /** The earlier full pass that missed it too, if any. */
  readonly missedBy: number | null
}

export interface NewRun {
  readonly id: string
  readonly lease: Lease
  readonly project: string
  readonly connectionNo: number
  readonly mode: RunMode
  /** The streams that it reads. */
  readonly streams: readonly string[]
  /** It reads what matches a filter, or a past range. @default false */
  readonly partial?: boolean
  /** It may make so many requests only, or spend so much. @default false */
  readonly capped?: boolean
  /** Of the connector's code that reads; stays with the run, for `explain`. */
  readonly connectorVersion?: string
  readonly at: number
  readonly holder: Holder
}

export interface RunRow {
  readonly no: number
  readonly id: string
  readonly project: string
  readonly connectionNo: number
  readonly connection: string
  readonly connectorVersion: string | null
  readonly mode: RunMode
  readonly status: RunStatus
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly error: ErrorReport | null
  readonly notes: readonly string[]
  readonly requests: number
  readonly billedItems: number
  readonly cost: number | null
  readonly streams: readonly string[]
  readonly partial: boolean
  readonly capped: boolean
  readonly holder: Holder
  readonly passes: readonly {
    readonly streamNo: number
    readonly stream: string
    readonly ordinal: number
    readonly kind: PassKind
    readonly ended: Ended | null
    readonly pages: number
    readonly requests: number
    readonly counts: Counts
    readonly expected: number | null
  }[]
}

export interface Reservation {
  readonly granted: number
  readonly waitMs: number
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

/** A connection, or with `stream` other than '', one of its streams. */
export interface SchedulePlace {
  readonly connectionNo: number
  readonly stream: string
}

/** Where a schedule stands in the order of times. */
export interface SchedulePosition extends SchedulePlace {
  readonly nextAt: number
}

export interface ScheduleRow extends SchedulePlace {
  readonly project: string
  readonly connection: string
  /** `every 15m`, `cron 0 3 * * *` or `adaptive`, as it was given. */
  readonly spec: string
  /** IANA name. */
  readonly timezone: string
  /** `08:00-20:00`: no scheduled run starts within. */
  readonly quietHours: string | null
  readonly nextAt: number
  readonly lastAt: number | null
}

/** What a connector (all its connections), or one connection, may use. */
export interface BudgetRow {
  readonly scope: 'connector' | 'connection'
  readonly name: string
  readonly requests: { readonly max: number; readonly perMs: number } | null
  readonly cost: { readonly max: number; readonly perMs: number } | null
}
