// Owns the way between a simulated process and the source: how long it takes, and what goes wrong on it. What arrived
// complete is written down for the oracle; what did not arrive may have had its effect all the same.

import type { Transport, TransportAnswer, TransportRequest } from '../../src/http/transport.ts'
import { type ErrorCode, sentence, TidemarkError } from '../../src/model/errors.ts'
import type { Random } from '../../src/testing/emulators/kit/random.ts'
import type { Api, Served, Shown } from './api.ts'
import type { Mutator } from './mutate.ts'
import type { Owner, Scheduler } from './scheduler.ts'
import type { Source } from './source.ts'

/** One request, as far as it came. */
export interface Exchange {
  readonly owner: string
  /** The sync that made it. */
  readonly sync: number
  readonly path: string
  /** By simulated time, when it was sent. */
  readonly sentAt: number
  /** By the world's count of events, when the source answered. */
  servedTick: number
  /** By the world's count of events, when the whole answer was there; 0: never. */
  deliveredTick: number
  deliveredAt: number
  status: number
  /** Milliseconds that the answer asked to wait. */
  waitMs: number
  /** It was told as a date. */
  datedWait: boolean
  /** Somebody set our clock while it was on its way. */
  clockSet: boolean
  /** What a good answer showed. */
  shown: Shown | undefined
}

interface World {
  readonly source: Source
  readonly api: Api
  readonly mutator: Mutator
  readonly scheduler: Scheduler
  /** How far our wall clock has been set. */
  readonly wall: { readonly offset: number }
}

const FAULTS = [
  'rate-limit',
  'rate-limit-date',
  'rate-limit-bare',
  'unavailable',
  'server-error',
  'timeout-before',
  'timeout-after',
  'reset-before',
  'reset-after',
  'cut-body',
  'truncated',
  'html',
  'wrong-type',
  'soft-error',
  'expire',
  'down',
  'loop',
  'empty',
] as const

type Fault = (typeof FAULTS)[number]

/** What becomes of a page that fails for long. */
const BLOCKS = ['server-error', 'html', 'truncated', 'refused'] as const

type Block = (typeof BLOCKS)[number]

/** These last for some requests once they have begun. */
const LASTING: ReadonlySet<Fault> = new Set(['down', 'loop', 'empty'])

export class Network {
  readonly exchanges: Exchange[] = []
  readonly counts = new Map<string, number>()
  /** Nothing goes wrong any more. */
  calm = false
  readonly #world: World
  readonly #random: Random
  readonly #without: ReadonlySet<string>
  readonly #rates: readonly { readonly fault: Fault; readonly rate: number }[]
  readonly #wire: Owner = { name: 'wire', state: 'live' }
  #down = 0
  #looping = 0
  #empty = 0
  /** The number of a page that fails, and how; for as long as several syncs take. */
  #blocked: { readonly page: number; readonly how: Block } | undefined

  constructor(world: World, random: Random, without: ReadonlySet<string>) {
    this.#world = world
    this.#random = random
    this.#without = without
    const most = random.pick([0, 0.03, 0.1])
    this.#rates = FAULTS.flatMap((fault) => {
      const rate = random.next() * most * (LASTING.has(fault) ? 0.5 : 1)
      return random.chance(0.4) ? [{ fault, rate }] : []
    })
    world.api.twice = random.chance(0.15) ? 0.05 : 0
    world.api.lags = world.source.style.lagging ? 0.2 : 0
  }

  /** The transport of one process. `sync` numbers the sync that it is in. */
  transport(owner: Owner, sync: () => number): Transport {
    return { send: (request) => this.#send(owner, sync(), request), close: () => Promise.resolve() }
  }

  /** Between two syncs: what lasts may end, or begin. */
  meanwhile(): void {
    if (this.#empty > 0 && this.#random.chance(0.3)) this.#empty = 0
    this.#down = 0
    this.#looping = 0
    if (this.#world.source.style.blocks) this.#blockSome()
    this.#show()
  }

  #blockSome(): void {
    const goesOn = this.#blocked !== undefined && this.#random.chance(0.7)
    if (goesOn) return
    this.#blocked = undefined
    if (!this.calm && this.#random.chance(0.6)) this.block()
  }

  /** From now on a page fails, another one than the first; returns its number. */
  block(): number {
    const page = this.#random.int(2, 5)
    this.#blocked = { page, how: this.#random.pick(BLOCKS) }
    this.counts.set('blocked', (this.counts.get('blocked') ?? 0) + 1)
    return page
  }

  unblock(): void {
    this.#blocked = undefined
  }

  #blockOf({ pathname, searchParams }: URL): Block | undefined {
    const { page, how } = this.#blocked ?? { page: 0, how: undefined }
    return pathname === '/items' && Number(searchParams.get('page')) === page ? how : undefined
  }

  settle(): void {
    this.calm = true
    this.#empty = 0
    this.#world.api.twice = 0
    this.#world.api.lags = 0
    this.#world.api.runs.calm = true
    this.meanwhile()
    this.unblock()
  }

  async #send(owner: Owner, sync: number, request: TransportRequest): Promise<TransportAnswer> {
    const { scheduler, source, mutator, wall } = this.#world
    const { offset } = wall
    const path = `${request.method} ${request.url.pathname}${request.url.search}`
    const exchange: Exchange = {
      owner: owner.name,
      sync,
      path,
      sentAt: scheduler.now,
      servedTick: 0,
      deliveredTick: 0,
      deliveredAt: 0,
      status: 0,
      waitMs: 0,
      datedWait: false,
      clockSet: false,
      shown: undefined,
    }
    this.exchanges.push(exchange)
    const fault = this.#fault() ?? this.#blockOf(request.url)
    if (fault !== undefined) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1)
    const cancel = { signal: request.signal, perform: () => fail('cancelled', 'cancelled', 'stop') }
    const late = fault === 'timeout-before' || fault === 'timeout-after'
    const reached = fault !== 'timeout-before' && fault !== 'reset-before' && fault !== 'down'
    let served: Served | undefined
    if (reached) {
      // What is on the wire arrives, whatever becomes of the process that sent it.
      served = await scheduler.submit(this.#wire, `serves ${path}`, this.#latency(), () => {
        if (!this.calm) mutator.whileReading()
        const answer = this.#serve(request, fault)
        exchange.servedTick = ++source.tick
        if (!this.calm) mutator.whileReading()
        return answer
      })
    }
    const wait = late ? request.timeoutMs : this.#latency()
    const label = `${served?.answer.status ?? fault}${fault === undefined ? '' : ` (${fault})`} ${path}`
    const deliver = (): TransportAnswer => {
      if (late) return fail('timed_out', 'no answer in time', 'retry')
      if (!served || fault === 'reset-after') return fail('network_failed', 'the connection was closed', 'retry')
      if (fault === 'cut-body') return fail('body_incomplete', 'the body was cut', 'retry')
      const { answer, shown } = served
      exchange.status = answer.status
      exchange.shown = shown
      exchange.deliveredTick = ++source.tick
      exchange.deliveredAt = scheduler.now
      exchange.waitMs = waitOf(answer, source.now())
      exchange.clockSet = wall.offset !== offset
      exchange.datedWait = answer.headers['retry-after']?.includes('GMT') ?? false
      return answer
    }
    return scheduler.submit(owner, label, wait, deliver, cancel)
  }

  #serve(request: TransportRequest, fault: Fault | Block | undefined): Served {
    const { api } = this.#world
    const limited = (headers: Record<string, string>) => ({ answer: api.reply(429, {}, headers), shown: undefined })
    const seconds = this.#random.pick([1, 2, 5, 15, 40, 90])
    switch (fault) {
      case 'rate-limit':
        return limited({ 'retry-after': String(seconds) })
      case 'rate-limit-date': {
        const date = new Date(Math.ceil(this.#world.source.now() / 1000 + seconds) * 1000)
        return limited({ 'retry-after': date.toUTCString() })
      }
      case 'rate-limit-bare':
        return limited({})
      case 'unavailable':
        return { answer: api.reply(503, {}, { 'retry-after': String(seconds) }), shown: undefined }
      case 'refused':
        return { answer: api.reply(422, { message: 'not this page' }), shown: undefined }
      case 'server-error':
        return { answer: api.reply(500, 'oops'), shown: undefined }
      case 'soft-error':
        return { answer: api.reply(200, { error: 'Authorization failed.' }), shown: undefined }
      case 'html':
        return { answer: api.reply(200, '<!doctype html><p>Log in', { 'content-type': 'text/html' }), shown: undefined }
      case 'expire':
        api.expire()
        return api.serve(request)
      case 'truncated': {
        const { answer } = api.serve(request)
        const text = answer.text.slice(0, this.#random.int(1, Math.max(1, answer.text.length - 1)))
        return { answer: { ...answer, text }, shown: undefined }
      }
      case 'wrong-type': {
        const { answer, shown } = api.serve(request)
        return { answer: { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } }, shown }
      }
      default:
        return api.serve(request)
    }
  }

  #fault(): Fault | undefined {
    if (this.calm) return undefined
    if (this.#down > 0 && this.#down-- > 0) return 'down'
    if (this.#looping > 0) this.#looping--
    if (this.#empty > 0) this.#empty--
    let chosen: Fault | undefined
    for (const { fault, rate } of this.#rates) if (this.#random.chance(rate)) chosen = fault
    if (chosen !== undefined && this.#without.has(chosen)) chosen = undefined
    // Weaker: where totals have to tell what was missed, no page is shown in place of another: they can't tell that.
    if (chosen === 'loop' && this.#world.source.style.dips) chosen = undefined
    if (chosen === 'down') this.#down = this.#random.int(2, 8)
    if (chosen === 'loop') this.#looping = this.#random.int(3, 12)
    if (chosen === 'empty') this.#empty = this.#random.pick([1, 2, 4, 12])
    this.#show()
    return chosen === 'loop' || chosen === 'empty' ? undefined : chosen
  }

  #show(): void {
    const { source } = this.#world
    if (this.#looping > 0 && !source.looping) this.counts.set('loop', (this.counts.get('loop') ?? 0) + 1)
    if (this.#empty > 0 && !source.outage) this.counts.set('empty', (this.counts.get('empty') ?? 0) + 1)
    source.looping = this.#looping > 0
    source.outage = this.#empty > 0
  }

  #latency(): number {
    return this.#random.next() * this.#world.source.scale.latency
  }
}

function fail(code: ErrorCode, message: string, verdict: 'retry' | 'stop'): never {
  throw new TidemarkError(code, sentence(message), { verdict })
}

/** What Retry-After says, read here anew: the oracle must not trust the engine's reading of it. */
function waitOf({ status, headers }: TransportAnswer, now: number): number {
  const value = headers['retry-after']
  if (value === undefined || (status !== 429 && status !== 503)) return 0
  return /^\d+$/.test(value) ? Number(value) * 1_000 : Math.max(0, Date.parse(value) - now)
}
