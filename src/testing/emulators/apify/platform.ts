// Owns the emulated platform behind Apify's API: the account with its limits, actors, their runs and what these leave in
// datasets, and the bill.
// Each behaviour names the page of docs.apify.com that it is from.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'

export type Row = Readonly<Record<string, unknown>>

/** An emulated actor: what it makes of its input, and what it takes for that. */
export interface Actor {
  /** As `username~name`. */
  readonly name: string
  readonly id: string
  /** For each query: a profile, or a post by its address. */
  readonly usdPerQuery: number
  readonly usdPerItem: number
  /** Rows for an input; what it can't use is a message, with which the run fails. `run` counts from 1. */
  run(input: Row, run: number): readonly Row[] | { readonly failure: string }
  /** How many queries an input is. @default 1 */
  queries?(input: Row): number
}

/** ActorJobStatus.yaml: hyphens here, underscores in the names of webhooks' events. */
export type Status = 'READY' | 'RUNNING' | 'TIMING-OUT' | 'ABORTING' | 'SUCCEEDED' | 'FAILED' | 'TIMED-OUT' | 'ABORTED'

/** What becomes of the next run, other than what it was asked for. */
export interface Outcome {
  readonly status?: 'SUCCEEDED' | 'FAILED' | 'TIMED-OUT' | 'ABORTED'
  /** How many rows it pushes before it ends. */
  readonly rows?: number
  /** Rows that say that there are none, instead of rows. */
  readonly sentinel?: 'demo' | 'noResults'
  /** These rows, whatever was asked for. */
  readonly instead?: readonly Row[]
  /** These rows between the others. */
  readonly beside?: readonly Row[]
}

export interface PlatformRules {
  /** How long a run takes, in milliseconds by the emulator's clock. @default 0 */
  readonly runMs?: number
  /**
   * For how long after its end a run shows less than it will cost, in milliseconds. actor-runs@{runId}.yaml: "preliminary stats,
   * costs and event counts", about 10 seconds. @default 0
   */
  readonly settleMs?: number
  /** platform/limits: by plan. @default 25, as on the free plan */
  readonly concurrentRuns?: number
  /** Of all runs together, in megabytes (platform/limits). @default 16384 */
  readonly memoryMb?: number
  /** The free plan, on which some actors push rows without content. @default false */
  readonly freePlan?: boolean
  /** What the account may spend before runs are refused. @default no limit */
  readonly spendUsd?: number
  /** How many rows more than `maxItems` a run pushes, uncharged: it "does NOT guarantee" their number (runs.yaml). @default 0 */
  readonly surplusRows?: number
  /** How long runs and their storages are kept, in milliseconds (runs_and_builds.md: by plan). @default 7 days */
  readonly retentionMs?: number
}

/** What was given with the start of a run, besides its input. */
export interface RunOptions {
  readonly timeoutSecs: number
  readonly memoryMbytes: number
  readonly maxItems?: number | undefined
  readonly maxTotalChargeUsd?: number | undefined
}

export interface Run {
  readonly id: string
  readonly n: number
  readonly actor: Actor
  readonly input: Row
  readonly options: RunOptions
  readonly startedAt: number
  /** When it ends by itself; earlier where it was aborted. */
  endsAt: number
  outcome: 'SUCCEEDED' | 'FAILED' | 'TIMED-OUT' | 'ABORTED'
  message: string
  /** All that it will have pushed at its end. */
  rows: readonly Row[]
  charged: number
  usd: number
  readonly queries: number
  readonly datasetId: string
  readonly storeId: string
  readonly queueId: string
  readonly buildId: string
}

/** A refused start, in Apify's words. */
export interface Refusal {
  readonly status: number
  readonly type: string
  readonly message: string
}

const DAY_MS = 86_400_000

export class Platform {
  readonly token = 'apify_api_demo0token0of0the0emulator'
  readonly userId: string
  readonly rules: PlatformRules
  readonly actors: Actor[] = []
  readonly #clock: Clock
  readonly #random: Random
  readonly #runs: Run[] = []
  readonly #outcomes: Outcome[] = []

  constructor(clock: Clock, seed: number, rules: PlatformRules) {
    this.#clock = clock
    this.rules = rules
    this.#random = seeded(`apify ${seed}`)
    this.userId = this.#id()
  }

  /** What becomes of the next run; calls queue up. */
  next(outcome: Outcome): void {
    this.#outcomes.push(outcome)
  }

  /** Runs that there are, the first one first. */
  list(): readonly Run[] {
    const kept = this.#clock.now() - (this.rules.retentionMs ?? 7 * DAY_MS)
    // runs_and_builds.md: the ten newest are kept in any case.
    return this.#runs.filter(({ endsAt }, i) => endsAt > kept || i >= this.#runs.length - 10)
  }

  bill(): { readonly runs: number; readonly items: number; readonly cost: number } {
    const items = this.#runs.reduce((sum, { charged }) => sum + charged, 0)
    return { runs: this.#runs.length, items, cost: usd(this.#runs.reduce((sum, run) => sum + run.usd, 0)) }
  }

  statusOf({ startedAt, endsAt, outcome }: Run): Status {
    const now = this.#clock.now()
    if (now >= endsAt) return outcome
    return now < startedAt + (endsAt - startedAt) / 10 ? 'READY' : 'RUNNING'
  }

  /** What it has pushed by now: rows are only ever added, and may be read while it runs (storage/dataset). */
  rowsOf(run: Run): readonly Row[] {
    const { startedAt, endsAt, rows } = run
    const now = this.#clock.now()
    if (now >= endsAt) return rows
    return rows.slice(0, Math.floor((rows.length * (now - startedAt)) / (endsAt - startedAt)))
  }

  /** What it shows of its costs by now. */
  chargedBy(run: Run): { readonly items: number; readonly usd: number } {
    const shown = Math.min(run.charged, this.rowsOf(run).length)
    const isSettled = this.#clock.now() >= run.endsAt + (this.rules.settleMs ?? 0)
    if (isSettled) return { items: run.charged, usd: run.usd }
    const items = Math.floor(shown / 2)
    return { items, usd: costOf(run, items) }
  }

  start(actor: Actor, input: Row, options: RunOptions): Run | Refusal {
    const refusal = this.#refusal(options)
    if (refusal) return refusal
    const outcome = this.#outcomes.shift() ?? {}
    const n = this.#runs.length + 1
    const made = this.#make(actor, input, n, outcome)
    const { maxItems = Number.POSITIVE_INFINITY, maxTotalChargeUsd = Number.POSITIVE_INFINITY } = options
    const queries = Math.max(1, actor.queries?.(input) ?? 1)
    // Of several queries each gives a row; the rows of one are as many as were asked for.
    const [first, each] = queries > 1 ? [0, actor.usdPerQuery] : [actor.usdPerQuery, 0]
    const affordable = Math.max(0, Math.floor((maxTotalChargeUsd - first) / (each + actor.usdPerItem) + 1e-9))
    const real = made.rows.filter((row) => !isSentinel(row)).length
    const charged = Math.min(real, maxItems, affordable)
    // runs.yaml: `maxItems` caps what is charged, and an actor stops of itself at `maxTotalChargeUsd`.
    const rows = made.rows.slice(0, Math.min(affordable, maxItems + (this.rules.surplusRows ?? 0), made.rows.length))
    const startedAt = this.#clock.now()
    const run: Run = {
      id: this.#id(),
      n,
      actor,
      input,
      options,
      startedAt,
      endsAt: startedAt + (this.rules.runMs ?? 0),
      outcome: made.status,
      message: made.message,
      rows,
      charged,
      // What a query costs is not charged beyond the cap, either: such a run does nothing.
      usd: real === 0 || maxTotalChargeUsd < actor.usdPerQuery ? 0 : costOf({ actor, queries }, charged),
      queries,
      datasetId: this.#id(),
      storeId: this.#id(),
      queueId: this.#id(),
      buildId: this.#id(),
    }
    this.#runs.push(run)
    return run
  }

  /** Ends a run that is under way; those that it has pushed are there, and charged (runs_and_builds.md). */
  abort(run: Run): void {
    const now = this.#clock.now()
    if (now >= run.endsAt) return
    run.rows = this.rowsOf(run)
    run.charged = Math.min(run.charged, run.rows.length)
    run.usd = costOf(run, run.charged)
    run.endsAt = now
    run.outcome = 'ABORTED'
    run.message = 'Actor was aborted'
  }

  #make(actor: Actor, input: Row, n: number, { status, rows: most, sentinel, instead, beside = [] }: Outcome) {
    const message = MESSAGES[status ?? 'SUCCEEDED']
    if (this.rules.freePlan || sentinel === 'demo') {
      return { rows: Array.from({ length: 10 }, () => ({ demo: true })), status: 'SUCCEEDED' as const, message: FREE }
    }
    if (sentinel) return { rows: [{ noResults: true }, { noResults: true }], status: 'SUCCEEDED' as const, message }
    const made = instead ?? actor.run(input, n)
    if ('failure' in made) return { rows: [], status: 'FAILED' as const, message: made.failure }
    const rows = most === undefined ? made : made.slice(0, most)
    return {
      rows: [...rows.slice(0, 1), ...beside, ...rows.slice(1)],
      status: status ?? ('SUCCEEDED' as const),
      message,
    }
  }

  #refusal({ memoryMbytes }: RunOptions): Refusal | undefined {
    const { concurrentRuns = 25, memoryMb = 16_384, spendUsd = Number.POSITIVE_INFINITY } = this.rules
    const active = this.#runs.filter(({ endsAt }) => this.#clock.now() < endsAt)
    if (this.bill().cost >= spendUsd) return { status: 402, ...SPENT }
    if (active.length >= concurrentRuns) {
      const message = `You have reached the limit of ${concurrentRuns} concurrent Actor runs.`
      return { status: 402, type: 'concurrent-runs-limit-exceeded', message }
    }
    if (active.reduce((sum, { options }) => sum + options.memoryMbytes, memoryMbytes) > memoryMb) {
      const message = `By launching this job you will exceed the memory limit of ${memoryMb}MB for all your Actor runs and builds.`
      return { status: 402, type: 'actor-memory-limit-exceeded', message }
    }
    return undefined
  }

  #id(): string {
    return Array.from({ length: 17 }, () => this.#random.pick(LETTERS)).join('')
  }
}

const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'.split('')

const SPENT = {
  type: 'not-enough-usage-to-run-paid-actor',
  message: 'By launching this job you will exceed your remaining usage. Please consider an upgrade to a higher plan.',
}

/** Logged by a run of apidojo on the free plan, which succeeded with ten rows that say no more than `demo`. */
const FREE = "The developer of this actor doesn't allow the use of API in the Free Plan"

const MESSAGES = {
  SUCCEEDED: 'Actor succeeded',
  FAILED: 'The Actor process failed with exit code 1',
  'TIMED-OUT': 'The Actor run has timed out',
  ABORTED: 'Actor was aborted',
} as const

export function isSentinel(row: Row): boolean {
  return row['demo'] === true || row['noResults'] === true
}

/** Without the noise of binary fractions. */
function costOf({ actor, queries }: Pick<Run, 'actor' | 'queries'>, items: number): number {
  return usd((queries > 1 ? items : 1) * actor.usdPerQuery + items * actor.usdPerItem)
}

function usd(amount: number): number {
  return Number(amount.toFixed(7))
}
