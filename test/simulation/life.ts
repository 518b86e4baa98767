// Owns what people, readers and authors do in a lived world, between the syncs and beside them: they decide on removals,
// set budgets, release a connector that knows more, disconnect, read the past and the feed. Each seed knows some of it.

import type { SyncOrder } from '../../src/connection.ts'
import type { Change } from '../../src/engine/history/feed.ts'
import type { Verdict } from '../../src/engine/review/decide-removals.ts'
import { durationMs } from '../../src/model/duration.ts'
import type { RecordRow } from '../../src/store/store.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import type { Release } from './connector.ts'
import { Budgets } from './judge-budgets.ts'
import { judgeColumns, judgeRetry } from './judge-columns.ts'
import { judgeDecision, meant } from './judge-decisions.ts'
import { judgePast, type Moment, Past } from './judge-past.ts'
import { Reader } from './judge-readers.ts'
import type { Mirror } from './mirror.ts'
import type { Acted } from './process.ts'
import { FIRST_RELEASE, nextRelease } from './release.ts'
import type { Simulation } from './simulation.ts'
import type { Item } from './source.ts'
import { Violation } from './violation.ts'

const DEEDS = ['decide', 'retry', 'release', 'budget', 'disconnect', 'past', 'read'] as const

type Deed = (typeof DEEDS)[number]

/** Something that was done, with what is known of it afterwards. */
interface Done {
  readonly acted: Acted | undefined
  /** Nobody else wrote records meanwhile. */
  readonly alone: boolean
  readonly number: number
  readonly after: Mirror
}

export class Life {
  readonly #world: Simulation
  readonly #random: Random
  readonly #known: readonly Deed[]
  readonly #attaches: boolean
  readonly #rates: { readonly beside: number }
  readonly #past = new Past()
  readonly #budgets = new Budgets()
  readonly #readers = [new Reader('mail', 'auto'), new Reader('copy', 'manual')]
  #release: Release
  #before: Mirror

  constructor(world: Simulation) {
    this.#world = world
    this.#random = world.draw('life')
    this.#known = DEEDS.filter(() => this.#random.chance(0.6))
    this.#attaches = this.#random.chance(0.5)
    this.#rates = { beside: this.#random.pick([0, 0.002, 0.006]) }
    this.#release = FIRST_RELEASE(world.scale)
    this.#before = world.judge()
    const { observed } = world
    observed.onWrite = (at) => this.#past.wrote(at)
    observed.onClockSet = (ms) => this.#past.clockSet(ms, world.wallNow())
    world.onDisturb = () => this.#beside()
  }

  /** Readers who are there from the beginning. */
  async begin(): Promise<void> {
    if (this.#known.includes('read')) for (const reader of this.#readers) await this.#read(reader, 0)
  }

  /** What is ordered of the next sync. */
  order(): SyncOrder {
    return this.#attaches && this.#random.chance(0.5) ? { whenActive: 'attach' } : {}
  }

  /** Between two syncs. */
  async goesOn(): Promise<void> {
    this.#look()
    for (const deed of this.#random.shuffle(this.#known)) {
      const waits = deed === 'decide' && this.#before.held.size > 0
      if (this.#random.chance(waits ? 0.75 : 0.6)) await this.#does(deed)
    }
    this.#givesCause()
  }

  /** Decisions need something to decide on, and a lesson something that was not understood. */
  #givesCause(): void {
    const { source, style } = this.#world
    this.#lookUp()
    if (this.#known.includes('decide') && style.full && this.#random.chance(0.3)) {
      const part = this.#random.pick([0.2, 0.7])
      const gone = source.listing().filter(() => this.#random.chance(part))
      for (const item of gone) source.remove(item)
      if (this.#random.chance(0.5)) this.#missing = gone
    }
    const poisons = this.#known.includes('retry') && this.#random.chance(0.4) && source.listing().length > 0
    if (poisons) source.poison(this.#random.pick(source.listing()), true)
  }

  /** Nothing is in the way of the syncs that follow: what a budget allows is looked at once more, then there is none. */
  async settle(): Promise<void> {
    if (this.#budget && this.#sure) await this.#checkRoom()
    await this.#setBudget(undefined)
    await this.#deploy()
    this.#look()
  }

  /** Every reader has been given everything, and everything has its columns. */
  async end(): Promise<void> {
    this.#look()
    if (this.#world.observed.complete !== this.#release.no) throw new Violation('I18', 'a sync has left columns empty')
    if (this.#known.includes('read')) {
      for (const reader of this.#readers) {
        await this.#read(reader, Number.POSITIVE_INFINITY)
        reader.judgeEnd(this.#world.judge().changes)
      }
    }
    for (const moment of this.#moments()) await this.#readPast(moment)
    if (this.#known.includes('retry')) await this.#retry()
  }

  /** What must hold of decisions, columns and budgets, whatever was done. */
  #look(): void {
    const { mirrors, oracle, source, observed, network, sometimes } = this.#world
    const mirror = this.#world.judge()
    const shown = mirrors.decidable()
    const listed = [...this.#before.kept].filter((key) => !shown.kept.has(key) && mirror.live.has(key))
    if (listed.length > 0) sometimes.reached('a kept record was listed again')
    oracle.people.check(shown, mirror.live, ++source.tick)
    judgeColumns(mirrors, this.#release, observed.complete === this.#release.no)
    this.#budgets.check(network.exchanges, observed.disturbed)
    if (observed.pruned > 0) sometimes.reached('something old was deleted')
    if (observed.filled > 0) sometimes.reached('columns were filled')
    if (shown.kept.size > 0 && mirror.coverage === 'complete') sometimes.reached('a kept record was spared')
    this.#past.remember(this.#world.wallNow(), mirror)
    this.#before = mirror
  }

  /** A part of the source that was down is up again. */
  #lookUp(): void {
    if (this.#missing.length === 0 || this.#random.chance(0.4)) return
    for (const item of this.#missing) if (!item.there) this.#world.source.reappear(item)
    this.#missing = []
  }
  #missing: readonly Item[] = []

  async #does(deed: Deed): Promise<void> {
    switch (deed) {
      case 'decide':
        return this.#decide()
      case 'retry':
        return this.#retry()
      case 'release':
        if (this.#random.chance(0.5)) await this.#deploy(nextRelease(this.#release, this.#random))
        return
      case 'budget':
        if (this.#budget && this.#random.chance(0.6)) return
        return this.#setBudget(this.#random.chance(0.3) ? undefined : this.#newBudget())
      case 'disconnect':
        if (this.#random.chance(0.3)) await this.#disconnect()
        return
      case 'past':
        return this.#readSomePast()
      case 'read':
        return this.#read(this.#random.pick(this.#readers), this.#random.int(1, 60))
    }
  }

  async #do(what: (tidemark: Tidemark) => Promise<unknown>, waited = false): Promise<Done> {
    const { observed } = this.#world
    const from = observed.writers.length
    let number = 0
    const acted = await this.#world.act(what, (given) => (number = given), waited)
    const after = this.#world.judge()
    const alone = observed.writers.slice(from).every((writer) => writer === number)
    return { acted, alone, number, after }
  }

  // ── people ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #decide(): Promise<void> {
    const { mirrors, oracle, source, removals, sometimes } = this.#world
    const before = this.#world.judge()
    const shown = mirrors.decidable()
    const held = [...new Set(shown.held.values())]
    const runs = [...new Set([...held, ...shown.removedBy.values()])]
    if (runs.length === 0) return
    const onHold = held.length > 0 && this.#random.chance(0.7)
    const run = this.#random.pick(onHold ? held : runs)
    const verdicts: readonly Verdict[] = onHold
      ? ['approve', 'approve', 'reject', 'undo']
      : ['undo', 'undo', 'undo', 'reject']
    const decision = { verdict: this.#random.pick(verdicts), run, before, shown }
    this.#world.scheduler.note(`a person says ${decision.verdict} of ${run}`)
    const { acted, alone, number, after } = await this.#do((tidemark) => tidemark.decideRemovals(decision.verdict, run))
    const removed = removals.filter(({ sync }) => sync === number).map(({ key }) => key)
    judgeDecision(oracle.people, decision, { acted, alone, removed, after, tick: ++source.tick })
    if (acted === undefined) sometimes.reached('a decision was broken off')
    if (acted?.kind === 'done' && meant(decision).length > 0) sometimes.reached(REACHED[decision.verdict])
  }

  async #retry(): Promise<void> {
    const { observed } = this.#world
    const before = this.#world.judge()
    if (before.quarantined.size === 0) return
    const { pruned } = observed
    const { acted, alone, after } = await this.#do((tidemark) => tidemark.retryQuarantine({ connection: 'c' }))
    // Weaker: where something old was deleted meanwhile, so may be what was set aside and has a newer version since.
    if (acted?.kind !== 'done' || !alone || observed.pruned !== pruned) return
    const { lenient } = this.#release
    judgeRetry(before, after, lenient)
    const { sometimes } = this.#world
    sometimes.reached(lenient ? 'what was set aside could be read' : 'what was set aside could not be read again')
  }

  /** Between two operations of a sync: what was set aside needs no lease to be read again. */
  #beside(): void {
    if (this.#rates.beside === 0 || this.#world.chaos.calm || !this.#known.includes('retry')) return
    if (!this.#random.chance(this.#rates.beside)) return
    this.#world.actBeside((tidemark) => tidemark.retryQuarantine())
  }

  async #disconnect(): Promise<void> {
    // Waited for: whoever connects meanwhile would have the new secrets forgotten, and be told so by the next sync.
    const { acted } = await this.#do((tidemark) => tidemark.disconnect('c'), true)
    if (acted?.kind === 'done') this.#world.sometimes.reached('a connection was disconnected')
  }

  // ── releases ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The process that is there may go on with the release before, for a while. */
  async #deploy(release: Release = this.#release): Promise<void> {
    const { chaos, sometimes } = this.#world
    const old = !chaos.calm && this.#random.chance(0.3)
    this.#release = release
    await this.#world.deploy(release, old)
    if (old) sometimes.reached('an old release ran after a new one')
  }

  // ── budgets ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #budget: { readonly max: number; readonly perMs: number } | undefined

  #sure = true

  #newBudget() {
    return { max: this.#random.pick([2, 3, 4, 6, 9, 15]), perMs: this.#random.pick([60_000, 3_600_000]) }
  }

  async #setBudget(budget: { readonly max: number; readonly perMs: number } | undefined): Promise<void> {
    if (budget === undefined && this.#budget === undefined) return
    const underWay = this.#world.firstUnderWay()
    const { acted } = await this.#do((tidemark) => tidemark.setBudget('c', { requests: budget ?? null }), true)
    // Killed, or the database was busy: nobody can say what holds now.
    this.#sure = acted?.kind === 'done'
    if (!this.#sure && budget === undefined) return
    this.#budget = budget
    this.#budgets.set(this.#sure ? budget : undefined, this.#world.syncs + 1, underWay)
  }

  /** A window that has passed is open again: whoever is stopped then has used all of it. */
  async #checkRoom(): Promise<void> {
    const { clockSetBack, network } = this.#world
    const { max, perMs } = this.#budget!
    this.#world.advance(clockSetBack + 2 * perMs + 300_000)
    await this.#world.login()
    const ended = await this.#world.sync({})
    if (ended.kind !== 'report' || ended.report.error?.code !== 'budget_spent') return
    const sent = network.exchanges.filter(({ sync }) => sync === this.#world.syncs).length
    if (sent < max) throw new Violation('I8', `a budget of ${max} stopped a run that had made ${sent} requests`)
  }

  // ── readers ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #read(reader: Reader, most: number): Promise<void> {
    const { observed, sometimes } = this.#world
    const { name, acknowledge } = reader
    const given: Change[] = []
    let done = reader.done
    const every = this.#random.int(1, 20)
    const read = async (tidemark: Tidemark) => {
      for await (const change of tidemark.changes({ consumer: name, acknowledge })) {
        given.push(change)
        if (acknowledge === 'manual' && given.length % every === 0) {
          await tidemark.consumers.acknowledge(name, change.cursor)
          done = change.seq
        }
        if (given.length >= most) return
      }
    }
    const { seen } = reader
    const { acted } = await this.#do(most === 0 ? (tidemark) => arrive(tidemark, name) : read, true)
    if (acted?.kind === 'threw' && acted.code === 'feed_pruned') return this.#beginAnew(reader)
    if (!reader.known && observed.pruned > 0) reader.seen = (given[0]?.seq ?? 1) - 1
    reader.judge(given, this.#world.judge().changes)
    const again = (given[0]?.seq ?? seen + 1) <= seen
    if (again) sometimes.reached('a reader was given something again')
    if (again && this.#killed.has(name)) sometimes.reached('a reader was killed and went on')
    if (acted === undefined) this.#killed.add(name)
    else this.#killed.delete(name)
    if (acted?.kind === 'done') reader.known = true
    // A change is done when the next one is asked for; the one at which it broke off was not.
    const last = given.at(-1)?.seq ?? reader.done
    if (acknowledge === 'manual') reader.done = done
    else if (acted?.kind === 'done') reader.done = given.length >= most ? last - 1 : last
  }
  readonly #killed = new Set<string>()

  /** It was away for too long: from the end of the feed on. */
  async #beginAnew(reader: Reader): Promise<void> {
    const before = this.#world.judge().changes.length
    const oldest = this.#world.mirrors.oldestChange() ?? Number.POSITIVE_INFINITY
    if (oldest <= reader.done + 1)
      throw new Violation('I11', `${reader.name} was sent away, and ${oldest} is kept still`)
    const { acted, after } = await this.#do((tidemark) => arrive(tidemark, reader.name, 'now'), true)
    if (acted?.kind !== 'done') return
    reader.done = before
    reader.seen = after.changes.length
    reader.known = true
    this.#world.sometimes.reached('a reader had to begin anew')
  }

  /** What is exact still: as far back as contents are kept. */
  #moments(): readonly Moment[] {
    const { retention } = this.#world
    const kept = retention?.versions ?? 'forever'
    const now = this.#world.wallNow()
    const past = this.#past.since(kept === 'forever' ? 0 : now - durationMs(kept))
    // What was seen by a clock that has been set back since lies ahead, and is refused.
    return past.filter(({ at }) => at <= now)
  }

  async #readSomePast(): Promise<void> {
    const moments = this.#moments()
    if (moments.length > 0) await this.#readPast(this.#random.pick(moments))
  }

  async #readPast(moment: Moment): Promise<void> {
    const removed = this.#random.chance(0.3)
    const { acted } = await this.#do(async (tidemark) => {
      const rows: RecordRow[] = []
      const connection = await tidemark.connection('c')
      for await (const row of connection.records('items', { asOf: moment.at, removed })) rows.push(row)
      return rows
    })
    // What was written meanwhile may bear an earlier time.
    if (acted?.kind !== 'done' || !this.#past.since(0).includes(moment)) return
    judgePast(moment, acted.value as readonly RecordRow[], removed)
    this.#world.sometimes.reached('the past was read')
  }
}

const REACHED = {
  approve: 'removals were approved',
  reject: 'removals were rejected',
  undo: 'removals were undone',
} as const

/** A reader makes itself known and reads nothing yet. */
async function arrive(tidemark: Tidemark, consumer: string, after?: 'now'): Promise<void> {
  for await (const _none of tidemark.changes({ consumer, after, limit: 0 })) return
}
