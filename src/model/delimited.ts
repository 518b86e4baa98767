// Owns rows as delimited text. CSV (RFC 4180) is what spreadsheets and most programs read, with a guard that keeps a
// spreadsheet from running what a stranger wrote into a field. TSV is what shell tools read: one line per row, every
// value exactly. Pure.

import { jsonText } from './json-text.ts'

/** A number is what it looks like; anything else that begins like a formula is not for a spreadsheet to calculate. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/
const NEEDS_QUOTES = /[",\t\r\n]|^\s|\s$/

/** What a field may hold: what SQL and JSON know. */
export type Field = string | number | bigint | boolean | object | null | undefined

/** `\n` for shell tools; `\r\n`, as RFC 4180 has it, for programs that insist. */
export type LineEnd = '\n' | '\r\n'

export function csvLine(values: readonly Field[], end: LineEnd = '\n'): string {
  const line = values.map((value) => csvField(value)).join(',')
  // A line of one empty field would be no line at all to most readers.
  return `${line === '' ? '""' : line}${end}`
}

function csvField(value: Field): string {
  const text = textOf(value)
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** Backslash, tab and line ends within a value are written as `\\`, `\t`, `\n` and `\r`; nothing is quoted. */
export function tsvLine(values: readonly Field[], end: LineEnd = '\n'): string {
  const fields = values.map((value) => textOf(value).replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? ''))
  return `${fields.join('\t')}${end}`
}

function textOf(value: Field): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? jsonText(value) : String(value)
}
