// Owns how SQLite answers the parts of the store that both databases share: what it writes otherwise than PostgreSQL,
// and the drive that runs a piece of work without a pause.

import type { Asking, Dialect, Drive, Param, Row, Statement, Work } from '../statements.ts'
import type { Connection, Value } from './connection.ts'

/**
 * The number of a row. SQLite's other names for it, `rowid` and `oid`, may be columns of a stream; this one can't, because
 * no declared name begins with an underscore.
 */
export const ROW_ID = '_rowid_'

export const SQLITE: Dialect = {
  newEpoch: 'lower(hex(randomblob(6)))',
  rowId: ROW_ID,
  lock: function* () {},
}

/** Statements of the shared parts, as SQLite writes them. There are as many as there are in the code. */
const translations = new Map<string, string>()

/**
 * PostgreSQL's SQL as SQLite writes it: numbered parameters, no casts, lists as JSON, no row locks (a writer is alone).
 * Only our own statements come here, none with text of a user's in it.
 */
export function translated(sql: string): string {
  const known = translations.get(sql)
  if (known !== undefined) return known
  const translation = sql
    .replace(/ = ANY\(\$(\d+)::[a-z]+\[\]\)/g, ' IN (SELECT value FROM json_each(?$1))')
    .replace(/::[a-z]+/g, '')
    .replace(/\$(\d+)/g, '?$1')
    .replace(/\bgreatest\(/g, 'max(')
    .replace(/ FOR (NO KEY )?UPDATE/g, '')
  translations.set(sql, translation)
  return translation
}

/** Runs work to its end, statement by statement. To be used inside a transaction where the work needs one. */
export function driven<T>(db: Connection, asking: Asking<T>): T {
  let step = asking.next()
  while (!step.done) step = asking.next(answer(db, step.value))
  return step.value
}

/** The drive over a connection. */
export function sqliteDrive(db: Connection): Drive {
  return async <A extends readonly unknown[], T>(work: Work<A, T>, args: A): Promise<T> => {
    const act = () => driven(db, work.ask(...args))
    if (work.how === 'writing') return db.transaction(act, (result) => work.keep?.(result) ?? true)
    return work.how === 'reading' ? db.reading(act) : act()
  }
}

function answer(db: Connection, { sql, values, want }: Statement): number | readonly Row[] {
  const bound = values.map(boundValue)
  return want === 'rows' ? db.all(translated(sql), bound) : db.run(translated(sql), bound)
}

function boundValue(value: Param): Value {
  if (typeof value === 'boolean') return Number(value)
  return Array.isArray(value) ? JSON.stringify(value) : (value as Value)
}
