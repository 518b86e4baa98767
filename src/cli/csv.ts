// Owns CSV (RFC 4180): quoting, CRLF line ends, and the guard that keeps a spreadsheet from running what a stranger
// wrote into a field. Pure.

import { jsonText } from './printable.ts'

/** A number is what it looks like; anything else that begins like a formula is not for a spreadsheet to calculate. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const FORMULA = /^[=+\-@\t\r]/
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/

/** What a field may hold: what SQL and JSON know. */
export type Field = string | number | bigint | boolean | object | null | undefined

export function csvLine(values: readonly Field[]): string {
  const line = values.map((value) => csvField(value)).join(',')
  // A line of one empty field would be no line at all to most readers.
  return `${line === '' ? '""' : line}\r\n`
}

function csvField(value: Field): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? jsonText(value) : String(value)
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
