// Owns declared columns in statements: their conditions, and their values as readers get them.

import type { ColumnType, StreamShape } from '../../model/record.ts'
import { columnUnknown } from '../../model/unknown-name.ts'
import type { Bind, Dialect } from '../dialect.ts'
import type { Row } from '../statements.ts'

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
