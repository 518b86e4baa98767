// Owns the promises about writing records: what each operation leaves behind, and that a batch is written whole or not.

import { describe, expect, it } from 'vitest'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, update, World } from './world.ts'

export function recordCases(open: OpenDatabase): void {
  describe('checkpoints', () => {
    const used = useWorld(open)

    it('writes an empty batch and leaves everything as it was', async () => {
      const { world } = used
      await world.insert('a')
      const before = await world.changes()
      expect(await world.write()).toBe('written')
      expect(await world.changes()).toEqual(before)
      expect(await world.total()).toBe(1)
    })

    it('inserts records with their heads, contents, history and changes', async () => {
      const { world } = used
      await world.put({ inserts: [record('a'), record('b')], walk: 7, at: T0 + 5, page: 3 })
      expect(await world.head('a')).toEqual({
        hash: record('a').hash,
        order: T0 + 1,
        ordinal: 1,
        walk: 7,
        missedBy: null,
        unavailableSince: null,
        firstSeenAt: T0 + 5,
        removedAt: null,
      })
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')).toEqual({
        raw: record('a').raw,
        ordinal: 1,
        columns: { title: 'Order a', amount: 10, price: 1.5, paid: true, lines: '[1,2]' },
      })
      expect(await world.history('a')).toEqual([
        {
          key: 'a',
          ordinal: 1,
          op: 'insert',
          at: T0 + 5,
          reason: null,
          run: 'run-1',
          page: 3,
          columns: { title: 'Order a', amount: 10, price: 1.5, paid: true, lines: '[1,2]' },
          raw: record('a').raw,
        },
      ])
      const change = { connection: 'me', stream: 'orders', op: 'insert', at: T0 + 5, run: 'run-1', ordinal: 1 }
      expect(await world.changes()).toEqual([
        { seq: 1, key: 'a', ...change },
        { seq: 2, key: 'b', ...change },
      ])
      expect(await world.total()).toBe(2)
    })

    it('inserts pages of every size', async () => {
      const { world } = used
      let expected = 0
      for (const size of [1, 2, 4, 5, 24, 25, 26, 99, 100, 101, 131, 1_000]) {
        await world.insert(...Array.from({ length: size }, (_, i) => `${size}-${i}`))
        expected += size
      }
      expect(await world.total()).toBe(expected)
      const changes = await world.changes()
      expect(changes.map(({ seq }) => seq)).toEqual(changes.map((_, i) => i + 1))
      expect(changes).toHaveLength(expected)
      expect(new Set(changes.map(({ key }) => key)).size).toBe(expected)
    })

    it('moves the old content to the history with every update', async () => {
      const { world } = used
      await world.insert('a')
      await world.put({ updates: [update('a', 1, 2, { walk: 4 })], at: T0 + MINUTE, page: 8 })
      await world.put({ updates: [update('a', 2, 3)], at: T0 + 2 * MINUTE })
      const history = await world.history('a')
      expect(history.map(({ ordinal, op, at, page }) => [ordinal, op, at, page])).toEqual([
        [1, 'insert', T0, 1],
        [2, 'update', T0 + MINUTE, 8],
        [3, 'update', T0 + 2 * MINUTE, 1],
      ])
      expect(history.map(({ raw }) => raw)).toEqual([1, 2, 3].map((revision) => record('a', revision).raw))
      expect(history.map(({ columns }) => columns['amount'])).toEqual([10, 20, 30])
      expect(await world.head('a')).toMatchObject({
        ordinal: 3,
        hash: record('a', 3).hash,
        order: T0 + 3,
        firstSeenAt: T0,
      })
      expect((await world.changes()).map(({ op, ordinal }) => [op, ordinal])).toEqual([
        ['insert', 1],
        ['update', 2],
        ['update', 3],
      ])
      expect(await world.total()).toBe(1)
    })

    it('overwrites without a version where none is asked for', async () => {
      const { world } = used
      await world.insert('a')
      await world.put({ updates: [update('a', 1, 2, { version: false })] })
      expect((await world.history('a')).map(({ ordinal, op }) => [ordinal, op])).toEqual([[2, 'update']])
      expect((await world.changes()).map(({ op }) => op)).toEqual(['insert', 'update'])
    })

    it('anchors inserts by another walk than the one that reads, or by none', async () => {
      const { world } = used
      await world.put({ inserts: [record('a')], walk: 2, anchor: null, seen: ['a'] })
      await world.put({ inserts: [record('b')], walk: 2, anchor: 1, seen: ['b'] })
      const heads = await world.store.records.look(world.stream.no, ['a', 'b'])
      expect(['a', 'b'].map((key) => heads.get(key)?.walk)).toEqual([null, 1])
      expect(await world.store.walks.countSeen(world.stream.no, 2)).toBe(2)
    })

    it('sets the walk that an update or a touch names', async () => {
      const { world } = used
      await world.put({ inserts: [record('a'), record('b'), record('c')], walk: 1 })
      await world.put({
        updates: [update('a', 1, 2, { walk: 5 })],
        touches: [
          { key: 'b', expect: 1, walk: 6 },
          { key: 'c', expect: 1, walk: null },
        ],
        walk: 9,
      })
      const heads = await world.store.records.look(world.stream.no, ['a', 'b', 'c'])
      expect(['a', 'b', 'c'].map((key) => heads.get(key)?.walk)).toEqual([5, 6, null])
      expect(['b', 'c'].map((key) => heads.get(key)?.ordinal)).toEqual([1, 1])
      expect(await world.changes()).toHaveLength(4)
    })

    it('buries a record with its reason and its last content, and keeps it findable', async () => {
      const { world } = used
      await world.put({ inserts: [record('a'), record('b')], walk: 3 })
      await world.remove('a', 1, { at: T0 + MINUTE, page: 6 })
      expect(await world.head('a')).toMatchObject({
        ordinal: 2,
        removedAt: T0 + MINUTE,
        firstSeenAt: T0,
        hash: record('a').hash,
      })
      expect(await world.head('b')).toMatchObject({ ordinal: 1, removedAt: null })
      const history = await world.history('a')
      expect(history.map(({ op, reason, at, page }) => ({ op, reason, at, page }))).toEqual([
        { op: 'insert', reason: null, at: T0, page: 1 },
        { op: 'remove', reason: 'not_listed', at: T0 + MINUTE, page: 6 },
      ])
      expect(history[1]?.raw).toBe(record('a').raw)
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')?.raw).toBe(record('a').raw)
      expect((await world.changes()).at(-1)).toMatchObject({ key: 'a', op: 'remove', ordinal: 2 })
      expect(await world.total()).toBe(1)
    })

    it('restores what came back, with a history of all its lives', async () => {
      const { world } = used
      await world.insert('a')
      await world.remove('a', 1, { at: T0 + 1 })
      await world.put({ updates: [update('a', 2, 2, { op: 'restore', version: false, walk: 8 })], at: T0 + 2 })
      await world.remove('a', 3, { at: T0 + 3 })
      await world.put({ updates: [update('a', 4, 2, { op: 'restore', version: false })], at: T0 + 4 })
      expect(
        (await world.history('a')).map(({ ordinal, op, at, reason, columns }) => [
          ordinal,
          op,
          at,
          reason,
          columns['amount'],
        ]),
      ).toEqual([
        [1, 'insert', T0, null, 10],
        [2, 'remove', T0 + 1, 'not_listed', 10],
        [3, 'restore', T0 + 2, null, 20],
        [4, 'remove', T0 + 3, 'not_listed', 20],
        [5, 'restore', T0 + 4, null, 20],
      ])
      expect(await world.head('a')).toMatchObject({ ordinal: 5, removedAt: null, firstSeenAt: T0 })
      expect((await world.changes()).map(({ op }) => op)).toEqual(['insert', 'remove', 'restore', 'remove', 'restore'])
      expect(await world.total()).toBe(1)
    })

    it('marks what is unavailable once, until it is seen again', async () => {
      const { world } = used
      const since = async (key: string) => {
        const rows = await world.store.records.list({ streamNo: world.stream.no, where: { _key: key }, limit: 1 })
        return rows[0]?.['_unavailable_since']
      }
      await world.insert('a', 'b')
      const mark = [
        { key: 'a', expect: 1 },
        { key: 'b', expect: 1 },
      ]
      await world.put({ unavailable: mark, at: T0 + MINUTE })
      await world.put({ unavailable: mark, at: T0 + 2 * MINUTE })
      expect([await since('a'), await since('b')]).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T00:01:00.000Z'])
      await world.put({ touches: [{ key: 'a', expect: 1, walk: null }], updates: [update('b', 1, 2)] })
      expect([await since('a'), await since('b')]).toEqual([null, null])
    })

    it('accepts every operation in one batch', async () => {
      const { world } = used
      await world.insert('touch', 'update', 'remove', 'miss', 'back', 'away')
      await world.remove('back', 1)
      await world.put({
        inserts: [record('new')],
        updates: [update('update', 1, 2), update('back', 2, 2, { op: 'restore' })],
        touches: [{ key: 'touch', expect: 1, walk: 4 }],
        missed: [{ key: 'miss', expect: 1 }],
        unavailable: [{ key: 'away', expect: 1 }],
        removals: [{ key: 'remove', expect: 1, reason: 'gone' }],
        walk: 4,
      })
      expect(await world.total()).toBe(6)
      expect((await world.changes(7)).map(({ key, op }) => `${op} ${key}`)).toEqual([
        'insert new',
        'update update',
        'restore back',
        'remove remove',
      ])
      expect(await world.head('miss')).toMatchObject({ missedBy: 4, ordinal: 1 })
    })
  })

  describe('the optimistic lock', () => {
    const used = useWorld(open)

    const stale: Readonly<Record<string, Parameters<World['batch']>[0]>> = {
      'an insert of a key that is there': { inserts: [record('live')] },
      'an insert of a key that is a tombstone': { inserts: [record('dead')] },
      'an update of an older content': { updates: [update('changed', 1, 3)] },
      'an update of a key that is not there': { updates: [update('nobody', 1, 3)] },
      'an update without a version of an older content': { updates: [update('changed', 1, 3, { version: false })] },
      'an update of a tombstone': { updates: [update('dead', 2, 3)] },
      'a restoration of a live record': { updates: [update('live', 1, 3, { op: 'restore' })] },
      'a restoration of another tombstone': { updates: [update('dead', 1, 3, { op: 'restore' })] },
      'a touch of an older content': { touches: [{ key: 'changed', expect: 1, walk: 1 }] },
      'a miss of an older content': { missed: [{ key: 'changed', expect: 1 }] },
      'a mark on an older content': { unavailable: [{ key: 'changed', expect: 1 }] },
      'a removal of an older content': { removals: [{ key: 'changed', expect: 1, reason: 'x' }] },
      'a removal of a tombstone': { removals: [{ key: 'dead', expect: 2, reason: 'x' }] },
    }

    for (const [name, part] of Object.entries(stale)) {
      it(`answers stale to ${name}, and writes nothing of the batch`, async () => {
        const { world } = used
        await world.insert('live', 'changed', 'dead', 'good')
        await world.put({ updates: [update('changed', 1, 2)] })
        await world.remove('dead', 1)
        const before = await world.picture('live', 'changed', 'dead', 'good', 'new')
        const whole = {
          snapshots: [{ key: 'good', values: [1] }],
          state: { cursor: 1 },
          counts: { fetched: 5 },
          requests: [],
          ...part,
          inserts: [record('new'), ...(part?.inserts ?? [])],
          updates: [update('good', 1, 2), ...(part?.updates ?? [])],
        }
        expect(await world.write(whole)).toBe('stale')
        expect(await world.picture('live', 'changed', 'dead', 'good', 'new')).toEqual(before)
      })
    }

    it('lets one of two writers of the same record win, and the other look again', async () => {
      const { world } = used
      const rival = await world.database.connect()
      await world.insert('a')
      const mine = update('a', 1, 2)
      const theirs = update('a', 1, 3)
      expect(await world.write({ updates: [theirs] }, rival)).toBe('written')
      expect(await world.write({ updates: [mine] })).toBe('stale')
      const head = await world.head('a')
      expect(head?.hash).toBe(theirs.hash)
      expect(await world.write({ updates: [{ ...mine, expect: head?.ordinal ?? 0 }] })).toBe('written')
      expect((await world.history('a')).map(({ raw }) => raw)).toEqual(
        [1, 3, 2].map((revision) => record('a', revision).raw),
      )
    })
  })

  describe('the feed', () => {
    const used = useWorld(open)

    it('has no gaps, whatever was stale in between', async () => {
      const { world } = used
      for (let i = 0; i < 20; i++) {
        await world.insert(`k${i}`, `l${i}`)
        expect(await world.write({ inserts: [record(`m${i}`)], updates: [update(`k${i}`, 99, 2)] })).toBe('stale')
        await world.put({ updates: [update(`k${i}`, 1, 2)] })
      }
      const changes = await world.changes()
      expect(changes.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
      expect(await world.store.feed.bounds('default')).toMatchObject({ seq: 60 })
    })

    it('is read in parts, from anywhere', async () => {
      const { world } = used
      await world.insert('a', 'b', 'c', 'd')
      const part = await world.store.feed.changes({ project: 'default', after: 1, limit: 2 })
      expect(part.map(({ seq, key }) => [seq, key])).toEqual([
        [2, 'b'],
        [3, 'c'],
      ])
      expect(await world.store.feed.changes({ project: 'default', after: 4, limit: 10 })).toEqual([])
      expect(await world.store.feed.changes({ project: 'nowhere', after: 0, limit: 10 })).toEqual([])
    })

    it('is each project’s own, with an epoch of its own', async () => {
      const { world } = used
      const lab = await new World(world.database, world.store, 'lab').begin('me')
      await world.insert('a', 'b')
      await lab.insert('a')
      await world.insert('c')
      expect((await world.changes()).map(({ seq, key }) => [seq, key])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ])
      expect((await lab.changes()).map(({ seq, key }) => [seq, key])).toEqual([[1, 'a']])
      const [ours, theirs] = [await world.store.feed.bounds('default'), await world.store.feed.bounds('lab')]
      expect([ours.seq, theirs.seq]).toEqual([3, 1])
      expect(ours.epoch).not.toBe(theirs.epoch)
      expect(await (await world.database.connect()).feed.bounds('default')).toEqual(ours)
    })

    it('refuses the feed of a project that does not exist', async () => {
      await expect(used.world.store.feed.bounds('nowhere')).rejects.toMatchObject({ code: 'project_unknown' })
    })
  })
}
