// Owns the promises about leases: who may write, and that nobody else can.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { HOLDER, MINUTE, type OpenDatabase, record, T0, update, walk } from './world.ts'

const RIVAL = { id: 'holder-2', host: 'other', pid: 1, startedAt: T0 }

export function leaseCases(open: OpenDatabase): void {
  describe('leases', () => {
    const used = useWorld(open)

    it('gives a free resource to the first and tells the second who has it', async () => {
      const { store, database } = used.world
      const rival = await database.connect()
      const lease = await used.world.claim('r')
      const answer = await rival.leases.claim({ resource: 'r', holder: RIVAL, now: T0 + 1, expiresAt: T0 + MINUTE })
      expect(answer).toEqual({ heldBy: { ...lease, holder: HOLDER, expiresAt: T0 + MINUTE } })
      expect(await store.leases.renew(lease, T0 + 2 * MINUTE)).toBe(true)
    })

    it('tells who has a lease, until it is given back or ends', async () => {
      const { world } = used
      const { leases } = world.store
      expect(await leases.held('r', T0)).toBeUndefined()
      const lease = await world.claim('r')
      expect(await leases.held('r', T0)).toEqual({ ...lease, holder: HOLDER, expiresAt: T0 + MINUTE })
      expect(await leases.held('r', T0 + MINUTE - 1)).toBeDefined()
      expect(await leases.held('r', T0 + MINUTE)).toBeUndefined()
      await leases.release(lease)
      expect(await leases.held('r', T0)).toBeUndefined()
    })

    it('numbers generations one by one, whatever ends them', async () => {
      const { world } = used
      const { store } = world
      const first = await world.claim('r')
      await store.leases.release(first)
      const second = await world.claim('r')
      const expired = await world.claim('r', { now: T0 + MINUTE })
      const taken = await world.claim('r', { now: T0 + MINUTE + 1, takeOver: expired.generation })
      await store.leases.release(taken)
      const last = await world.claim('r', { now: T0 })
      expect([first, second, expired, taken, last].map(({ generation }) => generation)).toEqual([1, 2, 3, 4, 5])
    })

    it('expires at its time and not before', async () => {
      const { world } = used
      await world.claim('r')
      const early = { resource: 'r', holder: RIVAL, now: T0 + MINUTE - 1, expiresAt: T0 + 9 * MINUTE }
      expect(await world.store.leases.claim(early)).toHaveProperty('heldBy')
      expect(await world.store.leases.claim({ ...early, now: T0 + MINUTE })).toEqual({
        lease: { resource: 'r', generation: 2 },
      })
    })

    it('takes over from the generation that is known to be dead, and from no other', async () => {
      const { world } = used
      const dead = await world.claim('r')
      const wrong = { resource: 'r', holder: RIVAL, now: T0, expiresAt: T0 + MINUTE, takeOver: dead.generation + 1 }
      expect(await world.store.leases.claim(wrong)).toHaveProperty('heldBy')
      const alive = await world.claim('r', { takeOver: dead.generation, holder: RIVAL })
      expect(alive.generation).toBe(2)
      const late = await world.store.leases.claim({ ...wrong, takeOver: dead.generation })
      expect(late).toMatchObject({ heldBy: { generation: 2, holder: RIVAL } })
    })

    it('lets an old generation neither renew nor release', async () => {
      const { world } = used
      const { store } = world
      const old = await world.claim('r')
      const now = await world.claim('r', { takeOver: old.generation, holder: RIVAL })
      expect(await store.leases.renew(old, T0 + 99 * MINUTE)).toBe(false)
      await store.leases.release(old)
      const third = await store.leases.claim({ resource: 'r', holder: HOLDER, now: T0, expiresAt: T0 + MINUTE })
      expect(third).toMatchObject({ heldBy: { generation: now.generation, expiresAt: T0 + MINUTE } })
    })

    it('does not renew what was released, and releases twice without harm', async () => {
      const { world } = used
      const lease = await world.claim('r')
      await world.store.leases.release(lease)
      await world.store.leases.release(lease)
      expect(await world.store.leases.renew(lease, T0 + MINUTE)).toBe(false)
    })

    it('keeps resources apart', async () => {
      const { world } = used
      await world.claim('a')
      expect((await world.claim('b')).generation).toBe(1)
    })
  })

  describe('the fence', () => {
    const used = useWorld(open)

    it('refuses every write of a generation that was taken over, and changes nothing', async () => {
      const { world } = used
      const { database, lease } = world
      await world.insert('a', 'b')
      const rival = await database.connect()
      await world.claim(lease.resource, { store: rival, takeOver: lease.generation, holder: RIVAL })
      const before = await world.picture('a', 'b', 'c')
      const lost = { code: 'lease_lost', verdict: 'yield' }
      const all = {
        inserts: [record('c')],
        updates: [update('a', 1, 2)],
        removals: [{ key: 'b', expect: 1, reason: 'not_listed' }],
        state: { cursor: 9 },
        walks: [walk(1)],
        requests: [],
      }
      await expect(world.write(all)).rejects.toMatchObject(lost)
      await expect(world.write({})).rejects.toMatchObject(lost)
      await expect(world.finishRun()).rejects.toMatchObject(lost)
      await expect(world.openRun('run-2')).rejects.toMatchObject(lost)
      expect(await world.picture('a', 'b', 'c')).toEqual(before)
    })

    it('refuses the writes of a lease that was released', async () => {
      const { world } = used
      await world.store.leases.release(world.lease)
      await expect(world.write({ inserts: [record('a')] })).rejects.toMatchObject({ code: 'lease_lost' })
      expect(await world.head('a')).toBeUndefined()
    })

    it('lets a holder write whose time is over as long as nobody else has claimed', async () => {
      const { world } = used
      expect(await world.write({ inserts: [record('a')], at: T0 + 99 * MINUTE })).toBe('written')
    })

    it('prolongs the lease with every checkpoint, and never shortens it', async () => {
      const { world } = used
      const { store, lease } = world
      const claimAt = (now: number) =>
        store.leases.claim({ resource: lease.resource, holder: RIVAL, now, expiresAt: now + 1 })
      await world.put({ leaseUntil: T0 + 5 * MINUTE })
      await world.put({ leaseUntil: T0 + 2 * MINUTE })
      expect(await claimAt(T0 + 5 * MINUTE - 1)).toMatchObject({ heldBy: { expiresAt: T0 + 5 * MINUTE } })
      expect(await claimAt(T0 + 5 * MINUTE)).toHaveProperty('lease')
    })

    it('does not prolong the lease with a stale batch', async () => {
      const { world } = used
      const { store, lease } = world
      expect(await world.write({ leaseUntil: T0 + 5 * MINUTE, updates: [update('nobody', 1, 2)] })).toBe('stale')
      const answer = await store.leases.claim({
        resource: lease.resource,
        holder: RIVAL,
        now: T0 + MINUTE,
        expiresAt: T0 + 9 * MINUTE,
      })
      expect(answer).toHaveProperty('lease')
    })
  })
}
