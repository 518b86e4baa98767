// Owns the rows of the buckets that every process of this database shares.

import { type Bucket, blocked, type Taken, take } from '../bucket.ts'
import { count, countOrNull, json } from '../cells.ts'
import type { Store } from '../store.ts'
import type { Connection, Queries } from './connection.ts'

export function limits(db: Connection): Pick<Store, 'reserve' | 'bucket' | 'block'> {
  return {
    async reserve({ key, ...asked }) {
      return db.transaction(async (tx) => {
        const { reservation, after } = take(await read(tx, key), asked)
        if (after) await write(tx, key, after)
        return reservation
      })
    },

    async bucket(key) {
      return known(db, key)
    },

    async block({ key, ...block }) {
      await db.transaction(async (tx) => write(tx, key, blocked(await read(tx, key), block)))
    },
  }
}

/** Nobody else may use the bucket until the transaction ends. The key is the lock: a bucket may have no row yet. */
async function read(tx: Queries, key: string): Promise<Bucket | undefined> {
  await tx.run(`SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' bucket ' || $1, 0))`, [key])
  return known(tx, key)
}

async function known(queries: Queries, key: string): Promise<Bucket | undefined> {
  const row = await queries.get('SELECT * FROM tm_buckets WHERE key = $1', [key])
  if (!row) return undefined
  return {
    capacity: countOrNull(row['capacity']),
    perMs: countOrNull(row['per_ms']),
    tokens: countOrNull(row['tokens']),
    at: count(row['at']),
    blockedUntil: countOrNull(row['blocked_until']) ?? 0,
    taken: json(row['taken']) as readonly Taken[],
  }
}

async function write(tx: Queries, key: string, bucket: Bucket): Promise<void> {
  const { capacity, perMs, tokens, at, blockedUntil, taken } = bucket
  await tx.run(
    `INSERT INTO tm_buckets (key, capacity, per_ms, tokens, at, blocked_until, taken) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (key) DO UPDATE SET capacity = $2, per_ms = $3, tokens = $4, at = $5, blocked_until = $6, taken = $7`,
    [key, capacity, perMs, tokens, at, blockedUntil, JSON.stringify(taken)],
  )
}
