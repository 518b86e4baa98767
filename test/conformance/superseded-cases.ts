// Owns the promises about contents that came when a newer one was stored: they are in the history, and change nothing else.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, superseded, T0, update } from './world.ts'

export function supersededCases(open: OpenDatabase): void {
  describe('superseded contents', () => {
    const used = useWorld(open)

    it('are in the history with their reason, run and page, and nowhere else', async () => {
      const { world } = used
      await world.insert('a', 'b')
      const before = { ...((await world.picture('a', 'b')) as object), histories: null }
      await world.nextRun('run-2', T0 + MINUTE)
      const counts = { superseded: 1 }
      await world.put({ superseded: [superseded('a', 1, 0)], at: T0 + MINUTE, page: 7, counts })
      const after = (await world.picture('a', 'b')) as { runs: unknown }
      expect({ ...after, histories: null, runs: null }).toEqual({ ...before, runs: null })
      expect(await world.history('a')).toEqual([
        {
          key: 'a',
          ordinal: -1,
          op: 'superseded',
          at: T0 + MINUTE,
          reason: 'older_version',
          run: 'run-2',
          page: 7,
          columns: { title: 'Order a', amount: 0, price: 0.5, paid: false, lines: '[1,2]' },
          raw: record('a', 0).raw,
        },
        expect.objectContaining({ ordinal: 1, op: 'insert', run: 'run-1' }),
      ])
      expect(await world.history('b')).toHaveLength(1)
      const [run] = await world.store.runs.list({ project: world.project, limit: 1 })
      expect(run?.passes[0]?.counts).toMatchObject({ superseded: 1, unchanged: 0 })
    })

    it('stand where their version would have stood, the current content last', async () => {
      const { world } = used
      await world.put({ inserts: [record('a', 10)] })
      await world.put({ updates: [update('a', 1, 20)] })
      await world.put({ superseded: [superseded('a', 2, 15)] })
      await world.put({ superseded: [superseded('a', 2, 5)] })
      await world.put({ superseded: [superseded('a', 2, 99)] })
      await world.put({ updates: [update('a', 2, 30)] })
      await world.remove('a', 3)
      await world.put({ superseded: [superseded('a', 4, 30.5)] })
      const places = async () => (await world.history('a')).map(({ ordinal, op }) => [ordinal, op])
      expect(await places()).toEqual([
        [-2, 'superseded'],
        [1, 'insert'],
        [-1, 'superseded'],
        [2, 'update'],
        [3, 'update'],
        [-4, 'superseded'],
        [-3, 'superseded'],
        [4, 'remove'],
      ])
      await world.put({ updates: [update('a', 4, 40, { op: 'restore' })] })
      expect((await places()).at(-1)).toEqual([5, 'restore'])
      expect((await world.changes()).map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5])
    })

    it('are kept once, and only beside the content that was looked at', async () => {
      const { world } = used
      await world.insert('a', 'gone')
      await world.remove('gone', 1)
      await world.put({ superseded: [superseded('a', 1, 0), superseded('gone', 2, 0)] })
      for (const late of [
        superseded('a', 1, 0),
        superseded('a', 2, -1),
        superseded('gone', 1, -1),
        superseded('new', 1, 0),
      ]) {
        const before = await world.picture('a', 'gone', 'new')
        expect(await world.write({ superseded: [late] })).toBe('stale')
        expect(await world.picture('a', 'gone', 'new')).toEqual(before)
      }
      // A record may be touched as well: the source lists it, whatever it says of it.
      await world.put({ missed: [{ key: 'a', expect: 1 }], walk: 3 })
      await world.put({ superseded: [superseded('a', 1, -1)], touches: [{ key: 'a', expect: 1, walk: 4 }] })
      expect(await world.head('a')).toMatchObject({ ordinal: 1, walk: 4, missedBy: null })
      expect((await world.history('a')).map(({ ordinal }) => ordinal)).toEqual([-2, -1, 1])
    })

    it('are never what a record was at a moment', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ inserts: [record('a'), record('b')], at: T0 })
      await world.put({ superseded: [superseded('a', 1, 0), superseded('b', 1, 0)], at: T0 + MINUTE })
      // Somebody sets the clock back: before its first content a record was nothing.
      await world.put({ superseded: [superseded('a', 1, -1)], at: T0 - MINUTE })
      await world.put({ updates: [update('a', 1, 2)], at: T0 + 2 * MINUTE })
      await world.remove('b', 1, { at: T0 + 2 * MINUTE })
      expect(await store.records.list({ streamNo: stream.no, asOf: T0 - 1, limit: 9 })).toEqual([])
      for (const at of [0, MINUTE, 1.5 * MINUTE]) {
        const rows = await store.records.list({ streamNo: stream.no, asOf: T0 + at, limit: 9 })
        expect(rows.map(({ _key, _raw }) => [_key, _raw])).toEqual([
          ['a', record('a').raw],
          ['b', record('b').raw],
        ])
        expect(await store.records.list({ streamNo: stream.no, asOf: T0 + at, removed: true, limit: 9 })).toEqual([])
      }
    })

    it('are part of the past that is looked for by hash', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c')
      await world.put({ updates: [update('a', 1, 2)] })
      await world.put({ superseded: [superseded('a', 2, 0), superseded('b', 1, 0)] })
      const past = await store.records.pastHashes(stream.no, ['a', 'b', 'c', 'x'])
      expect([...past].map(([key, hashes]) => [key, [...hashes].sort()])).toEqual([
        ['a', [record('a', 0).hash, record('a', 1).hash].sort()],
        ['b', [record('b', 0).hash]],
      ])
    })

    it('are pruned by their age, and get new columns as every content does', async () => {
      const { world } = used
      const { store, project, connection, stream, lease } = world
      await world.insert('a')
      await world.put({ superseded: [superseded('a', 1, 0)], at: T0 + 1 })
      await world.put({ superseded: [superseded('a', 1, -1)], at: T0 + MINUTE })
      const { shape } = stream
      const columns = [...shape.columns, { name: 'more', type: 'text' as const }]
      await store.streams.define(connection.no, { ...shape, columns })
      const part = await store.streams.fillable(stream.no, 9)
      expect(part).toHaveLength(3)
      await store.streams.fill(stream.no, lease, {
        columns: ['more'],
        rows: part.map(({ place, raw }) => ({ place, cells: [raw] })),
      })
      expect((await world.history('a')).map(({ columns: { more }, raw }) => more === raw)).toEqual([true, true, true])
      expect(await store.history.prune({ project, what: 'versions', before: T0 + MINUTE, limit: 9 })).toBe(1)
      // The newest stays, whatever its age: it is recognised when it comes again.
      expect(await store.history.prune({ project, what: 'versions', before: T0 + 9 * MINUTE, limit: 9 })).toBe(0)
      expect((await world.history('a')).map(({ ordinal }) => ordinal)).toEqual([-2, 1])
      await world.put({
        superseded: [{ ...superseded('a', 1, -2), cells: ['t', 1, 1, 1, '[]', 'm'] }],
        at: T0 + MINUTE,
      })
      expect((await world.history('a')).map(({ ordinal }) => ordinal)).toEqual([-3, -2, 1])
    })
  })
}
