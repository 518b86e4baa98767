// What numbers as digits promise: one canonical form per decimal value, and plain digits without loss.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDigits, isHeld, PLAIN_DIGITS_MAX, plainDigits } from '../../src/model/exact-number.ts'

/** A number of JSON in one of its many spellings. */
const token = fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})([.][0-9]{1,25})?([eE][+-]?[0-9]{1,3})?$/)

/** The value as a fraction of two integers: an independent way to compare. */
function fraction(text: string): readonly [bigint, bigint] {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', rest = ''] = mantissa.split('.')
  const power = Number(exponent) - rest.length
  const digits = BigInt(`${whole}${rest}`.replace('-', ''))
  const units = text.startsWith('-') ? -digits : digits
  return power >= 0 ? [units * 10n ** BigInt(power), 1n] : [units, 10n ** BigInt(-power)]
}

function isSame(one: string, other: string): boolean {
  const [a, b] = fraction(one)
  const [c, d] = fraction(other)
  return a * d === c * b
}

describe('canonicalDigits', () => {
  test('are equal exactly when the values are', () => {
    const spellings = token.chain((text) =>
      fc.tuple(fc.constant(text), fc.oneof(token, fc.constantFrom(plainDigits(text), canonicalDigits(text)))),
    )
    fc.assert(
      fc.property(spellings, ([one, other]) => {
        expect(canonicalDigits(one) === canonicalDigits(other)).toBe(isSame(one, other))
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['0', '0'],
    ['-0.00e5', '0'],
    ['100', '1e2'],
    ['-0.0120', '-12e-3'],
    ['1E+2', '1e2'],
    [`1e${'9'.repeat(40)}`, `1e${'9'.repeat(40)}`],
    ['no number', 'no number'],
  ])('of %s', (text, digits) => {
    expect(canonicalDigits(text)).toBe(digits)
  })
})

describe('plainDigits', () => {
  test('have the value of the number, and no exponent', () => {
    fc.assert(
      fc.property(token, (text) => {
        const plain = plainDigits(text)
        expect(plain).toMatch(/^-?\d+(\.\d+)?$/)
        expect(isSame(plain, text)).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    [-0, '0'],
    ['12.50', '12.50'],
    ['0.5e3', '500'],
    ['12.5e1', '125'],
    ['0e999999', '0'],
    ['no number', 'no number'],
  ])('of %s', (number, digits) => {
    expect(plainDigits(number)).toBe(digits)
  })

  test('a number that would fill pages keeps its exponent', () => {
    expect(plainDigits(`1e${PLAIN_DIGITS_MAX - 1}`)).toHaveLength(PLAIN_DIGITS_MAX)
    for (const text of [`1e${PLAIN_DIGITS_MAX}`, '1e-999999999', `1e${'9'.repeat(40)}`])
      expect(plainDigits(text)).toBe(text)
  })
})

test('every number that JavaScript prints is held, but for integers beyond 2^53', () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
      expect(isHeld(String(number))).toBe(Math.abs(number) <= Number.MAX_SAFE_INTEGER || /[.e]/.test(String(number)))
    }),
    { numRuns: 3_000 },
  )
})
