// Owns the values that pass through the store port: what is handed over to be written, and the rows that come back.

import type { ErrorReport } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import type { Cell, ChangeOp, Incoming, Key, StreamShape } from '../model/record.ts'
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
  /** `unread`, `complete`, `gap`, `capped`, … with words that explain it. */
  readonly coverage: Coverage
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

export interface Coverage {
  readonly kind: 'unread' | 'complete' | 'capped' | 'gap'
  readonly note: string
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
  readonly firstSeenBefore: number
  readonly after: Key | null
  readonly limit: number
}

export interface UnseenRecord {
  readonly key: Key
  readonly ordinal: number
  /** The earlier full pass that missed it too, if any. */
  readonly missedBy: number | null
}

/** One page, decided. Every list may be empty. No key stands in two of inserts, updates, touches, missed, removals. */
export interface Batch {
  /** Null: a write that needs no lease, because it goes by the order of versions and anchors nothing. */
  readonly lease: Lease | null
  readonly leaseUntil: number
  readonly project: string
  readonly runNo: number
  readonly streamNo: number
  readonly partition: string
  /** Our clock, for `_first_seen_at`, `_updated_at`, snapshots and the feed. */
  readonly at: number
  /** The day of `at` in the project's time zone, for snapshots: YYYY-MM-DD. */
  readonly day: string
  /** Which page of the run this is, from 1; goes into every row, for `explain`. */
  readonly page: number
  /** The walk that stores the inserts; null for writes that anchor nothing. */
  readonly walk: number | null
  /** Keys that the store doesn't have. A key is well-formed Unicode: no text in UTF-8 can hold a lone surrogate. */
  readonly inserts: readonly Incoming[]
  /**
   * New content for keys it has: `update` for live records, `restore` for tombstones, whose past always stays in the
   * history. `version: true` moves the old content to the versions table. Clears `_missed_by`.
   */
  readonly updates: readonly Update[]
  /** Unchanged records that need their walk set, their `_missed_by` or `_unavailable_since` cleared. */
  readonly touches: readonly (Touch & { readonly walk: number | null })[]
  /** Records that a full pass did not see, now and for the first time: sets `_missed_by` to the walk. */
  readonly missed: readonly Touch[]
  /** Known records that were asked for by key and not returned: sets `_unavailable_since`, unless it stands already. */
  readonly unavailable?: readonly Touch[]
  /** Tombstones: the content moves to versions and stays, `_removed_at` and `_removed_reason` are set. */
  readonly removals: readonly (Touch & { readonly reason: string })[]
  /** Tombstones that come back with the content they had, because a person says so. */
  readonly revivals?: readonly Touch[]
  /** Live records that no full pass removes until the source has listed them again. */
  readonly keep?: readonly Key[]
  /** Values of the shape's metrics, in its order, one row per (record, run): the last one written stands. */
  readonly snapshots: readonly { readonly key: Key; readonly values: readonly (string | number | bigint | null)[] }[]
  /** Keys that a full pass has seen, for `walk`. What is seen, or written, is in quarantine no longer. */
  readonly seen: readonly Key[]
  /** Forget what a walk has seen (it is reconciled, or starts again from the top). */
  readonly forgetSeen?: number
  /** Kept once per key (or per text, where there is no key), with how often it came. */
  readonly quarantine: readonly Quarantined[]
  /** Identities of what can be read now, in quarantine no longer. What has a key is let go by being written, too. */
  readonly released?: readonly string[]
  /** Removals that wait for a person. `replace` first forgets what this stream had on hold (with no keys: lets go of all). */
  readonly hold?: { readonly reason: string; readonly keys: readonly Key[]; readonly replace: boolean }
  readonly state?: Json
  readonly walks: readonly WalkRow[]
  readonly requests: readonly RequestRow[]
  /** What the vendor has charged for it, in its own currency; adds to the run's cost. */
  readonly cost?: number
  /** Fields that the source's rows show for the first time, as `name:kind`. */
  readonly fields?: readonly string[]
  /** Which entry of the run's passes of this stream these counts belong to; the entry is made or added to. Null: none. */
  readonly pass: {
    readonly ordinal: number
    readonly kind: PassKind
    readonly ended: Ended | null
    readonly pages: number
    readonly requests: number
  } | null
  readonly counts: Counts
  /** How many records the source says there are in all; null leaves what is known. */
  readonly expected: number | null
}

export interface Update extends Incoming {
  readonly expect: number
  readonly op: 'update' | 'restore'
  readonly version: boolean
  /** The walk to keep with the record: a closed one that anchored it already, else the batch's. */
  readonly walk: number | null
}

export interface Touch {
  readonly key: Key
  readonly expect: number
}

export interface Quarantined {
  readonly key: Key | null
  readonly index: number
  readonly raw: string
  readonly code: string
  readonly message: string
}

/** A request as the ledger keeps it. The URL carries no secret: query values are dropped unless known to be harmless. */
export interface RequestRow {
  readonly at: number
  readonly method: string
  readonly url: string
  /** 0: no answer came. */
  readonly status: number
  readonly bytes: number
  readonly ms: number
  /** The try of the same request, from 1. */
  readonly attempt: number
  /** `ok`, or the code of what was wrong. */
  readonly outcome: string
  readonly billedItems: number
}

export interface NewRun {
  readonly id: string
  readonly lease: Lease
  readonly project: string
  readonly connectionNo: number
  readonly mode: RunMode
  /** The streams that it reads. */
  readonly streams: readonly string[]
  readonly at: number
  readonly holder: Holder
}

export interface FinishRun {
  readonly lease: Lease
  readonly runNo: number
  readonly status: Exclude<RunStatus, 'running'>
  readonly at: number
  readonly error: ErrorReport | null
  readonly notes: readonly string[]
  /** Requests that no checkpoint has carried. */
  readonly requests: readonly RequestRow[]
  readonly streams: readonly {
    readonly streamNo: number
    /** Whether everything it set out to read was read. */
    readonly succeeded: boolean
    /** Whether a full pass came to its end; resets runs_since_full, which else grows by one with a success. */
    readonly full: boolean
    readonly records: number
    readonly coverage: Coverage
  }[]
}

export interface RunRow {
  readonly no: number
  readonly id: string
  readonly project: string
  readonly connectionNo: number
  readonly connection: string
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

export interface RecordsQuery {
  readonly streamNo: number
  /** Tombstones instead of live records. */
  readonly removed?: boolean
  /** The records as they were stored at this moment: those that were live then, with what they held then. */
  readonly asOf?: number
  /** Equality by column name (or `_key`). */
  readonly where?: Readonly<Record<string, string | number>>
  readonly after?: Key
  readonly limit: number
}

export type RecordRow = Readonly<Record<string, unknown>> & { readonly _key: Key }

export interface VersionRow {
  readonly key: Key
  readonly ordinal: number
  /** What made it: an insert, update, restore, or remove (a tombstone, with the last content). */
  readonly op: ChangeOp
  readonly at: number
  readonly reason: string | null
  readonly run: string | null
  readonly page: number | null
  readonly columns: Readonly<Record<string, unknown>>
  readonly raw: string
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
  readonly firstAt: number
  readonly at: number
  readonly times: number
  readonly raw: string
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

/** A connection, or with `stream` other than '', one of its streams. */
export interface SchedulePlace {
  readonly connectionNo: number
  readonly stream: string
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
