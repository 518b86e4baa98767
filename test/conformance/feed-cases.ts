// Owns the promises about the feed's readers, its epoch, and what is no longer kept.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, update, World } from './world.ts'

export function feedCases(open: OpenDatabase): void {
  describe('readers of the feed', () => {
    const used = useWorld(open)

    it('are kept by name, for each project', async () => {
      const { world } = used
      const { store, project } = world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      const { epoch } = await store.feed.bounds(project)
      expect(await store.feed.consumers(project)).toEqual([])
      await store.feed.saveConsumer(project, { name: 'search', epoch, seq: 3, at: T0 })
      await store.feed.saveConsumer(project, { name: 'mail', epoch, seq: 1, at: T0 })
      await store.feed.saveConsumer('lab', { name: 'search', epoch, seq: 9, at: T0 })
      await store.feed.saveConsumer(project, { name: 'search', epoch, seq: 4, at: T0 + 1 })
      expect(await store.feed.consumers(project)).toEqual([
        { name: 'mail', epoch, seq: 1, at: T0 },
        { name: 'search', epoch, seq: 4, at: T0 + 1 },
      ])
      expect([
        await store.feed.dropConsumer(project, 'search'),
        await store.feed.dropConsumer(project, 'search'),
      ]).toEqual([true, false])
      expect((await store.feed.consumers(project)).map(({ name }) => name)).toEqual(['mail'])
      expect(await store.feed.consumers('lab')).toHaveLength(1)
      const reader = { name: 'x', epoch, seq: 0, at: T0 }
      await expect(store.feed.saveConsumer('nowhere', reader)).rejects.toMatchObject({ code: 'project_unknown' })
    })

    it('are shown the newest first, of a connection, a stream or a kind, behind any of them', async () => {
      const { world } = used
      const { store, project, stream } = world
      await world.insert('a', 'b')
      await world.put({ updates: [update('a', 1, 2)] })
      await world.insert('c')
      const newest = async (query: object = {}) =>
        (await store.feed.newest({ project, limit: 9, ...query })).map(({ seq }) => seq)
      const forwards = await world.changes()
      expect(await store.feed.newest({ project, limit: 9 })).toEqual(forwards.toReversed())
      expect(await newest({ limit: 2 })).toEqual([4, 3])
      expect(await newest({ before: 3 })).toEqual([2, 1])
      expect(await newest({ op: 'update' })).toEqual([3])
      expect(await newest({ op: 'insert', before: 4 })).toEqual([2, 1])
      expect(await newest({ stream: stream.stream, connection: forwards[0]?.connection })).toHaveLength(4)
      expect([await newest({ stream: 'other' }), await newest({ connection: 'other' })]).toEqual([[], []])
      expect(await store.feed.newest({ project: 'nowhere', limit: 9 })).toEqual([])
    })

    it('meet another epoch in every project when it is renewed, and in every database', async () => {
      const { world } = used
      const { store, project } = world
      await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
      await world.insert('a')
      const epochs = async () => [(await store.feed.bounds(project)).epoch, (await store.feed.bounds('lab')).epoch]
      const before = await epochs()
      await store.feed.renewEpochs()
      const after = await epochs()
      expect(new Set([...before, ...after]).size).toBe(4)
      expect(after.every((epoch) => /^[^.\s]+$/.test(epoch))).toBe(true)
      expect((await store.feed.bounds(project)).seq).toBe(1)
      const database = await open()
      try {
        const twin = await new World(database, await database.connect(), project).begin()
        expect(before).not.toContain((await twin.store.feed.bounds(project)).epoch)
      } finally {
        await database.drop()
      }
    })
  })

  describe('what is no longer kept', () => {
    const used = useWorld(open)

    it('of the feed goes from its beginning, so many at once, and tells how far', async () => {
      const { world } = used
      const { store, project } = world
      for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) {
        await world.put({ inserts: [record(key)], at: T0 + i * MINUTE })
      }
      const prune = (before: number, limit: number) => store.history.prune({ project, what: 'changes', before, limit })
      expect(await prune(T0, 9)).toBe(0)
      expect(await store.feed.bounds(project)).toMatchObject({ seq: 4, prunedTo: 0 })
      expect(await prune(T0 + 2 * MINUTE, 1)).toBe(1)
      expect(await prune(T0 + 2 * MINUTE, 9)).toBe(1)
      expect(await prune(T0 + 2 * MINUTE, 9)).toBe(0)
      expect(await store.feed.bounds(project)).toMatchObject({ seq: 4, prunedTo: 2 })
      expect((await world.changes()).map(({ seq }) => seq)).toEqual([3, 4])
      await world.insert('e')
      expect((await world.changes(4)).map(({ seq }) => seq)).toEqual([5])
    })

    it('of the feed leaves no hole where the clock was set back', async () => {
      const { world } = used
      const { store, project } = world
      await world.put({ inserts: [record('a')], at: T0 + 5 * MINUTE })
      await world.put({ inserts: [record('b')], at: T0 })
      expect(await store.history.prune({ project, what: 'changes', before: T0 + MINUTE, limit: 9 })).toBe(0)
      expect(await world.changes()).toHaveLength(2)
    })

    it('of versions leaves the first and the current content', async () => {
      const { world } = used
      const { store, project, stream } = world
      await world.insert('a')
      for (const n of [1, 2, 3]) await world.put({ updates: [update('a', n, n + 1)], at: T0 + n * MINUTE })
      expect(await store.history.prune({ project, what: 'versions', before: T0 + 9 * MINUTE, limit: 9 })).toBe(2)
      expect((await world.history('a')).map(({ ordinal }) => ordinal)).toEqual([1, 4])
      const [then] = await store.records.list({ streamNo: stream.no, asOf: T0 + 2 * MINUTE, limit: 9 })
      expect(then).toMatchObject({ _key: 'a', amount: 10 })
    })
  })
}
