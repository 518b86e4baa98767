// Owns the stage on which a connector is tested: the source behind the fault proxy, mirrors in databases of their own
// with the real engine and the real HTTP client, and reads of single pages with the same client.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connector, Renewal } from '../connector/connector.ts'
import { optionFields } from '../connector/options.ts'
import type { Http } from '../connector/page.ts'
import { checkOptions } from '../engine/runs/connection.ts'
import type { RunOrder } from '../engine/runs/order.ts'
import { systemChance } from '../engine/system.ts'
import { createHttp } from '../http/client.ts'
import { createLimiter } from '../http/limiter.ts'
import { nodeTransport } from '../http/node-transport.ts'
import type { Transport } from '../http/transport.ts'
import { LeaseLost } from '../model/errors.ts'
import { parseDigits } from '../model/exact-json.ts'
import { canonical } from '../model/json.ts'
import { silentLogger } from '../model/ports.ts'
import type { RunReport, SyncMode } from '../model/run.ts'
import { openTidemark } from '../open.ts'
import type { UploadReport } from '../operations/upload.ts'
import type { Tidemark } from '../tidemark.ts'
import { Evidence } from './evidence.ts'
import { type FaultProxy, READ_HEADER, startFaultProxy, TARGET_HEADER } from './fault-proxy.ts'
import { currentRead, Observer, observed } from './observed.ts'
import type { Player, Tape } from './recording.ts'
import { testClock } from './test-clock.ts'

/** The name of the connections that checks make. */
const CONNECTION = 'tested'
const KEY = new Uint8Array(32).fill(7)

export interface StageSetup {
  readonly connector: Connector
  readonly source: { readonly url: string } | Tape
  /** The options for a new connection; asked every time, because credentials may have been renewed meanwhile. */
  readonly options: () => Readonly<Record<string, unknown>>
}

type Connection = Awaited<ReturnType<Tidemark['connect']>>

/** A log event of a run. */
export interface LoggedEvent {
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

export class Stage {
  readonly #setup: StageSetup
  readonly proxy: FaultProxy
  readonly evidence = new Evidence()
  readonly #tape: Player | undefined
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidemark-testing-'))
  readonly #transport: Transport = nodeTransport()
  readonly #open = new Set<Mirror>()
  #mirrors = 0
  #reader: Mirror | undefined
  readonly #canonical = new Map<string, string>()

  private constructor(setup: StageSetup, proxy: FaultProxy, tape: Player | undefined) {
    this.#setup = setup
    this.proxy = proxy
    this.#tape = tape
  }

  static async open(setup: StageSetup): Promise<Stage> {
    const { source } = setup
    const tape = 'kind' in source ? source.play() : undefined
    const upstream = tape ? { tape } : { origin: new URL((source as { url: string }).url).origin }
    return new Stage(setup, await startFaultProxy(upstream), tape)
  }

  /** The address that the connector is given. */
  get baseUrl(): string {
    const { source } = this.#setup
    return 'kind' in source ? source.baseUrl : source.url
  }

  /** The options of a new connection, and their secrets learned. */
  options(): Record<string, unknown> {
    const { connector, options } = this.#setup
    const given = { baseUrl: this.baseUrl, ...options(), allowPrivateNetwork: true }
    for (const { name, secret } of optionFields(connector.service.options)) {
      const value = (given as Record<string, unknown>)[name]
      if (secret && typeof value === 'string') this.evidence.learn(name, value)
    }
    return given
  }

  /** A new, empty mirror of the source, in memory unless its file is to be looked at. Closed with its check, or before. */
  async mirror(
    how: { readonly onDisk?: boolean; readonly wrap?: (inner: Transport) => Transport } = {},
  ): Promise<Mirror> {
    const { source, connector } = this.#setup
    this.#tape?.rewind()
    const mirror = new Mirror(this, {
      database: how.onDisk ? join(this.#folder, `${++this.#mirrors}.db`) : ':memory:',
      connector: this.#learning(connector),
      clock: testClock('kind' in source ? source.recordedAt : undefined),
      transport: (alive) => (how.wrap ?? ((inner) => inner))(this.#way(alive)),
      onClose: () => void this.#open.delete(mirror),
    })
    this.#open.add(mirror)
    await mirror.open()
    return mirror
  }

  /** What a record's text says; the same texts come in every check. */
  canonicalOf(raw: string, volatile: readonly string[]): string {
    const name = `${volatile.join()} ${raw}`
    const known = this.#canonical.get(name)
    if (known !== undefined) return known
    const text = canonical(parseDigits(raw), volatile)
    this.#canonical.set(name, text)
    return text
  }

  /** The mirror whose client reads single pages; nothing is ever stored in it. */
  async readerMirror(): Promise<Mirror> {
    if (this.#reader) return this.#reader
    this.#reader = await this.mirror()
    this.#open.delete(this.#reader)
    return this.#reader
  }

  /** Closes what a check has left open; so it is looked through for secrets, too. */
  async closeMirrors(): Promise<void> {
    for (const mirror of this.#open) await mirror.close()
  }

  /** Closes every mirror and takes away all files. */
  async close(): Promise<void> {
    await this.closeMirrors()
    await this.#reader?.close()
    await this.#transport.close()
    await this.proxy.close()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** The way out: everything goes over the proxy, under its own address. */
  #way(alive: () => boolean): Transport {
    return {
      send: (request) => {
        if (!alive()) return Promise.reject(killed())
        const url = new URL(request.url)
        url.protocol = 'http:'
        url.host = this.proxy.url.host
        const read = currentRead.getStore()?.number ?? 0
        const headers = { ...request.headers, [TARGET_HEADER]: request.url.origin, [READ_HEADER]: String(read) }
        return this.#transport.send({ ...request, url, headers, allowPrivateNetwork: true })
      },
      // Shared by all mirrors of the stage.
      close: () => Promise.resolve(),
    }
  }

  #learning(connector: Connector): Connector {
    const { renew } = connector.service
    if (!renew) return connector
    const learning = async (request: Parameters<typeof renew>[0]): Promise<Renewal<Record<string, unknown>>> => {
      const renewal = await renew(request)
      for (const [name, value] of Object.entries(renewal.secrets)) this.evidence.learn(name, String(value))
      return renewal
    }
    return { ...connector, service: { ...connector.service, renew: learning } }
  }
}

/** What a process that was ended leaves behind: nothing is written any more. */
function killed(): LeaseLost {
  return new LeaseLost('The run was ended by the test.')
}

interface MirrorSetup {
  readonly database: string
  readonly connector: Connector
  readonly clock: ReturnType<typeof testClock>
  readonly transport: (alive: () => boolean) => Transport
  readonly onClose: () => void
}

/** A database of its own, with the connector's connection in it. */
export class Mirror {
  readonly #stage: Stage
  readonly #setup: MirrorSetup
  readonly observer = new Observer()
  readonly events: LoggedEvent[] = []
  readonly connector: Connector
  /** False: no request leaves any more, as if the process were gone. */
  alive = true
  tidemark!: Tidemark
  connection!: Connection
  #transport!: Transport

  constructor(stage: Stage, setup: MirrorSetup) {
    this.#stage = stage
    this.#setup = setup
    this.connector = observed(setup.connector, this.observer)
  }

  async open(): Promise<void> {
    const { database, clock } = this.#setup
    this.#transport = this.#setup.transport(() => this.alive)
    const logger = {
      event: (level: string, name: string, values: Readonly<Record<string, unknown>>) => {
        this.events.push({ name, values })
        this.#stage.evidence.look(`the log (${level} ${name})`, JSON.stringify(values) ?? '')
      },
    }
    this.tidemark = await openTidemark({ database, clock, logger, key: KEY, transport: this.#transport })
    await this.connect()
  }

  /** Connects, or connects again: as a person does who renews a login. */
  async connect(): Promise<void> {
    this.connection = await this.tidemark.connect(this.connector, { id: CONNECTION, options: this.#stage.options() })
  }

  /** Runs one stream once. Undefined: the run was killed. */
  async sync(
    stream: string,
    order: Partial<RunOrder> & { readonly mode?: SyncMode } = {},
  ): Promise<RunReport | undefined> {
    this.observer.reset()
    try {
      const report = await this.connection.sync({ streams: [stream], ...order })
      this.#stage.evidence.look('the report of a run', JSON.stringify(report))
      return report
    } catch (error) {
      if (!this.alive) return undefined
      throw error
    }
  }

  /** Uploads a file to a stream, or looks at what that would change. */
  async upload(
    stream: string,
    bytes: Uint8Array,
    { name, dryRun }: { readonly name: string | undefined; readonly dryRun: boolean },
  ): Promise<UploadReport> {
    this.observer.reset()
    const report = await this.connection.upload(stream, bytes, { dryRun, ...(name === undefined ? {} : { name }) })
    this.#stage.evidence.look('the report of an upload', JSON.stringify(report))
    return report
  }

  /** The live records: each key with its content, canonical, volatile fields left out. */
  async content(stream: string): Promise<Map<string, string>> {
    const volatile = this.connector.streams[stream]?.volatile ?? []
    const content = new Map<string, string>()
    for await (const record of this.connection.records(stream)) {
      content.set(record._key, this.#stage.canonicalOf(record._raw, volatile))
    }
    return content
  }

  /** Keys of the tombstones. */
  async removed(stream: string): Promise<readonly string[]> {
    const keys: string[] = []
    for await (const { _key } of this.connection.records(stream, { removed: true })) keys.push(_key)
    return keys
  }

  /** The client that runs use, to read single pages with. */
  reader(): { readonly http: Http; readonly options: Record<string, unknown> } {
    const { clock, connector } = this.#setup
    const options = checkOptions(connector, CONNECTION, this.#stage.options())
    const settings = connector.service.http(options)
    const setup = {
      settings,
      baseUrl: options.baseUrl ?? settings.baseUrl,
      allowPrivateNetwork: true,
      transport: this.#transport,
      clock,
      chance: systemChance,
      limiter: createLimiter({ store: this.tidemark.store, clock }),
      logger: silentLogger,
      signal: new AbortController().signal,
      record: () => {},
      connection: CONNECTION,
    }
    const { renew } = connector.service
    if (!renew) return { http: createHttp(setup), options }
    const renewed = async () => {
      const { secrets } = await renew({ http: createHttp(setup), options })
      return connector.service.http(Object.assign(options, secrets))
    }
    return { http: createHttp({ ...setup, renew: renewed }), options }
  }

  get clock(): ReturnType<typeof testClock> {
    return this.#setup.clock
  }

  async close(): Promise<void> {
    this.#setup.onClose()
    await this.tidemark.close()
    const { database } = this.#setup
    if (database === ':memory:') return
    for (const file of [database, `${database}-wal`]) {
      if (existsSync(file)) this.#stage.evidence.look('the database', readFileSync(file))
    }
  }
}
