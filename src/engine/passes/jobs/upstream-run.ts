// Owns one upstream run that costs money: it is started once, waited for, billed, and read by its id. What ends our run
// meanwhile ends none of this: the next one goes on where this one stood.

import type { Ask, JobState } from '../../../connector/job.ts'
import type { Page } from '../../../connector/page.ts'
import { checkJobState, checkPage } from '../../../connector/page-shape.ts'
import { durationText } from '../../../model/duration.ts'
import { TidemarkError } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import { plural } from '../../../model/plural.ts'
import type { Bill, IntentChange, IntentRow } from '../../../store/store.ts'
import type { StreamRun } from '../stream-run.ts'
import { cancelled, emptied, note, resume, type Started, start, type Upstream } from './intent.ts'

/** How long one run of ours waits for one of the vendor's, in milliseconds. The next one goes on waiting. */
export const JOB_WAIT_MAX_MS = 900_000
/** Pauses between two polls, in milliseconds: each is twice as long as the one before, up to the longest. */
const POLL_FIRST_MS = 250
const POLL_MAX_MS = 30_000
/** Starts of one ask in one run of ours: the second where the first has come to nothing for sure. */
const STARTS_MAX = 2

export class UpstreamRun<A extends Ask = Ask> {
  readonly #run: StreamRun
  readonly #upstream: Upstream<A>
  readonly #started: Started
  #aside: Started['aside']
  #state: JobState = { state: 'running' }
  /** What the ledger has counted. */
  #bill: Bill | null

  private constructor(run: StreamRun, upstream: Upstream<A>, started: Started) {
    this.#run = run
    this.#upstream = upstream
    this.#started = started
    this.#aside = started.aside
    this.#bill = started.intent.bill
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

  /** Whether it has delivered all that it was asked for: it neither failed nor was it cut by a cap. */
  get isWhole(): boolean {
    return this.#state.state === 'succeeded' && !this.#isCut
  }

  /** What a row has cost, the start included; null: nothing was charged, or the vendor does not say. */
  get price(): number | null {
    return this.#bill && this.#bill.items > 0 && this.#bill.cost > 0 ? this.#bill.cost / this.#bill.items : null
  }

  /** Fetches a page of its rows. */
  async page(token: Json | undefined): Promise<Page> {
    const { http, options } = this.#run.scope
    const { job, ask } = this.#upstream
    try {
      return checkPage(await job.read({ http, options, ask, id: this.#started.job, page: token }))
    } catch (error) {
      // What its rows say of themselves they would say again: nobody asks them a second time.
      if (isFinal(error)) this.drop()
      throw error
    }
  }

  /** Before its last page is stored, which carries its end: the vendor's first figures may have been preliminary. */
  async close(): Promise<void> {
    const now = await this.#poll()
    if (now.state !== 'running') await this.#charge(now)
    this.#note(this.isWhole ? 'read' : 'failed')
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
      return new TidemarkError('cost_spent', message, { scope: 'run' })
    }
    const message = `The ${what} failed: ${this.#state.why ?? 'the vendor does not say why'}; ${kept}.` as const
    return new TidemarkError('job_failed', message, { scope: 'stream' })
  }

  /** It has ended because one more row would have cost more than was left. */
  get #isCut(): boolean {
    const { costLeft } = this.#started
    if (costLeft === null || !this.#bill || this.#bill.items >= this.#upstream.rows) return false
    // Where it has delivered nothing at all, its start alone may have been too dear.
    return this.#bill.items === 0 || this.#bill.cost + (this.price ?? 0) > costLeft
  }

  async #wait(): Promise<this> {
    try {
      this.#state = await this.#ended()
    } catch (error) {
      // Nobody of this order may spend what it may still cost; the run that sees its end learns what that was.
      this.#run.scope.purse.lose(this.#aside)
      throw error
    }
    await this.#charge(this.#state)
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
      if (state.state !== 'running') return state
      if (world.clock.mono() - began + pause > JOB_WAIT_MAX_MS) throw unfinished(this.#run.name, job)
    }
  }

  async #poll(): Promise<JobState> {
    const { http, options } = this.#run.scope
    return checkJobState(await this.#upstream.job.poll({ http, options, id: this.#started.job }))
  }

  /** Counts what of the bill is not counted yet. */
  async #charge({ billed }: JobState): Promise<void> {
    const before = this.#bill ?? { items: 0, cost: 0 }
    const { price } = this.#upstream.job
    const items = Math.max(before.items, billed?.items ?? 0)
    const listed = price && items > 0 ? (price.start ?? 0) + items * price.item : 0
    const bill = { items, cost: Math.max(before.cost, billed?.cost ?? listed) }
    const { purse, ledger } = this.#run.scope
    if (this.#bill === null || bill.cost > before.cost) await purse.charge(this.#aside, bill.cost - before.cost)
    this.#aside = { amount: 0, taken: this.#aside.taken.map(emptied), counted: 0 }
    const last = ledger.pop()
    if (last) ledger.push({ ...last, billedItems: last.billedItems + items - before.items })
    this.#bill = bill
  }

  #note(state: IntentChange['state']): void {
    note(this.#run, { id: this.intent, state, bill: this.#bill })
  }
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

function unfinished(stream: string, job: string): TidemarkError {
  const waited = durationText(JOB_WAIT_MAX_MS)
  const message = `Upstream run ${job} of stream "${stream}" has not ended within ${waited}.` as const
  return new TidemarkError('job_unfinished', message, { scope: 'stream' })
}
