// Owns the proof of what number a formatted cell writes, and that what can't be read is no number.

import { expect, test } from 'vitest'
import { writtenDigits, writtenNumber } from '../../src/model/written-number.ts'

test.each([
  ['1,234', 1234],
  ['12 345', 12_345],
  ['12\u202f345', 12_345],
  ["1'234'567", 1_234_567],
  ['1.234.567', 1_234_567],
  ['1.2K', 1200],
  ['3,4 M', 3_400_000],
  ['2b', 2_000_000_000],
  ['1,5', 1.5],
  ['1,234.5', 1234.5],
  ['1.234,5', 1234.5],
  ['-7', -7],
  ['0', 0],
  [' 950 ', 950],
  [`1${'0'.repeat(308)}`, 1e308],
])('%s is %d', (text, number) => expect(writtenNumber(text)).toBe(number))

test.each(['', '-', 'many', '1,23,4', '12 34', '#REF!', '1e999', 'K', '1.2.3', '２', '9'.repeat(500)])(
  '%s is none',
  (text) => expect(writtenNumber(text)).toBeNull(),
)

test.each([
  ['9,007,199,254,740,993', '9007199254740993'],
  ['-9007199254740993', '-9007199254740993'],
  ['.50', '0.50'],
  ['1,5', '1.5'],
  ['1.2K', '1200'],
  ['many', null],
])('%s has the digits %s', (text, digits) => expect(writtenDigits(text)).toBe(digits))
