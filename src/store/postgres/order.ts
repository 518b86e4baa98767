// Owns the order in which people read records of PostgreSQL: keys that are whole numbers as numbers, and any column with
// its numbers before its other texts, and what is empty last. The same order as in SQLite.

import type { Column } from '../../model/record.ts'
import type { RecordsOrder } from '../store.ts'

/** Characters of a text that is compared as a number, at most. */
const NUMBER_CHARS_MAX = 300

/** How many digits each key has, 0 where it is no whole number from 0 up, written the plain way. */
export function digitsOf(key: string): string {
  return `CASE WHEN ${key} ~ '^(0|[1-9][0-9]*)$' THEN length(${key}) ELSE 0 END`
}

/** The terms of ORDER BY for rows that have a `_key` and the column. */
export function orderTerms({ column, descending }: RecordsOrder, type: Column['type'], quoted: string): string {
  const way = descending ? ' DESC' : ''
  if (column === '_key') return keyTerms(way)
  const terms = ['integer', 'real', 'boolean'].includes(type)
    ? [`${quoted}${way}`]
    : [
        `${isNumber(quoted)}${descending ? '' : ' DESC'}`,
        `CASE WHEN ${isNumber(quoted)} THEN ${quoted}::double precision END${way}`,
        `${quoted} COLLATE "C"${way}`,
      ]
  return [`${quoted} IS NULL`, ...terms, keyTerms('')].join(', ')
}

function keyTerms(way: '' | ' DESC'): string {
  return [`${digitsOf('_key')} = 0${way}`, `${digitsOf('_key')}${way}`, `_key COLLATE "C"${way}`].join(', ')
}

/** Whether a text is a decimal number such as -12.50, and nothing else. */
function isNumber(text: string): string {
  return `(length(${text}) <= ${NUMBER_CHARS_MAX} AND ${text} ~ '^-?[0-9]+(\\.[0-9]+)?$')`
}
