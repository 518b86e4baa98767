// Owns numbers as the digits that a source wrote: whether a JavaScript number holds them, one canonical form per decimal
// value, and the object that stands for a number that no JavaScript number holds. Pure.

/** `-12.50e3`: sign, whole digits, digits of the fraction, exponent. */
const TOKEN = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** A longer exponent is not calculated with: such a number equals only what is written the same way. */
const EXPONENT_CHARS_MAX = 30

const LARGEST_SAFE = String(Number.MAX_SAFE_INTEGER)

/** The longest text that `plainDigits` writes out; beyond it the number keeps its exponent. */
export const PLAIN_DIGITS_MAX = 1_000

/**
 * A number of JSON whose digits no JavaScript number holds. It calculates and compares as the nearest JavaScript number;
 * as text it is what the source wrote, and in JSON that text.
 */
export class ExactNumber extends Number {
  readonly text: string

  /** `text` is a number token of JSON. */
  constructor(text: string) {
    super(text)
    this.text = text
  }

  override toString(): string {
    return this.text
  }

  toJSON(): string {
    return this.text
  }
}

/** Whether the text is a number as JSON writes them. */
export function isNumberToken(text: string): boolean {
  return TOKEN.test(text)
}

/**
 * Whether a number token of JSON is given to connectors as text: whole numbers beyond 2^53 - 1, which are mostly ids,
 * and numbers too large for any JavaScript number.
 */
export function comesAsText(token: string): boolean {
  return isLargeInteger(token) || !Number.isFinite(Number(token))
}

/** Whether a JavaScript number has the exact decimal value of a number token, and prints it. */
export function isHeld(token: string): boolean {
  const value = Number(token)
  const printed = String(value)
  if (printed === token) return Number.isSafeInteger(value) || !isLargeInteger(token)
  return !isLargeInteger(token) && canonicalDigits(printed) === canonicalDigits(token)
}

function isLargeInteger(token: string): boolean {
  const from = token.startsWith('-') ? 1 : 0
  const digits = token.length - from
  if (digits < LARGEST_SAFE.length || !/^-?\d+$/.test(token)) return false
  return digits > LARGEST_SAFE.length || token.slice(from) > LARGEST_SAFE
}

/**
 * One text per decimal value, in the form `-125e2`: no zeros at either end of the digits. `1.0`, `1` and `10e-1` are
 * `1e0`, and every zero is `0`. A text that is no number is itself.
 */
export function canonicalDigits(token: string): string {
  const match = TOKEN.exec(token)
  if (!match) return token
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (exponent.length > EXPONENT_CHARS_MAX) return token
  const all = whole + fraction
  let end = all.length
  while (end > 0 && all[end - 1] === '0') end--
  if (end === 0) return '0'
  let start = 0
  while (all[start] === '0') start++
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(all.length - end)
  return `${sign}${all.slice(start, end)}e${power}`
}

/**
 * A number as digits without an exponent, as far as PLAIN_DIGITS_MAX allows: `1e-7` is `0.0000001`. What was written
 * without an exponent stays as it was written.
 */
export function plainDigits(number: number | string): string {
  const text = String(number)
  const match = /[eE]/.test(text) ? TOKEN.exec(text) : null
  if (!match) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (/^0*$/.test(digits)) return '0'
  if (Math.max(digits.length, Math.abs(point)) > PLAIN_DIGITS_MAX) return text
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const before = digits
    .slice(0, point)
    .padEnd(point, '0')
    .replace(/^0+(?=\d)/, '')
  return `${sign}${before}${point < digits.length ? `.${digits.slice(point)}` : ''}`
}

/** One text per decimal value, whether a JavaScript number holds it (then it is what JSON prints) or not. */
export function canonicalNumber({ text }: ExactNumber): string {
  const digits = canonicalDigits(text)
  const nearest = Number(text)
  return canonicalDigits(String(nearest)) === digits ? JSON.stringify(nearest) : digits
}
