// Owns the rows of the buckets that every process of this database shares.

import { type Bucket, blocked, type Taken, take } from '../bucket.ts'
import { count, countOrNull, json } from '../cells.ts'
import { type Asking, alone, type Dialect, get, run, type Works, writing } from '../statements.ts'

export function limits({ lock }: Dialect): Works<'reserve' | 'bucket' | 'block'> {
  return {
    reserve: writing(function* ({ key, ...asked }) {
      yield* lock('bucket', key)
      const { reservation, after } = take(yield* read(key), asked)
      if (after) yield* write(key, after)
      return reservation
    }),

    bucket: alone(read),

    block: writing(function* ({ key, ...block }) {
      yield* lock('bucket', key)
      yield* write(key, blocked(yield* read(key), block))
    }),
  }
}

function* read(key: string): Asking<Bucket | undefined> {
  const row = yield* get('SELECT * FROM tm_buckets WHERE key = $1', [key])
  if (!row) return undefined
  return {
    capacity: countOrNull(row['capacity']),
    perMs: countOrNull(row['per_ms']),
    tokens: countOrNull(row['tokens']),
    at: count(row['at']),
    blockedUntil: countOrNull(row['blocked_until']) ?? 0,
    taken: json(row['taken'] ?? '[]') as readonly Taken[],
  }
}

function* write(key: string, { capacity, perMs, tokens, at, blockedUntil, taken }: Bucket): Asking<void> {
  yield* run(
    `INSERT INTO tm_buckets (key, capacity, per_ms, tokens, at, blocked_until, taken) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (key) DO UPDATE SET capacity = $2, per_ms = $3, tokens = $4, at = $5, blocked_until = $6, taken = $7`,
    [key, capacity, perMs, tokens, at, blockedUntil, JSON.stringify(taken)],
  )
}
