// Dates in the forms in which headers carry them.

import { expect, test } from 'vitest'
import { httpDate, instantOf } from '../../src/http/http-dates.ts'

const AT = Date.UTC(1994, 10, 6, 8, 49, 37)

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', AT],
  ['Sun, 6 Nov 1994 08:49:37 GMT', AT],
  ['Sun, 06 Nov 1994 08:49:37 UTC', AT],
  ['Sunday, 06-Nov-94 08:49:37 GMT', AT],
  ['Sunday, 06-Nov-1994 08:49:37 GMT', AT],
  ['Sun Nov  6 08:49:37 1994', AT],
  ['Sun Nov 16 08:49:37 1994', AT + 10 * 86_400_000],
  ['Friday, 01-Jan-27 00:00:00 GMT', Date.UTC(2027, 0, 1)],
  [' Thu, 29 Feb 2024 23:59:60 GMT ', Date.UTC(2024, 2, 1)],
])('HTTP writes %s', (text, at) => {
  expect(httpDate(text)).toBe(at)
  expect(instantOf(text)).toBe(at)
})

test.each([
  '',
  'page 7',
  '1735689600',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 CET',
  'Sun, 36 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 28:49:37 GMT',
  'x',
  `Sun, 06 Nov 1994 08:49:37${' '.repeat(1_000)}GMT`,
])('%s is no date', (text) => {
  expect(httpDate(text)).toBeUndefined()
  expect(instantOf(text)).toBeUndefined()
})

test('ISO 8601 is read where services write it, and no header of HTTP has it', () => {
  expect(instantOf('1994-11-06T08:49:37Z')).toBe(AT)
  expect(instantOf('1994-11-06 08:49:37')).toBe(AT)
  expect(instantOf('1994-11-06T09:49:37.5+0100')).toBe(AT + 500)
  expect(instantOf('1994-13-06T08:49:37Z')).toBeUndefined()
  expect(httpDate('1994-11-06T08:49:37Z')).toBeUndefined()
  expect(httpDate(undefined)).toBeUndefined()
})
