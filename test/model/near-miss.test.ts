// Owns the proof of suggestions: what is close to a name, and what is not.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { didYouMean, knownNames, nearest } from '../../src/model/near-miss.ts'

const NAMES = ['github', 'tiktok-shop', 'stargazers_count', 'json', 'jsonl', 'csv', 'tsv', 'table', 'me', 'you']

test.each([
  ['githb', 'github'],
  ['gihtub', 'github'],
  ['GitHub', 'github'],
  ['tiktokshop', 'tiktok-shop'],
  ['tiktok_shop', 'tiktok-shop'],
  ['tiktok', 'tiktok-shop'],
  ['stargazer_count', 'stargazers_count'],
  ['starCount', undefined],
  ['jsn', 'json'],
  ['tabel', 'table'],
  ['mee', 'me'],
  ['yu', undefined],
  ['ouy', undefined],
  ['yoo', 'you'],
  ['zzz', undefined],
  ['', undefined],
  // Any of two: neither was meant for sure.
  ['t', undefined],
])('%s is close to %s', (given, name) => expect(nearest(given, NAMES)).toBe(name))

test('an abbreviation of several names means the one that the others continue', () => {
  expect(nearest('note', ['notes_notes_all', 'notes_notes', 'notes_notes_daily'])).toBe('notes_notes')
  expect(nearest('note', ['notes_all', 'notes_daily'])).toBeUndefined()
})

test('a name that exists is never suggested for itself, and work is bounded', () => {
  expect(nearest('csv', ['csv'])).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (given, names) => {
      const found = nearest(given, names)
      expect(found === undefined || (names.includes(found) && found !== given)).toBe(true)
    }),
  )
  expect(
    nearest(
      'a'.repeat(1_000_000),
      Array.from({ length: 100_000 }, (_, i) => `${'b'.repeat(1_000)}${i}`),
    ),
  ).toBe(undefined)
})

test('a hint says what was probably meant, and what exists', () => {
  expect(knownNames('githb', ['github', 'tiktok-shop'])).toBe('Did you mean github? There are: github, tiktok-shop')
  expect(knownNames('x', ['a', 'b'], 'One of')).toBe('One of: a, b')
  expect(didYouMean('x', ['a', 'b'])).toBe('')
  const many = Array.from({ length: 500 }, (_, i) => `c${i}`)
  expect(knownNames('none', many)).toMatch(/^There are: c0, .*, c29 and 470 more$/)
})
