// Owns one upstream run that costs money: it is started once, waited for, billed, and read by its id. What ends our run
// meanwhile ends none of this: the next one goes on where this one stood.

import type { Ask, JobState } from '../../../connector/job.ts'
import type { Page } from '../../../connector/page.ts'
import { checkJobState, checkPage, isCredible } from '../../../connector/page-shape.ts'
import { durationText } from '../../../model/duration.ts'
import { TidemarkError } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import { plural } from '../../../model/plural.ts'
import type { Bill, IntentChange, IntentRow } from '../../../store/store.ts'
import { GOES_ON, ROUNDING } from '../allowance.ts'
import type { StreamRun } from '../stream-run.ts'
import { cancelled, costOf, emptied, note, resume, type Started, settleBehind, start, type Upstream } from './intent.ts'

/** How long one run of ours waits for one of the vendor's, in milliseconds. The next one goes on waiting. */
export const JOB_WAIT_MAX_MS = 900_000
/** Pauses between two polls, in milliseconds: each is twice as long as the one before, up to the longest. */
const POLL_FIRST_MS = 250
const POLL_MAX_MS = 30_000
/** For so long after its end, what a run is said to have cost may be too little, in milliseconds. */
const BILL_SETTLES_MS = 10_000
/** Until then it may turn out to have cost so many times as much. */
const PRELIMINARY_SHARE = 4
/** A bill of less than this share of what its rows should cost is taken for a preliminary one. */
const PLAUSIBLE_SHARE = 0.5
/** For so long after its start, a vendor that does not know a run may not know it yet, in milliseconds. */
export const KNOWN_WITHIN_MS = 60_000
/** Starts of one ask in one run of ours: the second where the first has come to nothing for sure. */
const STARTS_MAX = 2

export class UpstreamRun<A extends Ask = Ask> {
  readonly #run: StreamRun
  readonly #upstream: Upstream<A>
  readonly #started: Started
  #aside: Started['aside']
  #state: JobState = { state: 'running' }
  /** When it was started, and when its end was seen, by the clock that never steps. */
  readonly #startedAt: number
  #endedAt = 0
  /** Its bill was asked for when it was final. */
  #isSettled = false
  /** A page of its rows says that they are a part of what it should have delivered. */
  #isPart = false
  /** What the ledger has counted. */
  #bill: Bill | null
  /** How many rows it has delivered; undefined: they are not read yet. */
  #rows: number | undefined
  /** The first page of its rows, which was read for its bill. */
  #first: Page | undefined

  private constructor(run: StreamRun, upstream: Upstream<A>, started: Started) {
    this.#run = run
    this.#upstream = upstream
    this.#started = started
    this.#aside = started.aside
    this.#bill = started.intent.bill
    const { clock } = run.scope.world
    // One from the time before somebody has set the clock back may have been started just now.
    this.#startedAt = clock.mono() - Math.max(0, clock.now() - started.startedAt)
  }

  /** Starts a run and waits for its end. */
  static async begin<A extends Ask>(run: StreamRun, upstream: Upstream<A>): Promise<UpstreamRun<A>> {
    for (let tries = 1; ; tries++) {
      const started = await start(run, upstream)
      if ('job' in started) return new UpstreamRun(run, upstream, started).#wait()
      if (tries >= STARTS_MAX) throw started.error
    }
  }

  /** Goes on with what an earlier run meant to start. Undefined: it came to nothing. */
  static async resume<A extends Ask>(
    run: StreamRun,
    upstream: Upstream<A>,
    intent: IntentRow,
  ): Promise<UpstreamRun<A> | undefined> {
    const started = await resume(run, upstream, intent)
    return started && new UpstreamRun(run, upstream, started).#wait()
  }

  get intent(): string {
    return this.#started.intent.id
  }

  /** When it was started, as the order of what it shows. */
  get askedAt(): number {
    return this.#started.intent.at
  }

  /** Whether it has delivered all that it was asked for: it neither failed nor was it cut by a cap or by its vendor. */
  get isWhole(): boolean {
    return this.#state.state === 'succeeded' && !this.#isCut && !this.#isPart
  }

  /** What a row has cost, the start included; null: nothing was charged, or the vendor does not say. */
  get price(): number | null {
    return this.#bill && this.#bill.items > 0 && this.#bill.cost > 0 ? this.#bill.cost / this.#bill.items : null
  }

  /** Fetches a page of its rows. */
  async page(token: Json | undefined): Promise<Page> {
    try {
      const page = (token === undefined ? this.#first : undefined) ?? (await this.#read(token))
      this.#isPart ||= page.partial === true
      return page
    } catch (error) {
      // What its rows say of themselves they would say again: nobody asks them a second time.
      if (isFinal(error)) this.drop()
      throw error
    }
  }

  async #read(token: Json | undefined): Promise<Page> {
    const { http, options } = this.#run.scope
    const { job, ask } = this.#upstream
    const { job: id, costLeft } = this.#started
    const request = { http, options, ask, id, page: token, ...(costLeft === null ? {} : { costLeft }) }
    return checkPage(await job.read(request))
  }

  /**
   * Before the last of its rows are stored. Its bill is asked for again, and once more where that is preliminary yet.
   *
   * @returns its end, which has to be written with those rows, and not before
   */
  async close(rows: number): Promise<IntentChange> {
    const { signal } = this.#run.scope
    this.#rows = rows
    // A final bill is looked at once.
    if (!this.#isSettled) await this.#lookAgain()
    else this.#charge(this.#state)
    if (this.#isPreliminary) {
      await this.#settling()
      if (!signal.aborted) await this.#lookAgain()
    }
    this.#note('open')
    return { id: this.intent, state: this.isWhole ? 'read' : 'failed', bill: this.#bill }
  }

  /** Its rows mean nothing to the connection as it is now; it is paid for all the same. */
  drop(): void {
    this.#note('dropped')
  }

  /** What is wrong with it once its rows are stored; undefined: nothing. */
  failure(rows: number): TidemarkError | undefined {
    if (this.isWhole) return undefined
    const what = `upstream run ${this.#started.job} of stream "${this.#run.name}"`
    const kept = `${plural(rows, 'row')} of it ${rows === 1 ? 'is' : 'are'} stored`
    if (this.#isCut) {
      const message = `The money that was left was not enough for ${what}; ${kept}.` as const
      return new TidemarkError('cost_spent', message, { scope: 'run', hint: rows === 0 ? TOO_LITTLE : GOES_ON })
    }
    if (this.#state.state === 'succeeded') {
      const message = `The ${what} has rows without content among those that it delivered; ${kept}.` as const
      return new TidemarkError('job_failed', message, { scope: 'stream' })
    }
    const message = `The ${what} failed: ${this.#state.why ?? 'the vendor does not say why'}; ${kept}.` as const
    return new TidemarkError('job_failed', message, { scope: 'stream' })
  }

  /** It has ended because one more row would have cost more than was left. */
  get #isCut(): boolean {
    return this.#mayBeCut(1)
  }

  /**
   * The vendor has billed fewer rows than it has delivered, or much less than they cost, or does not tell yet whether it
   * has cut the run.
   */
  get #isPreliminary(): boolean {
    if (this.#isSettled) return false
    const { rows: asked, job, price } = this.#upstream
    const rows = Math.min(this.#rows ?? 0, asked)
    const { items, cost } = this.#state.billed ?? {}
    if (isAmount(items) && items < rows) return true
    const due = rows > 0 ? (costOf({ job, rows, price }) ?? 0) : 0
    const isCheap = isAmount(cost) && rows > 0 && (cost === 0 || cost + ROUNDING < due * PLAUSIBLE_SHARE)
    return isCheap || this.#mayBeCut(PRELIMINARY_SHARE)
  }

  /** Whether it may have been cut if it has cost so many times what is known of that. */
  #mayBeCut(times: number): boolean {
    const { costLeft } = this.#started
    const { rows: asked, job } = this.#upstream
    if (costLeft === null || !this.#bill || this.#rows === undefined || this.#rows >= asked) return false
    // Where it has delivered nothing at all, its start alone may have been too dear; a price list tells whether it was.
    if (this.#rows === 0) return !job.price || (job.price.start ?? 0) + job.price.item > costLeft + ROUNDING
    if (!(isAmount(this.#state.billed?.cost) || job.price)) return true
    return times * (this.#bill.cost + (job.price?.item ?? this.price ?? 0)) > costLeft + ROUNDING
  }

  async #wait(): Promise<this> {
    try {
      this.#state = await this.#ended()
      this.#endedAt = this.#run.scope.world.clock.mono()
      if (await this.#isCapped()) await this.#settle()
    } catch (error) {
      // Nobody of this order may spend what it may still cost; the run that sees its end learns what that was.
      this.#run.scope.purse.lose(this.#aside)
      throw error
    }
    this.#charge(this.#state)
    this.#note('open')
    return this
  }

  async #ended(): Promise<JobState> {
    const { world, signal } = this.#run.scope
    const { job } = this.#started
    const began = world.clock.mono()
    for (let pause = POLL_FIRST_MS; ; pause = Math.min(pause * 2, POLL_MAX_MS)) {
      await world.clock.sleep(pause, signal)
      if (signal.aborted) throw cancelled(job)
      const state = await this.#poll()
      if (state.state === 'gone') this.#believeGone()
      else if (state.state !== 'running') return state
      if (world.clock.mono() - began + pause > JOB_WAIT_MAX_MS) throw unfinished(this.#run.name, job)
    }
  }

  /** A vendor that has several stores may know a run a moment later than it has started it. @throws job_failed */
  #believeGone(): void {
    const { clock } = this.#run.scope.world
    if (clock.mono() - this.#startedAt <= KNOWN_WITHIN_MS) return
    note(this.#run, { id: this.intent, state: 'lost', bill: this.#bill })
    throw unknownRun(this.#run.name, this.#started.job)
  }

  /** Whether the order or a budget bounds what may be spent, so that nobody may spend twice what a late bill takes. */
  async #isCapped(): Promise<boolean> {
    const { purse } = this.#run.scope
    return this.#bill === null && (this.#started.costLeft !== null || purse.isBounded)
  }

  /** Waits until its bill is final, and asks for it. Until then, what was set aside for it stays so. */
  async #settle(): Promise<void> {
    const { signal } = this.#run.scope
    if (!(await this.#isBilledInFull())) {
      await this.#settling()
      if (signal.aborted) throw cancelled(this.#started.job)
      await this.#askForBill()
    }
    this.#isSettled = true
  }

  /** All that it was asked for is billed, with what it costs, or else all that it has delivered: nothing more can come. */
  async #isBilledInFull(): Promise<boolean> {
    if (this.#isBilled(this.#upstream.rows)) return true
    const rows = await this.#delivered()
    return rows > 0 && this.#isBilled(rows)
  }

  #isBilled(rows: number): boolean {
    const { job, price } = this.#upstream
    const { items, cost } = this.#state.billed ?? {}
    const due = costOf({ job, rows, price })
    return due !== null && (items ?? 0) >= rows && (cost ?? 0) + ROUNDING >= due
  }

  /** How many rows it has delivered, where one page has them all; else 0. What is wrong with them is said when they are read. */
  async #delivered(): Promise<number> {
    if ((this.#state.billed?.items ?? 0) === 0) return 0
    this.#first = await this.#read(undefined).catch(() => undefined)
    const { records, next, partial } = this.#first ?? {}
    return records === undefined || next !== undefined || partial === true ? 0 : records.length
  }

  async #settling(): Promise<void> {
    const { world, signal } = this.#run.scope
    await world.clock.sleep(Math.max(0, this.#endedAt + BILL_SETTLES_MS - world.clock.mono()), signal)
  }

  async #lookAgain(): Promise<void> {
    await this.#askForBill()
    this.#charge(this.#state)
  }

  async #askForBill(): Promise<void> {
    const { state, billed } = await this.#poll()
    if (state === 'succeeded' || state === 'failed') this.#state = { ...this.#state, billed }
  }

  async #poll(): Promise<JobState> {
    const { http, options } = this.#run.scope
    const state = checkJobState(await this.#upstream.job.poll({ http, options, id: this.#started.job }))
    const { items, cost } = state.billed ?? {}
    if (!(isAbsurd(items) || isAbsurd(cost))) return state
    this.#tellAbsurd(isAbsurd(cost) ? `a cost of ${cost}` : plural(items ?? 0, 'row'))
    return { ...state, billed: { items: isAbsurd(items) ? null : items, cost: isAbsurd(cost) ? null : cost } }
  }

  /** What the vendor owes us it may settle as it likes; no run has cost less than nothing, or more than all money. */
  #tellAbsurd(what: string): void {
    const { name, asides } = this.#run
    const told = `${name}: the vendor bills ${what} for its run ${this.#started.job}, which counts as not told: the rows and the price list count. Ask the vendor what it has charged`
    if (!asides.includes(told)) asides.push(told)
  }

  /** Counts what of the bill is not counted yet. */
  #charge({ billed }: JobState): void {
    const before = this.#bill ?? { items: 0, cost: 0 }
    const { price } = this.#upstream.job
    const items = Math.max(before.items, billed?.items ?? 0, this.#rows ?? 0)
    const listed = price && items > 0 ? (price.start ?? 0) + items * price.item : 0
    const bill = { items, cost: Math.max(before.cost, billed?.cost ?? listed) }
    const { scope } = this.#run
    const { purse, ledger } = scope
    const isCharged = bill.cost > before.cost || billed?.cost === 0
    if (isCharged) settleBehind(scope, this.intent, purse.charged(this.#aside, bill.cost - before.cost))
    else if (this.#bill === null) settleBehind(scope, this.intent, purse.released(this.#aside))
    this.#aside = { amount: 0, taken: this.#aside.taken.map(emptied), counted: 0 }
    const last = ledger.pop()
    if (last) ledger.push({ ...last, billedItems: last.billedItems + items - before.items })
    this.#bill = bill
  }

  #note(state: IntentChange['state']): void {
    note(this.#run, { id: this.intent, state, bill: this.#bill })
  }
}

/** What does not even begin tells nothing of what it costs. */
const TOO_LITTLE =
  'It delivered nothing at all: allow more than its start and a row cost. If it stays so, look whether there is anything to read.'

/** Whether a vendor says how much. */
function isAmount(told: number | null | undefined): told is number {
  return typeof told === 'number'
}

function isAbsurd(told: number | null | undefined): boolean {
  return isAmount(told) && !isCredible(told)
}

/** Whether a connector says of the rows of a run that they are of no use, whenever they are read. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof TidemarkError &&
    error.verdict === 'stop' &&
    error.scope === 'stream' &&
    error.tried === undefined &&
    error.code !== 'connector_invalid'
  )
}

function unknownRun(stream: string, job: string): TidemarkError {
  const message =
    `The vendor knows no upstream run ${job} of stream "${stream}", ${durationText(KNOWN_WITHIN_MS)} after its start.` as const
  return new TidemarkError('job_failed', message, {
    scope: 'stream',
    hint: 'Look for it in the console of the vendor: somebody may have deleted it, with its rows. The next sync starts another one.',
  })
}

function unfinished(stream: string, job: string): TidemarkError {
  const waited = durationText(JOB_WAIT_MAX_MS)
  const message = `Upstream run ${job} of stream "${stream}" has not ended within ${waited}.` as const
  return new TidemarkError('job_unfinished', message, { scope: 'stream' })
}
