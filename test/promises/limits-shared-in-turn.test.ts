// A thousand connections share one limit of their provider, over several workers: the limit is never exceeded, all of it is
// used, and no connection waits for more than twice its turn, however the connections are spread over the workers.

import { afterEach, describe, expect, test } from 'vitest'
import type { Limit } from '../../src/connector/connector.ts'
import { createLimiter, type Limiter } from '../../src/http/limiter.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import { type Buckets, openBuckets } from '../http/buckets.ts'
import { ManualClock } from '../http/manual-clock.ts'
import { DEEP } from '../support/depth.ts'

const MINUTE = 60_000
const LIMIT: Limit = { key: 'quota', requests: 60, per: '1m' }
const CONNECTIONS = 1_000
const WORKERS = 4
/** Each of them once. */
const TURN_MS = (CONNECTIONS / LIMIT.requests) * MINUTE
/** Twice around, and a little more. */
const LASTS_MS = 2.2 * TURN_MS
const forever = new AbortController().signal

const opened: Buckets[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

interface Served {
  readonly who: number
  readonly at: number
  readonly waitedMs: number
}

/** What a thousand connections are given that always want more; `dies` is a worker whose connections go to the next one after a while. */
async function share(workerOf: (connection: number) => number, dies?: { worker: number; afterMs: number }) {
  const clock = new ManualClock()
  const store = await openBuckets(clock)
  opened.push(store)
  const limiters = Array.from({ length: WORKERS }, (_, i) => createLimiter({ store, clock, process: `w${i}` }))
  const start = clock.mono()
  const served: Served[] = []
  const isOver = () => clock.mono() - start >= LASTS_MS
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, who) => {
      let worker = workerOf(who)
      while (!isOver()) {
        const asked = clock.mono()
        while (!isOver()) {
          // Its run goes on with the next worker.
          if (dies && worker === dies.worker && clock.mono() - start >= dies.afterMs) worker = (worker + 1) % WORKERS
          if (await isServed(limiters[worker]!, String(who), clock)) {
            served.push({ who, at: clock.mono() - start, waitedMs: clock.mono() - asked })
            break
          }
        }
      }
    }),
  )
  return served.toSorted((a, b) => a.at - b.at)
}

/** False: it has to come back, as the schedule of a connection does whose run waits for a limit. */
async function isServed(limiter: Limiter, who: string, clock: ManualClock): Promise<boolean> {
  try {
    await limiter.acquire([LIMIT], forever, MINUTE, who)
    return true
  } catch (error) {
    await clock.sleep((error as TidemarkError).retryAt! - clock.now())
    return false
  }
}

function expectFair(served: readonly Served[]): void {
  const times = served.map(({ at }) => at)
  // The next but sixty after each is in another minute.
  const early = times.slice(LIMIT.requests).filter((at, i) => at - times[i]! < MINUTE)
  expect(early).toEqual([])
  expect(served.length).toBeGreaterThan(0.95 * LIMIT.requests * (LASTS_MS / MINUTE))
  expect(Math.max(...served.map(({ waitedMs }) => waitedMs))).toBeLessThanOrEqual(2 * TURN_MS)
  const counts = new Map<number, number>()
  for (const { who } of served) counts.set(who, (counts.get(who) ?? 0) + 1)
  expect(counts.size).toBe(CONNECTIONS)
  expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1)
}

describe('a thousand connections with one limit over four workers', () => {
  const spread = (connection: number) => connection % WORKERS
  const uneven = (connection: number) => (connection < 3 ? connection + 1 : 0)
  const all: readonly [what: string, ...Parameters<typeof share>][] = [
    ['where one worker has nearly all', uneven],
    ['where each worker has as many', spread],
    ['when those of one worker go on with another', spread, { worker: 1, afterMs: 5 * MINUTE }],
  ]
  test.each(DEEP ? all : all.slice(0, 1))('are served in turn %s', async (_what, ...how) => {
    const served = await share(...how)
    expect(served).not.toEqual([])
    expectFair(served)
  })
})
