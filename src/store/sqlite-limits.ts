// Owns the token buckets that every process of this database shares.

import type { Connection } from './sqlite-connection.ts'
import { count, countOrNull } from './sqlite-values.ts'
import type { Reservation, Store } from './store.ts'

interface Bucket {
  readonly key: string
  readonly capacity: number
  readonly perMs: number
}

export function limits(db: Connection): Pick<Store, 'reserve' | 'block'> {
  return {
    async reserve({ key, capacity, perMs, want, now }) {
      return db.transaction((): Reservation => {
        const known = bucket(db, key)
        if (known && known.blockedUntil > now) return { granted: 0, waitMs: Math.ceil(known.blockedUntil - now) }
        // A bucket nobody has seen is full; so is one that was only ever blocked.
        const tokens = known ? refilled(known, { key, capacity, perMs }, now) : capacity
        const granted = Math.max(0, Math.min(Math.floor(want), Math.floor(tokens)))
        db.run(
          `INSERT INTO tm_buckets (key, capacity, per_ms, tokens, at) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (key) DO UPDATE SET capacity = ?2, per_ms = ?3, tokens = ?4, at = ?5`,
          [key, capacity, perMs, tokens - granted, now],
        )
        return { granted, waitMs: granted > 0 ? 0 : Math.max(0, Math.ceil(((1 - tokens) * perMs) / capacity)) }
      })
    },

    async block({ key, until, remaining, now }) {
      db.transaction(() => {
        const known = bucket(db, key)
        const { capacity, perMs } = known ?? { capacity: null, perMs: null }
        const tokens =
          known && capacity !== null && perMs !== null ? refilled(known, { key, capacity, perMs }, now) : known?.tokens
        const left = Math.min(tokens ?? Number.POSITIVE_INFINITY, Math.max(0, remaining ?? Number.POSITIVE_INFINITY))
        const blockedUntil = Math.max(known?.blockedUntil ?? 0, until ?? 0)
        db.run(
          `INSERT INTO tm_buckets (key, tokens, at, blocked_until) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT (key) DO UPDATE SET tokens = ?2, at = ?3, blocked_until = ?4`,
          [key, Number.isFinite(left) ? left : null, now, blockedUntil],
        )
      })
    },
  }
}

interface KnownBucket {
  readonly capacity: number | null
  readonly perMs: number | null
  /** Null: full, as far as anybody knows. */
  readonly tokens: number | null
  readonly at: number
  readonly blockedUntil: number
}

function bucket(db: Connection, key: string): KnownBucket | undefined {
  const row = db.get('SELECT * FROM tm_buckets WHERE key = ?', [key])
  if (!row) return undefined
  return {
    capacity: countOrNull(row['capacity']),
    perMs: countOrNull(row['per_ms']),
    tokens: countOrNull(row['tokens']),
    at: count(row['at']),
    blockedUntil: countOrNull(row['blocked_until']) ?? 0,
  }
}

/** What the bucket holds now. A clock that stepped back refills nothing, and does not stop the refilling to come. */
function refilled({ tokens, at }: KnownBucket, { capacity, perMs }: Bucket, now: number): number {
  if (tokens === null) return capacity
  return Math.min(capacity, tokens + (Math.max(0, now - at) * capacity) / perMs)
}
