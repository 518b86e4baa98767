// Owns a vendor of runs that cost money: each delivers the newest records, or those of some keys, as they were when it was
// started, after a while, and bills every row. Whatever becomes of its answers, what was started is there, and is listed.

import type { TransportRequest } from '../../src/http/transport.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import { page, type Row, type Served, type Shown } from './api.ts'
import type { Item, Source } from './source.ts'

/** A run that was started, which is what is paid for. */
export interface PaidRun {
  readonly id: string
  readonly intent: string
  readonly rows: readonly Row[]
  readonly total: number
  readonly endsAt: number
  readonly fails: boolean
  readonly outage: boolean
  /** Keys that it was asked for; undefined: for the newest ones. */
  readonly keys: readonly string[] | undefined
  /** The count of events when it was started. */
  readonly tick: number
}

interface Order {
  readonly newest?: number
  readonly keys?: readonly string[]
  readonly intent: string
}

interface Answers {
  readonly rows: (items: readonly Item[], byKey: boolean) => readonly Row[]
  readonly reply: (body: unknown, shown: Partial<Shown>) => Served
}

/** Runs that the vendor lists, newest first. */
const LISTED_MAX = 20

export class PaidRuns {
  readonly all: PaidRun[] = []
  /** From now on runs end at once, and well. */
  calm = false
  readonly #source: Source
  readonly #random: Random
  readonly #answers: Answers

  constructor(source: Source, random: Random, answers: Answers) {
    this.#source = source
    this.#random = random
    this.#answers = answers
  }

  serve({ method, url, body }: TransportRequest): Served {
    const [, , id, part] = url.pathname.split('/')
    if (method === 'POST') return this.#start(JSON.parse(body ?? '{}') as Order)
    if (id === undefined) {
      const runs = this.all.slice(-LISTED_MAX).map(({ id: run, intent }) => ({ id: run, intent }))
      return this.#answers.reply({ runs: runs.toReversed() }, {})
    }
    const run = this.all.find((one) => one.id === id)!
    return part === undefined ? this.#state(run) : this.#rows(run, Number(url.searchParams.get('from') ?? 0))
  }

  #start({ newest, keys, intent }: Order): Served {
    const source = this.#source
    const found = keys ? source.byKey(keys) : source.shown()
    const listed = source.outage && !keys ? [] : found
    const fails = !this.calm && this.#random.chance(0.1)
    const rows = this.#answers.rows(listed.slice(0, newest), keys !== undefined)
    const run: PaidRun = {
      id: `r${this.all.length + 1}`,
      intent,
      rows: fails ? rows.filter(() => this.#random.chance(0.5)) : rows,
      total: listed.length,
      endsAt: source.now() + (this.calm ? 0 : this.#random.pick([0, 500, 5_000, 60_000, 2_000_000])),
      fails,
      outage: source.outage && !keys,
      keys,
      tick: source.tick,
    }
    this.all.push(run)
    return this.#answers.reply({ id: run.id }, {})
  }

  #state({ endsAt, fails, rows }: PaidRun): Served {
    const isOver = this.calm || this.#source.now() >= endsAt
    const state = !isOver ? 'running' : fails ? 'failed' : 'succeeded'
    return this.#answers.reply({ state, rows: isOver ? rows.length : 0 }, {})
  }

  #rows({ rows, total, outage, tick, fails, keys }: PaidRun, from: number): Served {
    const { style, scale } = this.#source
    const to = from + scale.pageSize
    const part = rows.slice(from, to)
    const more = to < rows.length
    const told = style.total === 'page' && !fails ? { total } : {}
    // A run that failed tells nothing of what it lacks.
    const asked = more || fails ? [] : (keys ?? [])
    const kind = keys ? 'keys' : 'newest'
    const shown = { kind, rows: part, first: from === 0, end: !more, outage, since: tick, asked } as const
    return this.#answers.reply(page(part, { more, next: to, ...told }), shown)
  }
}
