// Owns the promise about names of columns: each that a stream may declare works everywhere a column is met, on every store,
// also where a database uses the name itself.

import { describe, expect, it } from 'vitest'
import type { StreamShape } from '../../src/model/record.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, T0, update, World } from './world.ts'

/** Hidden columns of a table of PostgreSQL, and the names of a row's number in SQLite. */
const HIDDEN = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid', 'rowid', 'oid']
/** Words that a database takes for a value, in some places although they are quoted. */
const LITERALS = ['true', 'FALSE']
const VALUES = [...LITERALS, 'null', 'current_timestamp', 'current_date', 'column5', 'default', 'unknown']
export const NAMES = [
  ...HIDDEN,
  ...VALUES,
  ...[
    'CTid',
    'select',
    'order',
    'user',
    'key',
    'raw',
    'no',
    'end',
    'constructor',
    'valueOf',
    'tm_runs',
    'tm_r_odd_names',
  ],
  ...[
    'it"s',
    "it's",
    'a b',
    'a:b',
    'a::text',
    'greatest($1',
    '? FOR UPDATE',
    '$1',
    '?',
    '(KEYS)',
    '1',
    'Größe',
    '名前',
    '😀',
    'x'.repeat(63),
  ],
].filter((name, i, all) => all.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === i)

const BARE: StreamShape = {
  connector: 'odd',
  stream: 'names',
  version: '1',
  columns: [{ name: 'title', type: 'text' }],
  metrics: [],
}

/** Every type among the hidden names; whole numbers, as a source would have numbers of rows. */
export const ODD: StreamShape = {
  ...BARE,
  version: '2',
  columns: [...BARE.columns, ...NAMES.map((name) => ({ name, type: 'integer' as const }))],
  metrics: NAMES,
}

/** The values of a revision: each column has its own. */
export const valuesOf = (revision: number) => NAMES.map((_, i) => revision * 1_000 + i)
const named = (revision: number) => Object.fromEntries(NAMES.map((name, i) => [name, revision * 1_000 + i]))
const cellsOf = (revision: number) => [`title ${revision}`, ...valuesOf(revision)]
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

export function columnCases(open: OpenDatabase): void {
  describe('columns of any name', () => {
    const used = useWorld(open)
    const begin = (shape = ODD) => new World(used.world.database, used.world.store, 'default').begin('odd', shape)

    /** A record that was changed, removed, restored, shown older once more, and another that is a tombstone. */
    async function live(odd: World): Promise<void> {
      await odd.put({
        inserts: [record('a', 1, cellsOf(1)), record('b', 1, cellsOf(1))],
        snapshots: [{ key: 'a', values: valuesOf(1) }],
      })
      await odd.put({ updates: [{ ...update('a', 1, 2), cells: cellsOf(2) }], at: T0 + MINUTE })
      await odd.remove('a', 2, { at: T0 + 2 * MINUTE })
      const back = { ...update('a', 3, 4, { op: 'restore' }), cells: cellsOf(4) }
      await odd.put({ updates: [back], snapshots: [{ key: 'a', values: valuesOf(4) }], at: T0 + 3 * MINUTE })
      await odd.remove('b', 1, { at: T0 + 4 * MINUTE })
      await odd.put({ revivals: [{ key: 'b', expect: 2 }], at: T0 + 5 * MINUTE })
      await odd.remove('b', 3, { at: T0 + 6 * MINUTE })
      const older = { ...record('a', 0, cellsOf(0)), expect: 4, reason: 'older_version' as const }
      await odd.put({ superseded: [older], at: T0 + 7 * MINUTE })
    }

    it('are kept through all that happens to a record', async () => {
      const odd = await begin()
      await live(odd)
      const contents = (await odd.history('a')).map(({ ordinal, columns }) => [ordinal, columns])
      expect(new Map(contents as [number, unknown][])).toEqual(
        new Map([
          [-1, { title: 'title 0', ...named(0) }],
          [1, { title: 'title 1', ...named(1) }],
          [2, { title: 'title 2', ...named(2) }],
          [3, { title: 'title 2', ...named(2) }],
          [4, { title: 'title 4', ...named(4) }],
        ]),
      )
      const found = await odd.store.records.contents(odd.stream.no, ['a', 'b'])
      expect(found.get('a')?.columns).toEqual({ title: 'title 4', ...named(4) })
      expect(found.get('b')?.columns).toEqual({ title: 'title 1', ...named(1) })
    })

    it('are read, looked for and put in order by their names', async () => {
      const odd = await begin()
      await live(odd)
      await odd.put({ inserts: [record('c', 9, cellsOf(9))], at: T0 + 8 * MINUTE })
      const { store, stream } = odd
      const streamNo = stream.no
      const [a, c] = await store.records.list({ streamNo, limit: 9 })
      expect([a, c]).toMatchObject([named(4), named(9)])
      expect(await store.records.list({ streamNo, limit: 9, removed: true })).toMatchObject([
        { _key: 'b', ...named(1) },
      ])
      expect(await store.records.list({ streamNo, limit: 9, asOf: T0 + 1 })).toMatchObject([named(1), named(1)])
      const removed = await store.records.list({ streamNo, limit: 9, removed: true, asOf: T0 + 2 * MINUTE })
      expect(removed).toMatchObject([{ _key: 'a', ...named(2) }])
      for (const [i, name] of NAMES.entries()) {
        const where = { [name]: 9_000 + i }
        const columns = [name]
        expect(await store.records.list({ streamNo, limit: 9, where, columns })).toEqual([
          { _key: 'c', [name]: 9_000 + i },
        ])
        const then = { streamNo, limit: 9, where: { [name]: 2_000 + i }, columns, asOf: T0 + MINUTE }
        expect(await store.records.list(then)).toEqual([{ _key: 'a', [name]: 2_000 + i }])
        const order = { column: name, descending: true }
        expect(await store.records.orderedKeys({ streamNo, limit: 9, order })).toEqual(['c', 'a'])
        expect(await store.records.keysWhere(streamNo, name, [String(9_000 + i)], 9)).toEqual(['c'])
      }
    })

    it('are metrics, and columns of every table of SQL', async () => {
      const odd = await begin()
      await live(odd)
      const { store, stream, database } = odd
      for (const [i, name] of NAMES.entries()) {
        const query = { streamNo: stream.no, metric: name, limit: 9 }
        expect((await store.history.snapshots({ ...query, key: 'a' })).map(({ value }) => value)).toEqual([4_000 + i])
        expect(await store.history.snapshots(query)).toHaveLength(1)
      }
      const all = ['', '_all', '_versions', '_snapshots', '_daily']
      for (const part of all) {
        const tables = await store.tables.list('default')
        const { columns } = tables.find((table) => table.name === `odd_names${part}`) ?? { columns: [] }
        expect(columns).toEqual(expect.arrayContaining(NAMES))
        const rows = (await store.tables.rows('default', `odd_names${part}`, 9)).filter(({ _key }) => _key === 'a')
        expect(rows.map((row) => NAMES.map((name) => Number(row[name])))).toContainEqual(valuesOf(4))
        // To other programs that read the file, SQLite calls these otherwise.
        const elsewhere = NAMES.filter((name) => !LITERALS.includes(name))
        const list = elsewhere.map(quoted).join(', ')
        const seen = (await database.query(`SELECT ${list} FROM odd_names${part} WHERE _key = 'a'`)).map((row) =>
          elsewhere.map((name) => Number(row[name])),
        )
        expect(seen).toContainEqual(elsewhere.map((name) => named(4)[name]))
      }
      expect(await database.query(`SELECT _key FROM odd_names_versions WHERE "rowid" = 1006`)).toHaveLength(5)
    })

    it('come to a stream later, are filled, and do not hide the rows of its tables', async () => {
      const odd = await begin(BARE)
      const { store, stream, connection } = odd
      await odd.put({ inserts: ['a', 'b', 'c'].map((key) => record(key, 1, ['old'])) })
      await odd.put({ updates: [{ ...update('a', 1, 2), cells: ['old'] }] })
      await odd.remove('b', 1)
      const grown = await store.streams.define(connection.no, ODD)
      expect(grown.unfilled).toEqual(NAMES)
      let filled = 0
      for (;;) {
        // Few at a time: where it stands is told by the numbers of rows.
        const found = (await store.streams.fillable(stream.no, 2)).slice(0, 2)
        const rows = found.map(({ place, key }) => ({ place, cells: valuesOf((key ?? '').charCodeAt(0)) }))
        await store.streams.fill(stream.no, odd.lease, { columns: NAMES, rows })
        if (rows.length === 0) break
        filled += rows.length
        expect(filled).toBeLessThan(9)
      }
      const records = await store.records.list({ streamNo: stream.no, limit: 9 })
      expect(records).toMatchObject([named(97), named(99)])
      for (const key of ['a', 'b', 'c']) {
        for (const { columns } of await odd.history(key))
          expect(columns).toEqual({ title: 'old', ...named(key.charCodeAt(0)) })
      }
      await store.streams.fill(stream.no, odd.lease, { columns: NAMES, rows: [] })
      expect((await store.streams.define(connection.no, ODD)).unfilled).toEqual([])
    })

    it('do not decide which rows are forgotten', async () => {
      const odd = await begin()
      // All the same in every row: whoever took one of them for the number of a row would meet the others too.
      const same = ['same', ...NAMES.map(() => 1)]
      await odd.put({ inserts: ['a', 'b', 'c'].map((key) => record(key, 1, same)), at: T0 })
      for (const [i, key] of ['a', 'b', 'c'].entries()) {
        await odd.put({ updates: [{ ...update(key, 1, 2), cells: same }], at: T0 + (i + 1) * MINUTE })
        await odd.put({ updates: [{ ...update(key, 2, 3), cells: same }], at: T0 + (i + 10) * MINUTE })
      }
      const { store, project, connection, lease } = odd
      const versions = async () => (await Promise.all(['a', 'b', 'c'].map((key) => odd.history(key)))).flat().length
      expect(await versions()).toBe(9)
      expect(await store.history.prune({ project, what: 'versions', before: T0 + 30 * MINUTE, limit: 1 })).toBe(1)
      expect(await versions()).toBe(8)
      const other = await new World(odd.database, store, 'default').begin('other', ODD)
      await other.put({ inserts: [record('a', 1, same)] })
      await other.put({ updates: [{ ...update('a', 1, 2), cells: same }] })
      for (;;)
        if (
          (await store.connections.purge({ lease, leaseUntil: T0 + MINUTE, connectionNo: connection.no, limit: 2 })) < 2
        )
          break
      expect(await other.history('a')).toHaveLength(2)
      expect(await other.total()).toBe(1)
    })
  })

  describe('names that are refused', () => {
    const used = useWorld(open)
    const LONG = 'x'.repeat(64)
    const column = (...names: readonly string[]) => ({
      columns: names.map((name) => ({ name, type: 'text' as const })),
      metrics: [],
    })
    const REFUSED: Readonly<Record<string, Partial<StreamShape>>> = {
      'a column that is too long': column(LONG),
      'a column that is too long in bytes': column('ß'.repeat(32)),
      'two columns that agree in their first 63 letters': column(`${LONG}_one`, `${LONG}_two`),
      'a column with half of a surrogate pair': column('a\ud83d'),
      'a column with a zero byte': column('a\0'),
      'a column that starts with an underscore': column('_rowid_'),
      'a prototype': column('__proto__'),
      'two columns that differ in case only': column('ctid', 'CTID'),
      'a stream that is too long': { stream: LONG },
    }
    for (const [name, part] of Object.entries(REFUSED)) {
      it(`refuses ${name}`, async () => {
        const { store, connection } = used.world
        const shape = { ...BARE, ...part }
        const stored = async () => [await store.tables.list('default'), await store.streams.list(connection.no)]
        const before = await stored()
        const refusal = { code: 'shape_conflict', hint: expect.stringMatching(/./) as string }
        await expect(store.streams.define(connection.no, shape)).rejects.toMatchObject(refusal)
        expect(await stored()).toEqual(before)
      })
    }

    it('takes the longest names', async () => {
      const shape = { ...BARE, stream: 'x'.repeat(53 - 'odd_'.length), ...column('ß'.repeat(31)) }
      const wide = await new World(used.world.database, used.world.store, 'default').begin('odd', shape)
      await wide.put({ inserts: [record('a', 1, ['v'])] })
      const sql = `SELECT * FROM odd_${shape.stream}_versions`
      expect(await wide.database.query(sql)).toMatchObject([{ ['ß'.repeat(31)]: 'v' }])
    })
  })
}
