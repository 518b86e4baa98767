// Owns the engine behind one object. Every method is an operation that the command line and the server do alike.

import type { z } from 'zod'
import { Blends } from './blends.ts'
import { Connection } from './connection.ts'
import type { Schemas } from './connector/columns.ts'
import type { Connector, GivenOptions } from './connector/connector.ts'
import type { Followers } from './engine/followers/follow.ts'
import type { SecretCheck } from './engine/health/check-secrets.ts'
import type { LostSecrets } from './engine/health/reset-secrets.ts'
import { type Change, type ChangesQuery, Consumers } from './engine/history/feed.ts'
import type { Decided, Verdict as RemovalVerdict } from './engine/review/decide-removals.ts'
import type { Retried } from './engine/review/retry-quarantine.ts'
import type { Budget, ConnectionStatus, Removals, SetAside } from './engine/runs/documents.ts'
import type { RunEvent } from './engine/runs/events.ts'
import type { SchedulerOptions } from './engine/schedules/scheduler.ts'
import { TidemarkError } from './model/errors.ts'
import type { Key } from './model/record.ts'
import type { RunReport } from './model/run.ts'
import type { Activity, ActivityQuery } from './operations/activity.ts'
import { type OperationName, type PerformArguments, type PerformResult, performNamed } from './operations/all.ts'
import type { AuditReport } from './operations/audit.ts'
import type { AuditLogQuery, Deed } from './operations/audit-log.ts'
import type { Backup, BackupInput } from './operations/backup.ts'
import type { BudgetLimits } from './operations/budgets.ts'
import { CONNECTION, CONNECTOR, START } from './operations/calls.ts'
import type { ConnectOptions } from './operations/connect.ts'
import type { Declared, DeclaredInput } from './operations/declare.ts'
import type { Actor } from './operations/deeds.ts'
import type { Diagnosis, DoctorInput } from './operations/doctor.ts'
import type { ConnectionDocument } from './operations/documents/connection.ts'
import type { ConnectorDocument } from './operations/documents/connector.ts'
import type { Gap, GapsQuery } from './operations/gaps.ts'
import type { ForgetOldKeys, KeyReport, ResetKey, Rotated, RotateKeys, RotateKeysHooks } from './operations/keys.ts'
import { later } from './operations/later.ts'
import type { ListConnections } from './operations/list-connections.ts'
import { connectionRow, connectorOf, type Duties, type Mirror, type Opened } from './operations/mirror.ts'
import type { Operation } from './operations/operation.ts'
import type { Ordered } from './operations/order-run.ts'
import { check, perform } from './operations/perform.ts'
import type { Project } from './operations/projects.ts'
import type { ConnectionQuery } from './operations/quarantine.ts'
import type { LogEntry } from './operations/run-log.ts'
import type { RunsQuery } from './operations/runs.ts'
import type { SearchInput, SearchReport } from './operations/search.ts'
import type { SqlHooks, SqlInput, SqlResult } from './operations/sql.ts'
import type { PlanAllReport, SyncAllHooks, SyncAllInput, SyncAllReport } from './operations/sync-all.ts'
import type { Table } from './operations/tables.ts'
import type { CreatedToken, NewTokenInput, Token } from './operations/tokens.ts'
import type { ConnectionRow, Store } from './store/store.ts'
import { Webhooks } from './webhooks.ts'

const connecting = later(() => import('./operations/connect.ts'))
const keeping = later(() => import('./engine/schedules/keep-embedded.ts'))

/**
 * A mirror that is open: one project of one database. `openTidemark` makes it; every method is an operation that the command
 * line does alike. `close` it at the end, or declare it with `await using`.
 */
export class Tidemark {
  readonly #mirror: Mirror
  readonly #ownsStore: boolean
  readonly #closing = new AbortController()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #store: Store
  readonly #followers: Followers
  #isClosed = false
  #closed: Promise<void> | undefined
  #kept: Promise<void> | undefined
  /** The id of the project whose connections this one knows. */
  readonly project: string
  /** Readers of the feed that are remembered by name. */
  readonly consumers: Consumers
  /** Records made of several streams and of what a person sets. */
  readonly blends: Blends
  /** What services send here to tell of changes. */
  readonly webhooks: Webhooks

  constructor(mirror: Opened, parts: { readonly ownsStore: boolean; readonly duties: (ports: Mirror) => Duties }) {
    this.#store = mirror.store
    // Whatever was made of this one asks here for the store, and is refused once this is closed.
    const openOne = () => this.#openStore()
    this.#mirror = {
      ...mirror,
      orders: () => duties.orders(),
      closing: this.#closing.signal,
      underWay: this.#underWay,
      get store() {
        return openOne()
      },
    }
    this.#ownsStore = parts.ownsStore
    const duties = parts.duties(this.#mirror)
    this.#followers = duties.followers
    mirror.events.listen((event) => {
      // A process that has lost its lease writes nothing more.
      if (event.type === 'run.finished' && event.isStored) this.#followers.after(event.project, event.at)
    })
    this.project = mirror.project
    this.consumers = new Consumers(this.#mirror, mirror.project)
    this.blends = new Blends(this.#mirror)
    this.webhooks = new Webhooks(this.#mirror)
  }

  /** The database itself, for what no method does. @throws TidemarkError closed */
  get store(): Store {
    return this.#mirror.store
  }

  #openStore(): Store {
    if (!this.#isClosed) return this.#store
    throw new TidemarkError('closed', 'This was called after close().')
  }

  /** Any operation, for a face that derives itself from their descriptions. */
  perform<Given extends object, Result, Watching extends object>(
    operation: Operation<Given, Result, Watching>,
    args: Partial<Given>,
    options: Partial<Given & Watching> = {},
  ): Result {
    return perform(operation, this.#mirror, args, options)
  }

  /** The same by its name, for a project of the database: the server's callers have theirs. */
  async performFor<Name extends OperationName>(
    actor: string | Actor,
    name: Name,
    ...[args, options]: PerformArguments<Name>
  ): Promise<PerformResult<Name>> {
    const { project, who }: Actor = typeof actor === 'string' ? { project: actor } : actor
    return performNamed(name, { ...this.#mirror, project, who }, args, options)
  }

  // ── connectors and connections ──────────────────────────────────────────────────────────────────────────────────

  /** What can be connected, with what each needs and gives; or one of them. @throws TidemarkError connector_unknown */
  async connectors(name?: string): Promise<readonly ConnectorDocument[]> {
    return performNamed('connectors', this.#mirror, name === undefined ? {} : { name })
  }

  /** Names of all connectors there are, in alphabetical order. */
  async connectorNames(): Promise<readonly string[]> {
    return this.#mirror.connectors.names()
  }

  /** @throws TidemarkError connector_unknown */
  async connector(name: string): Promise<Connector> {
    check(CONNECTOR, { name }, {})
    return this.#mirror.connectors.get(name)
  }

  /**
   * Makes a connection, or changes the options and secrets of the one with this id, and resumes it. Given a connector,
   * the connection knows its streams and their columns; given a name, it takes and gives any.
   *
   * @throws TidemarkError argument_invalid, id_invalid, options_unknown, options_invalid, connector_unknown,
   *   connector_invalid, name_taken, connection_conflict, option_unknown, option_invalid
   */
  async connect(connector: string, options: ConnectOptions<Readonly<Record<string, unknown>>>): Promise<Connection>
  // The typed one stands last, since the compiler explains a wrong option by the last overload.
  async connect<O, S extends Schemas, P extends z.ZodObject>(
    connector: Connector<O, S, P>,
    options: ConnectOptions<GivenOptions<P>>,
  ): Promise<Connection<S>>
  async connect(
    connector: Connector | string,
    asked: ConnectOptions<Readonly<Record<string, unknown>>>,
  ): Promise<Connection> {
    const { connectRecorded } = await connecting()
    const made = await connectRecorded(this.#mirror, connector, asked)
    return new Connection(this.#mirror, made.connector, made.row)
  }

  /** Whether a connection has these options and secrets already: `connect` would change nothing. */
  async isConnected(
    connector: Connector | string,
    asked: ConnectOptions<Readonly<Record<string, unknown>>>,
  ): Promise<boolean> {
    const { isConnected } = await connecting()
    return isConnected(this.#mirror, connector, asked)
  }

  /** Its stored data can be read without its connector's code. @throws TidemarkError connection_unknown */
  async connection(id: string): Promise<Connection> {
    check(CONNECTION, { id }, {})
    return this.#connectionOf(await connectionRow(this.#mirror, id))
  }

  /** The connections of the project, disconnected ones included. @throws TidemarkError connector_unknown */
  async connections(): Promise<readonly Connection[]> {
    return Promise.all((await this.store.connections.list(this.project)).map((row) => this.#connectionOf(row)))
  }

  async #connectionOf(row: ConnectionRow): Promise<Connection> {
    return new Connection(this.#mirror, await connectorOf(this.#mirror, row).catch(() => undefined), row)
  }

  /** The connections as documents: options without secrets, streams, the addresses of webhooks. */
  async listConnections(query: ListConnections = {}): Promise<readonly ConnectionDocument[]> {
    return performNamed('listConnections', this.#mirror, {}, query)
  }

  /** Forgets the secrets and the schedules of a connection, and pauses it. Gives how many secrets it had. */
  async disconnect(id: string): Promise<number> {
    return performNamed('disconnect', this.#mirror, { connection: id })
  }

  /** Deletes a connection and all that is stored of it. Gives how many rows that were. @throws TidemarkError connection_unknown, run_active */
  async purge(id: string, options: { readonly onPart?: (rows: number) => void } = {}): Promise<number> {
    return performNamed('purge', this.#mirror, { connection: id }, options)
  }

  /** Brings connections to what a configuration declares. */
  async declare(connections: readonly DeclaredInput[]): Promise<readonly Declared[]> {
    return performNamed('declare', this.#mirror, { connections })
  }

  // ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Reads once what is new and changed, of several connections or of all; one's failure does not stop the others.
   *
   * @throws TidemarkError connection_unknown, stream_unknown, where_unknown, range_unsupported,
   *   refresh_unsupported, option_conflict
   */
  async sync(order: SyncAllInput & SyncAllHooks = {}): Promise<SyncAllReport> {
    return performNamed('syncAll', this.#mirror, {}, order)
  }

  /** What `sync` would do now; reads only what is stored. @throws TidemarkError as `sync` does */
  async plan(order: SyncAllInput & Pick<SyncAllHooks, 'onOrder'> = {}): Promise<PlanAllReport> {
    return performNamed('planAll', this.#mirror, {}, order)
  }

  /** How fresh and complete every stream is, with runs, schedules and to-dos. @throws TidemarkError connection_unknown */
  async status(query: ConnectionQuery = {}): Promise<readonly ConnectionStatus[]> {
    return performNamed('status', this.#mirror, {}, query)
  }

  /** Newest first. */
  async runs(query: RunsQuery = {}): Promise<readonly RunReport[]> {
    return performNamed('runs', this.#mirror, {}, query)
  }

  /** @throws TidemarkError run_unknown */
  async run(id: string): Promise<RunReport> {
    return performNamed('run', this.#mirror, { run: id })
  }

  /** What a run did, in its order: each request with its answer, what was noted, and how it ended. @throws TidemarkError run_unknown */
  async *runLog(id: string): AsyncGenerator<LogEntry> {
    yield* await performNamed('runLog', this.#mirror, { run: id })
  }

  /** What became of a run that was ordered. @throws TidemarkError order_unknown */
  async ordered(order: string): Promise<Ordered> {
    return performNamed('ordered', this.#mirror, { order })
  }

  /** Asks a run to stop after its current page. False: it is over already. @throws TidemarkError run_unknown */
  async cancel(id: string): Promise<boolean> {
    return performNamed('cancel', this.#mirror, { run: id })
  }

  /** All budgets, of one name, or those that a connection draws on, with what is spent. @throws TidemarkError budget_unknown (stop), connection_unknown */
  async budgets(name?: string, query: ConnectionQuery = {}): Promise<readonly Budget[]> {
    return performNamed('budgets', this.#mirror, name === undefined ? {} : { name }, query)
  }

  /**
   * Limits what a connection, or all connections of a connector, may use; null takes a limit away, and what is left out
   * stays as it is.
   *
   * @throws TidemarkError budget_unknown (stop) when there is neither
   */
  async setBudget(name: string, limits: BudgetLimits): Promise<void> {
    return performNamed('setBudget', this.#mirror, { name }, limits)
  }

  // ── decisions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** What runs have held or removed, and what waits for a second witness; the newest first. @throws TidemarkError connection_unknown */
  async removals(limit?: number, query: ConnectionQuery = {}): Promise<readonly Removals[]> {
    return performNamed('removals', this.#mirror, limit === undefined ? {} : { limit }, query)
  }

  /** The keys that a run was the first to miss and that wait for a second witness, of a row that `removals` has given. */
  async unconfirmed(row: Pick<Removals, 'run' | 'connection' | 'stream'>): Promise<readonly Key[]> {
    const { run, connection, stream }: typeof row = row ?? {}
    return performNamed('unconfirmed', this.#mirror, { run, connection, stream })
  }

  /**
   * Approves or rejects the removals that a run holds, or undoes all that a run has removed. What is rejected or brought
   * back stays until its source lists it again.
   *
   * @throws TidemarkError run_unknown, removals_unknown (stop), run_active (wait)
   */
  async decideRemovals(verdict: RemovalVerdict, runId: string): Promise<Decided> {
    return performNamed('decideRemovals', this.#mirror, { verdict, run: runId })
  }

  /** Texts of records that could not be read; those included of which a newer content came (`supersededAt`). */
  async *quarantine(query: ConnectionQuery = {}): AsyncGenerator<SetAside> {
    yield* await performNamed('quarantine', this.#mirror, {}, query)
  }

  /** Reads again what is in quarantine, with the connectors as they are now. */
  async retryQuarantine(query: ConnectionQuery = {}): Promise<Retried> {
    return performNamed('retryQuarantine', this.#mirror, {}, query)
  }

  // ── looking, serving, keys ──────────────────────────────────────────────────────────────────────────────────────

  /**
   * Records by their words: several mean all of them, each may be the beginning of one.
   *
   * @throws TidemarkError connection_unknown, option_invalid, moment_invalid
   */
  async search(words: string, query: Omit<SearchInput, 'text'> = {}): Promise<SearchReport> {
    return performNamed('search', this.#mirror, { text: words }, query)
  }

  /** What is known not to have been read: walks that broke off, what runs could not prove. @throws TidemarkError connection_unknown */
  async gaps(query: GapsQuery = {}): Promise<readonly Gap[]> {
    return performNamed('gaps', this.#mirror, {}, query)
  }

  /** What is missing, what waits, and what looks as if a source shows less than it has. */
  async audit(connection?: string): Promise<AuditReport> {
    return performNamed('audit', this.#mirror, connection === undefined ? {} : { connection })
  }

  /** Who has started, changed or ended what, the newest first. @throws TidemarkError moment_invalid */
  async auditLog(query: AuditLogQuery = {}): Promise<readonly Deed[]> {
    return performNamed('auditLog', this.#mirror, {}, query)
  }

  /** What has changed, the newest first; programs follow `changes`. @throws TidemarkError connection_unknown */
  async activity(query: ActivityQuery = {}): Promise<readonly Activity[]> {
    return performNamed('activity', this.#mirror, {}, query)
  }

  /** Whether this machine, the database and its keys are as they should be, a verdict for each check. */
  async doctor(options: DoctorInput = {}): Promise<Diagnosis> {
    return performNamed('doctor', this.#mirror, {}, options)
  }

  /**
   * A copy of the database file as it is at this moment, verified; with `drill` also restored elsewhere, and read.
   *
   * @throws TidemarkError file_unsupported (a server, or in memory), backup_exists, argument_invalid, output_failed,
   *   disk_full, backup_differs, database_damaged
   */
  async backup(file?: string, options: Omit<BackupInput, 'file'> = {}): Promise<Backup> {
    this.#openStore()
    return performNamed('backup', this.#mirror, file === undefined ? {} : { file }, options)
  }

  /**
   * The change feed, in its order, until it is read up; with `follow` until the signal aborts.
   *
   * @throws TidemarkError feed_reset, feed_pruned, cursor_invalid, consumer_invalid
   */
  async *changes(query: ChangesQuery = {}): AsyncGenerator<Change> {
    yield* await performNamed('changes', this.#mirror, {}, query)
  }

  /**
   * Asks the database with one statement that reads, over the tables that every stream is.
   *
   * @throws TidemarkError sql_refused, sql_failed, sql_timeout, sql_row_too_large
   */
  async sql(statement: string, options: Omit<SqlInput, 'statement'> & SqlHooks = {}): Promise<SqlResult> {
    return performNamed('sql', this.#mirror, { statement }, options)
  }

  /** The tables that `sql` reads, with their columns and rows; or one. @throws TidemarkError table_unknown */
  async tables(name?: string): Promise<readonly Table[]> {
    return performNamed('tables', this.#mirror, name === undefined ? {} : { name })
  }

  /** The projects of the database. */
  async projects(): Promise<readonly Project[]> {
    return performNamed('projects', this.#mirror, {})
  }

  /** @throws TidemarkError id_invalid, timezone_invalid, project_exists */
  async createProject(id: string, options: { readonly timezone?: string | undefined } = {}): Promise<Project> {
    return performNamed('createProject', this.#mirror, { id }, options)
  }

  /** The project's tokens for calls of the server, those in force. */
  async tokens(): Promise<readonly Token[]> {
    return performNamed('tokens', this.#mirror, {})
  }

  /** Makes one. It is in the answer this once. @throws TidemarkError option_invalid */
  async createToken(options: NewTokenInput): Promise<CreatedToken> {
    return performNamed('createToken', this.#mirror, {}, options)
  }

  /** From now on it may do nothing. @throws TidemarkError token_unknown */
  async revokeToken(id: string): Promise<Token> {
    return performNamed('revokeToken', this.#mirror, { id })
  }

  /**
   * A new key, a new data key, and every secret encrypted again, while other processes keep working.
   *
   * @throws TidemarkError rotation_active (wait), key_missing, key_wrong, key_new_missing, key_unwritable (stop)
   */
  async rotateKeys(order: RotateKeys & RotateKeysHooks = {}): Promise<Rotated> {
    return performNamed('rotateKeys', this.#mirror, {}, order)
  }

  /**
   * Deletes the old key files that open nothing in this database, and returns their paths; with `dryRun` only names
   * them. Other databases and older backups may still need them.
   *
   * @throws TidemarkError rotation_active (wait)
   */
  async forgetOldKeys(order: ForgetOldKeys = {}): Promise<readonly string[]> {
    return performNamed('forgetOldKeys', this.#mirror, {}, order)
  }

  /**
   * Forgets the secrets, of all projects, that no key at hand opens; their connections are paused until they are
   * connected with a new login. With `dryRun` only names them.
   *
   * @throws TidemarkError key_invalid, key_unreadable, key_missing (a key file that was named is not there)
   */
  async resetKey(order: ResetKey = {}): Promise<readonly LostSecrets[]> {
    return performNamed('resetKey', this.#mirror, {}, order)
  }

  /** The key that encrypts the secrets, by a name that does not reveal it. */
  async showKey(): Promise<KeyReport> {
    return performNamed('showKey', this.#mirror, {})
  }

  /** @throws TidemarkError key_missing, key_wrong, key_invalid, key_unreadable, secret_unreadable */
  async checkKey(): Promise<void> {
    return performNamed('checkKey', this.#mirror, {})
  }

  /** Decrypts every secret of the database, of all projects. */
  async checkSecrets(): Promise<readonly SecretCheck[]> {
    return performNamed('checkSecrets', this.#mirror, {})
  }

  /**
   * Keeps the schedules of the whole database, of every project, until this is closed or the signal aborts; then runs
   * under way are cancelled at their next page. Resolves when that is done.
   */
  async start(options: Partial<SchedulerOptions> = {}): Promise<void> {
    check(START, {}, options)
    const { signal: ends, onRun } = options
    const stop = ends ? AbortSignal.any([ends, this.#closing.signal]) : this.#closing.signal
    const byRow = (row: ConnectionRow) => connectorOf(this.#mirror, row)
    if (!this.#kept) this.#followers.catchUp()
    this.#kept ??= keeping().then((engine) => engine.keepEmbedded({ ...this.#mirror }, byRow, { signal: stop, onRun }))
    return this.#kept
  }

  /** Tells of this process's runs as they begin, store a page and end; returns what ends it. What it throws is logged. */
  listen(listener: (event: RunEvent) => void): () => void {
    return this.#mirror.events.listen(listener)
  }

  /** Resolves when what follows the runs of this process is done, such as deleting what is too old. `close` waits for it. */
  async settled(): Promise<void> {
    await this.#followers.settled()
  }

  /**
   * Ends what `start` keeps, cancels the runs under way and waits for their ends, and lets go of the database: what was
   * read is kept, and a page that is being paid for is stored. Whatever is called afterwards throws `closed`.
   */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.#kept
    await Promise.allSettled(this.#underWay)
    await this.#followers.settled()
    this.#isClosed = true
    await this.#mirror.transport.close()
    if (this.#ownsStore) await this.#store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
