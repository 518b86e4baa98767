// Owns the proof that rows are found and changed in the text of an answer without touching anything else of it.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  editRows,
  membersIn,
  placeOfCopies,
  placeOfRows,
  renameAt,
  replaceAt,
  textAt,
} from '../../src/testing/json-lists.ts'

/** The same value with white space where JSON allows it. */
function spaced(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', ' \n\t')
}

test('rows are found wherever they stand, and only they are changed', () => {
  const row = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 4 })
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 5 }),
      fc.jsonValue({ maxDepth: 2 }),
      fc.boolean(),
      (rows, other, deep) => {
        const body = deep
          ? { other, data: { edges: rows.map((node) => ({ node, cursor: '"]}' })) }, more: other }
          : { other, rows }
        const text = spaced(body)
        const parsed = JSON.parse(text) as typeof body
        const found = 'rows' in parsed ? parsed.rows : parsed.data.edges.map(({ node }) => node)
        const place = placeOfRows(parsed, found)
        if (!place) throw new Error('not found')
        const seen: unknown[] = []
        const same = editRows(text, place, (one) => (seen.push(JSON.parse(one)), one))
        expect(JSON.parse(same)).toEqual(parsed)
        expect(seen).toEqual(found)
        const without = JSON.parse(editRows(text, place, (one, i) => (i === 0 ? null : one))) as unknown
        expect(JSON.stringify(without)).toBe(
          JSON.stringify(
            deep
              ? { other, data: { edges: (parsed as { data: { edges: unknown[] } }).data.edges.slice(1) }, more: other }
              : { other, rows: rows.slice(1) },
          ),
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('numbers of any length stay as they are written', () => {
  const text = '{"n": 9007199254740993, "rows": [ {"id": 12345678901234567890, "x": 1.50e3} , {"id":2} ]}'
  const place = { list: ['rows'], inner: [] }
  expect(editRows(text, place, (row, i) => (i === 1 ? row.replace('2', '3') : row))).toBe(
    '{"n": 9007199254740993, "rows": [{"id": 12345678901234567890, "x": 1.50e3},{"id":3}]}',
  )
  expect(textAt(text, ['rows', 0, 'id'])).toBe('12345678901234567890')
  expect(membersIn('{"a":[1,{"b":"}"}], "c" : null}')).toEqual([
    { name: 'a', text: '[1,{"b":"}"}]' },
    { name: 'c', text: 'null' },
  ])
})

test('what stands at a path is replaced or renamed; where nothing stands nothing happens', () => {
  const text = '{"data":{"list":[1,2],"n":1}}'
  expect(replaceAt(text, ['data', 'list'], 'null')).toBe('{"data":{"list":null,"n":1}}')
  expect(renameAt(text, ['data', 'list'], 'moved')).toBe('{"data":{"moved":[1,2],"n":1}}')
  expect(replaceAt(text, ['data', 'nothing'], 'null')).toBe(text)
  expect(renameAt(text, ['nothing', 'list'], 'moved')).toBe(text)
  expect(textAt(text, ['data', 'list', 5])).toBeUndefined()
})

test('copies are found by their number, composed rows not at all', () => {
  const body = { page: { items: [{ id: 1 }, { id: 2 }] } }
  expect(placeOfRows(body, [{ id: 1 }, { id: 2 }])).toBeUndefined()
  expect(placeOfCopies(body, [{ id: 1 }, { id: 2 }])).toEqual({ list: ['page', 'items'], inner: [] })
  expect(placeOfCopies(body, [{ id: 1 }])).toBeUndefined()
})
