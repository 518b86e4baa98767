// Owns the engine behind one object: everything that the CLI, the server and a program of one's own may ask for.
//
//   await using tidemark = await openTidemark({ database: 'tidemark.db' })
//   const me = await tidemark.connect(github, { id: 'me', options: { user: 'ada' } })
//   const report = await me.sync()

import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { Connector } from './connector/connector.ts'
import { optionFields } from './connector/options.ts'
import { checkOptions, openConnection } from './engine/connection.ts'
import { DECISIONS, type Decisions } from './engine/decisions.ts'
import { HELD_ABOVE, HELD_ABOVE_SHARE } from './engine/full-pass.ts'
import { holderIsDead, thisHolder } from './engine/process.ts'
import { type ConnectionStatus, connectionStatus, runReport } from './engine/report.ts'
import { runConnection, type RunOrder, type RunPorts } from './engine/run.ts'
import { compileStream } from './engine/shape.ts'
import { systemChance, systemClock } from './engine/system.ts'
import { createLimiter } from './http/limiter.ts'
import { nodeTransport } from './http/node-transport.ts'
import type { Transport } from './http/transport.ts'
import { TidemarkError } from './model/errors.ts'
import type { Json } from './model/json.ts'
import { type Chance, type Clock, type Logger, silentLogger } from './model/ports.ts'
import type { PassKind, RunMode, RunReport } from './model/run.ts'
import { findKey } from './secrets/keys.ts'
import { openVault } from './secrets/vault.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { ChangeRow, ConnectionRow, Holder, RecordRow, Store, StreamRow, VersionRow } from './store/store.ts'

export interface OpenOptions {
  /** A file, or ':memory:'. @default 'tidemark.db' */
  readonly database?: string
  /** @default 'default' */
  readonly project?: string
  /** IANA name, used when the project is made: its days begin at midnight there. @default 'UTC' */
  readonly timezone?: string
  /** Connectors of one's own, beside the built-in ones. */
  readonly connectors?: readonly Connector<never>[]
  readonly logger?: Logger
  /** Instead of opening `database`. The store stays open when this is closed. */
  readonly store?: Store
  readonly clock?: Clock
  readonly chance?: Chance
  readonly transport?: Transport
  readonly decisions?: Decisions
  readonly holder?: Holder
  readonly isDead?: (holder: Holder) => boolean
  /** 32 bytes; else TIDEMARK_KEY, TIDEMARK_KEY_FILE, or the key file in the user's config folder. */
  readonly key?: Uint8Array
}

/** Opens a mirror, making the database and the project if they don't exist. */
export async function openTidemark(options: OpenOptions = {}): Promise<Tidemark> {
  const clock = options.clock ?? systemClock
  const chance = options.chance ?? systemChance
  const database = options.database ?? 'tidemark.db'
  if (/^postgres(ql)?:/.test(database)) {
    throw new TidemarkError('database_unsupported', 'PostgreSQL is not supported yet', {
      hint: 'Give a file: --database tidemark.db',
    })
  }
  const store = options.store ?? (await openSqliteStore({ path: database, clock }))
  try {
    const project = options.project ?? 'default'
    await store.ensureProject({ id: project, timezone: options.timezone ?? 'UTC', at: clock.now() })
    const vault = await openVault({ store, key: () => options.key ?? findKey(), clock })
    const ports: RunPorts = {
      store,
      vault,
      clock,
      chance,
      logger: options.logger ?? silentLogger,
      decisions: options.decisions ?? DECISIONS,
      transport: options.transport ?? nodeTransport(),
      limiter: createLimiter({ store, clock }),
      holder: options.holder ?? thisHolder(chance.id(clock.now())),
      isDead: options.isDead ?? holderIsDead,
    }
    return new Tidemark(ports, project, options)
  } catch (error) {
    if (!options.store) await store.close()
    throw error
  }
}

export interface ConnectOptions<O> {
  readonly id: string
  readonly options?: Partial<O> & Readonly<Record<string, unknown>>
}

/** What `--plan` tells: the passes a run would do now, and what it can know of their cost. */
export interface PlanReport {
  readonly connection: string
  readonly mode: RunMode
  readonly streams: readonly {
    readonly stream: string
    readonly passes: readonly { readonly pass: PassKind; readonly why: string; readonly requests: number | null }[]
    /** How many tombstones the run may set without asking, at most. */
    readonly removalsAtRisk: number
  }[]
  /** Requests that the run will make if the source has nothing new; null when only reading can tell. */
  readonly requests: number | null
  readonly cost: number | null
}

export class Tidemark {
  readonly #ports: RunPorts
  readonly #own: ReadonlyMap<string, Connector>
  readonly #ownsStore: boolean
  readonly project: string

  constructor(ports: RunPorts, project: string, options: OpenOptions) {
    this.#ports = ports
    this.project = project
    this.#ownsStore = options.store === undefined
    this.#own = new Map((options.connectors ?? []).map((own) => [own.service.name, own as unknown as Connector]))
  }

  get store(): Store {
    return this.#ports.store
  }

  /** Names of all connectors there are, in alphabetical order. */
  async connectorNames(): Promise<readonly string[]> {
    return [...new Set([...this.#own.keys(), ...(await builtInNames())])].sort()
  }

  /** @throws TidemarkError connector_unknown */
  async connector(name: string): Promise<Connector> {
    const own = this.#own.get(name)
    if (own) return own
    const names = await this.connectorNames()
    if (!names.includes(name)) {
      throw new TidemarkError('connector_unknown', `there is no connector "${name}"`, {
        hint: `There are: ${names.join(', ')}`,
      })
    }
    return builtIn(name)
  }

  /**
   * Makes a connection, or replaces the options and secrets of the one with this id, and resumes it.
   *
   * @throws TidemarkError id_invalid, options_unknown, options_invalid, connector_unknown, connection_conflict
   */
  async connect<O>(connector: Connector<O> | string, { id, options = {} }: ConnectOptions<O>): Promise<Connection> {
    const known = typeof connector === 'string' ? await this.connector(connector) : (connector as unknown as Connector)
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) {
      throw new TidemarkError('id_invalid', `"${id}" can't be the id of a connection`, {
        hint: 'Use letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit.',
      })
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
    checkOptions(known, id, { ...before, ...kept, ...given })
    const secretNames = optionFields(known.service.options)
      .filter((field) => field.secret)
      .map((field) => field.name)
    const plain = Object.entries({ ...before, ...given }).filter(([name]) => !secretNames.includes(name))
    const row = await store.saveConnection({
      project: this.project,
      id,
      connector: known.service.name,
      connectorVersion: known.service.version ?? '1',
      options: Object.fromEntries(plain) as Json,
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
    await store.setPaused(row.no, 'login', false)
    for (const name of Object.keys(known.streams)) {
      await store.defineStream(row.no, compileStream(known, name).shape, clock.now())
    }
    return new Connection(this.#ports, known, row)
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
    const row = await this.store.connection(this.project, id)
    if (!row) {
      const all = (await this.store.connections(this.project)).map((connection) => connection.id)
      throw new TidemarkError('connection_unknown', `there is no connection "${id}" in project "${this.project}"`, {
        hint: all.length > 0 ? `There are: ${all.join(', ')}` : 'Make one with: tidemark connect <connector> --id <id>',
      })
    }
    return new Connection(this.#ports, await this.connector(row.connector), row)
  }

  async connections(): Promise<readonly Connection[]> {
    const rows = await this.store.connections(this.project)
    return Promise.all(rows.map(async (row) => new Connection(this.#ports, await this.connector(row.connector), row)))
  }

  async status(): Promise<readonly ConnectionStatus[]> {
    const rows = await this.store.connections(this.project)
    return Promise.all(rows.map((row) => statusOf(this.store, row)))
  }

  /** Newest first. */
  async runs(query: { connection?: string; limit?: number } = {}): Promise<readonly RunReport[]> {
    const connection = query.connection === undefined ? undefined : await this.connection(query.connection)
    const rows = await this.store.runs({
      project: this.project,
      ...(connection ? { connectionNo: connection.row.no } : {}),
      limit: query.limit ?? 50,
    })
    return rows.map(runReport)
  }

  /** @throws TidemarkError run_unknown */
  async run(id: string): Promise<RunReport> {
    const row = await this.store.run(this.project, id)
    if (!row) {
      throw new TidemarkError('run_unknown', `there is no run "${id}" in project "${this.project}"`, {
        hint: 'List runs with: tidemark runs',
      })
    }
    return runReport(row)
  }

  /** Asks a run to stop at its next page. False: it is over already. */
  async cancel(id: string): Promise<boolean> {
    await this.run(id)
    return this.store.requestCancel(this.project, id)
  }

  /** The change feed from after a sequence number on, until it is read up. */
  async *changes(from: { after?: number } = {}): AsyncGenerator<ChangeRow> {
    let after = from.after ?? 0
    for (;;) {
      const part = await this.store.changes({ project: this.project, after, limit: 1_000 })
      yield* part
      const last = part.at(-1)
      if (!last) return
      after = last.seq
    }
  }

  async close(): Promise<void> {
    await this.#ports.transport.close()
    if (this.#ownsStore) await this.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** One account of one service. */
export class Connection {
  readonly #ports: RunPorts
  readonly connector: Connector
  readonly row: ConnectionRow

  constructor(ports: RunPorts, connector: Connector, row: ConnectionRow) {
    this.#ports = ports
    this.connector = connector
    this.row = row
  }

  get id(): string {
    return this.row.id
  }

  /**
   * Runs once. What goes wrong at the source is in the report, not thrown.
   *
   * @throws TidemarkError connection_paused, run_active, stream_unknown, where_unknown, options_invalid, key_wrong
   */
  async sync(order: Partial<RunOrder> = {}): Promise<RunReport> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    if (row.paused.length > 0) throw paused(row)
    const opened = await openConnection(this.#ports, this.connector, row)
    return runReport(await runConnection(this.#ports, opened, { mode: 'auto', streams: [], ...order }))
  }

  /** What `sync` would do now. Reads only what is stored; asks the source nothing. */
  async plan(order: { mode?: RunMode; streams?: readonly string[] } = {}): Promise<PlanReport> {
    const { store, decisions, clock } = this.#ports
    const mode = order.mode ?? 'auto'
    const names = order.streams?.length ? order.streams : Object.keys(this.connector.streams)
    const streams: PlanReport['streams'][number][] = []
    for (const name of names) {
      const row = await this.stream(name)
      const state = await store.state(row.no, '')
      const confirm = (state.value as { confirm?: boolean } | undefined)?.confirm === true
      const passes = decisions
        .planStream({
          passes: this.connector.streams[name]!.passes,
          mode,
          row,
          state,
          confirm,
          now: clock.now(),
        })
        .map(({ pass, why, requests }) => ({ pass: pass.kind, why, requests }))
      const risk = Math.min(row.totalRecords, Math.floor(Math.max(HELD_ABOVE, row.totalRecords * HELD_ABOVE_SHARE)))
      streams.push({ stream: name, passes, removalsAtRisk: passes.some(({ pass }) => pass === 'fullPass') ? risk : 0 })
    }
    const requests = streams.flatMap(({ passes }) => passes.map((pass) => pass.requests))
    const sum = requests.includes(null) ? null : requests.reduce((total: number, n) => total + (n ?? 0), 0)
    return { connection: this.id, mode, streams, requests: sum, cost: null }
  }

  async status(): Promise<ConnectionStatus> {
    const row = (await this.#ports.store.connection(this.row.project, this.id)) ?? this.row
    return statusOf(this.#ports.store, row)
  }

  /** @throws TidemarkError stream_unknown */
  async stream(name: string): Promise<StreamRow> {
    const rows = await this.#ports.store.streams(this.row.no)
    const row = rows.find(({ stream }) => stream === name)
    if (!row) {
      throw new TidemarkError('stream_unknown', `connection "${this.id}" has no stream "${name}"`, {
        hint: `Its streams: ${rows.map(({ stream }) => stream).join(', ')}`,
      })
    }
    return row
  }

  /** Live records (or tombstones) in order of key. */
  async *records(
    stream: string,
    query: { removed?: boolean; limit?: number; where?: Readonly<Record<string, string | number>> } = {},
  ): AsyncGenerator<RecordRow> {
    const { no } = await this.stream(stream)
    const { limit = Number.POSITIVE_INFINITY, ...rest } = query
    let left = limit
    let after: string | undefined
    while (left > 0) {
      const page = { streamNo: no, ...rest, limit: Math.min(left, 500), ...(after === undefined ? {} : { after }) }
      const part = await this.#ports.store.records(page)
      yield* part
      left -= part.length
      after = part.at(-1)?._key
      if (after === undefined || part.length < page.limit) return
    }
  }

  /** The contents that a record has had, oldest first. Empty: no record with this key was ever seen. */
  async history(stream: string, key: string): Promise<readonly VersionRow[]> {
    const { no } = await this.stream(stream)
    return this.#ports.store.history(no, key)
  }
}

async function statusOf(store: Store, row: ConnectionRow): Promise<ConnectionStatus> {
  const runs = await store.runs({ project: row.project, connectionNo: row.no, limit: 2 })
  return connectionStatus(row, await store.streams(row.no), runs)
}

function paused(row: ConnectionRow): TidemarkError {
  const login = row.paused.includes('login')
  return new TidemarkError('connection_paused', `connection "${row.id}" is paused (${row.paused.join(', ')})`, {
    hint: login
      ? `Renew its login and run: tidemark connect ${row.connector} --id ${row.id}`
      : `Resume it with: tidemark resume ${row.id}`,
    verdict: 'pause',
  })
}

const CONNECTORS = new URL('./connectors/', import.meta.url)

/** The folder is the list: every file in connectors/ is a connector of that name. */
async function builtInNames(): Promise<readonly string[]> {
  const files = await readdir(CONNECTORS)
  return files.flatMap((file) => /^([a-z0-9-]+)\.(?:ts|js)$/.exec(file)?.[1] ?? []).sort()
}

async function builtIn(name: string): Promise<Connector> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module = (await import(new URL(`${name}.${ending}`, CONNECTORS).href)) as { default: Connector }
  return module.default
}
