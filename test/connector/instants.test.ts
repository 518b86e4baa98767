// Owns the proof that a moment is read in the form that names its zone, and that nothing else is taken for one.

import { expect, test } from 'vitest'
import { instantOf } from '../../src/connector/instants.ts'

const AT = Date.UTC(2024, 8, 29, 21, 1, 51)

test.each([
  ['2024-09-29T21:01:51Z', AT],
  [' 2024-09-29t21:01:51.250z\n', AT + 250],
  ['2024-09-29T23:01:51+02:00', AT],
  ['2024-09-29T23:01:51+0200', AT],
  ['2024-09-29T21:01Z', AT - 51_000],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
])('%j is a moment', (text, at) => {
  expect(instantOf(text)).toBe(at)
})

test.each([
  '',
  '2024',
  '2024-09-29',
  '2024-09-29T21:01:51',
  '2024-09-29 21:01:51Z',
  '09/10/2024 21:01:51Z',
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-01-01T24:00:00Z',
  '2024-01-01T23:60:00Z',
  '0000-01-01T00:00:00Z',
  '2024-01-01T00:00:00+99:99',
  'page 7',
])('%j is none', (text) => {
  expect(instantOf(text)).toBeUndefined()
})
