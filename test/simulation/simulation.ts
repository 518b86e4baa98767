// Owns a simulated world, made from a seed, and what can be done in it: let time pass, let a process sync whatever comes
// between, and judge the mirror afterwards. Everything random is drawn from the seed; what is drawn for one concern does
// not shift what is drawn for another, so that a fault can be left out and the rest stays much as it was.

import type { SyncOrder } from '../../src/connection.ts'
import type { Retention } from '../../src/engine/followers/retention.ts'
import type { Batch } from '../../src/store/store.ts'
import { type Random, seeded } from '../../src/testing/emulators/kit/random.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import { Api } from './api.ts'
import { Archive } from './archive.ts'
import { Chaos } from './chaos.ts'
import { connectorFor, type Release } from './connector.ts'
import { type Clone, cloneOf, KEY } from './database.ts'
import { Files } from './files.ts'
import { Catalogs, judgeSummary } from './judge-made.ts'
import { judgeRuns } from './judge-runs.ts'
import { type Mirror, Mirrors } from './mirror.ts'
import { Mutator } from './mutate.ts'
import { type Exchange, Network } from './network.ts'
import { Observed } from './observed.ts'
import { hasReadAll, Oracle, type Removal, type RunFact, Violation } from './oracle.ts'
import { type Acted, Fences, type House, ORIGIN, type Outcome, type Plant, Process } from './process.ts'
import { FIRST_RELEASE, retentionOf } from './release.ts'
import { Scheduler } from './scheduler.ts'
import { Sometimes } from './sometimes.ts'
import { Source } from './source.ts'
import { type Scale, type Style, scaleOf, styleOf } from './style.ts'

export interface SimulationOptions {
  readonly style?: string | undefined
  readonly plant?: Plant | undefined
  /** Names of faults and mutations that don't happen. */
  readonly without?: ReadonlySet<string>
  readonly onLine?: (line: string) => void
  /** Makes the database, in place of a SQLite file alone. */
  readonly database?: typeof cloneOf
}

/** How a sync went, for whoever drives the simulation. */
export type Ended = Outcome | { readonly kind: 'crashed' | 'paused' }

type Draw = (concern: string) => Random

type Begun = Omit<RunFact, 'id' | 'status' | 'hasRead' | 'streams' | 'toTick'> & { readonly maxRequests: number }

/** Syncs that may be waiting for one that takes long; each of them asks four times a second. */
const RIVALS_MAX = 8

/** What is no sync is numbered from here on. */
const ACTS_FROM = 1_000_000

/** What a sync may throw: somebody else has the lease, a person must act, the database was busy. Anything else is a bug. */
const EXPECTED: ReadonlySet<string> = new Set([
  'run_active',
  'lease_lost',
  'connection_paused',
  'database_busy',
  'cancelled',
  'removals_unknown',
  'feed_pruned',
  // A clock that is set back makes a moment of the past one of the future.
  'moment_invalid',
])

export class Simulation {
  readonly style: Style
  readonly scale: Scale
  readonly scheduler: Scheduler
  readonly random: Random
  readonly source: Source
  readonly api: Api
  readonly mutator: Mutator
  readonly network: Network
  readonly chaos: Chaos
  readonly oracle: Oracle
  readonly files: Files
  readonly sometimes = new Sometimes()
  /** How many syncs were begun. */
  syncs = 0
  readonly draw: Draw
  /** What was seen of the engine's doings from outside, for whoever judges more than the mirror. */
  readonly observed: Observed
  readonly mirrors: Mirrors
  #house: House
  readonly retention: Retention | undefined
  readonly #database: Clone
  readonly #archive: Archive | undefined
  readonly #catalogs = new Catalogs()
  /** Weaker: runs that say themselves that their catalog could not be written, because the database was busy. */
  readonly #unpublished = new Set<string>()
  readonly #dead = new Set<string>()
  readonly removals: Removal[] = []
  readonly #begun = new Map<Process, Begun>()
  /** Processes beside the current one: those that stand still, and those that are on their way to their end. */
  readonly #others: Process[] = []
  #current: Process | undefined
  #processes = 0
  #mirror: Mirror | undefined

  static async open(seed: number, options: SimulationOptions): Promise<Simulation> {
    const draw = (concern: string) => seeded(`${seed}:${concern}`)
    // Another database may not be one that several programs can have open.
    const style = styleOf(options.style ?? (options.database ? 'plain' : undefined), draw)
    const scale = scaleOf(style, draw('scale'))
    const scheduler = new Scheduler(draw('order'))
    const wall = { offset: 0 }
    const connector = connectorFor(style, scale, style.lived ? FIRST_RELEASE(scale) : undefined)
    const now = () => ORIGIN + Math.floor(scheduler.now) + wall.offset
    const clock = { now, mono: () => scheduler.now, sleep: () => Promise.resolve() }
    const database = await (options.database ?? cloneOf)(connector, scale.metrics, clock)
    const simulation = new Simulation({ style, scale, scheduler, wall, connector, draw }, database, options)
    scheduler.note(`seed ${seed}, style ${style.name}, ${JSON.stringify(scale)}`)
    return simulation
  }

  private constructor(
    made: Pick<House, 'scheduler' | 'wall' | 'connector'> & { style: Style; scale: Scale; draw: Draw },
    database: Clone,
    { plant, without: left = new Set(), onLine }: SimulationOptions,
  ) {
    const { style, scale, scheduler, draw } = made
    this.style = style
    this.scale = scale
    this.scheduler = scheduler
    this.draw = draw
    scheduler.onLine = onLine
    const retention = style.lived ? retentionOf(draw('retention')) : undefined
    this.retention = retention
    this.#archive = retention ? new Archive() : undefined
    // What is deleted by its age must not be aged by hand: nobody could say what has to be there still.
    const without = retention ? new Set([...left, 'clock-step']) : left
    this.random = draw('driver')
    this.chaos = new Chaos(draw('chaos'), without)
    this.source = new Source(style, scale, draw('source'), () => scheduler.now)
    this.api = new Api(this.source, draw('api'))
    this.mutator = new Mutator(this.source, draw('mutations'), without)
    const { source, api, mutator } = this
    this.network = new Network({ source, api, mutator, scheduler, wall: made.wall }, draw('network'), without)
    this.oracle = new Oracle(source)
    this.files = new Files(source, draw('files'))
    this.mirrors = new Mirrors(database.path, style.shared ? ['items', 'others'] : undefined)
    this.#database = database
    this.observed = new Observed()
    this.#house = {
      ...made,
      ...(retention ? { retention } : {}),
      store: database.store,
      key: KEY,
      fences: new Fences(),
      logger: { event: (_level, name, values) => this.sometimes.event(name, values) },
      plant,
      sameHost: scale.sameHost,
      upset: (method) => this.chaos.upset(method),
      stored: this.#storedOf(0),
      transport: (process) => this.network.transport(process, () => process.sync),
    }
    scheduler.fate = (owner, label) => (owner instanceof Process && owner.busy ? this.chaos.fate(label) : 'run')
    scheduler.onDeath = (owner) => void this.#dead.add(owner.name)
    const start = source.stamp()
    for (let n = scale.records; n > 0; n--) {
      const back = n * this.random.int(0, 40)
      source.insert(style.window ? { stamp: start - back } : { back })
    }
  }

  async close(): Promise<void> {
    this.mirrors.close()
    await this.#database.close()
  }

  // ── syncing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One sync of the current process, come what may, and what must hold afterwards. */
  async sync(order: SyncOrder): Promise<Ended> {
    const process = this.#ready()
    this.#begin(process, order)
    let ended = await this.#drive(process)
    // A process that stands still goes on soon, or after another one has taken its place.
    while (ended.kind === 'paused') {
      const brief = this.random.chance(0.4)
      this.advance(brief ? this.random.int(100, 20_000) : this.random.int(31_000, 200_000))
      if (!brief) {
        this.#others.push(process)
        this.#current = undefined
        break
      }
      this.#wake(process)
      ended = await this.#drive(process)
    }
    this.judge()
    return ended
  }

  /** Lets those that stood still, or began beside another one, come to their end. */
  async finishOthers(): Promise<void> {
    for (const process of this.#others.splice(0)) {
      while (process.busy && process.state !== 'dead') {
        this.#wake(process)
        await this.#drive(process)
      }
    }
    this.judge()
  }

  /** A person logs in again. */
  async login(): Promise<void> {
    const { access, refresh } = this.api.login()
    let done = false
    const connected = this.#ready()
      .connect({ token: access, refresh })
      .then(() => (done = true))
    await this.scheduler.drive(() => done)
    await connected
  }

  /** From now on processes begin with another release of the connector; those that are there go on with theirs. */
  async deploy(release: Release, oldGoesOn: boolean): Promise<void> {
    const store = (await this.#database.another?.()) ?? this.#database.store
    const connector = connectorFor(this.style, this.scale, release)
    this.#house = { ...this.#house, store, connector, stored: this.#storedOf(release.no) }
    if (!oldGoesOn) this.#current = undefined
    this.observed.newest = release.no
    this.scheduler.note(`release ${release.no}: ${JSON.stringify(release)}`)
  }

  /**
   * Something else than a sync, by a process of its own. Undefined: it was killed, or (unless it is `waited` for) stands
   * still for long. What it writes is known by the number that `began` is told.
   */
  async act(
    what: (tidemark: Tidemark) => Promise<unknown>,
    began: (number: number) => void = () => {},
    waited = false,
  ): Promise<Acted | undefined> {
    const process = this.#newProcess()
    const number = ACTS_FROM + this.#processes
    this.#acting.add(process)
    began(number)
    process.act(number, what)
    await this.#drive(process)
    while (process.state === 'paused' && process.busy) {
      if (!waited && this.random.chance(0.5)) {
        this.#others.push(process)
        return undefined
      }
      this.advance(this.random.int(100, 20_000))
      this.#wake(process)
      await this.#drive(process)
    }
    return process.acted
  }
  readonly #acting = new Set<Process>()

  wallNow(): number {
    return ORIGIN + Math.floor(this.scheduler.now) + this.#house.wall.offset
  }

  #ready(): Process {
    if (this.#current?.state !== 'live') this.#current = this.#newProcess()
    return this.#current
  }

  #newProcess(): Process {
    const name = `p${++this.#processes}`
    return new Process(this.#house, name, this.#dead, this.draw(name))
  }

  #begin(process: Process, order: SyncOrder): void {
    this.source.settle()
    const sync = ++this.syncs
    const whole = order.since === undefined && order.until === undefined
    const begun = { sync, whole, fromTick: ++this.source.tick, startedAt: this.source.now() / 1000 }
    this.#begun.set(process, { ...begun, maxRequests: order.maxRequests ?? Number.POSITIVE_INFINITY })
    const { length } = this.source.listing()
    this.scheduler.note(`── sync ${sync} of ${process.name} ${JSON.stringify(order)}, the source shows ${length}`)
    process.start(sync, order)
  }

  /** Drives everything that is pending until this process has ended its sync, was killed, or stands still. */
  async #drive(process: Process): Promise<Ended> {
    await this.scheduler.drive(() => {
      if (!process.busy || process.state !== 'live') return true
      this.#disturb(process)
      return false
    })
    if (process.outcome) return process.outcome
    return { kind: process.state === 'dead' ? 'crashed' : 'paused' }
  }

  /** What may happen between any two operations, beside what the scheduler and the network do. */
  #disturb(process: Process): void {
    if (this.chaos.cancels()) process.abort?.abort()
    this.stepClock(1)
    const other = this.#others.find(({ state }) => state === 'paused')
    if (other && this.random.chance(0.02)) this.#wake(other)
    if (this.chaos.rival() && this.#others.filter(({ busy }) => busy).length < RIVALS_MAX) {
      const rival = this.#newProcess()
      this.#others.push(rival)
      this.#begin(rival, this.style.lived && this.random.chance(0.5) ? { whenActive: 'attach' } : {})
    }
    if (this.onDisturb) this.onDisturb()
  }

  /** What else may begin between any two operations. */
  onDisturb: (() => void) | undefined

  /** Begins something else than a sync beside what is under way. */
  actBeside(what: (tidemark: Tidemark) => Promise<unknown>): void {
    const process = this.#newProcess()
    this.#others.push(process)
    this.#acting.add(process)
    process.act(ACTS_FROM + this.#processes, what)
  }

  /** By how much the wall clock was set back, in all; what it was set forward does not count. */
  clockSetBack = 0

  stepClock(weight: number): void {
    const ms = this.chaos.clockStep(weight)
    if (ms === 0) return
    this.clockSetBack += Math.max(0, -ms)
    this.#house.wall.offset += ms
    this.observed.disturbed.push(this.scheduler.now)
    this.observed.clockSet(ms)
    this.scheduler.note(`somebody sets the clock by ${ms}`)
  }

  /** Lets time pass in which nobody does anything: whoever is under way stands still. */
  advance(ms: number): void {
    this.scheduler.advance(ms)
    if (this.#others.some(({ state, busy }) => state === 'live' && busy)) {
      this.observed.disturbed.push(this.scheduler.now)
    }
  }

  #wake(process: Process): void {
    if (process.state !== 'paused') return
    this.scheduler.note(`${process.name} goes on`)
    this.observed.disturbed.push(this.scheduler.now)
    process.state = 'live'
  }

  #storedOf(release: number): House['stored'] {
    return (sync, method, args, result, error) => {
      this.sometimes.stored(method, args, result, error)
      if (error === undefined) this.observed.stored({ sync, release, method, args, result, tick: this.source.tick })
      if (method !== 'checkpoint' || result !== 'written') return
      const tick = ++this.source.tick
      const approved = sync >= ACTS_FROM
      const file = this.oracle.uploads.fileOf(sync)
      for (const { key } of (args[0] as Batch).removals) this.removals.push({ key, tick, sync, approved, file })
    }
  }

  // ── judging ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What must hold now. Every sync that ended since the last time is judged. */
  judge(): Mirror {
    const seen = this.mirrors.read()
    const mirror = this.#archive?.add(seen) ?? seen
    const { exchanges } = this.network
    const [breach] = this.#house.fences.breaches
    if (breach !== undefined) throw new Violation('I12', breach)
    const facts: (RunFact | undefined)[] = []
    this.#judgeActs()
    for (const [process, begun] of this.#begun) {
      if (process.busy && process.state !== 'dead') continue
      this.#begun.delete(process)
      const asked = exchanges.filter(({ sync }) => sync === begun.sync)
      if (asked.length > begun.maxRequests)
        throw new Violation('I8', `${asked.length} of ${begun.maxRequests} requests`)
      this.sometimes.asked(asked)
      const fact = this.#factOf(process, begun)
      if (fact) facts.push(fact)
    }
    for (const fact of facts.length > 0 ? facts : [undefined]) this.oracle.check(mirror, exchanges, this.removals, fact)
    if (this.style.summed || this.style.published) this.#judgeMade(mirror, facts.at(-1))
    if (this.style.paging === 'runs') judgeRuns(this.api.runs.all, this.mirrors.intents())
    this.sometimes.mirror(this.#mirror, mirror, this.style.witness)
    this.#mirror = mirror
    return mirror
  }

  /** After a complete run, unless another one may have written since. */
  #judgeMade(mirror: Mirror, run: RunFact | undefined): void {
    if (this.style.published) this.#catalogs.judge(this.mirrors.published())
    if (run?.status !== 'succeeded' || !run.hasRead || this.#others.some(({ busy }) => busy)) return
    if (this.style.summed) judgeSummary(mirror, this.mirrors.summary())
    else if (!this.#unpublished.has(run.id)) this.#catalogs.judgeRun(run.id, mirror, this.mirrors)
  }

  /** What was done beside the syncs may be refused, but not go wrong. */
  #judgeActs(): void {
    for (const process of this.#acting) {
      if (process.busy && process.state !== 'dead') continue
      this.#acting.delete(process)
      const { acted } = process
      if (acted?.kind === 'threw' && !EXPECTED.has(acted.code)) {
        throw new Violation('threw', String((acted.error as Error).stack))
      }
    }
  }

  #factOf({ name, outcome, state, joined }: Process, begun: Begun): RunFact | undefined {
    if (!outcome) {
      this.scheduler.note(`── sync ${begun.sync} of ${name}: ${state}`)
      return undefined
    }
    if (outcome.kind === 'threw') {
      this.scheduler.note(`── sync ${begun.sync} of ${name} threw ${outcome.code}`)
      if (outcome.code === 'run_active') this.sometimes.reached('a run was refused because one is active')
      if (outcome.code === 'state_newer' && this.observed.isOld(begun.sync)) {
        this.sometimes.reached('an old release would not touch a newer state')
        return undefined
      }
      // It was disconnected while this sync had it opened half.
      if (outcome.code === 'options_invalid' && this.observed.disconnected) return undefined
      if (!EXPECTED.has(outcome.code)) throw new Violation('threw', String((outcome.error as Error).stack))
      return undefined
    }
    const { status, error, notes, streams, id } = outcome.report
    if (id === joined) {
      this.scheduler.note(`── sync ${begun.sync} of ${name} joined ${id}: ${status}`)
      this.sometimes.reached('a run was joined')
      if (this.observed.isOver(id) && status !== 'cancelled') return undefined
      throw new Violation('I12', `a run was joined, and returned ${status} before it was over`)
    }
    if (notes.some((note) => note.includes('could not be published'))) this.#unpublished.add(id)
    const unsaid = notes.find((note) => /\b(?:Infinity|NaN|undefined)\b/.test(note))
    if (unsaid !== undefined) throw new Violation('P7', `a note has a number that does not exist: ${unsaid}`)
    const passes = streams.flatMap((stream) =>
      stream.passes.map(({ pass, ended, pages }) => `${pass} ${ended} ${pages}`),
    )
    const counts = JSON.stringify(streams[0]?.counts ?? {})
    this.scheduler.note(
      `── sync ${begun.sync} of ${name} ${status}: ${passes.join(', ')} ${counts} ${error?.code ?? ''} ${notes.join('; ')}`,
    )
    this.observed.ended(begun.sync, status)
    this.sometimes.report(outcome.report)
    if (error?.code === 'unexpected') {
      if (!this.observed.isOverruled(begun.sync)) throw new Violation('threw', error.message)
      this.sometimes.counts.set('(an old release met columns that it does not know)', 1)
      return undefined
    }
    if (error?.code === 'state_newer') {
      if (!this.observed.isOld(begun.sync)) throw new Violation('threw', error.message)
      this.sometimes.reached('an old release would not touch a newer state')
    }
    // One whose listing was never asked for was told nothing.
    const names = streams.flatMap(({ stream, passes: made }) => (made.length > 0 ? [stream] : []))
    return { ...begun, id, status, hasRead: hasReadAll(streams), streams: names, toTick: this.source.tick }
  }

  /** The number of the first sync that is under way; when none is, of the next. */
  firstUnderWay(): number {
    return Math.min(this.syncs + 1, ...[...this.#begun.values()].map(({ sync }) => sync))
  }

  /** The requests of the sync that was begun last. */
  lastAsked(): readonly Exchange[] {
    return this.network.exchanges.filter(({ sync }) => sync === this.syncs)
  }
}
