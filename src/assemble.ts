// Owns putting a mirror together from its ports: what a user passes, and the seams that tests and the command line hold.

import type { Connector } from './connector/connector.ts'
import type { Embedder } from './embedders/embedder.ts'
import { Followers } from './engine/followers/follow.ts'
import { EMBEDDINGS, type Follower, INDEXER } from './engine/followers/follower.ts'
import { checkedRetention, keeper, type Retention } from './engine/followers/retention.ts'
import { type PushSettings, pushSettings } from './engine/outbox/push-settings.ts'
import type { Decisions } from './engine/passes/decisions.ts'
import { createEvents } from './engine/runs/events.ts'
import { holderIsDead, thisHolder } from './engine/runs/process.ts'
import { systemChance, systemClock, systemTurn } from './engine/system.ts'
import { createLimiter } from './http/limiter.ts'
import { nodeTransport } from './http/node-transport.ts'
import type { Transport } from './http/transport.ts'
import { TidemarkError } from './model/errors.ts'
import { knownNames } from './model/near-miss.ts'
import { type Chance, type Clock, type Logger, silentLogger } from './model/ports.ts'
import { later } from './operations/later.ts'
import { Connectors, connectorOf, type Duties, type Mirror, type Opened } from './operations/mirror.ts'
import { findKey, fixedKey, type KeySource } from './secrets/keys.ts'
import { openVault } from './secrets/vault.ts'
import { isPostgresUrl } from './store/postgres/url.ts'
import { openSqliteStore, readingApart } from './store/sqlite.ts'
import type { Holder, Store } from './store/store.ts'
import { Tidemark } from './tidemark.ts'

/** They know the engine. */
const builtIns = later(() => import('./built-in.ts'))
const blending = later(() => import('./engine/followers/blender.ts'))
const sending = later(() => import('./engine/followers/sender.ts'))
const indexing = later(() => import('./engine/followers/indexer.ts'))
const embedding = later(() => import('./engine/followers/embeddings.ts'))
const ordering = later(() => import('./engine/runs/orders.ts'))
const nearness = later(() => import('./engine/search/nearest.ts'))
const connectionEmbedder = later(() => import('./engine/search/connection-embedder.ts'))
const builtInEmbedder = later(() => import('./embedders/static.ts'))

export interface OpenOptions {
  /** A file, ':memory:', or postgres://user:password@host:port/database?schema=name. @default 'tidemark.db' */
  readonly database?: string | undefined
  /** @default 'default' */
  readonly project?: string | undefined
  /** IANA name, used when the project is made: its days begin at midnight there. @default 'UTC' */
  readonly timezone?: string | undefined
  /** Connectors of one's own, beside the built-in ones. */
  readonly connectors?: readonly Connector<never>[] | undefined
  /** @default nothing is logged */
  readonly logger?: Logger | undefined
  /** 32 bytes; else TIDEMARK_KEY, TIDEMARK_KEY_FILE, or the key file in the user's config folder. */
  readonly key?: Uint8Array | KeySource | undefined
  /** How long changes, requests, the audit log and past contents are kept. @default 90 days, 30 days, 365 days, for ever */
  readonly retention?: Retention | undefined
  /** Whether a database and a project that don't exist are made. @default true */
  readonly create?: boolean | undefined
  /** How push services are talked to, which show notifications in browsers. */
  readonly push?: Partial<PushSettings> | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** The way to the sources; a recording has its own. @default the network */
  readonly transport?: Transport | undefined
}

/** What nobody but this project's own tests and faces replaces. */
export interface Seams {
  /** Instead of opening `database`. The store stays open when this is closed. */
  readonly store?: Store | undefined
  readonly chance?: Chance | undefined
  readonly decisions?: Decisions | undefined
  readonly holder?: Holder | undefined
  readonly isDead?: ((holder: Holder) => boolean) | undefined
  /** Without `create`, the project need not exist either: for commands that concern the whole database. @default false */
  readonly anyProject?: boolean | undefined
  /** Called with every secret that is sealed or opened, for a face that keeps them out of its own messages. */
  readonly onSecret?: ((text: string) => void) | undefined
  /** Who acts, for the audit log. @default nobody, and nothing is written there */
  readonly who?: string | undefined
  /** The shortest interval that a schedule may be set to, in milliseconds. @default 60_000 */
  readonly everyMinMs?: number | undefined
  /** @default the one that is built in */
  readonly embedder?: Embedder | undefined
  /** Whether long reads of a file are done in threads beside this one: for a process that serves. @default false */
  readonly readsApart?: boolean | undefined
}

/** @throws TidemarkError as openTidemark does, which checks what a user passes */
export async function assemble(options: OpenOptions & Seams): Promise<Tidemark> {
  const own = (options.connectors ?? []) as unknown as readonly Connector[]
  if (own.length > 0) await (await builtIns()).checkOwn(own)
  const retention = checkedRetention(options.retention)
  const push = pushSettings(options.push)
  const clock = options.clock ?? systemClock
  const chance = options.chance ?? systemChance
  const { database = 'tidemark.db', project = 'default', create = true } = options
  const store = options.store ?? (await openStore(database, { clock, create }, options.readsApart))
  try {
    if (!create && database !== ':memory:') await checkProject(store, project, options.anyProject)
    else await store.projects.ensure({ id: project, timezone: options.timezone ?? 'UTC', at: clock.now() })
    const logger = options.logger ?? silentLogger
    const key = keyOf(options.key, logger)
    const builtIn = once(async () => (await builtInEmbedder()).staticEmbedder())
    const holder = options.holder ?? thisHolder(chance.id(clock.now()))
    const mirror: Opened = {
      database,
      project,
      who: options.who,
      connectors: new Connectors(own),
      push,
      key,
      everyMinMs: options.everyMinMs,
      embedderOf: async (of) => options.embedder ?? (await ownEmbedder(mirror, of)) ?? (await builtIn()),
      nearest: once(async () => new (await nearness()).Nearest(clock)),
      store,
      vault: openVault({ store, key: () => key, clock, onSecret: options.onSecret }),
      clock,
      chance,
      logger,
      decisions: options.decisions,
      transport: options.transport ?? nodeTransport(),
      limiter: createLimiter({ store, clock, process: holder.id }),
      holder,
      isDead: options.isDead ?? holderIsDead,
      events: createEvents(logger),
    }
    const followers = (ports: Mirror) => [
      keeper(retention),
      loaded('blends', async () => (await blending()).blender(() => ports)),
      loaded('outbox', async () => (await sending()).sender(() => ports)),
      loaded(INDEXER, async () => (await indexing()).indexer((name) => ports.connectors.find(name))),
      loaded(EMBEDDINGS, async () =>
        (await embedding()).embeddings((name) => ports.connectors.find(name), ports.embedderOf),
      ),
    ]
    const duties = (ports: Mirror): Duties => {
      const following = new Followers(ports, followers(ports))
      const orders = async () =>
        new (await ordering()).Orders({
          run: () => ({ ...ports }),
          connectorOf: (row) => connectorOf(ports, row),
          isShared: isPostgresUrl(database),
          settled: () => following.settled(),
        })
      return { followers: following, orders: once(orders) }
    }
    return new Tidemark(mirror, { ownsStore: options.store === undefined, duties })
  } catch (error) {
    if (!options.store) await store.close()
    throw error
  }
}

/** Of the connection that a project has for it. */
async function ownEmbedder(mirror: Opened, project: string): Promise<Embedder | undefined> {
  const { connectionEmbedder: find } = await connectionEmbedder()
  return find(mirror, (name) => mirror.connectors.find(name), project)
}

/** A follower whose code is loaded when there is something to follow. */
function loaded(name: string, make: () => Promise<Follower>): Follower {
  const made = once(make)
  return { name, follow: async (work) => (await made()).follow(work) }
}

function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined
  return () => (made ??= make())
}

/** Rows after which whoever serves has pages written by a thread, whose start costs about as much as writing so many. */
const THREAD_AFTER = 1_000

/** The driver of a server is loaded only where there is one. */
async function openStore(
  database: string,
  options: { clock: Clock; create: boolean },
  readsApart = false,
): Promise<Store> {
  if (!isPostgresUrl(database)) {
    const how = { path: database, turn: systemTurn, ...options }
    if (!readsApart || database === ':memory:') return openSqliteStore(how)
    return readingApart(await openSqliteStore({ ...how, threadAfter: THREAD_AFTER }), database)
  }
  const { openPostgresStore } = await import('./store/postgres.ts')
  return openPostgresStore({ url: database, ...options })
}

export function keyOf(given: OpenOptions['key'], logger: Logger = silentLogger): KeySource {
  if (given instanceof Uint8Array) return fixedKey(given)
  return given ?? findKey(process.env, (exposed) => logger.event('warn', 'key.exposed', { ...exposed }))
}

async function checkProject(store: Store, project: string, any = false): Promise<void> {
  const all = (await store.projects.list()).map(({ id }) => id)
  if (any || all.includes(project)) return
  throw new TidemarkError('project_unknown', `There is no project "${project}" in ${store.name}.`, {
    hint: `${all.length > 0 ? knownNames(project, all) : 'There are none'}. To make it, connect something into it or run: tidemark projects create ${project}`,
  })
}
