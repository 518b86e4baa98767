// Owns the order in which people read records: keys that are whole numbers as numbers, and any column with its numbers
// before its other texts, and what is empty last.

import type { ColumnType } from '../../model/record.ts'
import type { Dialect } from '../dialect.ts'
import type { RecordsOrder } from '../store.ts'

/** Characters of a text that is compared as a number, at most. */
const NUMBER_CHARS_MAX = 300

/** The terms of ORDER BY for rows that have a `_key` and the column. */
export function orderTerms(
  dialect: Dialect,
  { column, descending }: RecordsOrder,
  type: ColumnType,
  quoted: string,
): string {
  const way = descending ? ' DESC' : ''
  if (column === '_key') return keyTerms(dialect, way)
  const isNumber = `(length(${quoted}) <= ${NUMBER_CHARS_MAX} AND ${dialect.isNumber(quoted)})`
  const terms = ['integer', 'real', 'boolean'].includes(type)
    ? dialect.bySize(quoted).map((term) => `${term}${way}`)
    : [
        `${isNumber}${descending ? '' : ' DESC'}`,
        `CASE WHEN ${isNumber} THEN CAST(${quoted} AS double precision) END${way}`,
        `${quoted}${dialect.byBytes}${way}`,
      ]
  return [`${quoted} IS NULL`, ...terms, keyTerms(dialect, '')].join(', ')
}

function keyTerms({ digitsOf, byBytes }: Dialect, way: '' | ' DESC'): string {
  return [`${digitsOf('_key')} = 0${way}`, `${digitsOf('_key')}${way}`, `_key${byBytes}${way}`].join(', ')
}
