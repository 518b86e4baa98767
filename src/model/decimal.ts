// Owns sums and differences of numbers that no number of JavaScript holds exactly: decimals as text, integers of any
// size. Pure.

import { plainDigits } from './exact-number.ts'

/** What a metric may be: a number, an integer beyond 2^53, or the decimal text that a source gives for money. */
export type Numeric = number | bigint | string

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/

/** A sum of any numerics, exact: small integers are added as such, everything else as digits. */
export class Sum {
  #small = 0
  #units = 0n
  #places = 0

  /** Adds `value`, or with sign -1 takes it away. False, and nothing is added: the text is no decimal number. */
  add(value: Numeric, sign: 1 | -1 = 1): boolean {
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      const next = this.#small + sign * value
      if (Number.isSafeInteger(next)) this.#small = next
      else this.#addUnits(BigInt(sign * value), 0)
      return true
    }
    const digits = digitsOf(value)
    if (!digits) return false
    this.#addUnits(BigInt(sign) * digits.units, digits.places)
    return true
  }

  /** Adds what another sum has come to. */
  addSum(other: Sum): void {
    this.#addUnits(other.#units + BigInt(other.#small) * 10n ** BigInt(other.#places), other.#places)
  }

  #addUnits(units: bigint, places: number): void {
    const most = Math.max(places, this.#places)
    this.#units = this.#units * 10n ** BigInt(most - this.#places) + units * 10n ** BigInt(most - places)
    this.#places = most
  }

  /** As text, with as many places as the most exact of what was added. */
  text(): string {
    const units = this.#units + BigInt(this.#small) * 10n ** BigInt(this.#places)
    const digits = String(units < 0n ? -units : units).padStart(this.#places + 1, '0')
    const whole = digits.slice(0, digits.length - this.#places)
    const rest = digits.slice(digits.length - this.#places)
    return `${units < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`
  }

  sign(): -1 | 0 | 1 {
    const units = this.#units + BigInt(this.#small) * 10n ** BigInt(this.#places)
    return units > 0n ? 1 : units < 0n ? -1 : 0
  }

  /** As a number where one holds it, else a bigint. A fraction is the nearest number. */
  number(): number | bigint {
    const text = this.text()
    const value = Number(text)
    return Number.isSafeInteger(value) || text.includes('.') ? value : BigInt(text)
  }
}

/** `to` less `from`, as text where one of them is a text; undefined if one is no decimal number. */
export function difference(to: Numeric, from: Numeric): Numeric | undefined {
  const sum = new Sum()
  if (!sum.add(to) || !sum.add(from, -1)) return undefined
  return typeof to === 'string' || typeof from === 'string' ? sum.text() : sum.number()
}

/** Above zero where `a` is more than `b`, below where it is less. What is no decimal number compares as NaN does. */
export function compareExactly(a: Numeric, b: Numeric): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const sum = new Sum()
  return sum.add(a) && sum.add(b, -1) ? sum.sign() : Number.NaN
}

/** Whether it can be added: every finite number, and text of digits with at most one point. */
export function isNumeric(value: Numeric): boolean {
  return digitsOf(value) !== undefined
}

function digitsOf(value: Numeric): { readonly units: bigint; readonly places: number } | undefined {
  const match = DECIMAL.exec(typeof value === 'number' ? plainDigits(value) : String(value))
  if (!match) return undefined
  const [, sign = '', whole = '0', rest = ''] = match
  return { units: BigInt(`${sign === '-' ? '-' : ''}${whole}${rest}`), places: rest.length }
}
