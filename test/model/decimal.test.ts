// Owns the proof that sums are exact, whatever they are made of.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareExactly, difference, isNumeric, Sum } from '../../src/model/decimal.ts'

describe('a sum', () => {
  test('of integers of any size is that of their digits', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.boolean())), (terms) => {
        const sum = new Sum()
        let expected = 0n
        for (const [term, isAdded] of terms) {
          const value = term >= -(2n ** 53n) && term <= 2n ** 53n ? Number(term) : term
          sum.add(value, isAdded ? 1 : -1)
          expected += isAdded ? term : -term
        }
        expect(BigInt(sum.number())).toBe(expected)
        expect(sum.text()).toBe(String(expected))
      }),
    )
  })

  test('of decimals loses nothing behind the point', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(12))), (terms) => {
        const sum = new Sum()
        let scaled = 0n
        for (const [units, places] of terms) {
          const digits = String(units < 0n ? -units : units).padStart(places + 1, '0')
          const whole = digits.slice(0, digits.length - places)
          const text = `${units < 0n ? '-' : ''}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`
          expect(sum.add(text)).toBe(true)
          scaled += units * 10n ** BigInt(12 - places)
        }
        const [whole = '', rest = ''] = sum.text().split('.')
        expect(BigInt(whole.replace('-', '') + rest.padEnd(12, '0'))).toBe(scaled < 0n ? -scaled : scaled)
        expect(sum.text().startsWith('-')).toBe(scaled < 0n)
      }),
    )
  })

  test('of numbers is that of what they are written as', () => {
    const sum = new Sum()
    for (const value of [0.1, 0.2, 1e-7, 1e21, -1e21, 5]) sum.add(value)
    expect(sum.text()).toBe('5.3000001')
    expect(sum.number()).toBe(5.3000001)
  })

  test('leaves out what is no decimal number, and says so', () => {
    const sum = new Sum()
    expect(['1.2K', '', '-', '1e3', Number.NaN, Number.POSITIVE_INFINITY].map((value) => sum.add(value))).toEqual(
      Array.from({ length: 6 }, () => false),
    )
    expect([sum.add('7.'), sum.add('+1.50'), sum.text()]).toEqual([true, true, '8.50'])
    expect([isNumeric('1.2K'), isNumeric('12'), isNumeric(3n)]).toEqual([false, true, true])
  })
})

test('a difference has the form of what it is of', () => {
  expect(difference(5, 7)).toBe(-2)
  expect(difference(2n ** 60n, 1)).toBe(2n ** 60n - 1n)
  expect(difference('12.30', '12.5')).toBe('-0.20')
  expect(difference(0.3, 0.1)).toBe(0.2)
  expect(difference('n/a', 1)).toBeUndefined()
})

test('compares what no number holds by all its digits', () => {
  expect(compareExactly('9007199254740993', 9007199254740992)).toBeGreaterThan(0)
  expect(compareExactly(9007199254740992, '9007199254740993')).toBeLessThan(0)
  expect(compareExactly('1.50', 1.5)).toBe(0)
  expect(compareExactly(2, 1)).toBeGreaterThan(0)
  expect(compareExactly('many', 1)).toBeNaN()
})
