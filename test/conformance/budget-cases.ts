// Owns the promises about budgets: what is set, and what may be spent in a rolling window.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, T0 } from './world.ts'

const HOUR = 60 * MINUTE

export function budgetCases(open: OpenDatabase): void {
  describe('budgets', () => {
    const used = useWorld(open)
    const spend = (want: number, now: number, more: object = {}) =>
      used.world.store.budgets.spend({ key: 'me', max: 10, perMs: HOUR, want, now, ...more })

    it('keeps, replaces and takes away what is set', async () => {
      const { store } = used.world
      const github = { scope: 'connector', name: 'github', requests: { max: 100, perMs: HOUR }, cost: null } as const
      const me = { scope: 'connection', name: 'me', requests: null, cost: { max: 2.5, perMs: 24 * HOUR } } as const
      await store.budgets.save('default', github)
      await store.budgets.save('default', me)
      expect(await store.budgets.list('default')).toEqual([me, github])
      await store.budgets.save('default', { ...github, requests: null })
      expect(await store.budgets.list('default')).toEqual([me])
      expect(await store.budgets.list('other')).toEqual([])
      await expect(store.budgets.save('other', me)).rejects.toMatchObject({ code: 'project_unknown' })
    })

    it('grants what is left of the window, and says when there is more', async () => {
      expect(await spend(4, T0)).toEqual({ granted: 4, waitMs: 0 })
      expect(await spend(9, T0 + MINUTE)).toEqual({ granted: 6, waitMs: 0 })
      const { granted, waitMs } = await spend(1, T0 + 2 * MINUTE)
      expect(granted).toBe(0)
      expect(T0 + 2 * MINUTE + waitMs).toBeGreaterThanOrEqual(T0 + HOUR)
      expect(T0 + 2 * MINUTE + waitMs).toBeLessThanOrEqual(T0 + HOUR + MINUTE)
      expect(await spend(9, T0 + 2 * MINUTE + waitMs)).toEqual({ granted: 4, waitMs: 0 })
    })

    it('never lets more pass in any window of its length', async () => {
      const times: number[] = []
      for (let now = T0; now < T0 + 4 * HOUR; now += 37_000) {
        const { granted } = await spend(2, now)
        for (let n = 0; n < granted; n++) times.push(now)
      }
      for (const from of times) {
        expect(times.filter((at) => at >= from && at < from + HOUR).length).toBeLessThanOrEqual(10)
      }
      expect(times.length).toBeGreaterThanOrEqual(36)
    })

    it('takes money by fractions, and all that is left of it', async () => {
      const money = (want: number, now = T0) => spend(want, now, { key: 'money', max: 1, fractions: true })
      expect(await money(0.7)).toEqual({ granted: 0.7, waitMs: 0 })
      expect((await money(Number.POSITIVE_INFINITY)).granted).toBeCloseTo(0.3)
      expect(await money(0.01)).toMatchObject({ granted: 0 })
      expect(await used.world.store.budgets.spent({ key: 'money', perMs: HOUR, now: T0 })).toBeCloseTo(1)
      expect(await used.world.store.budgets.spent({ key: 'money', perMs: HOUR, now: T0 + 2 * HOUR })).toBe(0)
    })

    it('takes back what was not used, where it was taken', async () => {
      const { store } = used.world
      await spend(8, T0)
      await spend(2, T0 + 30 * MINUTE)
      await store.budgets.giveBack({ key: 'me', perMs: HOUR, amount: 3, at: T0 })
      expect(await store.budgets.spent({ key: 'me', perMs: HOUR, now: T0 + 30 * MINUTE })).toBe(7)
      expect(await spend(9, T0 + 30 * MINUTE)).toEqual({ granted: 3, waitMs: 0 })
      expect(await spend(9, T0 + 62 * MINUTE)).toEqual({ granted: 5, waitMs: 0 })
    })

    it('never has more to give than its budget, whatever is given back', async () => {
      await spend(2, T0)
      for (const key of ['me', 'nobody']) {
        await used.world.store.budgets.giveBack({ key, perMs: HOUR, amount: 99, at: T0 })
        expect(await spend(99, T0, { key })).toEqual({ granted: 10, waitMs: 0 })
      }
    })

    it('forgets nothing when the clock is wrong for a moment', async () => {
      await spend(9, T0)
      expect((await spend(1, T0 + 72 * HOUR)).granted).toBe(1)
      expect((await spend(1, T0 + MINUTE)).granted).toBe(0)
      expect((await spend(1, T0 - 72 * HOUR)).granted).toBe(0)
      expect((await spend(1, T0 + 2 * MINUTE)).granted).toBe(0)
    })

    it('counts for one window what was spent while the clock was ahead, and not once more when that time comes', async () => {
      const { store } = used.world
      const ahead = T0 + 720 * HOUR
      const spent = (now: number) => store.budgets.spent({ key: 'me', perMs: HOUR, now })
      await spend(10, ahead)
      const { granted, waitMs } = await spend(1, T0)
      expect([granted, await spent(T0)]).toEqual([0, 10])
      expect(waitMs).toBeGreaterThanOrEqual(HOUR)
      expect(waitMs).toBeLessThanOrEqual(HOUR + MINUTE)
      expect((await spend(1, T0 + waitMs - 2 * MINUTE)).granted).toBe(0)
      expect(await spent(T0 + waitMs)).toBe(0)
      expect((await spend(4, T0 + waitMs)).granted).toBe(4)
      expect((await spend(10, ahead)).granted).toBe(10)
    })

    it('counts what the ledger knows, once and not what is older than the window', async () => {
      const { world } = used
      const { store } = world
      const request = {
        method: 'GET',
        url: '/',
        status: 200,
        bytes: 1,
        ms: 1,
        attempt: 1,
        outcome: 'ok',
        billedItems: 0,
      }
      const requests = [2, 3, 30, 59, 61, 300].map((minutes) => ({ ...request, at: T0 - minutes * MINUTE }))
      await store.runs.finish({
        lease: world.lease,
        runNo: world.run.no,
        status: 'succeeded',
        at: T0,
        error: null,
        notes: [],
        requests,
        streams: [],
      })
      const order = { perMs: HOUR, now: T0, project: 'default', of: 'requests' } as const
      const me = { ...order, key: 'mine', scope: 'connection', name: 'me' } as const
      const spent = (key: string, now = T0) => store.budgets.spent({ key, perMs: HOUR, now })
      await spend(1, T0 - 2 * MINUTE, { key: 'mine' })
      for (let times = 0; times < 2; times++) {
        await store.budgets.recount(me)
        expect(await spent('mine')).toBe(4)
      }
      expect(await spent('mine', T0 + 10 * MINUTE)).toBe(3)
      await store.budgets.recount({ ...me, key: 'shop', scope: 'connector', name: world.connection.connector })
      expect(await spent('shop')).toBe(4)
      await store.budgets.recount({ ...me, key: 'other', name: 'other' })
      await store.budgets.recount({ ...me, key: 'other', project: 'other' })
      await store.budgets.recount({ ...me, key: 'other', of: 'cost' })
      expect(await spent('other')).toBe(0)
    })

    it('keeps keys apart', async () => {
      await spend(10, T0)
      expect(await spend(3, T0, { key: 'you' })).toEqual({ granted: 3, waitMs: 0 })
    })
  })
}
