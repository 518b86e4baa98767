// Owns a small world for one scenario: the real engine, the real HTTP client and a real SQLite file over a simulated
// source and clock, in which the n-th thing that can fail does fail. What is judged comes from the source's truth and
// from what went over the wire; the engine's state is never read.

import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { assemble } from '../../src/assemble.ts'
import type { SyncOrder } from '../../src/connection.ts'
import type { Connector } from '../../src/connector/connector.ts'
import { LEASE_MS } from '../../src/engine/runs/lease.ts'
import type { Clock } from '../../src/model/ports.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Batch, Store } from '../../src/store/store.ts'
import { seeded } from '../../src/testing/emulators/kit/random.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import { connectorFor } from '../simulation/connector.ts'
import { cloneOf, KEY } from '../simulation/database.ts'
import { type Mirror, Mirrors } from '../simulation/mirror.ts'
import { Mutator } from '../simulation/mutate.ts'
import { Network } from '../simulation/network.ts'
import { hasReadAll, Oracle, type Removal, type RunFact, Violation } from '../simulation/oracle.ts'
import { Fences, type House, ORIGIN, type Outcome, Process } from '../simulation/process.ts'
import { Scheduler } from '../simulation/scheduler.ts'
import { checkStill, difference } from '../simulation/settled.ts'
import { Source } from '../simulation/source.ts'
import { type Scale, STYLES } from '../simulation/style.ts'
import { Injector } from './injector.ts'
import type { Fault, Scenario } from './scenario.ts'
import { StrangerApi } from './stranger-api.ts'
import { Wire } from './wire.ts'

export const SCALE: Scale = {
  pageSize: 4,
  records: 11,
  cap: 8,
  everyRuns: 3,
  stopAfter: 3,
  overlapSeconds: 30,
  lateSeconds: 0,
  lagSeconds: 0,
  grainSeconds: 1,
  versioned: false,
  volatile: false,
  metrics: true,
  bigIds: true,
  skewMs: 0,
  sameHost: true,
  grace: true,
  latency: 400,
}

/** What a sync may throw after a fault; anything else is a bug, and so is `run_active` once a lease had time to end. */
const EXPECTED: ReadonlySet<string> = new Set(['database_io', 'disk_full', 'network_failed', 'lease_lost'])

/** Longer than a lease lives without its holder. */
const PAST_LEASE_MS = LEASE_MS + 1_000

interface Made {
  readonly scenario: Scenario
  readonly fault: Fault | undefined
  readonly scale: Scale
  readonly connector: Connector
  readonly scheduler: Scheduler
  readonly path: string
  readonly store: Store
}

export type Ended = Outcome | { readonly kind: 'killed' }

export class World {
  readonly scenario: Scenario
  readonly scale: Scale
  readonly scheduler: Scheduler
  readonly source: Source
  readonly api: StrangerApi
  readonly network: Network
  readonly oracle: Oracle
  readonly faults: Injector
  readonly wire: Wire
  /** Called after every call of the store that did what it should. */
  onStored: (method: string) => void = () => {}
  connector: Connector
  readonly path: string
  #mirrors: Mirrors
  readonly #removals: Removal[] = []
  readonly #dead = new Set<string>()
  #store: Store
  #process: Process | undefined
  #processes = 0
  #syncs = 0

  static async open(scenario: Scenario, fault: Fault | undefined): Promise<World> {
    const style = STYLES.find(({ name }) => name === scenario.style)
    if (!style) throw new RangeError(`no style "${scenario.style}"`)
    const scale = { ...SCALE, ...scenario.scale }
    const connector = connectorFor(style, scale)
    const scheduler = new Scheduler(seeded('order'))
    // The template belongs to all scenarios; a scenario's own connector grows its tables.
    const { path, store } = await cloneOf(connector, scale.metrics, clockOf(scheduler))
    return new World({ scenario, fault, scale, connector, scheduler, path, store })
  }

  private constructor(made: Made) {
    const { scenario, scale, scheduler, connector } = made
    const style = STYLES.find(({ name }) => name === scenario.style)!
    this.scenario = scenario
    this.scale = scale
    this.scheduler = scheduler
    this.path = made.path
    this.connector = scenario.connector?.(connector) ?? connector
    this.faults = new Injector(made.fault)
    this.#store = made.store
    this.source = new Source(style, scale, seeded('source'), () => scheduler.now)
    this.api = new StrangerApi(this.source, seeded('api'))
    const nothing = new Set<string>()
    const mutator = new Mutator(this.source, seeded('mutations'), nothing)
    const parts = { source: this.source, api: this.api, mutator, scheduler, wall: { offset: 0 } }
    this.network = new Network(parts, seeded('network'), nothing)
    this.network.settle()
    this.wire = new Wire({ network: this.network, source: this.source, scheduler, faults: this.faults })
    this.oracle = new Oracle(this.source)
    this.#mirrors = new Mirrors(made.path)
    scheduler.onDeath = (owner) => void this.#dead.add(owner.name)
    const start = this.source.stamp()
    for (let n = scale.records; n > 0; n--) {
      this.source.insert(style.window ? { stamp: start - n * 100 } : { back: n * 30 })
    }
  }

  async close(): Promise<void> {
    this.#mirrors.close()
    await this.#store.close()
    for (const ending of ['', '-wal', '-shm']) rmSync(this.path + ending, { force: true })
  }

  // ── syncing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A sync in which nothing fails, some time later. */
  async sync(order: SyncOrder = {}): Promise<Ended> {
    this.scheduler.advance(PAST_LEASE_MS)
    return this.#run(order)
  }

  /** A sync in which everything that can fail is counted, and fails if it is its turn. */
  async tested(order: SyncOrder = {}): Promise<Ended> {
    this.scheduler.advance(PAST_LEASE_MS)
    this.faults.counting = true
    this.wire.requests = 0
    try {
      return await this.#run(order)
    } finally {
      this.faults.counting = false
      this.wire.calm()
    }
  }

  /** What a person does, in a process of their own in which everything can fail. Says whether it was done. */
  async decides(act: (tidemark: Tidemark) => Promise<unknown>): Promise<boolean> {
    this.scheduler.advance(PAST_LEASE_MS)
    const { promise: died, resolve: die } = Promise.withResolvers<'killed'>()
    const never = () => {
      die('killed')
      return new Promise<never>(() => {})
    }
    const name = `person ${++this.#processes}`
    const acted = this.#tidemarkOf(name, this.faults.store(this.#store, this.onStored, never)).then(act)
    this.faults.counting = true
    try {
      const ended = await Promise.race([acted.then(() => 'done' as const), died])
      if (ended === 'done') return true
      this.#dead.add(name)
      await this.restart()
    } catch (error) {
      const { code = '' } = error as { code?: string }
      if (!EXPECTED.has(code)) throw new Violation('threw', String((error as Error).stack))
    } finally {
      this.faults.counting = false
      this.faults.mend()
      this.#mirror = undefined
    }
    return false
  }

  #tidemarkOf(id: string, store: Store): Promise<Tidemark> {
    const { sameHost } = this.faults
    return assemble({
      store,
      clock: clockOf(this.scheduler),
      key: KEY,
      connectors: [this.connector],
      holder: { id, host: sameHost ? 'here' : id, pid: 1, startedAt: 1 },
      isDead: (holder) => sameHost && this.#dead.has(holder.id),
    })
  }

  /** Nothing fails any more: the mirror becomes the source's, and stays still. Returns it. */
  async settle(): Promise<Mirror> {
    const { source, scheduler, scale } = this
    for (const item of source.listing()) if (item.poison) source.poison(item, false)
    source.outage = false
    source.looping = false
    let rest: string | undefined = 'nothing was read'
    const most = scale.everyRuns + 3
    for (let n = 0; n < most && rest !== undefined; n++) {
      scheduler.advance(300_000)
      const ended = await this.#run({})
      if (ended.kind !== 'report')
        throw new Violation('I5', `nothing fails any more, and a sync ended as ${describe(ended)}`)
      const { status, error } = ended.report
      const loggedIn = status === 'paused' && this.#mayPause
      if (!loggedIn && status !== 'succeeded' && status !== 'incomplete') {
        throw new Violation('I5', `nothing fails any more, and a sync ${status}: ${JSON.stringify(error)}`)
      }
      rest = difference(source, this.mirror(), this.oracle)
    }
    if (rest !== undefined) throw new Violation('I5', `after ${most} quiet syncs: ${rest}`)
    const before = this.mirror()
    // A moment later: whoever held the lease has let go of it.
    scheduler.advance(1_000)
    await this.#run({})
    const after = this.mirror()
    const asked = this.network.exchanges.filter(({ sync }) => sync === this.#syncs)
    checkStill(source, before, after, asked)
    this.#checkBooks()
    return after
  }

  /** Rows of a statement, by a connection that knows nothing of Tidemark. */
  sql(text: string): Record<string, unknown>[] {
    const plain = new DatabaseSync(this.path, { readOnly: true })
    try {
      return plain.prepare(text).all()
    } finally {
      plain.close()
    }
  }

  /** No run is left running, no request stands in the ledger that was not made, no day has two snapshots of a record. */
  #checkBooks(): void {
    const [books] = this.sql(`SELECT (SELECT count(*) FROM runs WHERE status = 'running') AS running,
      (SELECT count(*) FROM requests) AS requests,
      (SELECT count(*) - count(DISTINCT _key || _day) FROM sim_items_daily) AS doubled,
      (SELECT total_records FROM streams WHERE stream = 'items') - (SELECT count(*) FROM sim_items) AS miscounted`)
    const { running, requests, doubled, miscounted } = books as Record<string, number>
    if (running !== 0) throw new Violation('books', `${running} runs are still running`)
    if (doubled !== 0) throw new Violation('books', `${doubled} second snapshots of one day`)
    if (miscounted !== 0) throw new Violation('books', `the stream counts ${miscounted} records too many`)
    // Requests that nobody answered are no exchange, but stand in the ledger: as many as faults have made.
    const made = this.network.exchanges.length + this.wire.unsent
    if (requests! > made) throw new Violation('books', `${requests} requests in the ledger, ${made} were made`)
  }

  /** The stream "items". The feed is the project's; that of one stream is numbered anew, once the whole has no gap. */
  mirror(): Mirror {
    this.#mirror ??= this.#readMirror()
    return this.#mirror
  }
  #mirror: Mirror | undefined

  #readMirror(): Mirror {
    const mirror = this.#mirrors.read()
    if (Object.keys(this.connector.streams).length === 1) return mirror
    const feed = this.sql('SELECT seq, stream FROM changes ORDER BY seq')
    if (feed.some(({ seq }, index) => seq !== index + 1)) throw new Violation('I11', 'the feed has a gap')
    const own = new Set(feed.filter(({ stream }) => stream === 'items').map(({ seq }) => seq))
    const changes = mirror.changes.filter(({ seq }) => own.has(seq))
    return { ...mirror, changes: changes.map((change, index) => ({ ...change, seq: index + 1 })) }
  }

  /**
   * The process and its connections to the file are gone. The next one may have another connector, a disk with room for a
   * file of `sizeMax` bytes, and find the files as `leave` leaves them.
   */
  async restart(how: { connector?: Connector; sizeMax?: number; leave?: (path: string) => void } = {}): Promise<void> {
    await this.#store.close()
    this.#process = undefined
    this.connector = how.connector ?? this.connector
    if (how.leave) {
      how.leave(this.path)
      this.#mirrors.close()
      this.#mirrors = new Mirrors(this.path)
      this.#mirror = undefined
    }
    const room = how.sizeMax === undefined ? {} : { sizeMax: how.sizeMax }
    this.#store = await openSqliteStore({ path: this.path, clock: clockOf(this.scheduler), ...room })
  }

  /** Somebody asks the sync that is under way to stop. */
  cancel(): void {
    this.#process?.abort?.abort()
  }

  async #run(order: SyncOrder): Promise<Ended> {
    const { source, scheduler } = this
    const process = this.#ready()
    source.settle()
    const sync = ++this.#syncs
    const fromTick = ++source.tick
    const startedAt = source.now() / 1_000
    // A lease that is still held shall be seen, not waited for.
    process.start(sync, { whenActive: 'refuse', ...order })
    await scheduler.drive(() => !process.busy || process.state !== 'live')
    // What follows the run can fail as well, and can be where the process is killed.
    let isSettled = false
    void process.settled().then(() => (isSettled = true))
    await scheduler.drive(() => isSettled || process.state !== 'live')
    this.faults.mend()
    this.#mirror = undefined
    const ended: Ended = process.outcome ?? { kind: 'killed' }
    if (process.state !== 'live') await this.restart()
    const fact = { sync, whole: order.since === undefined && order.where === undefined, fromTick, startedAt }
    this.#judge(ended, fact)
    if (ended.kind === 'killed' && !this.faults.sameHost) await this.#expectLeaseHeld()
    if (ended.kind === 'report' && ended.report.status === 'paused' && this.#mayPause) await this.#login()
    return ended
  }

  #judge(ended: Ended, begun: Omit<RunFact, 'id' | 'status' | 'hasRead' | 'streams' | 'toTick'>): void {
    let fact: RunFact | undefined
    if (ended.kind === 'threw' && !EXPECTED.has(ended.code)) {
      throw new Violation('threw', `${ended.code}: ${String((ended.error as Error).stack)}`)
    }
    if (ended.kind === 'report') {
      const { status, error, streams } = ended.report
      if (error?.code === 'unexpected') throw new Violation('threw', error.message)
      const names = streams.map(({ stream }) => stream)
      const hasRead = hasReadAll(streams)
      fact = { ...begun, id: ended.report.id, status, hasRead, streams: names, toTick: this.source.tick }
    }
    this.oracle.check(this.mirror(), this.network.exchanges, this.#removals, fact)
  }

  /** A process of another machine may still live: its lease is left to it until it ends. */
  async #expectLeaseHeld(): Promise<void> {
    const leased = this.faults.operations.includes('leases.claim')
    const released = this.faults.operations.includes('leases.release')
    const process = this.#ready()
    if (!leased || released) return
    process.start(++this.#syncs, { whenActive: 'refuse' })
    await this.scheduler.drive(() => !process.busy)
    const { outcome } = process
    if (outcome?.kind !== 'threw' || outcome.code !== 'run_active') {
      throw new Violation('lease', `a lease that was left behind did not hold: ${describe(outcome!)}`)
    }
  }

  /** A person logs in again, by a process of their own, while a sync is under way; the old tokens end. */
  loginMeanwhile(): void {
    const { access, refresh } = this.api.login()
    const person = new Process(this.#house(), 'person', this.#dead, seeded('person'))
    void person.connect({ token: access, refresh })
  }

  async #login(): Promise<void> {
    const { access, refresh } = this.api.login()
    let done = false
    const connected = this.#ready()
      .connect({ token: access, refresh })
      .then(() => (done = true))
    await this.scheduler.drive(() => done)
    await connected
  }

  // ── processes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #ready(): Process {
    if (this.#process?.state !== 'live') {
      const name = `p${++this.#processes}`
      this.#process = new Process(this.#house(), name, this.#dead, seeded(name))
    }
    return this.#process
  }

  #house(): House {
    return {
      scheduler: this.scheduler,
      wall: { offset: 0 },
      connector: this.connector,
      store: this.#store,
      key: KEY,
      fences: new Fences(),
      logger: { event: () => {} },
      plant: {
        name: 'the n-th fault',
        store: (store) =>
          this.faults.store(
            store,
            (method) => this.onStored(method),
            () => this.#die(),
          ),
      },
      sameHost: this.faults.sameHost,
      upset: () => undefined,
      stored: (sync, method, args, result) => this.#stored(sync, method, args, result),
      transport: (process) => this.wire.transport(process, () => this.#die()),
    }
  }

  #stored(sync: number, method: string, args: readonly unknown[], result: unknown): void {
    if (method !== 'checkpoint' || result !== 'written') return
    const tick = ++this.source.tick
    for (const { key } of (args[0] as Batch).removals) this.#removals.push({ key, tick, sync })
  }

  get #mayPause(): boolean {
    return this.scenario.mayPause === true && this.faults.lostToken
  }

  /** Never comes back: nobody is there any more. */
  #die(): Promise<never> {
    this.scheduler.kill(this.#process!)
    return new Promise(() => {})
  }
}

function clockOf(scheduler: Scheduler): Clock {
  return { now: () => ORIGIN + Math.floor(scheduler.now), mono: () => scheduler.now, sleep: () => Promise.resolve() }
}

function describe(ended: Ended): string {
  if (ended.kind === 'threw') return `threw ${ended.code}`
  return ended.kind === 'killed' ? 'killed' : ended.report.status
}
