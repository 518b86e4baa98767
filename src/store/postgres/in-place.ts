// Owns the proof that the tables are still those that were opened. A schema that was dropped and made anew, or restored
// from a dump, has other tables under the same names, and none of the rows that were written before.

import { TidemarkError } from '../../model/errors.ts'
import type { Store } from '../store.ts'
import type { Connection, Queries } from './connection.ts'
import { replaced } from './errors.ts'

/** The numbers that the server has given to the database and to the table that every mirror has. */
const INSTANCE = `SELECT concat((SELECT oid FROM pg_database WHERE datname = current_database()), '/',
  to_regclass('tm_schema')::oid)`

export class TablesInPlace {
  readonly #name: string
  readonly #instance: unknown

  private constructor(name: string, instance: unknown) {
    this.#name = name
    this.#instance = instance
  }

  /** Of tables that were just made or found. */
  static async of(db: Connection): Promise<TablesInPlace> {
    return new TablesInPlace(db.name, await db.value(INSTANCE))
  }

  /** @throws TidemarkError database_replaced (stop) */
  async check(db: Queries): Promise<void> {
    if ((await db.value(INSTANCE)) !== this.#instance) throw replaced(this.#name)
  }
}

/** Errors and answers that say of tables made anew that somebody else took the lease, or deleted the stream. */
const GONE: ReadonlySet<string> = new Set(['lease_lost', 'stream_unknown', 'connection_unknown'])

/** The same store; where its writes miss what they build on, they look whether the tables are still the same. */
export function inPlace(store: Store, db: Connection, tables: TablesInPlace): Store {
  const { runs, leases } = store
  const looking = async <T>(write: Promise<T>): Promise<T> => {
    try {
      return await write
    } catch (error) {
      if (error instanceof TidemarkError && GONE.has(error.code)) await tables.check(db)
      throw error
    }
  }
  // A restored dump has the lease as it was.
  const finish: Store['runs']['finish'] = async (order) => {
    await tables.check(db)
    return looking(runs.finish(order))
  }
  const renew: Store['leases']['renew'] = async (lease, expiresAt) => {
    const renewed = await leases.renew(lease, expiresAt)
    if (!renewed) await tables.check(db)
    return renewed
  }
  return {
    ...store,
    checkpoint: (batch) => looking(store.checkpoint(batch)),
    runs: { ...runs, open: (run) => looking(runs.open(run)), finish },
    leases: { ...leases, renew },
  }
}
