// Owns how PostgreSQL answers the parts of the store that both databases share, and the drive that waits for each answer.

import { type Asking, all, type Dialect, type Drive, type Statement, type Work } from '../statements.ts'
import type { Connection, Queries } from './connection.ts'

export const POSTGRES: Dialect = {
  newEpoch: 'substr(md5(gen_random_uuid()::text), 1, 12)',
  rowId: '_id',
  lock: function* (kind, key) {
    yield* all(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ${kind} ' || $1, 0))`, [key])
  },
}

/** Runs work to its end, statement by statement. To be used with a transaction where the work needs one. */
export async function driven<T>(tx: Queries, asking: Asking<T>): Promise<T> {
  let step = asking.next()
  while (!step.done) step = asking.next(await answer(tx, step.value))
  return step.value
}

/** The drive over the connections to a server. */
export function postgresDrive(db: Connection): Drive {
  return async <A extends readonly unknown[], T>(work: Work<A, T>, args: A): Promise<T> => {
    const act = (tx: Queries) => driven(tx, work.ask(...args))
    if (work.how === 'writing') return db.transaction(act, (result) => work.keep?.(result) ?? true)
    return work.how === 'reading' ? db.reading(act) : act(db)
  }
}

function answer(tx: Queries, { sql, values, want }: Statement): Promise<unknown> {
  return want === 'rows' ? tx.all(sql, values) : tx.run(sql, values)
}
