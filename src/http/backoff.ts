// Owns how long to wait before asking again. Pure.

import type { Chance } from '../model/ports.ts'

const BACKOFF_BASE_MS = 500
export const BACKOFF_CAP_MS = 30_000

/**
 * Milliseconds to wait after try number `attempt` (from 1) failed: uniform between nothing and a ceiling that doubles
 * with every try ("full jitter"), so that many clients that failed together do not come back together.
 */
export function backoffMs(attempt: number, chance: Pick<Chance, 'next'>): number {
  return Math.floor(chance.next() * backoffCeilingMs(attempt))
}

/** The most that `backoffMs` may answer for this attempt. */
export function backoffCeilingMs(attempt: number): number {
  // 2 ** 1023 is still a number, so that no count of attempts overflows.
  return Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(Math.max(attempt - 1, 0), 1_000))
}
