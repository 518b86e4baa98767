// Owns the promises about token buckets.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, T0 } from './world.ts'

/** Ten permits a second. */
const TEN = { key: 'shop:token:1', capacity: 10, perMs: 1_000 }

export function limitCases(open: OpenDatabase): void {
  describe('limits', () => {
    const used = useWorld(open)
    const take = (want: number, now: number, more: object = {}) =>
      used.world.store.limits.reserve({ ...TEN, want, now, ...more })
    const block = (until: number | null, now: number, remaining?: number) =>
      used.world.store.limits.block({ key: TEN.key, until, now, ...(remaining === undefined ? {} : { remaining }) })

    it('starts full, grants what is there, and says how long to wait for one', async () => {
      expect(await take(4, T0)).toEqual({ granted: 4, waitMs: 0 })
      expect(await take(9, T0)).toEqual({ granted: 6, waitMs: 0 })
      expect(await take(1, T0)).toEqual({ granted: 0, waitMs: 1_000 })
      expect(await take(1, T0 + 60)).toEqual({ granted: 0, waitMs: 940 })
      expect(await take(1, T0 + 1_000)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('shows what it knows, and takes nothing', async () => {
      const { store } = used.world
      expect(await store.limits.bucket(TEN.key)).toBeUndefined()
      await take(4, T0)
      const known = await store.limits.bucket(TEN.key)
      expect(known).toMatchObject({ turns: [], capacity: 10, perMs: 1_000, tokens: 6, at: T0, taken: [[T0, T0, 4]] })
      await block(T0 + 5_000, T0)
      expect(await store.limits.bucket(TEN.key)).toEqual({
        ...known,
        blockedUntil: T0 + 5_000,
        blockedSince: T0,
      })
    })

    it('serves those who wait in turn, and nobody who comes later before them', async () => {
      await take(10, T0)
      const ask = (who: string, now: number) => take(1, now, { who })
      expect(await ask('a', T0 + 10)).toEqual({ granted: 0, waitMs: 990 })
      expect(await ask('b', T0 + 20)).toEqual({ granted: 0, waitMs: 980 })
      // All ten come back at once, by the window; an eleventh has to wait for the next.
      for (const who of 'cdefghij') await ask(who, T0 + 30)
      expect(await ask('k', T0 + 40)).toEqual({ granted: 0, waitMs: 1_960 })
      expect(await take(1, T0 + 1_000)).toMatchObject({ granted: 0 })
      expect(await ask('l', T0 + 1_000)).toMatchObject({ granted: 0 })
      for (const who of 'abcdefghij') expect(await ask(who, T0 + 1_000)).toEqual({ granted: 1, waitMs: 0 })
      expect(await ask('a', T0 + 1_000)).toMatchObject({ granted: 0 })
      expect(await ask('k', T0 + 2_000)).toEqual({ granted: 1, waitMs: 0 })
      // Everybody once before anybody twice.
      expect(await used.world.store.limits.bucket(TEN.key)).toMatchObject({
        turns: [['l'], ['a']].map(([who]) => [who, T0 + 1_000, expect.any(Number)]),
      })
    })

    it('keeps a turn for a while, until it is given up', async () => {
      const { limits } = used.world.store
      await take(10, T0)
      for (const who of ['gone', 'left', 'here']) await take(1, T0, { who })
      await limits.leave({ key: TEN.key, who: 'left' })
      await limits.leave({ key: TEN.key, who: 'nobody' })
      expect(await take(10, T0 + 1_000, { who: 'here' })).toMatchObject({ granted: 9 })
      const late = T0 + 60_000
      expect(await take(10, late, { who: 'here' })).toMatchObject({ granted: 10 })
    })

    it('grants again what has left the window, up to its capacity', async () => {
      await take(6, T0)
      await take(4, T0 + 300)
      expect(await take(10, T0 + 999)).toEqual({ granted: 0, waitMs: 1 })
      expect(await take(10, T0 + 1_000)).toEqual({ granted: 6, waitMs: 0 })
      expect(await take(10, T0 + 1_000)).toEqual({ granted: 0, waitMs: 300 })
      expect(await take(10, T0 + 1_300)).toEqual({ granted: 4, waitMs: 0 })
      expect(await take(99, T0 + 3_600_000)).toEqual({ granted: 10, waitMs: 0 })
    })

    it.each([
      [1, 7],
      [3, 7],
      [3, 130],
      [99, 1],
      [2, 333],
    ])(
      'never grants more than its capacity in any window, and hardly less: %i at a time, every %i ms',
      async (want, step) => {
        const granted: [at: number, permits: number][] = []
        for (let ms = 0; ms <= 2_500; ms += step) granted.push([ms, (await take(want, T0 + ms)).granted])
        const within = (from: number) =>
          granted.reduce((sum, [at, permits]) => sum + (at >= from && at < from + 1_000 ? permits : 0), 0)
        for (const [from] of granted) expect(within(from), `from ${from}`).toBeLessThanOrEqual(10)
        const wished = Math.min(2.5 * 10, want * Math.floor(2_500 / step))
        expect(granted.reduce((sum, [, permits]) => sum + permits, 0)).toBeGreaterThanOrEqual(wished * 0.9)
      },
    )

    it('counts what another limit of the same key has granted', async () => {
      await take(8, T0)
      expect(await take(10, T0 + 500, { perMs: 400 })).toEqual({ granted: 10, waitMs: 0 })
      expect(await take(10, T0 + 600)).toEqual({ granted: 0, waitMs: 900 })
    })

    it('grants nothing while it is blocked, and never shortens a block', async () => {
      await block(T0 + 5_000, T0)
      await block(T0 + 1_000, T0)
      expect(await take(1, T0 + 1_500)).toEqual({ granted: 0, waitMs: 3_500 })
      expect(await take(1, T0 + 5_000)).toEqual({ granted: 1, waitMs: 0 })
      await block(null, T0 + 5_000)
      expect(await take(1, T0 + 5_000)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('is blocked for as long as was said, also where the clock is set back a little', async () => {
      const ahead = T0 + 60_000
      await block(ahead + 5_000, ahead)
      expect(await take(1, T0)).toEqual({ granted: 0, waitMs: 5_000 })
      expect(await take(1, T0 + 2_000)).toEqual({ granted: 0, waitMs: 3_000 })
      await block(T0 + 4_000, T0 + 2_500)
      expect(await take(1, T0 + 4_000)).toEqual({ granted: 0, waitMs: 1_000 })
      expect((await take(1, T0 + 5_000)).granted).toBe(1)
      // And not once more when that time comes.
      expect((await take(1, ahead + 1_000)).granted).toBe(1)
    })

    it('is blocked until its time where the clock was behind for a moment only', async () => {
      await block(T0 + 5_000, T0)
      expect(await take(1, T0 - 3_000)).toEqual({ granted: 0, waitMs: 5_000 })
      expect(await take(1, T0 + 1_000)).toEqual({ granted: 0, waitMs: 4_000 })
      expect((await take(1, T0 + 5_000)).granted).toBe(1)
    })

    it.each([61_000, 30 * 86_400_000])('is blocked no longer where the clock is set back by %i ms', async (step) => {
      await block(T0 + step + 5_000, T0 + step)
      expect((await take(1, T0)).granted).toBe(1)
      expect((await take(1, T0 + step + 1_000)).granted).toBe(1)
    })

    it('takes a longer block over one of a clock that was ahead', async () => {
      const ahead = T0 + 60_000
      await block(ahead + 5_000, ahead)
      await block(T0 + 9_000, T0)
      expect(await take(1, T0 + 1_000)).toEqual({ granted: 0, waitMs: 8_000 })
      expect((await take(1, T0 + 9_000)).granted).toBe(1)
    })

    it('learns from the provider how many permits are left, if that is less', async () => {
      await take(2, T0)
      await block(null, T0, 3)
      expect(await take(9, T0)).toEqual({ granted: 3, waitMs: 0 })
      await block(null, T0 + 100, 50)
      expect(await take(9, T0 + 100)).toEqual({ granted: 1, waitMs: 0 })
      await block(null, T0 + 200, 0)
      expect(await take(9, T0 + 200)).toEqual({ granted: 0, waitMs: 100 })
      expect(await take(9, T0 + 300)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('can be blocked before anybody reserved from it', async () => {
      await block(T0 + 1_000, T0, 2)
      expect(await take(9, T0)).toEqual({ granted: 0, waitMs: 1_000 })
      expect((await take(9, T0 + 1_000)).granted).toBeGreaterThanOrEqual(2)
    })

    it('is full after a block that named no remainder', async () => {
      await block(T0 + 1_000, T0)
      expect(await take(99, T0 + 1_000)).toEqual({ granted: 10, waitMs: 0 })
    })

    it('does not stand still when the clock steps back', async () => {
      await take(10, T0)
      expect(await take(1, T0 - 3_600_000)).toEqual({ granted: 0, waitMs: 1_000 })
      expect(await take(1, T0 - 3_600_000 + 1_000)).toEqual({ granted: 1, waitMs: 0 })
    })

    it.each([-100_000, 100_000])('forgets nothing when the clock is %i ms off for a moment', async (off) => {
      await take(10, T0)
      await take(1, T0 + off)
      expect((await take(9, T0 + 10)).granted).toBe(0)
      expect((await take(9, T0 + 999)).granted).toBe(0)
    })

    it('does not count anew what has left the window while the clock stood back', async () => {
      await take(10, T0)
      await take(1, T0 - 1_500)
      expect((await take(10, T0 - 500)).granted).toBe(10)
      expect((await take(10, T0 + 500)).granted).toBe(10)
    })

    it('follows a limit whose capacity changed', async () => {
      await take(1, T0)
      expect(await take(99, T0, { capacity: 4 })).toEqual({ granted: 3, waitMs: 0 })
      expect((await take(99, T0 + 1_000, { capacity: 20 })).granted).toBeLessThanOrEqual(20)
    })

    it('is shared by every store of the database, and apart from other keys', async () => {
      const other = await used.world.database.connect()
      await take(7, T0)
      expect(await other.limits.reserve({ ...TEN, want: 9, now: T0 })).toEqual({ granted: 3, waitMs: 0 })
      expect(await take(9, T0, { key: 'another' })).toEqual({ granted: 9, waitMs: 0 })
    })

    it('renames a bucket, and drops it where there is one of that name', async () => {
      const { store } = used.world
      await take(4, T0)
      const before = await store.limits.bucket(TEN.key)
      await store.limits.rename(TEN.key, 'new')
      await store.limits.rename('unknown', 'new')
      expect(await store.limits.bucket('new')).toEqual(before)
      await take(1, T0)
      await store.limits.rename(TEN.key, 'new')
      expect(await store.limits.bucket('new')).toEqual(before)
      expect(await store.limits.bucket(TEN.key)).toBeUndefined()
    })
  })
}
