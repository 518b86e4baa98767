// Owns the promises about intents: upstream runs that are written down before they are started, and paid for once.

import { describe, expect, it } from 'vitest'
import type { NewIntent } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, request, T0, World } from './world.ts'

export function intentCases(open: OpenDatabase): void {
  describe('intents', () => {
    const used = useWorld(open)
    const planned = (id: string, at = T0): NewIntent => {
      const { stream, run } = used.world
      return {
        id,
        streamNo: stream.no,
        runNo: run.no,
        pass: 'newestFirst',
        ask: { ask: { newest: 7 }, costLeft: 0.5 },
        at,
      }
    }

    it('keeps what is under way, oldest first, with the id that the vendor gave', async () => {
      const { store, lease, stream, database } = used.world
      await store.intents.plan(lease, planned('b', T0 + 1))
      await store.intents.plan(lease, planned('a'))
      await store.intents.started(lease, 'b', 'run-of-the-vendor')
      const { runNo: _, ...a } = planned('a')
      const rival = await database.connect()
      expect(await rival.intents.open(stream.no)).toEqual([
        { ...a, job: null, bill: null },
        { ...a, id: 'b', at: T0 + 1, job: 'run-of-the-vendor', bill: null },
      ])
      expect(await store.intents.open(stream.no + 1)).toEqual([])
    })

    it('goes on with the page that tells how it goes on, or not at all', async () => {
      const { store, lease, stream } = used.world
      await store.intents.plan(lease, planned('a'))
      await used.world.put({ intents: [{ id: 'a', state: 'open', bill: { items: 7, cost: 0.25 } }] })
      expect(await store.intents.open(stream.no)).toMatchObject([{ id: 'a', bill: { items: 7, cost: 0.25 } }])
      const stale = { touches: [{ key: 'none', expect: 1, walk: null }] }
      const end = { intents: [{ id: 'a', state: 'read', bill: { items: 7, cost: 0.3 } }] } as const
      expect(await used.world.write({ ...stale, ...end })).toBe('stale')
      expect(await store.intents.open(stream.no)).toHaveLength(1)
      await used.world.put(end)
      expect(await store.intents.open(stream.no)).toEqual([])
    })

    it('goes on with the end of a run that no page could tell of, and its cost counts with it', async () => {
      const { store, lease, stream } = used.world
      await store.intents.plan(lease, planned('a'))
      const bill = { items: 7, cost: 0.25 }
      const requests = [request({ billedItems: 7 })]
      const ended = await used.world.finishRun({ requests, cost: 0.25, intents: [{ id: 'a', state: 'open', bill }] })
      expect(ended).toMatchObject({ billedItems: 7, cost: 0.25 })
      expect(await store.intents.open(stream.no)).toMatchObject([{ id: 'a', bill }])
    })

    it('is written under a lease that still holds, and by nobody else', async () => {
      const { store, lease, stream } = used.world
      await used.world.claim(lease.resource, { now: T0 + 2 * MINUTE })
      await expect(store.intents.plan(lease, planned('a'))).rejects.toMatchObject({ code: 'lease_lost' })
      await expect(store.intents.started(lease, 'a', 'x')).rejects.toMatchObject({ code: 'lease_lost' })
      expect(await store.intents.open(stream.no)).toEqual([])
    })

    it('is forgotten with the requests of its time, unless it is under way', async () => {
      const { store, lease, stream, database } = used.world
      await store.intents.plan(lease, planned('a'))
      await store.intents.plan(lease, planned('b'))
      await used.world.put({ intents: [{ id: 'a', state: 'failed', bill: null }] })
      const order = { what: 'requests', before: T0 + MINUTE, limit: 10 } as const
      const other = await new World(database, store, 'other').begin('zoe')
      expect(await store.history.prune({ project: other.project, ...order })).toBe(0)
      expect(await store.history.prune({ project: 'default', ...order })).toBe(1)
      expect(await store.intents.open(stream.no)).toMatchObject([{ id: 'b' }])
    })
  })
}
