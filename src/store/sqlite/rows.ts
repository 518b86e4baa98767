// Owns statements for many rows at once: a few fixed sizes, each prepared once, so that a page takes a handful of
// statements whatever its length.

import type { StatementSync } from 'node:sqlite'
import type { Connection, Value } from './connection.ts'

/** Pages of APIs have 100, 50, 30, 25, 20 or 10 records; these sizes take them in one to five statements. */
const SIZES = [100, 25, 5, 1] as const
/** SQLite takes 32,766 parameters at most. */
const PARAMETERS_MAX = 32_000

export interface RowsSql {
  /** Up to VALUES. */
  readonly head: string
  /** One row, `?` for each of its values. */
  readonly row: string
  /** What follows the rows. */
  readonly tail?: string
}

/**
 * Inserts rows of one kind. A value that all rows share is bound with each of them: numbered parameters, which could
 * share it, are searched one by one at every binding.
 */
export class RowWriter {
  readonly #db: Connection
  readonly #sql: RowsSql
  readonly #width: number
  readonly #statements = new Map<number, StatementSync>()

  constructor(db: Connection, sql: RowsSql) {
    this.#db = db
    this.#sql = sql
    this.#width = sql.row.split('?').length - 1
  }

  /** Writes rows; `bind` appends the values of one. Returns how many rows changed. */
  write<Row>(rows: readonly Row[], bind: (values: Value[], row: Row) => void): number {
    let changed = 0
    let from = 0
    for (const size of SIZES) {
      if (size > 1 && size * this.#width > PARAMETERS_MAX) continue
      for (; rows.length - from >= size; from += size) {
        const values: Value[] = []
        for (let i = from; i < from + size; i++) bind(values, rows[i] as Row)
        changed += Number(this.#statement(size).run(...values).changes)
      }
    }
    return changed
  }

  #statement(size: number): StatementSync {
    const kept = this.#statements.get(size)
    if (kept) return kept
    const { head, row, tail = '' } = this.#sql
    const statement = this.#db.prepare(`${head} VALUES ${Array(size).fill(row).join(', ')} ${tail}`)
    this.#statements.set(size, statement)
    return statement
  }
}

/** Sizes of lists of keys; a shorter list is filled up with its last key, which changes no answer. */
const LIST_SIZES = [500, 100, 25, 5, 1] as const

/** Asks for the rows of many keys. The SQL has one `?`, and then `(KEYS)`. */
export class KeysReader {
  readonly #db: Connection
  readonly #sql: string
  readonly #prepared: (statement: StatementSync) => void
  readonly #statements = new Map<number, StatementSync>()

  constructor(db: Connection, sql: string, prepared: (statement: StatementSync) => void) {
    this.#db = db
    this.#sql = sql
    this.#prepared = prepared
  }

  /** Calls `take` with the rows of the keys, in no particular order. */
  read(first: Value, keys: readonly string[], take: (rows: readonly unknown[]) => void): void {
    for (let from = 0; from < keys.length; ) {
      const left = keys.length - from
      const size = LIST_SIZES.find((candidate) => candidate <= left * 2) ?? 1
      const part = keys.slice(from, from + size)
      const last = part.at(-1) as string
      while (part.length < size) part.push(last)
      take(this.#statement(size).all(first, ...part))
      from += size
    }
  }

  #statement(size: number): StatementSync {
    const kept = this.#statements.get(size)
    if (kept) return kept
    const keys = Array(size).fill('?').join(', ')
    const statement = this.#db.prepare(this.#sql.replace('(KEYS)', () => `(${keys})`))
    this.#prepared(statement)
    this.#statements.set(size, statement)
    return statement
  }
}
