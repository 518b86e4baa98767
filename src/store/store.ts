// Owns the store port: what the engine asks of a database, each method with its promise. SQLite (sqlite.ts and its
// neighbours) and PostgreSQL answer the same suite, test/conformance/store-suite.ts. The port is asynchronous and
// page-grained: the engine looks, decides without the database, and hands back one value that is written in one
// transaction. No method takes a callback; no transaction is open across an await of the caller.
//
// Times are milliseconds since 1970. Every time comes from the caller, never from the database's own clock, but for
// `now()`.

import type { Head, Key, StreamShape } from '../model/record.ts'
import type { RunStatus } from '../model/run.ts'
import type { Batch, FinishRun, RequestRow } from './batch.ts'
import type { Bucket } from './bucket.ts'
import type {
  ChangeRow,
  ConsumerRow,
  Feed,
  OrderedQuery,
  RecordRow,
  RecordsQuery,
  SnapshotRow,
  SnapshotsQuery,
  VersionRow,
} from './history-rows.ts'
import type {
  BudgetRow,
  Claim,
  ConnectionRow,
  Content,
  Fill,
  Fillable,
  HeldLease,
  Lease,
  NewConnection,
  NewRun,
  ProjectRow,
  QuarantinePlace,
  QuarantineRow,
  RemovalsRow,
  Reservation,
  RunRow,
  SchedulePlace,
  SchedulePosition,
  ScheduleRow,
  SealedSecret,
  StreamRow,
  StreamState,
  Tombstone,
  Unseen,
  UnseenRecord,
  WrappedKey,
} from './rows.ts'

import type { TableRow } from './table-rows.ts'

export type * from './batch.ts'
export * from './history-rows.ts'
export type * from './rows.ts'
export type { TableRow } from './table-rows.ts'

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
  /**
   * Deletes a connection with everything that is stored of it, `limit` rows at most, in one transaction under its lease,
   * which it also prolongs. Returns how many rows went; 0: nothing is left, not even the connection. With its last row
   * the project's feed gets another epoch: what readers of the feed know of the connection has no end there.
   *
   * @throws TidemarkError lease_lost (yield)
   */
  purge(order: { lease: Lease; leaseUntil: number; connectionNo: number; limit: number }): Promise<number>

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
  /** Puts a data key under other keys of the house. False: it no longer lies as `expect` says, and nothing is written. */
  rewrapDataKey(id: string, order: { expect: Uint8Array; wrapped: Uint8Array }): Promise<boolean>
  /** False: there was none. */
  dropDataKey(id: string): Promise<boolean>
  /**
   * Forgets the secrets of a connection; with `only` those of the given names, and of them those that still have the
   * given version. Returns how many it forgot.
   */
  dropSecrets(connectionNo: number, only?: readonly Pick<SealedSecret, 'name' | 'version'>[]): Promise<number>

  // ── streams ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Makes the stream's row, its tables and its views, or adds the columns that the shape has and the table lacks. */
  defineStream(connectionNo: number, shape: StreamShape, at: number): Promise<StreamRow>
  streams(connectionNo: number): Promise<readonly StreamRow[]>
  /**
   * Contents (of records, tombstones and versions) that were stored before the stream had its newest columns, to be read
   * again from their raw text. Empty: nothing is left to fill.
   */
  fillable(streamNo: number, limit: number): Promise<readonly Fillable[]>
  /**
   * Sets the new columns of such contents; what `fillable` gave is not given again. With no rows: nothing is left to do.
   * Content, versions and feed stay as they are.
   */
  fill(streamNo: number, lease: Lease, fill: Fill): Promise<void>

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
   * Live records that the walk has not seen, after the key `after`, in the store's order of keys (that of their bytes in
   * UTF-8). Only those that were stored before the batch that wrote the walk first, or first with the `openedAt` that it has
   * now: by the order of writing, no clock.
   */
  unseen(query: Unseen): Promise<readonly UnseenRecord[]>
  /** How many `unseen` would find, and how many records are live. */
  countUnseen(query: Omit<Unseen, 'after' | 'limit'>): Promise<{ readonly unseen: number; readonly live: number }>
  /** How many distinct keys a walk has seen (fullPass walks, which keep them). */
  countSeen(streamNo: number, walk: number): Promise<number>
  /** Which of the keys a walk has seen (fullPass walks). */
  seenOf(streamNo: number, walk: number, keys: readonly Key[]): Promise<ReadonlySet<Key>>
  /**
   * Hashes of the contents that each key had before the one it has now, and of those that were superseded when they came;
   * a key without either is not in it.
   */
  pastHashes(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, readonly string[]>>
  /** Keys of live records whose column has one of the values. */
  keysWhere(streamNo: number, column: string, values: readonly string[], limit: number): Promise<readonly Key[]>
  /** Which of the keys a person wants kept, although their source no longer lists them (see `Batch.keep`). */
  kept(streamNo: number, keys: readonly Key[]): Promise<ReadonlySet<Key>>

  // ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Writes a page: records, versions, changes, snapshots, walks, state, coverage, ledger and counters in ONE
   * transaction, predicated on the lease's generation, which it also prolongs. A batch without a lease (what was in
   * quarantine, what a webhook announced) anchors nothing. Nothing is written, and the answer is
   * `stale`, when a record that the batch touches no longer has the ordinal that the batch expects: look again and
   * decide again. The same answer tells that another partition of the stream took the number of a new walk.
   *
   * @throws TidemarkError lease_lost (yield), disk_full, database_busy, database_unwritable; database_limit (stop) when
   *   the store can't hold one of the values, see refused-value.ts
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

  // ── removals and quarantine, for a person to decide ─────────────────────────────────────────────────────────────
  /**
   * What runs have held or removed, what a person keeps of it, and what waits for a second witness; the newest run first,
   * one row per run and stream.
   */
  removals(project: string, limit: number): Promise<readonly RemovalsRow[]>
  /** Keys that a run has put on hold, after the key `after`, in the store's order of keys. */
  held(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
  /** Tombstones that a run has set and that still stand, after the key `after`, in the store's order of keys. */
  tombstonesOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Tombstone[]>
  /** Keys that a person keeps although this run would remove them, or has; as `held`. */
  keptOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
  /** Keys that this run missed and that wait for a second witness; as `held`. */
  unconfirmedOf(streamNo: number, runNo: number, after: Key | null, limit: number): Promise<readonly Key[]>
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

  // ── SQL ─────────────────────────────────────────────────────────────────────────────────────────────────────────
  /** What the project can read with SQL: the tables of its streams, then Tidemark's own. */
  tables(project: string): Promise<readonly TableRow[]>
  /**
   * How many rows such a table has for the project. Takes as long as the table is large.
   *
   * @throws TidemarkError table_unknown
   */
  countRows(project: string, name: string): Promise<number>

  // ── reading for people ──────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Records in the order of their keys' bytes, as their columns by name with the underscored ones of the SQL views.
   *
   * @throws TidemarkError unknown_column
   */
  records(query: RecordsQuery): Promise<readonly RecordRow[]>
  /**
   * Keys in the order of a column: numbers by size before other texts, what is empty last in both directions; records with
   * equal values by key. Keys that are whole numbers are ordered as numbers, before all others. Both stores give one order.
   *
   * @throws TidemarkError unknown_column
   */
  orderedKeys(query: OrderedQuery): Promise<readonly Key[]>
  /**
   * How many digits those keys have that are whole numbers (from 0 up, without leading zeros), each count once, ascending;
   * a 0 at the end stands for keys that are none. With `removed`, those of tombstones; with `asOf`, of both.
   */
  keyDigits(query: Pick<RecordsQuery, 'streamNo' | 'removed' | 'asOf'>): Promise<readonly number[]>
  /**
   * The contents a record has had, oldest first, the current one last; those that were superseded when they came stand
   * before the first one of a newer version (see version-order.ts). Empty: no such key.
   */
  history(streamNo: number, key: Key): Promise<readonly VersionRow[]>
  /**
   * What a metric was at the end of each run, in order of run. Values that the source did not tell (null) are none.
   *
   * @throws TidemarkError unknown_column: the stream has no such metric
   */
  snapshots(query: SnapshotsQuery): Promise<readonly SnapshotRow[]>
  /**
   * The ledger's requests that one page of a run was read with, in their order; null: those that were made for no page.
   * Empty: none, or no longer kept.
   */
  requestsOf(place: { runNo: number; streamNo: number; page: number | null }): Promise<readonly RequestRow[]>
  changes(query: { project: string; after: number; limit: number }): Promise<readonly ChangeRow[]>
  feed(project: string): Promise<Feed>
  /** Gives the feed of every project another epoch: what was restored from a backup is another past. */
  renewEpochs(): Promise<void>
  /** Where a named reader of the feed stands. */
  consumers(project: string): Promise<readonly ConsumerRow[]>
  saveConsumer(project: string, consumer: ConsumerRow): Promise<void>
  /** False: there was none. */
  dropConsumer(project: string, name: string): Promise<boolean>
  /**
   * Deletes what is older than `before`, `limit` rows at most, oldest first; returns how many went. Of the feed, the
   * project's `prunedTo` moves along; of versions, the first, the current and the newest superseded content of a record
   * always stay; superseded texts in quarantine go with them.
   */
  prune(order: {
    project: string
    what: 'changes' | 'requests' | 'versions'
    before: number
    limit: number
  }): Promise<number>

  // ── schedules ───────────────────────────────────────────────────────────────────────────────────────────────────
  /** Sets the schedule of a connection, or of one of its streams. */
  saveSchedule(schedule: ScheduleRow): Promise<void>
  /** False: there was none. */
  dropSchedule(place: SchedulePlace): Promise<boolean>
  /** Of one project (and there of one connection), or of all; in order of connection and stream. */
  schedules(project?: string, connectionNo?: number): Promise<readonly ScheduleRow[]>
  /** Those whose time has come by `now`, the longest overdue first; with `after`: the next ones of this order. */
  dueSchedules(now: number, limit: number, after?: SchedulePosition): Promise<readonly ScheduleRow[]>
  /**
   * Moves a schedule on, if it still stands at `expect`: of two processes, one does. `lastAt` null: it did not run, and
   * what was there stays.
   */
  advanceSchedule(
    place: SchedulePlace,
    move: { expect: number; nextAt: number; lastAt: number | null },
  ): Promise<boolean>

  // ── limits shared by every process ──────────────────────────────────────────────────────────────────────────────
  /**
   * Takes up to `want` permits from a bucket that holds at most `capacity` and gains `capacity` in `perMs`, but never
   * more than `capacity` within any stretch of `perMs` (see bucket.ts, which decides it for every store). Zero granted: `waitMs` until at least one is there. A bucket that is blocked grants nothing until its time.
   */
  reserve(bucket: { key: string; capacity: number; perMs: number; want: number; now: number }): Promise<Reservation>
  /** What is known of a bucket; undefined: nothing. `take` in bucket.ts says what it would grant. */
  bucket(key: string): Promise<Bucket | undefined>
  /** Lets a bucket grant nothing until `until`; never shortens a block. With `remaining`, also sets what it holds, if that is less. */
  block(bucket: { key: string; until: number | null; remaining?: number; now: number }): Promise<void>
  /** Sets a budget; with neither requests nor cost, takes it away. */
  saveBudget(project: string, budget: BudgetRow): Promise<void>
  budgets(project: string): Promise<readonly BudgetRow[]>
  /**
   * Takes `want` from what may be spent in any window of `perMs`: at most `max` in sum, over all processes. What it takes
   * may be a fraction (money): with `fractions: true`. `granted` is what was taken: what is left, up to `want`.
   */
  spend(order: {
    key: string
    max: number
    perMs: number
    want: number
    now: number
    fractions?: boolean
  }): Promise<Reservation>
  /** Gives back what was taken at a time (the `now` of its `spend`) and not used. */
  giveBack(order: { key: string; perMs: number; amount: number; at: number }): Promise<void>
  /**
   * Counts what the ledger knows of the window that ends now as spent under the key, where less is: requests when they
   * were made, money when its run ended (of one under way: now).
   */
  recount(order: {
    key: string
    perMs: number
    now: number
    project: string
    scope: BudgetRow['scope']
    name: string
    of: 'requests' | 'cost'
  }): Promise<void>
  /** What was spent in the window that ends now. */
  spent(order: { key: string; perMs: number; now: number }): Promise<number>
}
