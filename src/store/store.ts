// Owns the store port: what the engine asks of a database, each method with its promise. SQLite (sqlite.ts and its
// neighbours) and PostgreSQL answer the same suite, test/conformance/store-suite.ts. The port is asynchronous and
// page-grained: the engine looks, decides without the database, and hands back one value that is written in one
// transaction. No method takes a callback; no transaction is open across an await of the caller.
//
// Times are milliseconds since 1970. Every time comes from the caller, never from the database's own clock, but for
// `now()`.

import type { Json } from '../model/json.ts'
import type { ErrorReport } from '../model/errors.ts'
import type { ChangeOp, Head, Incoming, Key, StreamShape } from '../model/record.ts'
import type { Counts, Ended, PassKind, RunMode, RunStatus } from '../model/run.ts'

export interface Store {
  /** A name for messages: the file, or the host and database; never a password. */
  readonly name: string
  /** The clock that leases and buckets use, the same for every process of this store. */
  now(): Promise<number>
  close(): Promise<void>

  // ── projects and connections ────────────────────────────────────────────────────────────────────────────────────
  /** Makes the project unless it exists. `timezone` (IANA) is written only when the project is new. */
  ensureProject(project: { id: string; timezone: string; at: number }): Promise<ProjectRow>
  projects(): Promise<readonly ProjectRow[]>
  /** Makes the connection, or replaces its options; an existing one keeps its number and its webhook secret. */
  saveConnection(connection: NewConnection): Promise<ConnectionRow>
  /** In order of creation. */
  connections(project: string): Promise<readonly ConnectionRow[]>
  connection(project: string, id: string): Promise<ConnectionRow | undefined>
  /** Adds or takes away one reason for standing still. Returns the reasons that remain. */
  setPaused(connectionNo: number, reason: string, paused: boolean): Promise<readonly string[]>

  // ── secrets: sealed by the caller, durable (synchronous FULL) when the promise resolves ─────────────────────────
  /**
   * Writes sealed secrets. With `expect`, only if each named secret still has that version (0: absent); else nothing
   * is written and the answer is false.
   */
  saveSecrets(
    connectionNo: number,
    secrets: readonly SealedSecret[],
    expect?: ReadonlyMap<string, number>,
  ): Promise<boolean>
  secrets(connectionNo: number): Promise<readonly SealedSecret[]>
  /** The wrapped data keys of this database, the current one last. */
  dataKeys(): Promise<readonly WrappedKey[]>
  /** Adds a data key unless one with its id exists. */
  addDataKey(key: WrappedKey): Promise<void>

  // ── streams ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Makes the stream's row, its tables and its views, or adds the columns that the shape has and the table lacks. */
  defineStream(connectionNo: number, shape: StreamShape, at: number): Promise<StreamRow>
  streams(connectionNo: number): Promise<readonly StreamRow[]>

  // ── leases: the time-limited, fenced right to run ───────────────────────────────────────────────────────────────
  /**
   * Takes the lease of a resource if it is free, expired, or held by exactly the generation in `takeOver` (whose holder
   * is known to be dead). Every claim that succeeds has a generation one higher than the last, for ever.
   */
  claim(claim: Claim): Promise<{ readonly lease: Lease } | { readonly heldBy: HeldLease }>
  /** Moves the end of a lease. False: it is somebody else's now. */
  renew(lease: Lease, expiresAt: number): Promise<boolean>
  /** Frees a lease if it is still ours. */
  release(lease: Lease): Promise<void>

  // ── reading for a pass ──────────────────────────────────────────────────────────────────────────────────────────
  state(streamNo: number, partition: string): Promise<StreamState>
  /** Heads of those keys that exist, tombstones too. Keys in any number, duplicates allowed. */
  look(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Head>>
  /** Stored content of keys, of tombstones too: the raw text and the columns by name, booleans as true and false. */
  contents(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, Content>>
  /**
   * Live records that the walk has not seen, first seen before `firstSeenBefore`, after the key `after`, in the store's
   * order of keys (that of their bytes in UTF-8).
   */
  unseen(query: Unseen): Promise<readonly UnseenRecord[]>
  /** How many `unseen` would find, and how many records are live. */
  countUnseen(query: Omit<Unseen, 'after' | 'limit'>): Promise<{ readonly unseen: number; readonly live: number }>
  /** How many distinct keys a walk has seen (fullPass walks, which keep them). */
  countSeen(streamNo: number, walk: number): Promise<number>
  /** Distinct values a live column may need for `--where …|open`: keys of live records whose column has one of the values. */
  keysWhere(streamNo: number, column: string, values: readonly string[], limit: number): Promise<readonly Key[]>

  // ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Writes a page: records, versions, changes, snapshots, walks, state, coverage, ledger and counters in ONE
   * transaction, predicated on the lease's generation, which it also prolongs. Nothing is written, and the answer is
   * `stale`, when a record that the batch touches no longer has the ordinal that the batch expects: look again and
   * decide again. The same answer tells that another partition of the stream took the number of a new walk.
   *
   * @throws TidemarkError lease_lost (yield), disk_full, database_busy, database_unwritable
   */
  checkpoint(batch: Batch): Promise<'written' | 'stale'>

  // ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Opens a run under a lease. A run of the same connection that is still `running` was interrupted: it is closed as failed. */
  openRun(run: NewRun): Promise<RunRow>
  /** Ends a run and writes what it leaves per stream, in one transaction under the lease. */
  finishRun(finish: FinishRun): Promise<RunRow>
  run(project: string, id: string): Promise<RunRow | undefined>
  /** Newest first. */
  runs(query: { project: string; connectionNo?: number; status?: RunStatus; limit: number }): Promise<readonly RunRow[]>
  /** Asks a running run to stop; the engine looks at its next checkpoint. False: it is not running. */
  requestCancel(project: string, id: string): Promise<boolean>
  cancelRequested(runNo: number): Promise<boolean>

  // ── reading for people ──────────────────────────────────────────────────────────────────────────────────────────
  /** Records by key order, as their columns by name with the underscored ones of the SQL views. */
  records(query: RecordsQuery): Promise<readonly RecordRow[]>
  /** The contents a record has had, oldest first, the current one last. Empty: no such key. */
  history(streamNo: number, key: Key): Promise<readonly VersionRow[]>
  changes(query: { project: string; after: number; limit: number }): Promise<readonly ChangeRow[]>
  /** The feed's epoch and its last sequence number. */
  feed(project: string): Promise<{ readonly epoch: string; readonly seq: number }>

  // ── limits shared by every process ──────────────────────────────────────────────────────────────────────────────
  /**
   * Takes up to `want` permits from a token bucket that holds at most `capacity` and gains `capacity` in `perMs`.
   * Zero granted: `waitMs` until at least one is there. A bucket that is blocked grants nothing until its time.
   */
  reserve(bucket: { key: string; capacity: number; perMs: number; want: number; now: number }): Promise<Reservation>
  /** Lets a bucket grant nothing until `until`; never shortens a block. With `remaining`, also sets what it holds, if that is less. */
  block(bucket: { key: string; until: number | null; remaining?: number; now: number }): Promise<void>
}

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
  readonly lease: Lease
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
  /** Values of the shape's metrics, in its order, one row per (record, run): the last one written stands. */
  readonly snapshots: readonly { readonly key: Key; readonly values: readonly (string | number | bigint | null)[] }[]
  /** Keys that a full pass has seen, for `walk`. What is seen, or written, is in quarantine no longer. */
  readonly seen: readonly Key[]
  /** Forget what a walk has seen (it is reconciled, or starts again from the top). */
  readonly forgetSeen?: number
  /** Kept once per key (or per text, where there is no key), with how often it came. */
  readonly quarantine: readonly Quarantined[]
  /** Removals that wait for a person. `replace` first forgets what this stream had on hold (with no keys: lets go of all). */
  readonly hold?: { readonly reason: string; readonly keys: readonly Key[]; readonly replace: boolean }
  readonly state?: Json
  readonly walks: readonly WalkRow[]
  readonly requests: readonly RequestRow[]
  /** Which entry of the run's passes of this stream these counts belong to; the entry is made or added to. */
  readonly pass: {
    readonly ordinal: number
    readonly kind: PassKind
    readonly ended: Ended | null
    readonly pages: number
    readonly requests: number
  }
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
