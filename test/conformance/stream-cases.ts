// Owns the promises about streams: their rows, how their tables grow, and which shapes are refused.

import { describe, expect, it } from 'vitest'
import { NOTHING_COUNTED } from '../../src/model/coverage.ts'
import type { StreamShape } from '../../src/model/record.ts'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, record, SHAPE, T0, update, World } from './world.ts'

const WIDER: StreamShape = {
  ...SHAPE,
  version: '2',
  columns: [{ name: 'note', type: 'text' }, ...SHAPE.columns, { name: 'weight', type: 'real' }],
  metrics: ['amount', 'weight'],
}

export function streamCases(open: OpenDatabase): void {
  describe('streams', () => {
    const used = useWorld(open)

    it('starts unread and empty', async () => {
      expect(used.world.stream).toEqual({
        no: used.world.stream.no,
        connectionNo: used.world.connection.no,
        stream: 'orders',
        shape: SHAPE,
        lastRunAt: null,
        lastSuccessAt: null,
        lastFullAt: null,
        runsSinceFull: 0,
        lastRecordAt: null,
        lastMode: null,
        lastRecords: null,
        totalRecords: 0,
        coverage: { kind: 'unread', note: '' },
        counts: NOTHING_COUNTED,
        reading: { kind: 'unread', note: '' },
        unfilled: [],
        unreadable: [],
      })
    })

    it('is counted among those of its project, and of no other', async () => {
      const { world } = used
      const { store } = world
      await world.insert('a', 'b')
      const { no, connectionNo, stream } = world.stream
      expect(await store.streams.counts('default')).toEqual([{ no, connectionNo, stream, totalRecords: 2 }])
      await store.projects.ensure({ id: 'other', timezone: 'UTC', at: T0 })
      expect(await store.streams.counts('other')).toEqual([])
    })

    it('is made with its connection and the other streams of it, or nothing is', async () => {
      const { store, stream } = used.world
      const shape = (name: string) => ({ ...SHAPE, connector: 'made', stream: name })
      const tables = async () =>
        (await store.tables.list('default')).filter(({ name }) => /^made_\w+$/.test(name)).map(({ name }) => name)
      const save = (...streams: readonly string[]) =>
        store.connections.save({
          project: 'default',
          id: 'new',
          connector: 'made',
          connectorVersion: '1',
          options: {},
          webhookSecret: 'hook',
          streams: streams.map(shape),
          at: T0,
        })
      await expect(save('items', 'items_versions')).rejects.toMatchObject({ code: 'name_taken' })
      expect([await store.connections.find('default', 'new'), await tables()]).toEqual([undefined, []])
      const { no } = await save('items', 'other')
      const made = await store.streams.list(no)
      expect(made.map((row) => row.stream)).toEqual(['items', 'other'])
      expect(await tables()).toContain('made_items')
      await expect(save('items', 'items_versions')).rejects.toMatchObject({ code: 'name_taken' })
      await save('other', 'more')
      expect((await store.streams.list(no)).map((row) => row.no)).toEqual([
        ...made.map((row) => row.no),
        expect.any(Number),
      ])
      expect(await store.streams.define(no, shape('items'))).toEqual(made[0])
      expect(stream.no).not.toBe(made[0]?.no)
    })

    it('is defined again without losing anything', async () => {
      const { world } = used
      await world.insert('a')
      const again = await world.store.streams.define(world.connection.no, SHAPE)
      expect(again).toMatchObject({ no: world.stream.no, totalRecords: 1 })
      expect(await world.store.streams.list(world.connection.no)).toHaveLength(1)
    })

    it('remembers when a record last changed', async () => {
      const { world } = used
      const last = async () => (await world.store.streams.list(world.connection.no))[0]?.lastRecordAt
      await world.put({ inserts: [record('a')], at: T0 + 1 })
      await world.put({ touches: [{ key: 'a', expect: 1, walk: 1 }], at: T0 + 2 })
      expect(await last()).toBe(T0 + 1)
      await world.put({ updates: [update('a', 1, 2)], at: T0 + 3 })
      expect(await last()).toBe(T0 + 3)
    })

    it('writes the columns that this process has defined, whatever another release has defined since', async () => {
      const { world } = used
      const { store, stream, connection } = world
      const other = await world.database.connect()
      await other.streams.define(connection.no, { ...SHAPE, version: '2', columns: SHAPE.columns.toReversed() })
      await world.put({ inserts: [record('a')] })
      const [written] = await store.records.list({ streamNo: stream.no, limit: 1 })
      expect(written).toMatchObject({ title: 'Order a', amount: 10, price: 1.5, lines: '[1,2]' })
    })

    it('grows by columns and metrics, and the old records stay', async () => {
      const { world } = used
      await world.insert('old')
      world.stream = await world.store.streams.define(world.connection.no, WIDER)
      expect(world.stream.shape).toEqual(WIDER)
      await world.put({
        inserts: [record('new', 1, ['hello', 'Order new', 7, 1.5, 1, '[]', 2.25])],
        snapshots: [{ key: 'new', values: [7, 2.25] }],
      })
      const contents = await world.store.records.contents(world.stream.no, ['old', 'new'])
      expect(contents.get('old')?.columns).toEqual({
        note: null,
        title: 'Order old',
        amount: 10,
        price: 1.5,
        paid: true,
        lines: '[1,2]',
        weight: null,
      })
      expect(contents.get('new')?.columns).toMatchObject({ note: 'hello', title: 'Order new', amount: 7, weight: 2.25 })
      const cells = ['hi', 'Order old', 8, 1.5, 1, '[]', 3]
      await world.put({ updates: [{ ...update('old', 1, 2), cells }] })
      expect((await world.history('old')).map(({ columns }) => columns['note'])).toEqual([null, 'hi'])
      await world.remove('new', 1)
      expect((await world.store.records.contents(world.stream.no, ['new'])).get('new')?.columns['weight']).toBe(2.25)
    })

    it('writes each value into its own column, also when another process has changed the shape meanwhile', async () => {
      const { world } = used
      const { store, stream, connection } = world
      await world.insert('a')
      await store.records.list({ streamNo: stream.no, limit: 1 })
      const swapped = {
        ...SHAPE,
        version: '2',
        columns: [...SHAPE.columns, { name: 'note', type: 'text' } as const].toReversed(),
      }
      const rival = await world.database.connect()
      await rival.streams.define(connection.no, swapped)
      await store.streams.define(connection.no, swapped)
      const cells = ['the note', '[1]', 1, 2.5, 3, 'the title']
      await world.put({ inserts: [record('b', 1, cells)] })
      const [, written] = await store.records.list({ streamNo: stream.no, limit: 2 })
      expect(written).toMatchObject({ title: 'the title', note: 'the note', amount: 3, price: 2.5 })
    })

    it('serves connections with an older and a newer shape side by side', async () => {
      const { world } = used
      const newer = await new World(world.database, world.store, 'default').begin('newer', WIDER)
      await newer.put({ inserts: [record('a', 1, ['n', 'Order a', 1, 1, 1, '[]', 1])] })
      await world.insert('a')
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')?.columns).toMatchObject({
        title: 'Order a',
        amount: 10,
      })
      expect((await newer.store.records.contents(newer.stream.no, ['a'])).get('a')?.columns).toMatchObject({
        note: 'n',
        amount: 1,
      })
    })

    it('keeps a column that the shape no longer has', async () => {
      const { world } = used
      await world.insert('a')
      const fewer = { ...SHAPE, version: '3', columns: SHAPE.columns.filter(({ name }) => name !== 'price') }
      world.stream = await world.store.streams.define(world.connection.no, fewer)
      await world.put({ inserts: [record('b', 1, ['Order b', 2, 0, '[]'])] })
      expect((await world.store.records.contents(world.stream.no, ['b'])).get('b')?.columns).toEqual({
        title: 'Order b',
        amount: 2,
        paid: false,
        lines: '[]',
      })
      world.stream = await world.store.streams.define(world.connection.no, SHAPE)
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')?.columns).toMatchObject({
        price: 1.5,
      })
    })

    it('shares nothing but the table between connections and projects', async () => {
      const { world } = used
      const second = await new World(world.database, world.store, 'default').begin('second')
      const lab = await new World(world.database, world.store, 'lab').begin('me')
      await world.insert('a', 'b')
      await second.put({ inserts: [record('a', 2)] })
      await lab.put({ inserts: [record('a', 3)] })
      await second.remove('a', 1)
      expect([await world.total(), await second.total(), await lab.total()]).toEqual([2, 0, 1])
      expect((await world.head('a'))?.hash).toBe(record('a', 1).hash)
      expect((await lab.head('a'))?.hash).toBe(record('a', 3).hash)
      expect(await lab.head('b')).toBeUndefined()
      expect(await lab.history('a')).toHaveLength(1)
    })

    const REFUSED: Readonly<Record<string, Partial<StreamShape>>> = {
      'a column that starts with an underscore': { columns: [{ name: '_key', type: 'text' }], metrics: [] },
      'two columns that differ in case only': {
        columns: [
          { name: 'a', type: 'text' },
          { name: 'A', type: 'text' },
        ],
        metrics: [],
      },
      'a column without a name': { columns: [{ name: '', type: 'text' }], metrics: [] },
      'a metric that is no column': { metrics: ['amount', 'nothing'] },
      'a column of another type than before': {
        columns: SHAPE.columns.map((column) => (column.name === 'amount' ? { ...column, type: 'text' } : column)),
      },
    }

    for (const [name, part] of Object.entries(REFUSED)) {
      it(`refuses ${name}`, async () => {
        const { world } = used
        await world.insert('a')
        const shape = { ...SHAPE, version: '9', ...part }
        await expect(world.store.streams.define(world.connection.no, shape)).rejects.toMatchObject({
          code: 'shape_conflict',
        })
        expect((await world.store.streams.list(world.connection.no))[0]?.shape).toEqual(SHAPE)
        await world.insert('b')
      })
    }

    it('takes columns whose names are words of SQL', async () => {
      const { world } = used
      const names = ['select', 'order', 'group', 'key', 'stream', 'it"s', 'Größe', 'a b']
      const shape: StreamShape = {
        connector: 'odd-words',
        stream: 'table',
        version: '1',
        columns: names.map((name) => ({ name, type: 'integer' })),
        metrics: ['order', 'it"s'],
      }
      const odd = await new World(world.database, world.store, 'default').begin('odd', shape)
      await odd.put({
        inserts: [
          record(
            'a',
            1,
            names.map((_, i) => i),
          ),
        ],
        snapshots: [{ key: 'a', values: [1, 5] }],
      })
      await odd.put({ updates: [{ ...update('a', 1, 2), cells: names.map((_, i) => i * 2) }] })
      await odd.remove('a', 2)
      await odd.put({ updates: [{ ...update('a', 3, 4, { op: 'restore' }), cells: names.map((_, i) => i * 3) }] })
      const columns = (await odd.history('a')).map((version) => version.columns)
      expect(columns[0]).toEqual(Object.fromEntries(names.map((name, i) => [name, i])))
      expect(columns[3]).toEqual(Object.fromEntries(names.map((name, i) => [name, i * 3])))
      expect(await odd.store.records.keysWhere(odd.stream.no, 'it"s', ['15'], 10)).toEqual(['a'])
    })

    it('takes very wide records', async () => {
      const { world } = used
      const columns = Array.from({ length: 400 }, (_, i) => ({ name: `c${i}`, type: 'integer' as const }))
      const wide = await new World(world.database, world.store, 'default').begin('wide', {
        connector: 'wide',
        stream: 'rows',
        version: '1',
        columns,
        metrics: [],
      })
      const rows = Array.from({ length: 120 }, (_, i) =>
        record(
          `k${i}`,
          1,
          columns.map((_column, c) => i * c),
        ),
      )
      await wide.put({ inserts: rows })
      expect((await wide.store.records.contents(wide.stream.no, ['k119'])).get('k119')?.columns['c399']).toBe(119 * 399)
      expect(await wide.total()).toBe(120)
    })
  })
}
