// Owns what the limits that are known now mean for a run of so many requests: how long it waits for them, and whether one
// of them ends it. It goes through the buckets as the limiter will, and takes nothing. Pure.

import type { Limit } from '../../connector/connector.ts'
import { blockOf } from '../../http/limiter.ts'
import { LIMITS, LONG_WAIT_MS, ROUNDING_MS } from '../../http/request-limits.ts'
import { type Bucket, take } from '../../store/bucket.ts'

/** Requests that are looked ahead for: where nobody knows how many there will be, and at most. */
const AHEAD = 1_000
const AHEAD_MAX = 20_000

export interface LimitOutlook {
  /** So many requests are made, at most; null: these limits end no such run. */
  readonly fits: number | null
  /** The limit that ends it, and when it allows more, in milliseconds since 1970. */
  readonly key: string | null
  readonly until: number | null
  /** How long the run waits for its requests, in milliseconds. */
  readonly waitMs: number
}

/** `requests` null: nobody knows how many there will be. `drawn`: what other runs take before, by the limit's key. */
export function limitOutlook(
  limits: readonly { readonly limit: Limit; readonly bucket: Bucket | undefined }[],
  requests: number | null,
  now: number,
  drawn: ReadonlyMap<string, number>,
): LimitOutlook {
  const buckets = limits.map(({ limit, bucket }) => {
    const { size } = blockOf(limit)
    const want = drawn.get(limit.key) ?? 0
    const after = want > 0 ? take(bucket, { ...size, want, now }).after : undefined
    return { key: limit.key, size, bucket: after ?? bucket }
  })
  let at = now
  let long = 0
  let waitMs = 0
  for (let made = 0; made < Math.min(requests ?? AHEAD, AHEAD_MAX); ) {
    const taken = buckets.map(({ size, bucket }) => take(bucket, { ...size, want: 1, now: at }))
    const waits = taken.map(({ reservation }) => (reservation.granted > 0 ? 0 : Math.max(1, reservation.waitMs)))
    const wait = Math.max(...waits)
    if (wait > 0) {
      if (wait > Math.max(LONG_WAIT_MS, LIMITS.waitMaxMs - long) + ROUNDING_MS) {
        const { key } = buckets[waits.indexOf(wait)]!
        return { fits: made, key, until: at + wait, waitMs: requests === null && made > 0 ? 0 : waitMs }
      }
      if (wait >= LONG_WAIT_MS) long += wait
      at += wait
      waitMs += wait
      // Nothing is taken, but what is asked may have been moved by a clock that was set back.
      taken.forEach(({ reservation, after }, i) => {
        if (reservation.granted === 0) buckets[i]!.bucket = after ?? buckets[i]!.bucket
      })
      continue
    }
    taken.forEach(({ after }, i) => {
      const one = buckets[i]!
      one.bucket = after ?? one.bucket
    })
    made++
  }
  return { fits: null, key: null, until: null, waitMs: requests === null ? 0 : waitMs }
}
