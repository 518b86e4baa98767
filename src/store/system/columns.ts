// Owns declared columns in statements: their conditions, and their values as readers get them.

import { ANY, conditionOf } from '../../model/condition.ts'
import { plainDigits } from '../../model/exact-number.ts'
import type { ColumnType, StreamShape } from '../../model/record.ts'
import { columnUnknown } from '../../model/unknown-name.ts'
import type { Bind, Dialect } from '../dialect.ts'
import type { Row } from '../statements.ts'
import { isNumberText, NUMBERS } from './order.ts'

interface Equality {
  readonly alias: string
  readonly column: string
  readonly values: readonly (string | number)[]
}

/**
 * Whether a column has one of the values, as its type compares: `1` is `1.0` in a column of numbers, and text that is no
 * number is in none.
 *
 * @throws TidemarkError column_unknown
 */
export function equals(dialect: Dialect, shape: StreamShape, { alias, column, values }: Equality, bind: Bind): string {
  const type = typeOf(shape, column)
  return dialect.isOneOf(type, `${alias}.${column === '_key' ? '_key' : dialect.stored(column)}`, values, bind)
}

interface Demand {
  readonly alias: string
  /** A column, with its comparison behind it. */
  readonly name: string
  /** Several: one of them, for equality alone. */
  readonly value: string | number | readonly string[]
}

const NUMBER = /^-?\d+(?:\.\d+)?$/
const YEAR = /^\d{4}$/

/**
 * Whether a column compares so with a value. In a column of texts, a value that is a number is compared with numbers, by
 * size; one of four digits is a year, too, and is compared with what begins as days are written. Any other text is compared by
 * its bytes, as times are written. What is empty differs from every value, and is neither more nor less.
 *
 * @throws TidemarkError column_unknown
 */
export function holds(dialect: Dialect, shape: StreamShape, { alias, name, value: given }: Demand, bind: Bind): string {
  const { column, by } = conditionOf(
    name,
    shape.columns.map((known) => known.name),
  )
  const values = [given].flat().map(exact)
  const [value = ''] = values
  if (column === ANY && by === '~') {
    const texts = shape.columns
      .filter((known) => known.type === 'text')
      .map((known) => `${alias}.${dialect.stored(known.name)}`)
    const part = bind(String(value))
    return `(${[`${alias}._key`, ...texts].map((cell) => dialect.contains(cell, part)).join(' OR ')})`
  }
  const equal = () => equals(dialect, shape, { alias, column, values }, bind)
  if (by === '=') return equal()
  const type = typeOf(shape, column)
  const cell = `${alias}.${column === '_key' ? '_key' : dialect.stored(column)}`
  if (by === '!') return `(${cell} IS NULL OR NOT (${equal()}))`
  if (by === '~') return dialect.contains(cell, bind(String(value)))
  const than = `${by}=` as const
  if (NUMBERS.includes(type)) return dialect.compares({ type, expression: cell, than, value }, bind)
  const written = plainDigits(value)
  const byBytes = () => `${cell}${dialect.byBytes} ${than} ${bind(written)}`
  if (!NUMBER.test(written)) return byBytes()
  const bySize = dialect.compares({ type: 'text', expression: cell, than, value: written }, bind)
  const orDated = YEAR.test(written) ? ` WHEN ${dialect.isDated(cell)} THEN ${byBytes()}` : ''
  return `CASE WHEN ${isNumberText(dialect, cell)} THEN ${bySize}${orDated} END`
}

/** A large whole number as what it is, to the last digit: as text, a number is only near it. */
function exact(value: string | number): string | number {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(BigInt(value)) : value
}

function typeOf({ stream, columns }: StreamShape, name: string): ColumnType {
  const column = columns.find((candidate) => candidate.name === name)
  if (name === '_key') return 'text'
  if (column) return column.type
  throw columnUnknown(stream, name, ['_key', ...columns.map((known) => known.name)])
}

/** The declared columns by name; a boolean is true or false here. */
export function columnsOf(row: Row, { columns }: StreamShape): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = plain(row[name] ?? null)
      return [name, type === 'boolean' && value !== null ? value !== 0 : value]
    }),
  )
}

/** A row as people read it. */
export function readable(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))
}

const decoder = new TextDecoder()

/** SQLite keeps digits that 64 bits don't hold as bytes. */
export function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? decoder.decode(value) : value
}
