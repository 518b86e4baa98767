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
      used.world.store.reserve({ ...TEN, want, now, ...more })
    const block = (until: number | null, now: number, remaining?: number) =>
      used.world.store.block({ key: TEN.key, until, now, ...(remaining === undefined ? {} : { remaining }) })

    it('starts full, grants what is there, and says how long to wait for one', async () => {
      expect(await take(4, T0)).toEqual({ granted: 4, waitMs: 0 })
      expect(await take(9, T0)).toEqual({ granted: 6, waitMs: 0 })
      expect(await take(1, T0)).toEqual({ granted: 0, waitMs: 100 })
      expect(await take(1, T0 + 60)).toEqual({ granted: 0, waitMs: 40 })
      expect(await take(1, T0 + 100)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('refills by the millisecond up to its capacity', async () => {
      await take(10, T0)
      expect(await take(10, T0 + 550)).toEqual({ granted: 5, waitMs: 0 })
      expect(await take(1, T0 + 600)).toEqual({ granted: 1, waitMs: 0 })
      expect(await take(99, T0 + 3_600_000)).toEqual({ granted: 10, waitMs: 0 })
    })

    it('never grants more than capacity and refill together, however the asking is cut', async () => {
      let granted = 0
      for (let ms = 0; ms <= 5_000; ms += 7) granted += (await take(3, T0 + ms)).granted
      expect(granted).toBeLessThanOrEqual(10 + 50)
      expect(granted).toBeGreaterThanOrEqual(10 + 49)
    })

    it('grants nothing while it is blocked, and never shortens a block', async () => {
      await block(T0 + 5_000, T0)
      await block(T0 + 1_000, T0)
      expect(await take(1, T0 + 1_500)).toEqual({ granted: 0, waitMs: 3_500 })
      expect(await take(1, T0 + 5_000)).toEqual({ granted: 1, waitMs: 0 })
      await block(null, T0 + 5_000)
      expect(await take(1, T0 + 5_000)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('learns from the provider how many permits are left, if that is less', async () => {
      await take(2, T0)
      await block(null, T0, 3)
      expect(await take(9, T0)).toEqual({ granted: 3, waitMs: 0 })
      await block(null, T0 + 100, 50)
      expect(await take(9, T0 + 100)).toEqual({ granted: 1, waitMs: 0 })
      await block(null, T0 + 200, 0)
      expect(await take(9, T0 + 200)).toEqual({ granted: 0, waitMs: 100 })
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
      expect(await take(1, T0 - 3_600_000)).toEqual({ granted: 0, waitMs: 100 })
      expect(await take(1, T0 - 3_600_000 + 100)).toEqual({ granted: 1, waitMs: 0 })
    })

    it('follows a limit whose capacity changed', async () => {
      await take(1, T0)
      expect(await take(99, T0, { capacity: 4 })).toEqual({ granted: 4, waitMs: 0 })
    })

    it('is shared by every store of the database, and apart from other keys', async () => {
      const other = await used.world.database.connect()
      await take(7, T0)
      expect(await other.reserve({ ...TEN, want: 9, now: T0 })).toEqual({ granted: 3, waitMs: 0 })
      expect(await take(9, T0, { key: 'another' })).toEqual({ granted: 9, waitMs: 0 })
    })
  })
}
