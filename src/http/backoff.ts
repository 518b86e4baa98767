// Owns how long to wait before asking again where the source does not say, or says less than is sensible. Pure.

import type { Chance } from '../model/ports.ts'

const BACKOFF_BASE_MS = 500
export const BACKOFF_CAP_MS = 30_000
/** The least that is waited for a limit, the first time; it grows by half with every wait of the same request. */
export const WAIT_FLOOR_MS = 1_000
const WAIT_GROWTH = 1.5

/**
 * Milliseconds to wait after try number `attempt` (from 1) failed: between a half and the whole of a ceiling that doubles
 * with every try, so that many clients that failed together neither come back together nor at once.
 */
export function backoffMs(attempt: number, chance: Pick<Chance, 'next'>): number {
  const ceiling = backoffCeilingMs(attempt)
  return Math.floor(ceiling / 2 + (chance.next() * ceiling) / 2)
}

/** The most that `backoffMs` may answer for this attempt. */
export function backoffCeilingMs(attempt: number): number {
  return grown(BACKOFF_BASE_MS, 2, attempt - 1)
}

/**
 * Milliseconds to wait for a limit, when the request has waited `waits` times already (from 0). `askedMs` is what the
 * source asks for: at least that, but never less than a floor that grows with every wait and that chance lengthens by up
 * to a quarter. A source that says "wait 0 seconds" again and again is not asked again and again.
 */
export function limitWaitMs(askedMs: number | undefined, waits: number, chance: Pick<Chance, 'next'>): number {
  const floor = Math.ceil(grown(WAIT_FLOOR_MS, WAIT_GROWTH, waits) * (1 + chance.next() / 4))
  return Math.max(askedMs ?? 0, floor)
}

function grown(base: number, by: number, times: number): number {
  // 2 ** 1023 is still a number, so that no count overflows.
  return Math.min(BACKOFF_CAP_MS, base * by ** Math.min(Math.max(times, 0), 1_000))
}
