// Owns the order in which people read records of SQLite: keys that are whole numbers as numbers, and any column with its
// numbers before its other texts, and what is empty last.

import type { Column } from '../../model/record.ts'
import type { RecordsOrder } from '../store.ts'

/** Characters of a text that is compared as a number, at most. */
const NUMBER_CHARS_MAX = 300

/** Whether a key is a whole number from 0 up, written the plain way. */
function isWhole(key: string): string {
  return `(${key} = '0' OR (${key} GLOB '[1-9]*' AND ${key} NOT GLOB '*[^0-9]*'))`
}

/** How many digits each key has, 0 where it is no whole number. */
export function digitsOf(key: string): string {
  return `iif(${isWhole(key)}, length(${key}), 0)`
}

/** The terms of ORDER BY for rows that have a `_key` and the column. */
export function orderTerms({ column, descending }: RecordsOrder, type: Column['type'], quoted: string): string {
  const way = descending ? ' DESC' : ''
  if (column === '_key') return keyTerms(way)
  const terms = ['integer', 'real', 'boolean'].includes(type)
    ? // Numbers beyond 64 bits are kept as their digits: first by size, then exactly.
      [`CAST(${quoted} AS REAL)${way}`, `${quoted}${way}`]
    : [
        `${isNumber(quoted)}${descending ? '' : ' DESC'}`,
        `iif(${isNumber(quoted)}, CAST(${quoted} AS REAL), 0)${way}`,
        `${quoted}${way}`,
      ]
  return [`${quoted} IS NULL`, ...terms, keyTerms('')].join(', ')
}

function keyTerms(way: '' | ' DESC'): string {
  return [`NOT ${isWhole('_key')}${way}`, `${digitsOf('_key')}${way}`, `_key${way}`].join(', ')
}

/** Whether a text is a decimal number such as -12.50, and nothing else. */
function isNumber(text: string): string {
  const body = `iif(substr(${text}, 1, 1) = '-', substr(${text}, 2), ${text})`
  return `(length(${text}) <= ${NUMBER_CHARS_MAX} AND ${body} GLOB '[0-9]*' AND ${body} NOT GLOB '*[^0-9.]*'
    AND ${body} NOT GLOB '*.*.*' AND ${body} NOT GLOB '*.')`
}
