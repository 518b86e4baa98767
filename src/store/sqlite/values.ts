// Owns the way of cells into SQLite, without loss.

import type { Cell, Column } from '../../model/record.ts'
import type { Value } from './connection.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** The longest text of digits that is certainly within 64 bits. */
const SAFE_DIGITS = 18

const encoder = new TextEncoder()

/** Binds the cells of some columns, in their order. */
export class CellBinder {
  readonly #integers: readonly number[]
  readonly #reals: readonly number[]

  constructor(columns: readonly Column[]) {
    const having = (...types: Column['type'][]) => columns.flatMap(({ type }, i) => (types.includes(type) ? [i] : []))
    this.#integers = having('integer', 'boolean')
    this.#reals = having('real')
  }

  /** Appends the cells as SQLite takes them. Only where a column holds numbers is there anything to look at. */
  push(values: Value[], cells: readonly Cell[]): void {
    const from = values.length
    values.push(...cells)
    for (const index of this.#integers) {
      const cell = cells[index]
      if (typeof cell === 'bigint' || (typeof cell === 'string' && cell.length > SAFE_DIGITS)) {
        values[from + index] = integerToSql(cell)
      }
    }
    for (const index of this.#reals) {
      const cell = cells[index]
      if (typeof cell === 'bigint') values[from + index] = Number(cell)
    }
  }
}

/** What a column of integers holds of a value that it is compared with: all digits of a whole number, of whatever size. */
export function integerOf(value: string | number): string | number | bigint | Uint8Array {
  if (typeof value === 'string' && !/^-?\d+(?:\.\d+)?$/.test(value)) return value
  const number = Number(value)
  const isWhole = typeof value === 'number' ? Number.isInteger(value) : !value.includes('.')
  return isWhole && !Number.isSafeInteger(number) ? integerToSql(BigInt(value)) : number
}

/**
 * A column of integers would make a rounded float of digits that 64 bits don't hold. Such digits are bound as bytes,
 * which SQLite leaves alone; readers make text of them again.
 */
function integerToSql(cell: bigint | string): bigint | Uint8Array {
  if (typeof cell === 'string' && !/^[+-]?\d+$/.test(cell)) return encoder.encode(cell)
  const value = BigInt(cell)
  return value <= INT64_MAX && value >= INT64_MIN ? value : encoder.encode(String(cell))
}
