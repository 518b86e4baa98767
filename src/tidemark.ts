// Owns the engine behind one object. Every method is an operation that the command line and the server do alike.

import type { z } from 'zod'
import { Blends } from './blends.ts'
import { Connection } from './connection.ts'
import type { Schemas } from './connector/columns.ts'
import type { Connector, GivenOptions } from './connector/connector.ts'
import type { Followers } from './engine/followers/follow.ts'
import { Consumers } from './engine/history/feed.ts'
import type { RunEvent } from './engine/runs/events.ts'
import type { SchedulerOptions } from './engine/schedules/scheduler.ts'
import { TidemarkError } from './model/errors.ts'
import { type OperationName, type PerformArguments, type PerformResult, performNamed } from './operations/all.ts'
import type { Backup, BackupInput } from './operations/backup.ts'
import { CONNECTION, CONNECTOR, START } from './operations/calls.ts'
import type { ConnectOptions } from './operations/connect.ts'
import type { Declared, DeclaredInput } from './operations/declare.ts'
import type { Actor } from './operations/deeds.ts'
import type { ConnectionDocument } from './operations/documents/connection.ts'
import type { ConnectorDocument } from './operations/documents/connector.ts'
import { later } from './operations/later.ts'
import type { ListConnections } from './operations/list-connections.ts'
import { connectionRow, connectorOf, type Duties, type Mirror, type Opened } from './operations/mirror.ts'
import type { Operation } from './operations/operation.ts'
import { check, perform } from './operations/perform.ts'
import type { PlanAllReport, SyncAllHooks, SyncAllInput, SyncAllReport } from './operations/sync-all.ts'
import { Push } from './push.ts'
import type { ConnectionRow, Store } from './store/store.ts'
import { Verbs } from './verbs.ts'
import { Webhooks } from './webhooks.ts'

const connecting = later(() => import('./operations/connect.ts'))
const keeping = later(() => import('./engine/schedules/keep.ts'))

/** What is open, and what is under way in it, until its end. */
class Life {
  readonly #store: Store
  #isOver = false
  readonly closing = new AbortController()
  readonly underWay = new Set<Promise<unknown>>()

  constructor(store: Store) {
    this.#store = store
  }

  /** @throws TidemarkError closed */
  store(): Store {
    if (!this.#isOver) return this.#store
    throw new TidemarkError('closed', 'This was called after close().')
  }

  /** The store, which nobody else gets any more. */
  end(): Store {
    this.#isOver = true
    return this.#store
  }
}

/**
 * A mirror that is open: one project of one database. `openTidemark` makes it; every method is an operation that the command
 * line does alike. `close` it at the end, or declare it with `await using`.
 */
export class Tidemark extends Verbs {
  readonly #mirror: Mirror
  readonly #ownsStore: boolean
  readonly #life: Life
  readonly #followers: Followers
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
  /** Browsers that show notifications. */
  readonly push: Push

  constructor(opened: Opened, parts: { readonly ownsStore: boolean; readonly duties: (ports: Mirror) => Duties }) {
    const life = new Life(opened.store)
    const mirror: Mirror = {
      ...opened,
      orders: () => duties.orders(),
      closing: life.closing.signal,
      underWay: life.underWay,
      // Whatever was made of this one asks here for the store, and is refused once this is closed.
      get store() {
        return life.store()
      },
    }
    const duties = parts.duties(mirror)
    super(mirror)
    this.#mirror = mirror
    this.#life = life
    this.#ownsStore = parts.ownsStore
    this.#followers = duties.followers
    mirror.events.listen((event) => {
      // A process that has lost its lease writes nothing more.
      if (event.type === 'run.finished' && event.isStored) duties.followers.after(event.project, event.at)
    })
    this.project = mirror.project
    this.consumers = new Consumers(mirror, mirror.project)
    this.blends = new Blends(mirror)
    this.webhooks = new Webhooks(mirror)
    this.push = new Push(mirror)
  }

  /** The database itself, for what no method does. @throws TidemarkError closed */
  get store(): Store {
    return this.#mirror.store
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

  // ── the database, schedules, the end ────────────────────────────────────────────────────────────────────────────────

  /**
   * A copy of the database file as it is at this moment, verified; with `drill` also restored elsewhere, and read.
   *
   * @throws TidemarkError file_unsupported (a server, or in memory), backup_exists, argument_invalid, output_failed,
   *   disk_full, backup_differs, database_damaged
   */
  async backup(file?: string, options: Omit<BackupInput, 'file'> = {}): Promise<Backup> {
    this.#life.store()
    return performNamed('backup', this.#mirror, file === undefined ? {} : { file }, options)
  }

  /**
   * Keeps the schedules of the whole database, of every project, until this is closed or the signal aborts; then runs
   * under way are cancelled at their next page. Resolves when that is done.
   */
  async start(options: Partial<SchedulerOptions> = {}): Promise<void> {
    check(START, {}, options)
    const { signal: ends, onRun } = options
    const stop = ends ? AbortSignal.any([ends, this.#life.closing.signal]) : this.#life.closing.signal
    const byRow = (row: ConnectionRow) => connectorOf(this.#mirror, row)
    if (!this.#kept) this.catchUp()
    this.#kept ??= keeping().then((engine) => engine.keep({ ...this.#mirror }, byRow, { signal: stop, onRun }))
    return this.#kept
  }

  /** Does what follows runs, such as the index of texts, in every project. Returns at once; `settled` resolves when it is done. */
  catchUp(): void {
    this.#followers.catchUp()
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
    this.#life.closing.abort()
    await this.#kept
    await Promise.allSettled(this.#life.underWay)
    await this.#followers.settled()
    const store = this.#life.end()
    await this.#mirror.transport.close()
    if (this.#ownsStore) await store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
