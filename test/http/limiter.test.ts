// Limits belong to their owner, not to a process: what several limiters on one store together let through, and how
// answers block keys for all of them.

import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Limit } from '../../src/connector/connector.ts'
import { createLimiter, type Limiter } from '../../src/http/limiter.ts'
import { durationMs } from '../../src/model/duration.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import { type Buckets, openBuckets } from './buckets.ts'
import { ManualClock } from './manual-clock.ts'

const forever = new AbortController().signal

const opened: Buckets[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

/** So many processes on one store. */
async function world(processes = 1) {
  const clock = new ManualClock()
  const store = await openBuckets(clock)
  opened.push(store)
  return { clock, store, limiters: Array.from({ length: processes }, () => createLimiter({ store, clock })) }
}

async function one(limiter: Limiter, limit: Limit): Promise<TidemarkError | undefined> {
  try {
    await limiter.acquire([limit], forever)
    return undefined
  } catch (error) {
    return error as TidemarkError
  }
}

describe('permits', () => {
  const perSecond: Limit = { key: 'a', requests: 10, per: '1s' }

  test('are there at once up to the limit, then when the window is over', async () => {
    const { clock, limiters } = await world()
    for (let i = 0; i < 10; i++) await limiters[0]!.acquire([perSecond], forever)
    expect(clock.slept).toEqual([])
    await limiters[0]!.acquire([perSecond], forever)
    // Those that lay ready for a tenth of a second may have been used at its end.
    expect(clock.slept).toEqual([1_100])
  })

  test('are reserved before use, in blocks that grow with demand to a second’s worth and no further', async () => {
    const { store, limiters, clock } = await world()
    const fast: Limit = { key: 'f', requests: 1_000, per: '10s' }
    for (let i = 0; i < 700; i++) await limiters[0]!.acquire([fast], forever)
    const wanted = store.reserved.map(({ want }) => want)
    expect(wanted.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 100])
    expect(Math.max(...wanted)).toBe(100)
    expect(store.reserved.reduce((sum, { granted }) => sum + granted, 0)).toBeGreaterThanOrEqual(700)
    // After a pause the demand is unknown again, and what was left has lapsed.
    clock.pass(5_000)
    await limiters[0]!.acquire([fast], forever)
    expect(store.reserved.at(-1)).toMatchObject({ want: 1, granted: 1 })
  })

  test('of a slow limit are taken one by one', async () => {
    const { store, limiters } = await world()
    const slow: Limit = { key: 's', requests: 60, per: '1h' }
    for (let i = 0; i < 5; i++) await limiters[0]!.acquire([slow], forever)
    expect(store.reserved.map(({ want }) => want)).toEqual([1, 1, 1, 1, 1])
  })

  test('of several limits are taken together or not at all', async () => {
    const { clock, limiters, store } = await world()
    const tight: Limit = { key: 'tight', requests: 1, per: '10m' }
    const wide: Limit = { key: 'wide', requests: 100, per: '10m' }
    await limiters[0]!.acquire([wide, tight], forever)
    const error = await limiters[0]!.acquire([wide, tight], forever).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', retryAt: clock.now() + 601_000 })
    // The refused call has taken nothing of the wide limit.
    expect(store.reserved.filter(({ key, granted }) => key === 'wide' && granted > 0)).toHaveLength(1)
  })

  test('of a slow limit are taken once another limit has been waited for', async () => {
    const { clock, limiters, store } = await world()
    const slow: Limit = { key: 'slow', requests: 2, per: '2h' }
    const blocked: Limit = { key: 'blocked', requests: 2, per: '2h' }
    await limiters[0]!.block(['blocked'], 30_000)
    await limiters[0]!.acquire([slow, blocked], forever)
    expect(clock.slept).toEqual([30_000])
    expect(store.reserved.filter(({ key, granted }) => key === 'slow' && granted > 0)).toHaveLength(1)
  })

  test('of a slow limit do not lie ready so long that two come at once', async () => {
    const { clock, limiters } = await world()
    const slow: Limit = { key: 'slow', requests: 1, per: '10m' }
    const blocked: Limit = { key: 'blocked', requests: 1_000, per: '1h' }
    await limiters[0]!.block(['blocked'], 540_000)
    await limiters[0]!.acquire([slow, blocked], forever, 600_000)
    const first = clock.mono()
    await limiters[0]!.acquire([slow], forever, 700_000)
    expect(clock.mono() - first).toBeGreaterThanOrEqual(600_000)
  })

  test('of two slow limits that are due at different times come together', async () => {
    const { clock, limiters } = await world()
    const early: Limit = { key: 'early', requests: 1, per: '1m' }
    const late: Limit = { key: 'late', requests: 1, per: '1m' }
    await limiters[0]!.acquire([early], forever)
    clock.pass(20_000)
    await limiters[0]!.acquire([late], forever)
    await limiters[0]!.acquire([early, late], forever, 100_000)
    expect(clock.slept).toEqual([61_000])
  })

  test('are given in the order in which they were asked for', async () => {
    const { clock, limiters } = await world()
    const order: number[] = []
    const limit: Limit = { key: 'o', requests: 1, per: '1s' }
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        await limiters[0]!.acquire([limit], forever)
        order.push(i)
      }),
    )
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    // Only the first of the line sleeps.
    expect(clock.slept).toHaveLength(7)
  })

  test('are not waited for by those who left the line', async () => {
    const { limiters } = await world()
    const limit: Limit = { key: 'l', requests: 1, per: '20s' }
    const abort = new AbortController()
    await limiters[0]!.acquire([limit], forever)
    const first = limiters[0]!.acquire([limit], forever)
    const second = limiters[0]!.acquire([limit], abort.signal)
    const third = limiters[0]!.acquire([limit], forever)
    abort.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    await first
    await third
  })

  test('never exceed the limit, however many processes ask at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('1s', '3s', '10s') as fc.Arbitrary<Limit['per']>,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 120 }),
        async (requests, per, processes, wanted) => {
          const { clock, limiters } = await world(processes)
          const limit: Limit = { key: 'shared', requests, per }
          const start = clock.mono()
          const times: number[] = []
          await Promise.all(
            Array.from({ length: wanted }, async (_, i) => {
              const error = await one(limiters[i % processes]!, limit)
              if (!error) times.push(clock.mono() - start)
            }),
          )
          expect(times.length).toBeGreaterThan(0)
          times.sort((a, b) => a - b)
          // The next but `requests` after each is in another window.
          times.slice(requests).forEach((time, i) => expect(time - times[i]!).toBeGreaterThanOrEqual(durationMs(per)))
        },
      ),
      { numRuns: 60 },
    )
  })

  test('that are used later than they were reserved bring none into the window that is too many', async () => {
    const { clock, limiters } = await world()
    const limit: Limit = { key: 'late', requests: 100, per: '1s' }
    const used: number[] = []
    for (let i = 0; i < 300; i++) {
      // In the middle of a block, which is about to lapse then.
      if (i === 41) clock.pass(90)
      await limiters[0]!.acquire([limit], forever)
      used.push(clock.mono())
    }
    used.slice(100).forEach((time, i) => expect(time - used[i]!).toBeGreaterThanOrEqual(1_000))
  })

  test('that would take longer than one may wait are refused with their time', async () => {
    const { clock, limiters } = await world()
    const slow: Limit = { key: 's', requests: 1, per: '2m' }
    expect(await one(limiters[0]!, slow)).toBeUndefined()
    const error = await one(limiters[0]!, slow)
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', retryAt: clock.now() + 121_000 })
    expect(error?.message).toBe('The limit "s" allows the next request in 2m 1s.')
    expect(clock.slept).toEqual([])
    await limiters[0]!.acquire([slow], forever, 130_000)
    expect(clock.slept).toEqual([121_000])
  })

  test('waiting ends with the signal', async () => {
    const { limiters } = await world()
    const slow: Limit = { key: 's', requests: 1, per: '30s' }
    const abort = new AbortController()
    await limiters[0]!.acquire([slow], abort.signal)
    const waiting = limiters[0]!.acquire([slow], abort.signal)
    abort.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('answers', () => {
  const limit: Limit = { key: 'k', requests: 100, per: '1s' }

  test('with nothing left block the key until the reset, in every process', async () => {
    const { clock, limiters } = await world(2)
    const [asker, other] = limiters as [Limiter, Limiter]
    await asker.acquire([limit], forever)
    const reset = String(Math.floor(clock.now() / 1_000) + 600)
    await asker.observe(['k'], { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, 200, clock.now())
    for (const limiter of [asker, other]) {
      expect(await one(limiter, limit)).toMatchObject({ code: 'rate_limited', retryAt: clock.now() + 601_000 })
    }
    clock.pass(601_000)
    expect(await one(other, limit)).toBeUndefined()
    expect(await one(asker, limit)).toBeUndefined()
  })

  test('the reset is by the source’s clock, the block by the store’s', async () => {
    const { clock, limiters, store } = await world()
    const sourceNow = clock.now() - 3_600_000
    await limiters[0]!.observe(
      ['k'],
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(sourceNow / 1_000 + 30) },
      200,
      sourceNow,
    )
    expect(store.blocked).toEqual([{ key: 'k', until: clock.now() + 31_000 }])
  })

  test.each([429, 503])('%i with Retry-After blocks; a permit that is at hand is void', async (status) => {
    const { clock, limiters } = await world()
    for (let i = 0; i < 3; i++) await limiters[0]!.acquire([limit], forever)
    await limiters[0]!.observe(['k'], { 'retry-after': '7' }, status, clock.now())
    await limiters[0]!.acquire([limit], forever)
    expect(clock.slept).toEqual([7_000])
  })

  test('that are good may name a Retry-After without meaning a block', async () => {
    const { clock, limiters, store } = await world()
    await limiters[0]!.observe(['k'], { 'retry-after': '7' }, 202, clock.now())
    expect(store.blocked).toEqual([])
  })

  test.each([
    [200, 1],
    [204, 1],
    [304, 1],
    [403, 7],
    [429, 7],
  ])('%i with a reset that is damaged blocks for %i days at most', async (status, days) => {
    const { clock, limiters, store } = await world()
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99999999999' }
    await limiters[0]!.observe(['k'], headers, status, clock.now())
    expect(store.blocked).toEqual([{ key: 'k', until: clock.now() + days * 86_400_000 }])
  })

  test('a shorter block does not shorten a longer one', async () => {
    const { clock, limiters } = await world(2)
    await limiters[0]!.block(['k'], 50_000)
    await limiters[0]!.block(['k'], 1_000)
    await limiters[1]!.block(['k'], 2_000)
    await Promise.all(limiters.map(async (limiter) => limiter.acquire([limit], forever)))
    expect(clock.slept).toEqual([50_000, 2_000, 48_000])
  })

  test('with little left lower what the bucket promises to everybody', async () => {
    const { clock, limiters, store } = await world(2)
    const slow: Limit = { key: 'slow', requests: 5_000, per: '1h' }
    await limiters[0]!.acquire([slow], forever)
    await limiters[0]!.observe(
      ['slow'],
      { 'x-ratelimit-remaining': '2', 'x-ratelimit-reset': '3000' },
      200,
      clock.now(),
    )
    for (let i = 0; i < 2; i++) expect(await one(limiters[1]!, slow)).toBeUndefined()
    expect(clock.slept).toEqual([])
    expect(await one(limiters[1]!, slow)).toBeUndefined()
    expect(clock.slept).toEqual([721])
    expect(store.reserved.at(-1)).toMatchObject({ granted: 1 })
  })

  test('with much left change nothing', async () => {
    const { clock, limiters, store } = await world()
    await limiters[0]!.acquire([limit], forever)
    await limiters[0]!.observe(['k'], { 'x-ratelimit-remaining': '50', 'x-ratelimit-reset': '30' }, 200, clock.now())
    for (let i = 0; i < 99; i++) await limiters[0]!.acquire([limit], forever)
    expect(clock.slept).toEqual([])
    expect(store.blocked).toEqual([])
  })

  test('a block while permits are being reserved voids them', async () => {
    const { clock, limiters, store } = await world()
    const slow: Limit = { key: 'k', requests: 60, per: '1h' }
    const acquired = limiters[0]!.acquire([slow], forever)
    await limiters[0]!.block(['k'], 5_000)
    await acquired
    expect(clock.slept).toEqual([5_000])
    expect(store.reserved).toHaveLength(2)
  })

  test('a step of the wall clock does not end a block', async () => {
    const { clock, limiters } = await world()
    await limiters[0]!.block(['k'], 10_000)
    clock.step(3_600_000)
    await limiters[0]!.acquire([limit], forever)
    expect(clock.slept[0]).toBe(10_000)
  })
})
