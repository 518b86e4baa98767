// Owns what every operation works on: an opened mirror, its project, and the connectors that are known in it; and how
// a connection, a stream or a run is found there by its name.

import type { Connector } from '../connector/connector.ts'
import type { FindEmbedder } from '../engine/followers/embeddings.ts'
import type { Followers } from '../engine/followers/follow.ts'
import type { PushSettings } from '../engine/outbox/push-settings.ts'
import type { Orders } from '../engine/runs/orders.ts'
import type { RunPorts } from '../engine/runs/run.ts'
import type { Nearest } from '../engine/search/nearest.ts'
import { BLEND } from '../model/blend-connector.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { Clock } from '../model/ports.ts'
import { streamUnknown } from '../model/unknown-name.ts'
import type { KeySource } from '../secrets/keys.ts'
import type { ConnectionRow, RunRow, StreamRow } from '../store/store.ts'
import { later } from './later.ts'

/** A database as a whole, which need not be open, nor be one that opens. */
export interface Database {
  /** A file, `:memory:` or a postgres:// URL, which may hold a password. */
  readonly database: string
  /** Where the key of the secrets is looked for. */
  readonly key: KeySource
  readonly clock: Pick<Clock, 'now'>
}

/** What is opened, of which the mirror is made. */
export interface Opened extends Omit<Database, 'clock'>, RunPorts {
  readonly project: string
  /** Who acts, for the audit log. @default nobody, and nothing is written there */
  readonly who?: string | undefined
  readonly connectors: Connectors
  readonly push: PushSettings
  /** The shortest interval that a schedule may be set to, in milliseconds. @default EVERY_MIN_MS */
  readonly everyMinMs?: number | undefined
  readonly embedderOf: FindEmbedder
  /** Finds records by the vectors of their texts, which it keeps in memory. */
  readonly nearest: () => Promise<Nearest>
}

export interface Mirror extends Opened, Pick<Duties, 'orders'> {}

/** What is done beside what is called. */
export interface Duties {
  /** After each run. */
  readonly followers: Followers
  /** Runs that are ordered, and carried out without whoever ordered them. */
  readonly orders: () => Promise<Orders>
}

/** They know the engine, which a face that only describes itself needn't load. */
const builtIns = later(() => import('../built-in.ts'))
const blends = later(() => import('../engine/passes/blends/definition.ts'))

/** The connectors that come with Tidemark, and those that were given as values. */
export class Connectors {
  readonly #own: Map<string, Connector>

  constructor(own: readonly Connector[]) {
    this.#own = new Map(own.map((connector) => [connector.service.name, connector]))
  }

  /** @throws TidemarkError connector_invalid, name_taken */
  async check(connector: Connector): Promise<void> {
    const { checkOwn } = await builtIns()
    await checkOwn([connector])
  }

  /** From here on it is the connector of its name. */
  add(connector: Connector): void {
    this.#own.set(connector.service.name, connector)
  }

  /** In alphabetical order. */
  async names(): Promise<readonly string[]> {
    const { builtInNames } = await builtIns()
    return [...new Set([...this.#own.keys(), ...(await builtInNames())])].sort()
  }

  /** @throws TidemarkError connector_unknown */
  async get(name: string): Promise<Connector> {
    const own = this.#own.get(name)
    if (own) return own
    const names = await this.names()
    if (names.includes(name)) return (await builtIns()).builtIn(name)
    throw new TidemarkError('connector_unknown', `There is no connector "${name}".`, { hint: knownNames(name, names) })
  }

  /** Undefined: it isn't there any more, or was given to another process only. */
  async find(name: string): Promise<Connector | undefined> {
    return this.get(name).catch(() => undefined)
  }
}

/**
 * The connector of a connection, where its code is needed. Stored data is read without it.
 *
 * @throws TidemarkError connector_unknown
 */
export async function connectorOf(
  { connectors }: Pick<Mirror, 'connectors'>,
  { id, connector, options }: Pick<ConnectionRow, 'id' | 'connector' | 'options'>,
): Promise<Connector> {
  // Each blend has fields of its own.
  if (connector === BLEND) return (await blends()).blendConnector(id, options)
  if ((await connectors.names()).includes(connector)) return connectors.get(connector)
  throw connectorAway(id, connector)
}

/** Of a connection whose connector's code is not here. */
export function connectorAway(id: string, connector: string): TidemarkError {
  const message =
    `Connection "${id}" uses connector "${connector}", which no tidemark.config.ts here declares.` as const
  return new TidemarkError('connector_unknown', message, {
    hint: 'Run in the folder of its configuration, or pass --config <file>; a program gives it to openTidemark, under connectors. What is stored can be read without it.',
  })
}

/** @throws TidemarkError connection_unknown */
export async function connectionRow({ store, project }: Mirror, id: string): Promise<ConnectionRow> {
  const row = await store.connections.find(project, id)
  if (row) return row
  const rows = await store.connections.list(project)
  const names = rows.map((connection) => connection.id)
  const owners = await Promise.all(
    rows.map(async ({ no, id: owner }) =>
      (await store.streams.list(no)).some(({ stream }) => stream === id) ? [owner] : [],
    ),
  )
  const [owner] = owners.flat()
  const [connection = '', stream] = id.split('/')
  throw new TidemarkError('connection_unknown', `There is no connection "${id}" in project "${project}".`, {
    hint:
      names.length === 0
        ? 'Make one with: tidemark connect <connector> --id <id>; in a program: tidemark.connect(…).'
        : owner !== undefined
          ? `"${id}" is a stream of ${owner}: write ${owner}/${id}.`
          : stream !== undefined && names.includes(connection)
            ? `"${connection}" is one; a stream of it can't be named here.`
            : knownNames(id, names),
  })
}

/** @throws TidemarkError stream_unknown */
export async function streamRow(
  { store }: Mirror,
  { no, id }: Pick<ConnectionRow, 'no' | 'id'>,
  name: string,
): Promise<StreamRow> {
  const rows = await store.streams.list(no)
  const row = rows.find(({ stream }) => stream === name)
  if (row) return row
  const names = rows.map(({ stream }) => stream)
  throw streamUnknown(`Connection "${id}"`, name, names)
}

/** @throws TidemarkError connection_unknown, stream_unknown */
export async function streamOf(
  mirror: Mirror,
  { connection, stream }: { readonly connection: string; readonly stream: string },
): Promise<{ readonly connection: ConnectionRow; readonly stream: StreamRow }> {
  const row = await connectionRow(mirror, connection)
  return { connection: row, stream: await streamRow(mirror, row, stream) }
}

/** @throws TidemarkError run_unknown */
export async function runRow({ store, project }: Mirror, id: string): Promise<RunRow> {
  const row = await store.runs.find(project, id)
  if (row) return row
  throw new TidemarkError('run_unknown', `There is no run "${id}" in project "${project}".`)
}
