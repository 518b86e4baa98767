// Owns the promises about values: nothing that a source can say is lost, shortened or taken for SQL.

import { describe, expect, it } from 'vitest'
import type { Cell } from '../../src/model/record.ts'
import { useWorld } from './use-world.ts'
import { type OpenDatabase, record, update } from './world.ts'

const KEYS = [
  '',
  ' ',
  "' OR 1=1 --",
  '"; DROP TABLE runs; --',
  '?1',
  ':name',
  'null',
  '0',
  '00',
  '1e3',
  '9007199254740993',
  'é',
  'e\u0301',
  '日本語',
  '😀👩‍👩‍👧',
  '\u{10ffff}',
  'with\nline\tand\\slash',
  'A',
  'a',
  '%_*',
  'x'.repeat(5_000),
  'nul\0inside',
]

export function textCases(open: OpenDatabase): void {
  describe('values', () => {
    const used = useWorld(open)

    it('keeps every key apart and exactly as it is', async () => {
      const { world } = used
      await world.insert(...KEYS)
      const heads = await world.store.records.look(world.stream.no, KEYS)
      expect([...heads.keys()].sort()).toEqual([...KEYS].sort())
      for (const key of KEYS) expect(heads.get(key)?.hash).toBe(record(key).hash)
      expect((await world.changes()).map(({ key }) => key)).toEqual(KEYS)
      await world.put({ updates: KEYS.map((key) => update(key, 1, 2)) })
      for (const key of KEYS) expect(await world.history(key)).toHaveLength(2)
    })

    it('lists all keys in one order, with or without pages', async () => {
      const { world } = used
      await world.insert(...KEYS)
      const whole = (await world.store.records.list({ streamNo: world.stream.no, limit: 1_000 })).map(
        ({ _key }) => _key,
      )
      expect([...whole].sort()).toEqual([...KEYS].sort())
      const paged: string[] = []
      for (;;) {
        const after = paged.at(-1)
        const part = await world.store.records.list({
          streamNo: world.stream.no,
          limit: 4,
          ...(after === undefined ? {} : { after }),
        })
        if (part.length === 0) break
        paged.push(...part.map(({ _key }) => _key))
      }
      expect(paged).toEqual(whole)
    })

    it('keeps raw text of a megabyte, to the byte', async () => {
      const { world } = used
      const raw = `{"text":"${'0123456789abcdeé😀\\u0000'.repeat(50_000)}"}`
      await world.put({ inserts: [{ ...record('big'), raw }] })
      await world.put({ updates: [update('big', 1, 2)] })
      expect((await world.history('big'))[0]?.raw).toBe(raw)
    })

    it('keeps the source’s own spelling of numbers in raw', async () => {
      const { world } = used
      const raw = '{"a":1.0,"b":1e2,"c":12345678901234567890123,"d":0.10000000000000000001,"e":-0}'
      await world.put({ inserts: [{ ...record('a'), raw }] })
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')?.raw).toBe(raw)
    })

    const INTEGERS: readonly (readonly [given: Cell, back: unknown])[] = [
      [0, 0],
      [-1, -1],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      [9007199254740993n, 9007199254740993n],
      ['9007199254740993', 9007199254740993n],
      [-9007199254740993n, -9007199254740993n],
      [9223372036854775807n, 9223372036854775807n],
      [5n, 5],
      [18446744073709551615n, '18446744073709551615'],
      ['18446744073709551615', '18446744073709551615'],
      ['-123456789012345678901234567890', '-123456789012345678901234567890'],
      [null, null],
    ]

    it('keeps integers of any size exactly: beyond 2^53 as bigint, beyond 64 bits as text', async () => {
      const { world } = used
      const cells = (given: Cell): Cell[] => ['t', given, 0.5, 1, '{}']
      await world.put({ inserts: INTEGERS.map(([given], i) => record(`k${i}`, 1, cells(given))) })
      const keys = INTEGERS.map((_, i) => `k${i}`)
      const contents = await world.store.records.contents(world.stream.no, keys)
      expect(keys.map((key) => contents.get(key)?.columns['amount'])).toEqual(INTEGERS.map(([, back]) => back))
      const rows = await world.store.records.list({ streamNo: world.stream.no, limit: 100 })
      const amounts = new Map(rows.map((row) => [row._key, row['amount']]))
      expect(keys.map((key) => amounts.get(key))).toEqual(INTEGERS.map(([, back]) => back))
      for (const [i, [, back]] of INTEGERS.entries())
        expect((await world.history(`k${i}`))[0]?.columns['amount']).toEqual(back)
    })

    it('keeps digits in columns of text as text', async () => {
      const { world } = used
      const texts = ['007', '1.10', '9007199254740993', '18446744073709551615', '1e5', 'true', '']
      await world.put({ inserts: texts.map((text, i) => record(`k${i}`, 1, [text, 1, 1, 1, text])) })
      const contents = await world.store.records.contents(
        world.stream.no,
        texts.map((_, i) => `k${i}`),
      )
      expect(texts.map((_, i) => contents.get(`k${i}`)?.columns['title'])).toEqual(texts)
      expect(texts.map((_, i) => contents.get(`k${i}`)?.columns['lines'])).toEqual(texts)
    })

    it('keeps reals, booleans and nulls', async () => {
      const { world } = used
      await world.put({
        inserts: [
          record('a', 1, ['x', 1, 0.1, 1, null]),
          record('b', 1, [null, null, -1e-300, 0, null]),
          record('c', 1, [null, null, 3, null, null]),
        ],
      })
      const contents = await world.store.records.contents(world.stream.no, ['a', 'b', 'c'])
      expect(contents.get('a')?.columns).toEqual({ title: 'x', amount: 1, price: 0.1, paid: true, lines: null })
      expect(contents.get('b')?.columns).toEqual({
        title: null,
        amount: null,
        price: -1e-300,
        paid: false,
        lines: null,
      })
      expect(contents.get('c')?.columns).toEqual({ title: null, amount: null, price: 3, paid: null, lines: null })
    })

    it('keeps a source’s order number beyond 2^53', async () => {
      const { world } = used
      const order = 1_767_225_600_000_000_000
      await world.put({ inserts: [{ ...record('a'), order }] })
      expect((await world.head('a'))?.order).toBe(order)
    })

    it('keeps text behind a NUL character', async () => {
      const { world } = used
      const raw = '{"title":"left\\u0000right"}'
      await world.put({ inserts: [{ ...record('a', 1, ['left\0right', 1, 1, 1, null]), raw }] })
      const content = (await world.store.records.contents(world.stream.no, ['a'])).get('a')
      expect(content?.columns['title']).toBe('left\0right')
      expect(content?.raw).toBe(raw)
    })

    it('replaces a lone surrogate, which no text in UTF-8 can hold, and nothing around it', async () => {
      const { world } = used
      await world.put({ inserts: [record('a', 1, ['left \ud83d right', 1, 1, 1, null])] })
      expect((await world.store.records.contents(world.stream.no, ['a'])).get('a')?.columns['title']).toBe(
        'left \ufffd right',
      )
    })
  })
}
