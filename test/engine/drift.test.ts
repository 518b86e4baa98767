import { expect, test } from 'vitest'
import { FIELDS_MAX, newFields } from '../../src/engine/passes/rows/drift.ts'

test('every field of a row is told once, with the kind of its value', () => {
  const rows = [
    { id: 1, name: 'a', tags: [], open: true, owner: {} },
    { id: 2, name: 'b' },
  ]
  expect(newFields(new Set(), rows)).toEqual(['id:number', 'name:text', 'tags:list', 'open:boolean', 'owner:object'])
})

test('what is known is not told again; another kind of value in a known field is', () => {
  const known = new Set(['id:number', 'name:text'])
  expect(newFields(known, [{ id: 1, name: 'a' }])).toEqual([])
  expect(newFields(known, [{ id: '1', name: 'a', more: 1 }])).toEqual(['id:text', 'more:number'])
})

test('a null is no kind, and what is no object has no fields', () => {
  expect(newFields(new Set(), [{ id: null }, 'text', 7, null, [1]])).toEqual([])
})

test('rows that use ids as names of fields do not fill the memory', () => {
  const row = Object.fromEntries(Array.from({ length: 2 * FIELDS_MAX }, (_, i) => [`id${i}`, i]))
  expect(newFields(new Set(), [row])).toHaveLength(FIELDS_MAX)
})
