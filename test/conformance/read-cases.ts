// Owns the promises about reading: heads and contents by key, records for people, keys by value.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, update, World } from './world.ts'

export function readCases(open: OpenDatabase): void {
  describe('look and contents', () => {
    const used = useWorld(open)

    it('answers for no keys, unknown keys and keys that stand twice', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b')
      await world.remove('b', 1)
      expect((await store.records.look(stream.no, [])).size).toBe(0)
      expect((await store.records.contents(stream.no, [])).size).toBe(0)
      const keys = ['b', 'nobody', 'a', 'a', 'b', 'a']
      expect([...(await store.records.look(stream.no, keys)).keys()].sort()).toEqual(['a', 'b'])
      expect([...(await store.records.contents(stream.no, keys)).keys()].sort()).toEqual(['a', 'b'])
    })

    it('looks for any number of keys', async () => {
      const { world } = used
      const keys = Array.from({ length: 1_000 }, (_, i) => `k${i}`)
      await world.insert(...keys)
      await world.remove('k3', 1)
      await world.remove('k999', 1)
      for (const size of [1, 2, 3, 6, 24, 26, 99, 101, 500, 501, 1_000]) {
        const heads = await world.store.records.look(world.stream.no, keys.slice(0, size))
        expect([...heads.keys()].sort()).toEqual(keys.slice(0, size).sort())
      }
      const many = Array.from({ length: 40_000 }, (_, i) => `k${i}`)
      const heads = await world.store.records.look(world.stream.no, many)
      expect(heads.size).toBe(1_000)
      expect(heads.get('k999')?.removedAt).toBe(T0)
      expect(heads.get('k998')?.removedAt).toBeNull()
    })

    it('refuses a stream that does not exist', async () => {
      await expect(used.world.store.records.look(999, ['a'])).rejects.toMatchObject({ code: 'stream_unknown' })
    })
  })

  describe('a large whole number', () => {
    const used = useWorld(open)

    it('is looked for by all of its digits, as a number or as text', async () => {
      const { store, stream } = used.world
      const least = -(2n ** 63n)
      const amounts = { least, next: least + 1n, most: 2n ** 63n - 1n, few: 7n }
      const inserts = Object.entries(amounts).map(([key, amount]) => record(key, 1, [key, amount, 1, 1, null]))
      await used.world.put({ inserts })
      const found = async (where: Readonly<Record<string, string | number>>) =>
        (await store.records.list({ streamNo: stream.no, limit: 9, where })).map(({ _key }) => _key)
      for (const value of [Number(least), String(least)]) {
        expect(await found({ amount: value })).toEqual(['least'])
        expect(await found({ 'amount>': value })).toHaveLength(4)
        expect(await found({ 'amount<': value })).toEqual(['least'])
        expect(await found({ 'amount!': value })).toHaveLength(3)
      }
      expect(await found({ 'price<': 2 ** 70 })).toHaveLength(4)
      expect(await found({ 'title<': 2 ** 70 })).toEqual([])
    })
  })

  describe('what a walk has seen, and what a key has had', () => {
    const used = useWorld(open)

    it('tells which of the keys a walk has seen', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ seen: ['a', 'nul\0inside'], walk: 1 })
      await world.put({ seen: ['b'], walk: 2 })
      expect(await store.walks.seenOf(stream.no, 1, [])).toEqual(new Set())
      expect(await store.walks.seenOf(stream.no, 1, ['a', 'b', 'c', 'nul\0inside', 'a'])).toEqual(
        new Set(['a', 'nul\0inside']),
      )
      expect(await store.walks.seenOf(stream.no, 3, ['a'])).toEqual(new Set())
    })

    it('tells the hashes of what keys had before', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b')
      expect(await store.records.pastHashes(stream.no, ['a', 'nobody'])).toEqual(new Map())
      await world.put({ updates: [update('a', 1, 2)] })
      await world.put({ updates: [update('a', 2, 3)] })
      const past = await store.records.pastHashes(stream.no, ['a', 'b', 'nobody'])
      expect([...past.keys()]).toEqual(['a'])
      expect([...(past.get('a') ?? [])].sort()).toEqual([record('a').hash, update('a', 1, 2).hash].sort())
      expect((await store.records.pastHashes(stream.no, [])).size).toBe(0)
    })
  })

  describe('records', () => {
    const used = useWorld(open)

    it('shows live records by key, with everything that the views show', async () => {
      const { world } = used
      await world.put({ inserts: [record('b'), record('a'), record('c')], at: T0 + 1 })
      await world.put({ updates: [update('a', 1, 2)], at: T0 + MINUTE })
      await world.remove('c', 1)
      const rows = await world.store.records.list({ streamNo: world.stream.no, limit: 9 })
      expect(rows.map(({ _key }) => _key)).toEqual(['a', 'b'])
      expect(rows[0]).toEqual({
        _project: 'default',
        _connection: 'me',
        _key: 'a',
        title: 'Order a',
        amount: 20,
        price: 2.5,
        paid: 0,
        lines: '[1,2]',
        _first_seen_at: '2026-01-01T00:00:00.001Z',
        _updated_at: '2026-01-01T00:01:00.000Z',
        _removed_at: null,
        _removed_reason: null,
        _unavailable_since: null,
        _raw: record('a', 2).raw,
      })
    })

    it('shows tombstones when asked for them', async () => {
      const { world } = used
      await world.insert('a', 'b')
      await world.remove('a', 1, { at: T0 + MINUTE })
      const rows = await world.store.records.list({ streamNo: world.stream.no, removed: true, limit: 9 })
      expect(rows).toHaveLength(1)
      expect(rows[0]).toMatchObject({
        _key: 'a',
        _removed_at: '2026-01-01T00:01:00.000Z',
        _removed_reason: 'not_listed',
        amount: 10,
      })
    })

    it('pages by key and filters by columns', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({
        inserts: ['a', 'b', 'c', 'd'].map((key, i) => record(key, 1, [key < 'c' ? 'low' : 'high', i, i, 1, null])),
      })
      const keys = async (more: object) =>
        (await store.records.list({ streamNo: stream.no, limit: 9, ...more })).map(({ _key }) => _key)
      expect(await keys({ limit: 2 })).toEqual(['a', 'b'])
      expect(await keys({ limit: 2, after: 'b' })).toEqual(['c', 'd'])
      expect(await keys({ after: 'd' })).toEqual([])
      expect(await keys({ where: { title: 'low' } })).toEqual(['a', 'b'])
      expect(await keys({ where: { title: 'low', amount: 1 } })).toEqual(['b'])
      expect(await keys({ where: { amount: '2' } })).toEqual(['c'])
      expect(await keys({ where: { _key: 'd' } })).toEqual(['d'])
      expect(await keys({ where: { title: 'low' }, after: 'a' })).toEqual(['b'])
      expect(await keys({ limit: 0 })).toEqual([])
      await expect(keys({ where: { nothing: 1 } })).rejects.toMatchObject({ code: 'column_unknown' })
      await expect(keys({ where: { '1=1 OR title': 1 } })).rejects.toMatchObject({ code: 'column_unknown' })
    })

    it('finds keys by the values of a column', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ inserts: ['d', 'b', 'a', 'c'].map((key, i) => record(key, 1, [`s${i % 3}`, i, i, 1, null])) })
      await world.remove('a', 1)
      expect(await store.records.keysWhere(stream.no, 'title', ['s0', 's2'], 9)).toEqual(['c', 'd'])
      expect(await store.records.keysWhere(stream.no, 'title', ['s0', 's1'], 2)).toEqual(['b', 'c'])
      expect(await store.records.keysWhere(stream.no, 'amount', ['1'], 9)).toEqual(['b'])
      expect(await store.records.keysWhere(stream.no, 'title', [], 9)).toEqual([])
      await expect(store.records.keysWhere(stream.no, 'nothing', ['x'], 9)).rejects.toMatchObject({
        code: 'column_unknown',
      })
    })

    it('has no history of a key that it does not know', async () => {
      expect(await used.world.history('nobody')).toEqual([])
    })

    it('is read the same by another connection', async () => {
      const { world } = used
      await world.insert('a')
      await world.put({ updates: [update('a', 1, 2)] })
      const other = new World(world.database, await world.database.connect(), 'default')
      expect(await other.store.records.look(world.stream.no, ['a'])).toEqual(
        await world.store.records.look(world.stream.no, ['a']),
      )
      expect(await other.store.history.versions(world.stream.no, 'a')).toEqual(await world.history('a'))
    })
  })
}
