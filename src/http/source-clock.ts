// Owns the source's clock as its Date headers show it. Windows and signatures are by that clock, and ours may be wrong.

import type { Clock } from '../model/ports.ts'
import { httpDate } from './http-dates.ts'

/** A Date header has whole seconds and travels for a while: smaller differences than this mean nothing. */
const TOLERANCE_MS = 2_000
/** An answer that took longer says little about when its date was written. */
const ROUND_TRIP_MAX_MS = 10_000
/** A device whose clock was never set. */
const EARLIEST = Date.UTC(2015, 0, 1)

export interface SourceClock {
  /** Milliseconds since 1970. */
  now(): number
  /**
   * Learns from an answer (any status) to a request that was sent at `sentAt`, by the clock that never steps: ours may
   * be set while the request is under way.
   */
  learn(headers: Readonly<Record<string, string>>, sentAt: number): void
}

export function sourceClock(clock: Pick<Clock, 'now' | 'mono'>): SourceClock {
  let skew = 0
  return {
    now: () => clock.now() + skew,
    learn(headers, sentAt) {
      const tookMs = clock.mono() - sentAt
      const date = httpDate(headers['date'])
      if (date === undefined || date < EARLIEST || tookMs > ROUND_TRIP_MAX_MS) return
      // A cache in between keeps the date of when the answer was made.
      if (Number(headers['age'] ?? 0) > 0) return
      // Written at some moment of that second, and between sending and receiving.
      const measured = date + 500 - (clock.now() - tookMs / 2)
      const uncertain = 500 + tookMs / 2
      skew = Math.abs(measured) <= TOLERANCE_MS + uncertain ? 0 : Math.round(measured)
    },
  }
}
