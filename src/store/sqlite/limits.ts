// Owns the rows of the buckets that every process of this database shares.

import { type Bucket, blocked, type Taken, take } from '../bucket.ts'
import { count, countOrNull, textOrNull } from '../cells.ts'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'

export function limits(db: Connection): Pick<Store, 'reserve' | 'bucket' | 'block'> {
  return {
    async reserve({ key, ...asked }) {
      return db.transaction(() => {
        const { reservation, after } = take(read(db, key), asked)
        if (after) write(db, key, after)
        return reservation
      })
    },

    async bucket(key) {
      return read(db, key)
    },

    async block({ key, ...block }) {
      db.transaction(() => {
        write(db, key, blocked(read(db, key), block))
      })
    },
  }
}

function read(db: Connection, key: string): Bucket | undefined {
  const row = db.get('SELECT * FROM tm_buckets WHERE key = ?', [key])
  if (!row) return undefined
  return {
    capacity: countOrNull(row['capacity']),
    perMs: countOrNull(row['per_ms']),
    tokens: countOrNull(row['tokens']),
    at: count(row['at']),
    blockedUntil: countOrNull(row['blocked_until']) ?? 0,
    taken: JSON.parse(textOrNull(row['taken']) ?? '[]') as readonly Taken[],
  }
}

function write(db: Connection, key: string, { capacity, perMs, tokens, at, blockedUntil, taken }: Bucket): void {
  db.run(
    `INSERT INTO tm_buckets (key, capacity, per_ms, tokens, at, blocked_until, taken) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (key) DO UPDATE SET capacity = ?2, per_ms = ?3, tokens = ?4, at = ?5, blocked_until = ?6, taken = ?7`,
    [key, capacity, perMs, tokens, at, blockedUntil, JSON.stringify(taken)],
  )
}
