// Owns the rows of the buckets that every process of this database shares.

import { type Bucket, blocked, type Taken, type Turn, take, withoutTurn } from '../bucket.ts'
import { count, countOrNull, json } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { type Asking, alone, get, type Row, run, type Works, writing } from '../statements.ts'
import type { LimitStore } from '../store.ts'

export function limits({ lock }: Dialect): Works<LimitStore> {
  return {
    reserve: writing(function* ({ key, ...asked }) {
      yield* lock('bucket', key)
      const { reservation, after } = take(yield* read(key), asked)
      if (after) yield* write(key, after)
      return reservation
    }),

    leave: writing(function* ({ key, who }) {
      yield* lock('bucket', key)
      const after = withoutTurn(yield* read(key), who)
      if (after) yield* write(key, after)
    }),

    bucket: alone(read),

    block: writing(function* ({ key, ...block }) {
      yield* lock('bucket', key)
      yield* write(key, blocked(yield* read(key), block))
    }),

    rename: writing(function* (from, to) {
      for (const key of [from, to].sort()) yield* lock('bucket', key)
      const bucket = yield* read(from)
      if (!bucket) return
      if (!(yield* read(to))) yield* write(to, bucket)
      yield* run('DELETE FROM tm_buckets WHERE key = $1', [from])
    }),
  }
}

function* read(key: string): Asking<Bucket | undefined> {
  const row = yield* get('SELECT * FROM tm_buckets WHERE key = $1', [key])
  return row && bucketOf(row)
}

export function bucketOf(row: Row): Bucket {
  return {
    capacity: countOrNull(row['capacity']),
    perMs: countOrNull(row['per_ms']),
    tokens: countOrNull(row['tokens']),
    at: count(row['at']),
    blockedUntil: countOrNull(row['blocked_until']) ?? 0,
    blockedSince: countOrNull(row['blocked_since']),
    blockedBehind: countOrNull(row['blocked_behind']),
    taken: json(row['taken'] ?? '[]') as readonly Taken[],
    turns: json(row['turns'] ?? '[]') as readonly Turn[],
  }
}

function* write(key: string, bucket: Bucket): Asking<void> {
  const { capacity, perMs, tokens, at, blockedUntil, blockedSince, blockedBehind, taken, turns } = bucket
  yield* run(
    `INSERT INTO tm_buckets (key, capacity, per_ms, tokens, at, taken, turns, blocked_until, blocked_since, blocked_behind)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (key) DO UPDATE SET capacity = $2, per_ms = $3, tokens = $4, at = $5, taken = $6, turns = $7,
       blocked_until = $8, blocked_since = $9, blocked_behind = $10`,
    [
      key,
      capacity,
      perMs,
      tokens,
      at,
      JSON.stringify(taken),
      JSON.stringify(turns),
      blockedUntil,
      blockedSince,
      blockedBehind,
    ],
  )
}
