// Owns the promises about what passes keep: state, walks, what was seen and missed, what is held, and snapshots.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, record, T0, update, walk } from './world.ts'

export function walkCases(open: OpenDatabase): void {
  describe('state and walks', () => {
    const used = useWorld(open)

    it('knows nothing before the first checkpoint', async () => {
      const { store, stream } = used.world
      const nothing = { value: undefined, openWalks: [], nextWalk: 1, held: 0, kept: 0, fields: [] }
      expect(await store.streams.state(stream.no)).toEqual(nothing)
    })

    it('keeps the state of a stream, in the transaction of the page', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ state: 'earlier' })
      await world.put({ state: { cursor: 5, deep: [null, 'x'] } })
      await world.put({})
      expect((await store.streams.state(stream.no)).value).toEqual({ cursor: 5, deep: [null, 'x'] })
      await world.insert('a')
      expect(await world.write({ state: { cursor: 6 }, inserts: [record('a')] })).toBe('stale')
      expect((await store.streams.state(stream.no)).value).toEqual({ cursor: 5, deep: [null, 'x'] })
    })

    it('shows open walks oldest first, moved and closed by later checkpoints', async () => {
      const { world } = used
      const { store, stream } = world
      await world.put({ walks: [walk(2), walk(1)] })
      await world.put({ walks: [walk(2, { position: { token: 'p9' }, pages: 9, records: 900, note: 'further' })] })
      const state = await store.streams.state(stream.no)
      expect(state.openWalks).toEqual([
        walk(1),
        walk(2, { position: { token: 'p9' }, pages: 9, records: 900, note: 'further' }),
      ])
      expect(state.nextWalk).toBe(3)
      await world.put({ walks: [walk(1, { closedAt: T0 + 1, ended: 'exhausted' })] })
      expect((await store.streams.state(stream.no)).openWalks.map((left) => left.walk)).toEqual([2])
      await world.put({ walks: [walk(2, { closedAt: T0 + 1, ended: 'met-anchored' })] })
      expect(await store.streams.state(stream.no)).toMatchObject({ openWalks: [], nextWalk: 3 })
    })

    it('keeps a walk open that ended early, with how it ended', async () => {
      const { world } = used
      await world.put({ walks: [walk(1, { ended: 'budget' })] })
      expect((await world.store.streams.state(world.stream.no)).openWalks[0]).toMatchObject({
        ended: 'budget',
        closedAt: null,
      })
    })

    it('tells a stream with an open walk as a gap, whatever its last run has said', async () => {
      const { world } = used
      const told = async () => (await world.store.streams.list(world.connection.no)).map(({ coverage }) => coverage)
      const coverage = { kind: 'complete', note: '' } as const
      await world.finishRun({
        streams: [{ streamNo: world.stream.no, succeeded: true, full: false, records: 1, coverage }],
      })
      expect(await told()).toEqual([coverage])
      world.run = await world.openRun('run-2')
      await world.put({ walks: [walk(1, { note: 'read down to #7' })] })
      expect(await told()).toEqual([{ kind: 'gap', note: 'read down to #7' }])
      await world.put({ walks: [walk(1, { closedAt: T0, ended: 'exhausted' })] })
      expect(await told()).toEqual([coverage])
    })
  })

  describe('seen and missed', () => {
    const used = useWorld(open)

    it('finds the live records that a walk has not seen, in parts', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c', 'd', 'e', 'f')
      await world.put({ walk: 3, walks: [walk(3, { pass: 'fullPass' })] })
      await world.put({ inserts: [record('young')] })
      await world.remove('f', 1)
      await world.put({ updates: [update('e', 1, 2)] })
      await world.put({ walk: 3, seen: ['b', 'b', 'unknown'] })
      const query = { streamNo: stream.no, walk: 3 }
      const first = await store.walks.unseen({ ...query, after: null, limit: 2 })
      expect(first).toEqual([
        { key: 'a', ordinal: 1, missedBy: null },
        { key: 'c', ordinal: 1, missedBy: null },
      ])
      expect(await store.walks.unseen({ ...query, after: 'c', limit: 10 })).toEqual([
        { key: 'd', ordinal: 1, missedBy: null },
        { key: 'e', ordinal: 2, missedBy: null },
      ])
      expect(await store.walks.countUnseen(query)).toEqual({ unseen: 4, live: 6 })
      expect(await store.walks.countSeen(stream.no, 3)).toBe(2)
      // A walk that is not written yet has all that is stored before it.
      expect(await store.walks.countUnseen({ ...query, walk: 4 })).toEqual({ unseen: 6, live: 6 })
    })

    it.each([
      ['ahead', 365 * 86_400_000],
      ['behind', -365 * 86_400_000],
    ])(
      'knows what was stored before a walk began by the order of writing, with a clock that is %s',
      async (_, wrong) => {
        const { world } = used
        const { store, stream } = world
        const full = (more = {}) => walk(1, { pass: 'fullPass', ...more })
        await world.put({ inserts: [record('before'), record('gone')], at: T0 + wrong })
        await world.remove('gone', 1)
        await world.put({ walk: 1, walks: [full()], inserts: [record('with it')], at: T0 })
        await world.put({ inserts: [record('after')], at: T0 - wrong })
        await world.put({ updates: [update('gone', 2, 2, { op: 'restore' })] })
        // Going on moves nothing, nor does reading again in the same run.
        await world.put({ walk: 1, walks: [full({ pages: 2 })], forgetSeen: [1] })
        const found = await store.walks.unseen({ streamNo: stream.no, walk: 1, after: null, limit: 9 })
        expect(found.map(({ key }) => key)).toEqual(['before', 'gone'])
        expect(await store.walks.countUnseen({ streamNo: stream.no, walk: 1 })).toEqual({ unseen: 2, live: 4 })
      },
    )

    it('knows what was stored before a walk began for the last time', async () => {
      const { world } = used
      const { store, stream } = world
      const full = (more = {}) => walk(1, { pass: 'fullPass', ...more })
      await world.put({ walk: 1, walks: [full()] })
      await world.put({ inserts: [record('between')] })
      await world.put({ walk: 1, walks: [full({ openedAt: T0 + 1 })], inserts: [record('with it')], forgetSeen: [1] })
      await world.put({ walk: 1, walks: [full({ openedAt: T0 + 1, pages: 2 })], inserts: [record('after')] })
      expect(await store.walks.unseen({ streamNo: stream.no, walk: 1, after: null, limit: 9 })).toMatchObject([
        { key: 'between' },
      ])
      expect((await store.streams.state(stream.no)).openWalks).toMatchObject([{ walk: 1, openedAt: T0 + 1 }])
    })

    it('forgets what a walk has seen, and what this page adds stays', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b')
      await world.put({ walk: 1, seen: ['a'] })
      await world.put({ walk: 2, seen: ['b'] })
      await world.put({ walk: 1, forgetSeen: [1], seen: ['b'] })
      expect([await store.walks.countSeen(stream.no, 1), await store.walks.countSeen(stream.no, 2)]).toEqual([1, 1])
      const query = { streamNo: stream.no, walk: 1, after: null, limit: 9 }
      expect((await store.walks.unseen(query)).map(({ key }) => key)).toEqual(['a'])
    })

    it('remembers what a full pass missed until somebody sees it', async () => {
      const { world } = used
      const { store, stream } = world
      await world.insert('a', 'b', 'c')
      const missed = ['a', 'b', 'c'].map((key) => ({ key, expect: 1 }))
      await world.put({ walk: 5, missed })
      const query = { streamNo: stream.no, walk: 6, after: null, limit: 9 }
      expect((await store.walks.unseen(query)).map(({ missedBy }) => missedBy)).toEqual([5, 5, 5])
      expect((await world.head('a'))?.missedBy).toBe(5)
      await world.put({ touches: [{ key: 'a', expect: 1, walk: 6 }], updates: [update('b', 1, 2)] })
      expect((await store.walks.unseen(query)).map(({ key, missedBy }) => [key, missedBy])).toEqual([
        ['a', null],
        ['b', null],
        ['c', 5],
      ])
      expect(await world.changes()).toHaveLength(4)
    })

    it('sees a thousand keys at once', async () => {
      const { world } = used
      const keys = Array.from({ length: 1_000 }, (_, i) => `k${i}`)
      await world.insert(...keys)
      await world.put({ walk: 1, seen: keys.slice(1) })
      const query = { streamNo: world.stream.no, walk: 1 }
      expect(await world.store.walks.countUnseen(query)).toEqual({ unseen: 1, live: 1_000 })
    })
  })
}
