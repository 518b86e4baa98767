// Owns the promises about the order and the columns in which people read records: the same on every store, page by page.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outlineOf } from '../../src/engine/history/outline.ts'
import { type RecordsAsked, readRecords } from '../../src/engine/history/read-records.ts'
import type { Cell, Key } from '../../src/model/record.ts'
import { whereFor } from '../../src/operations/records.ts'
import { RECORD_KEYS_MAX, RECORD_MARKS } from '../../src/store/store.ts'
import { useWorld } from './use-world.ts'
import { MINUTE, type OpenDatabase, record, SHAPE, T0, update, World } from './world.ts'

const NAMES = SHAPE.columns.map(({ name }) => name)

/** Cells of a record in which one column has a value. */
function cellsWith(column: string, value: Cell): readonly Cell[] {
  return NAMES.map((name) => (name === column ? value : null))
}

/** The order of bytes in UTF-8. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function byKey(a: Key, b: Key): number {
  const digits = (key: Key) => (/^(?:0|[1-9]\d*)$/.test(key) ? key.length : Number.POSITIVE_INFINITY)
  if (digits(a) !== digits(b)) return digits(a) - digits(b)
  return byBytes(a, b)
}

/** As the port describes it: numbers first, what is empty is put behind by the caller. */
function byText(a: string, b: string): number {
  const isNumber = (text: string) => /^-?\d+(?:\.\d+)?$/.test(text)
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1
  if (isNumber(a) && Number(a) !== Number(b)) return Number(a) - Number(b)
  return byBytes(a, b)
}

export function orderCases(open: OpenDatabase): void {
  describe('the order of records', () => {
    const used = useWorld(open)

    const read = async (asked: RecordsAsked = {}) => {
      const { store, stream } = used.world
      const rows: Record<string, unknown>[] = []
      for await (const row of readRecords(store, stream, asked)) rows.push(row)
      return rows
    }
    const keys = async (asked: RecordsAsked = {}) =>
      (await read({ columns: ['_key'], ...asked })).map(({ _key }) => _key)

    it('is read a few records at a time where they are large', async () => {
      const { world } = used
      const names = Array.from({ length: 30 }, (_, n) => `k${n}`)
      const title = 'x'.repeat(1_000_000)
      await world.put({ inserts: names.map((key) => record(key, 1, cellsWith('title', title))) })
      const { store } = world
      for (const order of [undefined, 'title']) {
        const sizes: number[] = []
        const records: typeof store.records = Object.create(store.records)
        records.list = async (query) => {
          const rows = await store.records.list(query)
          sizes.push(rows.length)
          return rows
        }
        const asked = order === undefined ? {} : { order }
        const found: string[] = []
        for await (const { _key } of readRecords({ ...store, records }, world.stream, asked)) found.push(_key)
        expect(found.toSorted(byKey)).toEqual(names.toSorted(byKey))
        expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(4)
      }
    })

    it('has a milestone behind every so many records', async () => {
      await used.world.insert('10', '2', 'b', '1', '0', '007', 'a', '100', '3.5')
      const { store, stream } = used.world
      for (const order of ['_key', '_key:desc', 'title', '_updated_at:desc']) {
        const { total, places } = await outlineOf(store, stream, { order, every: 2 })
        const all = await keys({ order })
        expect([order, total, places.map(({ key }) => key)]).toEqual([order, 9, [1, 3, 5, 7].map((i) => all[i])])
        for (const [i, behind] of places.entries())
          expect(await keys({ order, behind })).toEqual(all.slice(2 * (i + 1)))
      }
      expect(await outlineOf(store, stream, { where: { _key: 'x' } })).toMatchObject({ total: 0, places: [] })
    })

    it('has conditions beside equality', async () => {
      const { world } = used
      const titled = { a: 'Ada 9', b: '9', c: '10.5', d: null, e: '100%', f: 'x' } as const
      await world.put({
        inserts: Object.entries(titled).map(([key, title]) => record(key, 1, cellsWith('title', title))),
      })
      const found = async (where: NonNullable<RecordsAsked['where']>) => (await keys({ where })).join('')
      expect(await found({ 'title~': 'aD' })).toBe('a')
      expect(await found({ 'title~': '%' })).toBe('e')
      expect(await found({ '_any~': 'A' })).toBe('a')
      expect(await found({ 'title!': '9' })).toBe('acdef')
      expect(await found({ 'title>': 10 })).toBe('c')
      expect(await found({ 'title<': '10' })).toBe('b')
      expect(await found({ 'title>': 'b' })).toBe('f')
      expect(await found({ '_key>': 'b', '_key<': 'e', 'title~': '1' })).toBe('ce')
      await expect(found({ 'nothing~': 'x' })).rejects.toMatchObject({ code: 'column_unknown' })
    })

    it('has conditions that look at every digit of a number', async () => {
      const { world } = used
      const ascending = [
        ...['-99999999999999999999', '-12345678901234567890', '-9223372036854775808', '-9007199254740993'],
        ...['-1', '0', '9007199254740992', '9007199254740993', '9223372036854775807', '9223372036854775808'],
        ...['12345678901234567890', '12345678901234567891', '99999999999999999999', '100000000000000000000'],
      ]
      const inserts = ascending.map((digits, i) => record(`k${i}`, 1, [digits, digits, null, null, null]))
      await world.put({ inserts: [...inserts, record('none', 1, [null, null, null, null, null])] })
      const found = async (where: RecordsAsked['where']) =>
        (await keys({ where })).filter((key) => key !== 'none').map((key) => ascending[Number(String(key).slice(1))])
      for (const column of ['amount', 'title']) {
        for (const [i, digits] of ascending.entries()) {
          const asked = (sign: string) => found(whereFor(world.stream.shape, [[`${column}${sign}`, digits]]))
          expect([column, digits, await asked('')]).toEqual([column, digits, [digits]])
          expect([column, digits, await asked('>')]).toEqual([column, digits, ordered(ascending.slice(i))])
          expect([column, digits, await asked('<')]).toEqual([column, digits, ordered(ascending.slice(0, i + 1))])
          expect(await asked('!')).toEqual(ordered(ascending.toSpliced(i, 1)))
          const now = { where: whereFor(world.stream.shape, [[`${column}>`, digits]]), asOf: T0 }
          expect(await keys(now)).toHaveLength(ascending.length - i)
        }
      }
      expect(await found({ 'amount>': 1e19 })).toEqual(ordered(ascending.slice(10)))
      expect(await found({ amount: '0', 'title<': 0.5 })).toEqual(['0'])

      function ordered(some: readonly string[]) {
        return some.toSorted((a, b) => byBytes(`k${ascending.indexOf(a)}`, `k${ascending.indexOf(b)}`))
      }
    })

    it('has conditions that take four digits for a year, too', async () => {
      const { world } = used
      const titled = {
        a: '2025-12-31T23:59:59Z',
        b: '2026-01-01',
        c: '2026-11',
        d: '2027-02-03 04:05',
        e: '1999',
        f: '3000',
        g: 'soon',
        h: '20260101',
        i: '9'.repeat(400),
      }
      await world.put({
        inserts: Object.entries(titled).map(([key, title]) => record(key, 1, cellsWith('title', title))),
      })
      const found = async (where: NonNullable<RecordsAsked['where']>) => (await keys({ where })).join('')
      expect(await found({ 'title>': '2026' })).toBe('bcdfh')
      expect(await found({ 'title>': 2026 })).toBe('bcdfh')
      expect(await found({ 'title<': '2026' })).toBe('ae')
      expect(await found({ 'title>': '2026', 'title<': '2027' })).toBe('bc')
      // No year: numbers alone are meant.
      expect(await found({ 'title>': '1000.5' })).toBe('efh')
      expect(await found({ 'title>': '2026-06' })).toBe('cdfghi')
    })

    it('is that of keys, whole numbers by their size', async () => {
      await used.world.insert('10', '2', 'b', '1', '', '0', '007', 'a', '-5', '100', '12345678901234567890', '3.5')
      const ordered = ['0', '1', '2', '10', '100', '12345678901234567890', '', '-5', '007', '3.5', 'a', 'b']
      expect(await keys()).toEqual(ordered)
      expect(await keys({ order: '_key' })).toEqual(ordered)
      expect(await keys({ order: '_key:desc' })).toEqual(ordered.toReversed())
      expect(await keys({ limit: 4 })).toEqual(ordered.slice(0, 4))
      expect(await keys({ where: { _key: '10' } })).toEqual(['10'])
      const { store, stream } = used.world
      expect(await store.records.keyDigits({ streamNo: stream.no })).toEqual([1, 2, 3, 20, 0])
      // What is remembered of it goes on with what has come since.
      await used.world.insert('4711', '99999')
      expect(await store.records.keyDigits({ streamNo: stream.no })).toEqual([1, 2, 3, 4, 5, 20, 0])
      expect(await keys()).toEqual(ordered.toSpliced(5, 0, '4711', '99999'))
    })

    it('goes over pages without a hole, however many there are', async () => {
      const many = Array.from({ length: 1_203 }, (_, i) => String(i * 7))
      const texts = Array.from({ length: 601 }, (_, i) => `k${i}`)
      await used.world.insert(...texts, ...many)
      const all = await keys()
      expect(all).toEqual([...many, ...texts.toSorted(byBytes)])
      expect(await keys({ order: 'title' })).toHaveLength(all.length)
      expect(await keys({ limit: 1_204 })).toEqual(all.slice(0, 1_204))
      expect(await keys({ asOf: T0 })).toEqual(all)
      expect(await keys({ asOf: T0 + 0.4 })).toEqual(all)
      expect(await keys({ asOf: T0, order: '_key:desc', limit: 700 })).toEqual(all.toReversed().slice(0, 700))
    })

    it('is that of a column, with empty values last and equal ones by key', async () => {
      await used.world.put({
        inserts: [
          record('3', 1, ['b', 5, 0.5, 1, '[2]']),
          record('20', 1, ['a', 5, -1.5, 0, null]),
          record('1', 1, [null, null, null, null, null]),
          record('100', 1, ['10', -7, 10, 1, '[1]']),
          record('4', 1, ['9.5', 12, 9.25, 0, '[10]']),
        ],
      })
      expect(await keys({ order: 'amount' })).toEqual(['100', '3', '20', '4', '1'])
      expect(await keys({ order: 'amount:asc' })).toEqual(['100', '3', '20', '4', '1'])
      expect(await keys({ order: 'amount:desc' })).toEqual(['4', '3', '20', '100', '1'])
      expect(await keys({ order: 'amount:desc', limit: 2 })).toEqual(['4', '3'])
      expect(await keys({ order: 'price' })).toEqual(['20', '3', '4', '100', '1'])
      expect(await keys({ order: 'paid' })).toEqual(['4', '20', '3', '100', '1'])
      // Amounts are often text: numbers by size, then words.
      expect(await keys({ order: 'title' })).toEqual(['4', '100', '20', '3', '1'])
      expect(await keys({ order: 'title:desc' })).toEqual(['3', '20', '100', '4', '1'])
      expect(await keys({ order: 'lines' })).toEqual(['4', '100', '3', '1', '20'])
      expect(await keys({ order: 'amount', where: { paid: true } })).toEqual(['100', '3'])
      expect(await keys({ order: '_connection' })).toEqual(['1', '3', '4', '20', '100'])
      await expect(keys({ order: 'nothing' })).rejects.toMatchObject({ code: 'column_unknown' })
      await expect(keys({ order: 'amount:down' })).rejects.toMatchObject({ code: 'argument_invalid' })
      const { store, stream } = used.world
      const order = { column: '1; DROP TABLE x', descending: false }
      await expect(store.records.orderedKeys({ streamNo: stream.no, order, limit: 1 })).rejects.toMatchObject({
        code: 'column_unknown',
      })
    })

    it('goes on behind a place, also where its record has another value meanwhile, or is gone', async () => {
      const { world } = used
      const cells = [
        ['b', 5, 0.1, 1, '[2]'],
        ['a', '123456789012345678901234567890', -1.5, 0, null],
        [null, null, null, null, null],
        ['10', -7, 10.25, 1, '[1]'],
        ['9.5', '9007199254740993', 1e300, 0, '[10]'],
        ['b', 5, 0.1, 1, '[2]'],
      ]
      await world.put({ inserts: cells.map((one, i) => record(['3', '20', '1', '100', 'x', '4'][i]!, 1, one)) })
      const { store, stream } = world
      const columns = ['title', 'amount', 'price', 'paid', 'lines', '_key', '_updated_at', '_connection']
      const orders = columns.flatMap((column) => [false, true].map((descending) => ({ column, descending })))
      const query = { streamNo: stream.no, limit: 99 }
      const before = new Map<unknown, Awaited<ReturnType<typeof store.records.orderedPlaces>>>()
      for (const order of orders) {
        const all = await store.records.orderedPlaces({ ...query, order })
        before.set(order, all)
        expect(all.map(({ key }) => key)).toEqual(await store.records.orderedKeys({ ...query, order }))
        for (const [i, behind] of all.entries()) {
          // As it comes back from whoever was given it.
          const back = JSON.parse(JSON.stringify(behind)) as typeof behind
          expect([order, i, await store.records.orderedPlaces({ ...query, order, behind: back })]).toEqual([
            order,
            i,
            all.slice(i + 1),
          ])
          const next = await store.records.orderedPlaces({ ...query, order, behind: back, limit: 2 })
          expect(next).toEqual(all.slice(i + 1, i + 3))
        }
      }
      await world.put({ updates: [update('4', 1, 2, { cells: ['z', 99, 99, 0, '[99]'] })], at: T0 + MINUTE })
      await world.remove('100', 1, { at: T0 + MINUTE })
      for (const order of orders) {
        const all = before.get(order) ?? []
        for (const [i, behind] of all.entries()) {
          const found = await store.records.orderedPlaces({ ...query, order, behind })
          const steady = (places: typeof all) => places.filter(({ key }) => key !== '4' && key !== '100')
          expect([order, behind, steady(found)]).toEqual([order, behind, steady(all.slice(i + 1))])
          const past = await store.records.orderedPlaces({ ...query, order, behind, asOf: T0 })
          expect([order, behind, past]).toEqual([order, behind, all.slice(i + 1)])
        }
      }
    })

    it('is that of integers of any length', async () => {
      const integers = ['123456789012345678901234567890', '-99999999999999999999999', '9007199254740993', '7', '-3']
      await used.world.put({ inserts: integers.map((cell, i) => record(`k${i}`, 1, cellsWith('amount', cell))) })
      expect(await keys({ order: 'amount' })).toEqual(['k1', 'k4', 'k3', 'k2', 'k0'])
      expect(await keys({ order: 'amount:desc' })).toEqual(['k0', 'k2', 'k3', 'k4', 'k1'])
    })

    it('holds for tombstones and for the past, by what a record held then', async () => {
      const { world } = used
      await world.put({ inserts: ['1', '2', '10', '11'].map((key, i) => record(key, 1, cellsWith('amount', i))) })
      await world.put({ updates: [update('1', 1, 2, { cells: cellsWith('amount', 99) })], at: T0 + MINUTE })
      await world.remove('10', 1, { at: T0 + 2 * MINUTE })
      await world.remove('2', 1, { at: T0 + 3 * MINUTE })
      expect(await keys({ order: 'amount:desc' })).toEqual(['1', '11'])
      expect(await keys({ order: 'amount:desc', asOf: T0 })).toEqual(['11', '10', '2', '1'])
      expect(await keys({ order: 'amount:desc', asOf: T0 + MINUTE })).toEqual(['1', '11', '10', '2'])
      expect(await keys({ removed: true })).toEqual(['2', '10'])
      expect(await keys({ removed: true, order: '_removed_at' })).toEqual(['10', '2'])
      expect(await keys({ removed: true, order: '_removed_at:desc', asOf: T0 + 2 * MINUTE })).toEqual(['10'])
      expect(await keys({ order: '_updated_at:desc' })).toEqual(['1', '11'])
    })

    it('is that of any keys and any texts, in both directions', async () => {
      const { world } = used
      const text = fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 4 }).map((one) => one.replaceAll('\u0000', '').toWellFormed()),
        fc.integer({ min: -200, max: 200 }).map(String),
        fc.constantFrom('', '-', '1.', '.5', '00', '1.50', '1.5', '1.2.3', '2026-11-21', '1e5', '+1', '٣'),
      )
      const rows = fc.uniqueArray(fc.record({ key: text, title: fc.option(text, { freq: 4 }) }), {
        minLength: 2,
        maxLength: 12,
        selector: ({ key }) => key,
      })
      let n = 0
      const property = fc.asyncProperty(rows, async (wanted) => {
        const other = await new World(world.database, world.store, 'default').begin(`any-${++n}`)
        await other.put({ inserts: wanted.map(({ key, title }) => record(key, 1, cellsWith('title', title))) })
        const found = async (asked: RecordsAsked) => {
          const list: unknown[] = []
          for await (const row of readRecords(other.store, other.stream, { columns: ['_key'], ...asked }))
            list.push(row._key)
          return list
        }
        const byDefault = wanted.map(({ key }) => key).toSorted(byKey)
        expect(await found({})).toEqual(byDefault)
        expect(await found({ order: '_key:desc' })).toEqual(byDefault.toReversed())
        for (const way of [1, -1]) {
          const expected = wanted.toSorted((a, b) => {
            if (a.title === null || b.title === null) {
              return Number(a.title === null) - Number(b.title === null) || byKey(a.key, b.key)
            }
            return way * byText(a.title, b.title) || byKey(a.key, b.key)
          })
          expect(await found({ order: way > 0 ? 'title' : 'title:desc' })).toEqual(expected.map(({ key }) => key))
        }
      })
      await fc.assert(property, { numRuns: open.examples ?? 60 })
    })
  })

  describe('the columns of records', () => {
    const used = useWorld(open)

    it('are those that were asked for, in their order, as what they are', async () => {
      const { world } = used
      await world.put({ inserts: [record('a', 1, ['x', 12, 2.5, 1, '{"n":1}'])] })
      const read = async (asked: RecordsAsked) => {
        const rows: unknown[] = []
        for await (const row of readRecords(world.store, world.stream, asked)) rows.push(row)
        return rows
      }
      expect(await read({ columns: ['paid', 'title', 'lines'] })).toEqual([{ paid: true, title: 'x', lines: { n: 1 } }])
      const [row] = await read({ columns: ['title', '_raw', '_key', 'title'], order: 'amount:desc' })
      expect(Object.entries(row as object)).toEqual([
        ['title', 'x'],
        ['_raw', record('a').raw],
        ['_key', 'a'],
      ])
      const all = [...RECORD_MARKS, ...NAMES]
      const [whole] = await read({})
      expect(await read({ columns: all })).toEqual([whole])
      for (const asOf of [undefined, T0 + MINUTE]) {
        expect(await read({ columns: ['_connection', 'amount'], asOf })).toEqual([{ _connection: 'me', amount: 12 }])
      }
      await expect(read({ columns: ['titel'] })).rejects.toMatchObject({
        code: 'column_unknown',
        hint: expect.stringMatching(/^Did you mean title\? Its columns: .*title/),
      })
      await expect(read({ columns: [] })).rejects.toMatchObject({ code: 'argument_invalid' })
    })

    it('are all that the store reads, with the key', async () => {
      const { store, stream } = used.world
      await used.world.insert('a', 'b', 'c')
      await used.world.remove('c', 1, { at: T0 + MINUTE })
      const query = { streamNo: stream.no, columns: ['title', '_removed_at'], limit: 9 }
      expect(await store.records.list({ ...query, keys: ['b', 'c', 'nobody', 'b'] })).toEqual([
        { _key: 'b', title: 'Order b', _removed_at: null },
      ])
      expect(await store.records.list({ ...query, keys: ['b', 'c', 'nobody'], asOf: T0 })).toEqual([
        { _key: 'b', title: 'Order b', _removed_at: null },
        { _key: 'c', title: 'Order c', _removed_at: null },
      ])
      expect(await store.records.list({ ...query, removed: true })).toEqual([
        { _key: 'c', title: 'Order c', _removed_at: new Date(T0 + MINUTE).toISOString() },
      ])
      expect(await store.records.list({ ...query, keys: [] })).toEqual([])
      const many = Array.from({ length: RECORD_KEYS_MAX }, (_, i) => `k${i}`)
      expect(await store.records.list({ ...query, keys: [...many.slice(1), 'a'] })).toHaveLength(1)
      await expect(store.records.list({ ...query, columns: ['1=1'] })).rejects.toMatchObject({ code: 'column_unknown' })
    })
  })
}
