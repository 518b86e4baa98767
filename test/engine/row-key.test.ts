import { describe, expect, test } from 'vitest'
import type { Stream } from '../../src/connector/connector.ts'
import { z } from '../../src/connector/options.ts'
import { certainKeyOf, KEY_BYTES_MAX, keyOf } from '../../src/engine/passes/rows/row-key.ts'
import { ExactNumber } from '../../src/model/exact-number.ts'

/** A key function, as somebody may write it in JavaScript. */
type Key = Stream['key']

const made = (key: unknown, record: unknown = {}) => keyOf((() => key) as Key, record)
const written = (key: (record: never) => unknown, record: unknown) => keyOf(key as Key, record)

describe('what is a key', () => {
  test.each([
    ['text', 'a', 'a'],
    ['a space', ' ', ' '],
    ['a whole number', 7, '7'],
    ['zero', 0, '0'],
    ['minus zero', -0, '0'],
    ['the largest exact number', Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['a bigint beyond it', 2n ** 80n, '1208925819614629174706176'],
    ['a record called null', 'null', 'null'],
    ['a record called undefined', 'undefined', 'undefined'],
    ['a record called NaN', 'NaN', 'NaN'],
    ['a record called [object Object]', '[object Object]', '[object Object]'],
    ['NUL inside', 'a\0b', 'a\0b'],
    ['the longest', 'x'.repeat(KEY_BYTES_MAX), 'x'.repeat(KEY_BYTES_MAX)],
  ])('%s', (_what, key, expected) => {
    expect(made(key, { name: key })).toBe(expected)
  })

  test.each([
    ['an object', { id: 1 }],
    ['a list', ['a']],
    ['a boolean', true],
    ['null', null],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a fraction', 1.5],
    ['a number beyond 2^53', 2 ** 53],
    ['empty text', ''],
    ['a function', () => 'a'],
    ['a symbol', Symbol('a')],
    ['text in an object', Object('a')],
  ])('not %s', (_what, key) => {
    expect(made(key)).toMatchObject({ code: 'record_without_key' })
  })

  test('not half of a surrogate pair, and not more bytes than any store can index', () => {
    expect(made('\ud800')).toMatchObject({ code: 'record_invalid' })
    expect(made('x'.repeat(KEY_BYTES_MAX + 1))).toMatchObject({
      code: 'record_invalid',
      message: 'The key has 2,601 bytes; the most that a key can have is 2,600.',
    })
    // PostgreSQL stores NUL, and what escapes it, as two.
    expect(made('\0'.repeat(KEY_BYTES_MAX / 2))).toBeTypeOf('string')
    expect(made('\u0001'.repeat(KEY_BYTES_MAX / 2 + 1))).toMatchObject({ code: 'record_invalid' })
    expect(made('é'.repeat(KEY_BYTES_MAX / 2 + 1))).toMatchObject({ code: 'record_invalid' })
  })
})

describe('a key that spells a value that is not there', () => {
  const refused = { code: 'record_without_key' }

  test('is none, whichever way it is spelled', () => {
    expect(written((r: { id: null }) => String(r.id), { id: null })).toMatchObject(refused)
    expect(written((r: { a: string; b: string }) => `${r.a}/${r.b}`, { b: 'x' })).toMatchObject(refused)
    expect(written((r: { a: string; b: string }) => `${r.a}/${r.b}`, { a: 'null', b: null })).toMatchObject(refused)
    expect(written((r: { a: { b: null } }) => `${r.a.b}`, { a: { b: null } })).toMatchObject(refused)
    expect(written((r: { id: object }) => `o-${r.id as unknown as string}`, { id: { n: 1 } })).toMatchObject(refused)
    expect(written((r: { a: null; b: null }) => String(r.a ?? r.b), { a: null, b: null })).toMatchObject(refused)
  })

  test('is a key where the record has that text itself', () => {
    expect(written((r: { a: string; b: string }) => `${r.a}/${r.b}`, { a: 'null', b: 'undefined' })).toBe(
      'null/undefined',
    )
    expect(written((r: { a: null; b: string }) => r.a ?? r.b, { a: null, b: 'null' })).toBe('null')
    expect(written((r: { a: null }) => (r.a === null ? 'nullable' : 'x'), { a: null })).toBe('nullable')
  })
})

describe('the key of a row that the schema refuses', () => {
  const schema = z.object({
    id: z.string(),
    email: z.string().toLowerCase().optional(),
    kind: z.string().default('note'),
    n: z.int(),
    node: z.object({ id: z.string(), n: z.int() }).nullish(),
  })
  type Row = z.output<typeof schema>
  const certain = (key: (row: Row) => unknown, given: unknown) => certainKeyOf({ schema, key: key as Key }, given)

  test('is what the schema would have made', () => {
    expect(certain((row) => row.id, { id: 'nullthrows', n: 'many' })).toBe('nullthrows')
    expect(certain((row) => row.id, { id: 'NaNoWriMo', n: null })).toBe('NaNoWriMo')
    expect(certain((row) => row.email, { id: 'a', email: 'Ada@Example.org', n: 'x' })).toBe('ada@example.org')
    expect(certain((row) => `${row.kind}-${row.id}`, { id: 'a', n: 'x' })).toBe('note-a')
    expect(certain((row) => row.node?.id, { id: 'a', n: 1, node: { id: 'inner', n: 'x' } })).toBe('inner')
    expect(certain(({ id }) => id, { id: 'a', n: 'x' })).toBe('a')
  })

  test('is none where a field that can’t be read went into it', () => {
    expect(certain((row) => row.id, { n: 'x' })).toBeUndefined()
    expect(certain((row) => `${row.id}/${row.n}`, { id: 'a', n: 'x' })).toBeUndefined()
    expect(certain((row) => row.id ?? row.email, { email: 'a@b.c', n: 1 })).toBeUndefined()
    expect(certain((row) => JSON.stringify(row), { id: 'a', n: 'x' })).toBeUndefined()
    expect(certain((row) => ('n' in row ? row.id : 'x'), { id: 'a', n: 'x' })).toBeUndefined()
    expect(certain((row) => (Object.hasOwn(row, 'n') ? row.id : 'x'), { id: 'a', n: 'x' })).toBeUndefined()
    expect(certain((row) => row.node?.id, { id: 'a', n: 1, node: { id: 5, n: 1 } })).toBeUndefined()
    expect(certain((row) => row.id, null)).toBeUndefined()
    const wanted = z.object({ old: z.unknown(), id: z.string() })
    const key = ((row: { old: unknown; id: string }) => row.old ?? row.id) as Key
    expect(certainKeyOf({ schema: wanted, key }, { id: 'a' })).toBeUndefined()
    expect(certain((row) => row.id, ['a'])).toBeUndefined()
  })

  test('is none where the key function hides that it asked for one', () => {
    const key = (row: Row) => {
      try {
        return `${row.n}`
      } catch {
        return row.id
      }
    }
    expect(certain(key, { id: 'a', n: 'x' })).toBeUndefined()
  })

  test('is none where a number went into it that has lost digits', () => {
    const given = { id: 'a', email: 'a@b.c', n: 'x' }
    const exact = { ...given, email: new ExactNumber('0.12345678901234567891') }
    const key = (field: 'id' | 'email') => ((row: Row) => row[field]) as Key
    expect(certainKeyOf({ schema, key: key('email') }, given, exact)).toBeUndefined()
    expect(certainKeyOf({ schema, key: key('id') }, given, exact)).toBe('a')
  })

  test('is none where the field is only inherited', () => {
    const odd = z.object({ constructor: z.string(), n: z.int() })
    const key = (row: z.output<typeof odd>) => row.constructor
    expect(certainKeyOf({ schema: odd, key: key as unknown as Key }, { n: 'x' })).toBeUndefined()
  })

  test('goes by what the object as a whole makes of other fields', () => {
    const key = ((row: { other: string }) => row.other) as Key
    const given = { id: 'a', other: 'b', n: 'x' }
    expect(certainKeyOf({ schema: z.looseObject({ id: z.string(), n: z.int() }), key }, given)).toBe('b')
    expect(certainKeyOf({ schema: z.object({ id: z.string(), n: z.int() }), key }, given)).toBeUndefined()
    const rewritten = z.looseObject({ id: z.string(), n: z.int() }).overwrite((value) => ({ ...value, other: 'c' }))
    expect(certainKeyOf({ schema: rewritten, key }, given)).toBeUndefined()
    const refined = z.looseObject({ id: z.string() }).refine(() => false)
    expect(certainKeyOf({ schema: refined, key }, given)).toBe('b')
  })
})
