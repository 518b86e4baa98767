// Owns the engine behind one object: everything that the CLI, the server and a program of one's own may ask for.
//
//   await using tidemark = await openTidemark({ database: 'tidemark.db' })
//   const me = await tidemark.connect(github, { id: 'me', options: { user: 'ada' } })
//   const report = await me.sync()

import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import {
  type BudgetLimits,
  type ConnectionQuery,
  type ConnectOptions,
  checkConnectionId,
  checkConnector,
  checkLimit,
  checkOptionsOf,
  checkText,
  checkWord,
  type OpenOptions,
  type RunsQuery,
} from './arguments.ts'
import { builtIn, builtInNames, checkOwn } from './built-in.ts'
import { Connection, type ConnectionPorts, reportOf, statusOf } from './connection.ts'
import { checkHttp } from './connector/check-connector.ts'
import type { Schemas } from './connector/columns.ts'
import type { Connector, GivenOptions } from './connector/connector.ts'
import { keptOptions, optionFields } from './connector/options.ts'
import { Care } from './engine/care/care.ts'
import { EVERY_MIN_MS } from './engine/due/schedule.ts'
import { type Decided, decideRemovals, type Verdict as RemovalVerdict } from './engine/held/decide-removals.ts'
import { type Remaining, type Retried, retryQuarantine } from './engine/held/retry-quarantine.ts'
import { type Change, type ChangesQuery, Consumers, readFeed } from './engine/history/feed.ts'
import { DECISIONS } from './engine/passes/decisions.ts'
import { compileStream } from './engine/passes/shape.ts'
import { type Budget, budgetReports } from './engine/runs/budget-report.ts'
import { checkOptions } from './engine/runs/connection.ts'
import { holderIsDead, thisHolder } from './engine/runs/process.ts'
import {
  type ConnectionStatus,
  quarantineReport,
  type Removals,
  removalsReport,
  type SetAside,
} from './engine/runs/report.ts'
import { checkedRetention } from './engine/runs/retention.ts'
import { setBudget } from './engine/runs/set-budget.ts'
import { loginSecrets, type Standing, standingOf } from './engine/runs/standing.ts'
import { keepEmbedded } from './engine/schedules/keep-embedded.ts'
import type { SchedulerOptions } from './engine/schedules/scheduler.ts'
import { systemChance, systemClock } from './engine/system.ts'
import { createLimiter } from './http/limiter.ts'
import { nodeTransport } from './http/node-transport.ts'
import { TidemarkError } from './model/errors.ts'
import { didYouMean, knownNames } from './model/near-miss.ts'
import { type Clock, type Logger, silentLogger } from './model/ports.ts'
import type { Key } from './model/record.ts'
import type { RunReport } from './model/run.ts'
import { findKey, fixedKey, type KeySource } from './secrets/keys.ts'
import { openVault } from './secrets/vault.ts'
import { isPostgresUrl } from './store/postgres/url.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { BudgetRow, ConnectionRow, QuarantinePlace, Store } from './store/store.ts'
import { checkShape } from './store/stream-shape.ts'

/** Whoever has a file never loads the driver of a server. */
async function openStore(database: string, options: { clock: Clock; create: boolean }): Promise<Store> {
  if (!isPostgresUrl(database)) return openSqliteStore({ path: database, ...options })
  const { openPostgresStore } = await import('./store/postgres.ts')
  return openPostgresStore({ url: database, ...options })
}

/**
 * Opens a mirror, making the database and the project if they don't exist.
 *
 * @throws TidemarkError option_unknown, option_invalid, timezone_invalid, retention_invalid, connector_invalid, name_taken,
 *   and what the database says
 */
export async function openTidemark(options: OpenOptions = {}): Promise<Tidemark> {
  checkOptionsOf('openTidemark', options)
  await checkOwn((options.connectors ?? []) as readonly Connector[])
  const retention = checkedRetention(options.retention)
  const clock = options.clock ?? systemClock
  const chance = options.chance ?? systemChance
  const database = options.database ?? 'tidemark.db'
  const store = options.store ?? (await openStore(database, { clock, create: options.create ?? true }))
  try {
    const project = options.project ?? 'default'
    if (options.create === false && database !== ':memory:') await checkProject(store, project, options.anyProject)
    else await store.ensureProject({ id: project, timezone: options.timezone ?? 'UTC', at: clock.now() })
    const logger = options.logger ?? silentLogger
    const key = keyOf(options.key, logger)
    const vault = openVault({ store, key: () => key, clock })
    const ports: ConnectionPorts = {
      everyMinMs: options.everyMinMs ?? EVERY_MIN_MS,
      store,
      vault,
      clock,
      chance,
      logger,
      decisions: options.decisions ?? DECISIONS,
      transport: options.transport ?? nodeTransport(),
      limiter: createLimiter({ store, clock }),
      holder: options.holder ?? thisHolder(chance.id(clock.now())),
      isDead: options.isDead ?? holderIsDead,
      retention,
    }
    return new Tidemark(ports, project, options, key)
  } catch (error) {
    if (!options.store) await store.close()
    throw error
  }
}

function keyOf(given: OpenOptions['key'], logger: Logger): KeySource {
  if (given instanceof Uint8Array) return fixedKey(given)
  return given ?? findKey(process.env, (exposed) => logger.event('warn', 'key.exposed', { ...exposed }))
}

async function checkProject(store: Store, project: string, any = false): Promise<void> {
  const all = (await store.projects()).map(({ id }) => id)
  if (any || all.includes(project)) return
  throw new TidemarkError('project_unknown', `there is no project "${project}" in ${store.name}`, {
    hint: `${all.length > 0 ? knownNames(project, all) : 'There are none'}. To make it, connect something into it or run: tidemark projects create ${project}`,
  })
}

/** Keys that `unconfirmed` gives at most. */
const UNCONFIRMED_MAX = 10_000

export type { ConnectOptions, OpenOptions } from './arguments.ts'
export type { PlanReport } from './engine/runs/plan-report.ts'
export type { Budget }
export { Connection }

/** @throws TidemarkError what a check has found, unless nothing is known by it */
async function mustAnswer(connection: Connection): Promise<void> {
  const { outcome, error } = await connection.check()
  if (!error || outcome === 'unclear' || outcome === 'skipped') return
  const { code, message, hint, verdict } = error
  throw new TidemarkError(code, message, { verdict, ...(hint === null ? {} : { hint }) })
}

export class Tidemark {
  readonly #ports: ConnectionPorts
  /** Connectors that came as values: given when this was opened, or when something was connected. */
  readonly #own: Map<string, Connector>
  readonly #ownsStore: boolean
  readonly #closing = new AbortController()
  readonly #held: Store
  #isClosed = false
  #closed: Promise<void> | undefined
  #kept: Promise<void> | undefined
  readonly project: string
  /** What an operator does: keys, secrets, the end of connections. */
  readonly care: Care
  /** Readers of the feed that are remembered by name. */
  readonly consumers: Consumers

  constructor(ports: ConnectionPorts, project: string, options: OpenOptions, key: KeySource) {
    this.#held = ports.store
    // Whatever was made of this one asks here for the store, and is refused once this is closed.
    const openOne = () => this.#openStore()
    this.#ports = {
      ...ports,
      closing: this.#closing.signal,
      get store() {
        return openOne()
      },
    }
    this.care = new Care(this.#ports, project, key)
    this.consumers = new Consumers(this.#ports, project)
    this.project = project
    this.#ownsStore = options.store === undefined
    this.#own = new Map((options.connectors ?? []).map((own) => [own.service.name, own as unknown as Connector]))
  }

  get store(): Store {
    return this.#ports.store
  }

  /** @throws TidemarkError closed */
  #openStore(): Store {
    if (!this.#isClosed) return this.#held
    throw new TidemarkError('closed', 'this was called after close()', {
      hint: 'Close when all is done, and await what was begun; to go on, open anew with openTidemark.',
    })
  }

  /** Names of all connectors there are, in alphabetical order. */
  async connectorNames(): Promise<readonly string[]> {
    return [...new Set([...this.#own.keys(), ...(await builtInNames())])].sort()
  }

  /** @throws TidemarkError connector_unknown */
  async connector(name: string): Promise<Connector> {
    checkText("connector('github')", 'the name', name)
    const own = this.#own.get(name)
    if (own) return own
    const names = await this.connectorNames()
    if (!names.includes(name)) {
      throw new TidemarkError('connector_unknown', `there is no connector "${name}"`, {
        hint: knownNames(name, names),
      })
    }
    return builtIn(name)
  }

  /**
   * Makes a connection, or replaces the options and secrets of the one with this id, and resumes it, whatever it was
   * paused for. Given a connector, the connection knows its streams and their columns; given a name, it takes and gives
   * any. With `check: true` the service is asked once (see `Connection.check`), and what it refuses is thrown; the
   * connection is kept all the same.
   *
   * @throws TidemarkError argument_invalid, id_invalid, options_unknown, options_invalid, connector_unknown,
   *   connector_invalid, name_taken, connection_conflict, option_unknown, option_invalid
   */
  async connect<O, S extends Schemas, P extends z.ZodObject>(
    connector: Connector<O, S, P>,
    options: ConnectOptions<GivenOptions<P>>,
  ): Promise<Connection<S>>
  async connect(connector: string, options: ConnectOptions<Readonly<Record<string, unknown>>>): Promise<Connection>
  async connect(
    connector: Connector | string,
    asked: ConnectOptions<Readonly<Record<string, unknown>>>,
  ): Promise<Connection> {
    checkConnector(connector)
    checkOptionsOf('connect', asked)
    const { id, options = {} } = asked
    const known = typeof connector === 'string' ? await this.connector(connector) : connector
    checkConnectionId(id)
    if (typeof connector !== 'string') {
      await checkOwn([known])
      this.#own.set(known.service.name, known)
    }
    const { store, vault, clock } = this.#ports
    const existing = await store.connection(this.project, id)
    if (existing && existing.connector !== known.service.name) {
      throw new TidemarkError('connection_conflict', `connection "${id}" belongs to connector ${existing.connector}`, {
        hint: 'Choose another --id.',
      })
    }
    // Secrets that are not given anew stay as they are, so that other options can be changed without typing them.
    const kept = existing ? await this.#keptSecrets(existing, known) : {}
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    const before = existing ? (existing.options as Record<string, unknown>) : {}
    const checked = checkOptions(known, id, { ...before, ...kept, ...given })
    checkHttp(known.service.name, known.service.http(checked))
    const secretNames = optionFields(known.service.options)
      .filter((field) => field.secret)
      .map((field) => field.name)
    const shapes = Object.keys(known.streams).map((name) => compileStream(known, name).shape)
    // Before anything is stored. A connection that exists may keep the columns that its tables have.
    if (!existing) for (const shape of shapes) checkShape(shape)
    const row = await store.saveConnection({
      project: this.project,
      id,
      connector: known.service.name,
      connectorVersion: known.service.version ?? '1',
      options: keptOptions(known.service.options, { ...before, ...given }),
      webhookSecret: randomBytes(24).toString('base64url'),
      at: clock.now(),
    })
    const versions = new Map((await store.secrets(row.no)).map((secret) => [secret.name, secret.version]))
    const secrets = Object.entries(given).filter(([name]) => secretNames.includes(name))
    if (secrets.length > 0) {
      const seal = ([name, text]: [string, unknown]) =>
        vault.seal(this.project, id, name, (versions.get(name) ?? 0) + 1, String(text))
      await store.saveSecrets(row.no, await Promise.all(secrets.map(seal)))
    }
    for (const reason of row.paused) await store.setPaused(row.no, reason, false)
    for (const shape of shapes) await store.defineStream(row.no, shape, clock.now())
    const connection = new Connection(this.#ports, known, { ...row, paused: [] })
    if (asked.check === true) await mustAnswer(connection)
    return connection
  }

  async #keptSecrets(row: ConnectionRow, connector: Connector): Promise<Record<string, string>> {
    const { store, vault } = this.#ports
    const names = optionFields(connector.service.options).map((field) => field.name)
    const kept: Record<string, string> = {}
    for (const secret of await store.secrets(row.no)) {
      if (names.includes(secret.name)) kept[secret.name] = await vault.open(row.project, row.id, secret)
    }
    return kept
  }

  /** @throws TidemarkError connection_unknown */
  async connection(id: string): Promise<Connection> {
    checkText("connection('me')", 'the id', id)
    const row = await this.store.connection(this.project, id)
    if (!row) {
      const all = (await this.store.connections(this.project)).map((connection) => connection.id)
      throw new TidemarkError('connection_unknown', `there is no connection "${id}" in project "${this.project}"`, {
        hint: all.length > 0 ? knownNames(id, all) : 'Make one with: tidemark connect <connector> --id <id>',
      })
    }
    return new Connection(this.#ports, await this.connector(row.connector), row)
  }

  async connections(): Promise<readonly Connection[]> {
    const rows = await this.store.connections(this.project)
    return Promise.all(rows.map(async (row) => new Connection(this.#ports, await this.connector(row.connector), row)))
  }

  /** Why a connection stands still, and the command that lets it run again. */
  async standing(row: ConnectionRow): Promise<Standing> {
    return standingOf(row, loginSecrets(await this.#connectorOf(row), row.paused))
  }

  /** Undefined: it isn't there any more, or was given to another process only. */
  async #connectorOf({ connector, paused }: ConnectionRow): Promise<Connector | undefined> {
    // Only who stands still is told what its login consists of.
    return paused.length === 0 ? undefined : this.connector(connector).catch(() => undefined)
  }

  async status(): Promise<readonly ConnectionStatus[]> {
    const rows = await this.store.connections(this.project)
    return Promise.all(rows.map(async (row) => statusOf(this.#ports, row, await this.#connectorOf(row))))
  }

  /** Newest first. */
  async runs(query: RunsQuery = {}): Promise<readonly RunReport[]> {
    checkOptionsOf('runs', query)
    const connection = query.connection === undefined ? undefined : await this.connection(query.connection)
    const rows = await this.store.runs({
      project: this.project,
      ...(connection ? { connectionNo: connection.row.no } : {}),
      limit: query.limit ?? 50,
    })
    return Promise.all(rows.map((row) => reportOf(this.#ports, row)))
  }

  /** @throws TidemarkError run_unknown */
  async run(id: string): Promise<RunReport> {
    checkText('run(report.id)', 'the id', id)
    const row = await this.store.run(this.project, id)
    if (!row) {
      throw new TidemarkError('run_unknown', `there is no run "${id}" in project "${this.project}"`, {
        hint: 'List runs with: tidemark runs',
      })
    }
    return reportOf(this.#ports, row)
  }

  /**
   * All budgets of the project, or that of a connection or connector, with what is spent of each in the window that ends
   * now.
   *
   * @throws TidemarkError budget_unknown (stop) when a name is given that neither has
   */
  async budgets(name?: string): Promise<readonly Budget[]> {
    if (name !== undefined) {
      checkText("budgets('me')", 'the name', name)
      await this.#budgetScope(name)
    }
    const rows = await this.store.budgets(this.project)
    return budgetReports(
      this.#ports,
      this.project,
      rows.filter((row) => name === undefined || row.name === name),
    )
  }

  /**
   * Sets what a connection, or all connections of a connector, may use; null takes a limit away, and what is left out
   * stays as it is. A name that both a connection and a connector have means the connection. What a new window has seen
   * before counts, as far as the ledger knows it.
   *
   * @throws TidemarkError budget_unknown (stop) when there is neither
   */
  async setBudget(name: string, limits: BudgetLimits): Promise<void> {
    checkText("setBudget('me', { requests: { max: 500, perMs: 3_600_000 } })", 'the name', name)
    checkOptionsOf('setBudget', limits)
    const scope = await this.#budgetScope(name)
    await setBudget(this.#ports, this.project, { scope, name }, limits)
  }

  /** Whose budget a name means. @throws TidemarkError budget_unknown */
  async #budgetScope(name: string): Promise<BudgetRow['scope']> {
    const ids = (await this.store.connections(this.project)).map(({ id }) => id)
    if (ids.includes(name)) return 'connection'
    const connectors = await this.connectorNames()
    if (connectors.includes(name)) return 'connector'
    throw new TidemarkError('budget_unknown', `there is neither a connection nor a connector "${name}"`, {
      hint: `${didYouMean(name, [...ids, ...connectors])}Connections: ${ids.join(', ') || 'none'}. Connectors: ${connectors.join(', ')}`,
    })
  }

  /**
   * What runs have put on hold or removed, what can be decided about it, and what waits for a second witness; the newest
   * run first.
   */
  async removals(limit = 100): Promise<readonly Removals[]> {
    checkLimit('removals(10)', limit)
    return (await this.store.removals(this.project, limit)).map(removalsReport)
  }

  /**
   * The keys that a run was the first to miss and that wait for a second witness, in the store's order, of a row that
   * `removals` has given. No more than the first 10,000.
   */
  async unconfirmed({
    run,
    connection,
    stream,
  }: Pick<Removals, 'run' | 'connection' | 'stream'>): Promise<readonly Key[]> {
    // From the store: what waits is told of a connection, too, whose connector is not there.
    const owner = await this.store.connection(this.project, connection)
    const row = owner && (await this.store.streams(owner.no)).find((one) => one.stream === stream)
    const found = await this.store.run(this.project, run)
    return row && found ? this.store.unconfirmedOf(row.no, found.no, null, UNCONFIRMED_MAX) : []
  }

  /**
   * Approves or rejects the removals that a run has put on hold, or undoes all that a run has removed. What is rejected
   * or brought back stays until its source lists it again.
   *
   * @throws TidemarkError run_unknown, removals_unknown (stop), run_active (wait)
   */
  async decideRemovals(verdict: RemovalVerdict, run: string): Promise<Decided> {
    checkWord("decideRemovals('approve', report.id)", ['approve', 'reject', 'undo'], verdict)
    checkText("decideRemovals('approve', report.id)", 'the run', run)
    return decideRemovals(this.#ports, this.project, run, verdict)
  }

  /** Texts of records that could not be read; those included of which a newer content came (`supersededAt`). */
  async *quarantine(query: ConnectionQuery = {}): AsyncGenerator<SetAside> {
    checkOptionsOf('quarantine', query)
    const one = query.connection === undefined ? undefined : await this.connection(query.connection)
    let after: QuarantinePlace | undefined
    for (;;) {
      const page = { project: this.project, ...(one ? { connectionNo: one.row.no } : {}), limit: 100 }
      const rows = await this.store.quarantined({ ...page, ...(after ? { after } : {}) })
      for (const row of rows) yield quarantineReport(row)
      const last = rows.at(-1)
      if (!last) return
      after = { streamNo: last.streamNo, identity: last.identity }
    }
  }

  /** Reads again what is in quarantine, with the connectors as they are now. */
  async retryQuarantine(query: ConnectionQuery = {}): Promise<Retried> {
    checkOptionsOf('retryQuarantine', query)
    const all = query.connection === undefined ? await this.connections() : [await this.connection(query.connection)]
    let released = 0
    const remaining: Remaining[] = []
    for (const { connector, row } of all) {
      const retried = await retryQuarantine(this.#ports, connector, row)
      released += retried.released
      remaining.push(...retried.remaining)
    }
    return { released, remaining }
  }

  /** Asks a run to stop at its next page. False: it is over already. */
  async cancel(id: string): Promise<boolean> {
    await this.run(id)
    return this.store.requestCancel(this.project, id)
  }

  /**
   * The change feed, in its order, until it is read up; with `follow` until the signal aborts.
   *
   * @throws TidemarkError feed_reset, feed_pruned, cursor_invalid, consumer_invalid
   */
  async *changes(query: ChangesQuery = {}): AsyncGenerator<Change> {
    checkOptionsOf('changes', query)
    yield* readFeed(this.#ports, this.project, query)
  }

  /**
   * Keeps the schedules of the whole database, of every project, until this is closed or the signal aborts; then runs
   * under way are cancelled at their next page. Resolves when that is done.
   */
  async start(options: Partial<SchedulerOptions> = {}): Promise<void> {
    checkOptionsOf('start', options)
    const { signal, onRun } = options
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal
    this.#kept ??= keepEmbedded({ ...this.#ports }, (name) => this.connector(name), { signal: stop, onRun })
    return this.#kept
  }

  /** Ends what `start` keeps, and lets go of the database. Whatever is called afterwards throws `closed`. */
  async close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.#kept
    this.#isClosed = true
    await this.#ports.transport.close()
    if (this.#ownsStore) await this.#held.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
