// Owns the order in which people read records: keys that are whole numbers as numbers, and any column with its numbers
// before its other texts, and what is empty last.

import type { ColumnType } from '../../model/record.ts'
import type { Bind, Dialect } from '../dialect.ts'
import type { RecordPlace, RecordsOrder } from '../store.ts'

/** Characters of a text that is compared as a number, at most. */
const NUMBER_CHARS_MAX = 300

/** Types whose values are ordered by size. */
export const NUMBERS: readonly ColumnType[] = ['integer', 'real', 'boolean']

/** The terms of ORDER BY for rows that have a `_key` and the column. */
export function orderTerms(
  dialect: Dialect,
  { column, descending }: RecordsOrder,
  type: ColumnType,
  quoted: string,
): string {
  const way = descending ? ' DESC' : ''
  if (column === '_key') return keyTerms(dialect, way)
  const isNumber = isNumberText(dialect, quoted)
  const terms = NUMBERS.includes(type)
    ? dialect.bySize(quoted).map((term) => `${term}${way}`)
    : [
        `${isNumber}${descending ? '' : ' DESC'}`,
        `CASE WHEN ${isNumber} THEN CAST(${quoted} AS double precision) END${way}`,
        `${quoted}${dialect.byBytes}${way}`,
      ]
  return [`${quoted} IS NULL`, ...terms, keyTerms(dialect, '')].join(', ')
}

interface Near {
  readonly order: RecordsOrder
  readonly type: ColumnType
  readonly behind: RecordPlace
  readonly limit: number
}

/**
 * The rows of `from` among which those behind a place are, as few as can be told without putting all in order: whatever is not
 * before the value of the place, as many as are asked for beside those of the same value. Undefined: any may be.
 */
export function nearTo(
  dialect: Dialect,
  { order, type, behind: { value }, limit }: Near,
  from: string,
  bind: Bind,
): string | undefined {
  const { column, descending } = order
  if (column === '_key' || value === null) return undefined
  const quoted = dialect.shown(column)
  const than = descending ? '<=' : '>='
  const { tie, after } = beside(dialect, { quoted, type, value, than, descending }, bind)
  const most = `(SELECT count(*) FROM ${from} t WHERE ${tie}) + ${bind(limit)}::bigint`
  const terms = orderTerms(dialect, order, type, quoted)
  return `SELECT * FROM ${from} a WHERE (${after}) OR ${quoted} IS NULL ORDER BY ${terms} LIMIT ${most}`
}

interface Beside {
  readonly quoted: string
  readonly type: ColumnType
  readonly value: string | number
  readonly than: '<=' | '>='
  readonly descending: boolean
}

/** Whether a row has the value of a place, as far as order goes, and whether it is that or behind it, what is empty left out. */
function beside(dialect: Dialect, { quoted, type, value, than, descending }: Beside, bind: Bind) {
  if (NUMBERS.includes(type)) {
    const size = dialect.bySize(quoted)[0]
    const at = dialect.cell('real', Number(value), bind)
    return { tie: `${size} = ${at}`, after: `${size} ${than} ${at}` }
  }
  const text = String(value)
  const isNumber = isNumberText(dialect, quoted)
  if (NUMBER.test(text) && text.length <= NUMBER_CHARS_MAX) {
    const size = `CASE WHEN ${isNumber} THEN CAST(${quoted} AS double precision) END`
    const at = dialect.cell('real', Number(text), bind)
    return { tie: `${size} = ${at}`, after: `${size} ${than} ${at}${descending ? '' : ` OR NOT ${isNumber}`}` }
  }
  const at = `${bind(text)}::text`
  const behind = `${quoted}${dialect.byBytes} ${than} ${at}`
  return { tie: `${quoted} = ${at}`, after: descending ? `${behind} OR ${isNumber}` : `${behind} AND NOT ${isNumber}` }
}

const NUMBER = /^-?\d+(?:\.\d+)?$/

/** Whether a text is a number, and short enough to be compared as one. */
export function isNumberText(dialect: Dialect, quoted: string): string {
  return `(length(${quoted}) <= ${NUMBER_CHARS_MAX} AND ${dialect.isNumber(quoted)})`
}

function keyTerms({ digitsOf, byBytes }: Dialect, way: '' | ' DESC'): string {
  return [`${digitsOf('_key')} = 0${way}`, `${digitsOf('_key')}${way}`, `_key${byBytes}${way}`].join(', ')
}
