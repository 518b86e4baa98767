// Owns how SQLite compares numbers by all their digits: integers beyond 64 bits, which it keeps as bytes, and numbers in texts.

import type { Bind, Comparing, Dialect } from '../dialect.ts'
import { integerOf } from './values.ts'

/** As `compares` of a dialect. */
export const compares: Dialect['compares'] = (comparing, bind) => {
  const { type, expression, than, value } = comparing
  if (type === 'text') return betweenTexts(comparing, bind)
  if (type === 'integer') return betweenIntegers(comparing, bind)
  return `CAST(${expression} AS REAL) ${than} ${bind(Number(value))}`
}

/** What is kept as bytes is beyond 64 bits: to what is within, its sign alone tells how it stands. */
function betweenIntegers({ expression, than, value }: Comparing, bind: Bind): string {
  const limit = integerOf(value)
  const bytes = `CAST(${expression} AS TEXT)`
  const choice = (large: string, small: string) =>
    `CASE WHEN typeof(${expression}) = 'blob' THEN ${large} ELSE ${small} END`
  if (!(limit instanceof Uint8Array)) {
    return choice(`${bytes} ${than === '>=' ? 'NOT LIKE' : 'LIKE'} '-%'`, `${expression} ${than} ${bind(limit)}`)
  }
  const isAll = Number(value) < 0 === (than === '>=')
  return choice(byDigits(bytes, than, BigInt(value), bind), `${expression} IS NOT NULL AND ${isAll}`)
}

/** Whole numbers by their digits; where there is a point, as the nearest numbers. */
function betweenTexts({ expression, than, value }: Comparing, bind: Bind): string {
  const nearest = `CAST(${expression} AS REAL) ${than} ${bind(Number(value))}`
  if (!/^-?\d+$/.test(String(value))) return nearest
  const body = `iif(substr(${expression}, 1, 1) = '-', substr(${expression}, 2), ${expression})`
  const isWhole = `${body} GLOB '[1-9]*' AND ${body} NOT GLOB '*[^0-9]*'`
  return `CASE WHEN ${isWhole} THEN ${byDigits(expression, than, BigInt(value), bind)} ELSE ${nearest} END`
}

/** A text of digits, with no zero before them, against a number: by sign, then by length, then digit by digit. */
function byDigits(text: string, than: Comparing['than'], value: bigint, bind: Bind): string {
  const digits = String(value)
  const isLarger = (than === '>=') === value >= 0n
  const [more, orSame] = isLarger ? ['>', '>='] : ['<', '<=']
  const length = `length(${text})`
  const sameLength = `${length} = ${digits.length} AND ${text} ${orSame} ${bind(digits)}`
  const near = `(${length} ${more} ${digits.length} OR (${sameLength}))`
  const isSameSign = `${text} ${value < 0n ? 'LIKE' : 'NOT LIKE'} '-%'`
  return isLarger ? `(${isSameSign} AND ${near})` : `(NOT (${isSameSign}) OR ${near})`
}
