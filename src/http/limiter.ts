// Owns who may ask now. Limits belong to the provider's quota owner (a token, an app, a project), not to a process:
// permits come from the store's buckets, so that every process that shares a key shares the limit. They are taken in
// blocks of at most a second's worth before they are used, so that a crash counts too many requests, never too few; and
// a window is counted as much longer as a permit may wait for its use, so that no window of the provider's has too many.
//
// A limit of which a block is one permit is slow: whoever waits for it has a turn in the bucket, in the name of its
// connection, so that all connections of all processes are served in turn. Of a fast one, a process takes a block for all
// who wait in it; there a turn is a moment.

import type { Limit } from '../connector/connector.ts'
import { durationMs, durationText } from '../model/duration.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { Store } from '../store/store.ts'
import { believed, readRate } from './rate-headers.ts'

export interface Limiter {
  /**
   * Takes a permit of every limit, all or none; waits for them, at most `waitMaxMs` in all (default: the limiter's).
   * What waits in one name (default: each call in its own) has one turn.
   *
   * @throws TidemarkError rate_limited (wait, with retryAt) when it would take longer, cancelled when the signal aborts
   */
  acquire(limits: readonly Limit[], signal: AbortSignal, waitMaxMs?: number, who?: string): Promise<void>
  /**
   * Learns from an answer. Nothing left, or Retry-After on a refusal, blocks the keys for everyone until their time.
   * `now` is the source's clock, in milliseconds since 1970.
   */
  observe(
    keys: readonly string[],
    headers: Readonly<Record<string, string>>,
    status: number,
    now: number,
  ): Promise<void>
  /** Blocks keys for everyone, for so many milliseconds from now. Never shortens a block. */
  block(keys: readonly string[], ms: number): Promise<void>
}

export interface LimiterSetup {
  readonly store: Pick<Store, 'limits' | 'now'>
  readonly clock: Clock
  /** Tells the nameless of this process from those of others. @default one process */
  readonly process?: string
  /** The longest that `acquire` waits. @default 60_000 */
  readonly waitMaxMs?: number
}

/** A block of permits lives this long, and no longer than this share of its window; what is left then is forfeited. */
const BLOCK_MS = 1_000
const BLOCK_SHARE = 0.1
/** How long the difference between the store's clock and ours is believed. */
const STORE_CLOCK_MS = 5_000

/** Permits that were taken together, and until when they may be used. */
interface Block {
  permits: number
  readonly until: number
}

/** What this process holds of a bucket. Times are by the clock that never steps. */
interface Held {
  blocks: Block[]
  blockedUntil: number
  /** How many permits to take next: grows while blocks are used up within their time. */
  next: number
  /** The last known capacity, to tell "little is left". */
  capacity: number
  remainingToldAt: number
  /** Settles when the last of those who wait for this bucket has had its turn. */
  line: Promise<void>
  waiting: number
}

/** One per store and process. */
export function createLimiter(setup: LimiterSetup): Limiter {
  const { store, clock } = setup
  const held = new Map<string, Held>()
  let nameless = 0
  let storeClock: { readonly ahead: number; readonly until: number } | undefined

  async function storeNow(): Promise<number> {
    if (!storeClock || storeClock.until <= clock.mono()) {
      const now = await store.now()
      storeClock = { ahead: now - clock.mono(), until: clock.mono() + STORE_CLOCK_MS }
    }
    return Math.floor(storeClock.ahead + clock.mono())
  }

  function heldOf(key: string): Held {
    let found = held.get(key)
    if (!found) {
      const never = Number.NEGATIVE_INFINITY
      found = {
        blocks: [],
        blockedUntil: never,
        next: 1,
        capacity: 0,
        remainingToldAt: never,
        line: Promise.resolve(),
        waiting: 0,
      }
      held.set(key, found)
    }
    return found
  }

  /** Permits that may be used now. */
  function ready(bucket: Held): readonly Block[] {
    const now = clock.mono()
    return bucket.blockedUntil > now ? [] : bucket.blocks.filter(({ permits, until }) => permits > 0 && until > now)
  }

  function isReady(bucket: Held): boolean {
    return ready(bucket).length > 0
  }

  /** Takes a block from the store. Answers how long to wait when there is none, else 0. */
  async function fill(limit: Limit, bucket: Held, who?: string): Promise<number> {
    const blocked = bucket.blockedUntil - clock.mono()
    if (blocked > 0 && who === undefined) return blocked
    const { blockMs, worth, size } = blockOf(limit)
    const last = bucket.blocks.at(-1)
    const usedUp = last?.permits === 0 && last.until > clock.mono()
    bucket.next = Math.min(worth, usedUp ? bucket.next * 2 : 1)
    bucket.capacity = limit.requests
    const answer = await store.limits.reserve({ ...size, want: bucket.next, now: await storeNow(), who })
    // Another answer may have blocked the bucket while we asked; then these permits are void.
    const since = bucket.blockedUntil - clock.mono()
    if (since > 0) return Math.max(since, answer.waitMs)
    if (answer.granted === 0) return Math.max(1, Math.ceil(answer.waitMs))
    const now = clock.mono()
    const left = bucket.blocks.filter(({ permits, until }) => permits > 0 && until > now)
    bucket.blocks = [...left, { permits: answer.granted, until: now + blockMs }]
    return 0
  }

  /**
   * Which of the limits that are lacking to wait for: the one that takes longest. A permit of another would lapse
   * meanwhile, and two slow limits that take turns in that would never let anybody through.
   */
  async function longest(limits: readonly Limit[]): Promise<Limit> {
    const lacking = limits.filter(({ key }) => !isReady(heldOf(key)))
    if (lacking.length === 1 || lacking.every((limit) => blockOf(limit).worth > 1)) return lacking[0]!
    const waits: number[] = []
    for (const limit of lacking) {
      const blocked = heldOf(limit.key).blockedUntil - clock.mono()
      const known = blocked > 0 ? blocked : undefined
      waits.push(
        known ?? (await store.limits.reserve({ ...blockOf(limit).size, want: 0, now: await storeNow() })).waitMs,
      )
    }
    return lacking[waits.indexOf(Math.max(...waits))]!
  }

  /** Takes one permit of each limit, or none; false: one of them is lacking. */
  function takeAll(limits: readonly Limit[]): boolean {
    if (!limits.every(({ key }) => isReady(heldOf(key)))) return false
    for (const { key } of limits) ready(heldOf(key))[0]!.permits--
    return true
  }

  /** Waits for the turn of a connection in one bucket. */
  async function waitInTurn(
    limit: Limit,
    limits: readonly Limit[],
    signal: AbortSignal,
    { deadline, who, isNamed }: { readonly deadline: number; readonly who: string; readonly isNamed: boolean },
  ): Promise<boolean> {
    const bucket = heldOf(limit.key)
    for (;;) {
      if (signal.aborted) {
        await store.limits.leave({ key: limit.key, who })
        throw cancelled()
      }
      const waitMs = await fill(limit, bucket, who)
      if (waitMs === 0) return takeAll(limits)
      if (clock.mono() + waitMs > deadline) {
        // The turn of a connection is kept: if it comes back at the time, it is served then.
        if (!isNamed) await store.limits.leave({ key: limit.key, who })
        throw rateLimited(limit, waitMs, clock.now())
      }
      await clock.sleep(waitMs, signal)
    }
  }

  /** Waits in line for one bucket: only the first asks the store and sleeps, the others come after it in order. */
  async function waitFor(
    limit: Limit,
    limits: readonly Limit[],
    signal: AbortSignal,
    deadline: number,
  ): Promise<boolean> {
    const bucket = heldOf(limit.key)
    const turn = bucket.line
    const { promise: left, resolve: leave } = Promise.withResolvers<void>()
    bucket.line = turn.then(() => left)
    bucket.waiting++
    try {
      if (bucket.waiting > 1) await untilAborted(turn, signal)
      while (!isReady(bucket)) {
        if (signal.aborted) throw cancelled()
        const waitMs = await fill(limit, bucket)
        if (waitMs === 0) continue
        if (clock.mono() + waitMs > deadline) throw rateLimited(limit, waitMs, clock.now())
        await clock.sleep(waitMs, signal)
      }
      return takeAll(limits)
    } finally {
      bucket.waiting--
      leave()
    }
  }

  async function block(keys: readonly string[], ms: number): Promise<void> {
    if (ms <= 0) return
    const now = await storeNow()
    for (const key of keys) {
      const bucket = heldOf(key)
      bucket.blocks = []
      bucket.blockedUntil = Math.max(bucket.blockedUntil, clock.mono() + ms)
      await store.limits.block({ key, until: Math.ceil(now + ms), now })
    }
  }

  /** Others use the quota too: when little is left, the bucket shall not promise more than that. */
  async function tellRemaining(key: string, remaining: number): Promise<void> {
    const bucket = heldOf(key)
    if (remaining >= bucket.capacity / 10 || clock.mono() < bucket.remainingToldAt + BLOCK_MS) return
    bucket.remainingToldAt = clock.mono()
    let left = remaining
    for (const part of bucket.blocks) {
      part.permits = Math.min(part.permits, left)
      left -= part.permits
    }
    await store.limits.block({ key, until: null, remaining, now: await storeNow() })
  }

  return {
    block,
    async acquire(limits, signal, waitMaxMs = setup.waitMaxMs ?? 60_000, name) {
      const turn = { who: name ?? `${setup.process ?? ''}#${++nameless}`, isNamed: name !== undefined }
      const deadline = clock.mono() + waitMaxMs
      while (!takeAll(limits)) {
        if (signal.aborted) throw cancelled()
        const limit = await longest(limits)
        const isSlow = blockOf(limit).worth === 1
        const isTaken = isSlow
          ? waitInTurn(limit, limits, signal, { deadline, ...turn })
          : waitFor(limit, limits, signal, deadline)
        if (await isTaken) return
      }
    },
    async observe(keys, headers, status, now) {
      const rate = readRate(headers, now)
      if (rate.retryAfterMs !== undefined && (status === 429 || status === 503)) {
        await block(keys, rate.retryAfterMs)
      }
      if (rate.remaining === undefined) return
      if (rate.remaining < 1) await block(keys, believed(rate.resetMs ?? 0, status))
      // With several limits nobody can know which of them the header speaks of.
      else if (keys.length === 1) await tellRemaining(keys[0]!, Math.floor(rate.remaining))
    },
  }
}

/** How much of a limit is taken together, for how long, and how large its bucket is. */
export function blockOf({ key, requests, per }: Limit) {
  const windowMs = durationMs(per)
  const blockMs = Math.min(BLOCK_MS, Math.ceil(windowMs * BLOCK_SHARE))
  const worth = Math.max(1, Math.floor((requests * blockMs) / windowMs))
  return { blockMs, worth, size: { key, capacity: requests, perMs: windowMs + blockMs } }
}

/** Waits for somebody else's turn to end, unless our own waiting is ended before. */
async function untilAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = () => {
    resolve()
  }
  signal.addEventListener('abort', onAbort)
  await Promise.race([turn, aborted])
  signal.removeEventListener('abort', onAbort)
  if (signal.aborted) throw cancelled()
}

function cancelled(): TidemarkError {
  return new TidemarkError('cancelled', 'Cancelled while waiting for a rate limit.', { scope: 'run' })
}

function rateLimited(limit: Limit, waitMs: number, now: number): TidemarkError {
  const retryAt = Math.ceil(now + waitMs)
  const message = `The limit "${limit.key}" allows the next request in ${durationText(waitMs)}.` as const
  return new TidemarkError('rate_limited', message, { retryAt, hint: limitHint(retryAt) })
}

/** What a person may do about a limit that ends at `retryAt`, in milliseconds since 1970 by our clock. */
export function limitHint(retryAt: number): string {
  return `The limit ends at ${new Date(retryAt).toISOString()}; a sync after that goes on from here.`
}
