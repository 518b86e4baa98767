// Owns the interval of an adaptive schedule: how often a connection is worth looking at, from how much its own runs have
// found. Pure.
//
// Looking every T costs one run per T, and what changes waits T/2 on average; the sum is least at T = √(K / rate): four
// times the changes, twice the runs. K says what a run is worth: a stream that changes once an hour is read every hour.

import { addCounts, NO_COUNTS } from '../../model/run.ts'
import type { RunRow } from '../../store/store.ts'

export const ADAPTIVE_MIN_MS = 5 * 60_000
export const ADAPTIVE_MAX_MS = 86_400_000
/** How many of a connection's last runs it is learned from. */
export const ADAPTIVE_RUNS = 50

const HOUR_MS = 3_600_000
/** What was seen so long ago counts half. */
const HALF_LIFE_MS = 14 * 86_400_000
/** Before anything was seen: one change an hour, believed as much as three hours of looking. */
const PRIOR_CHANGES = 3
const PRIOR_MS = 3 * HOUR_MS
/** At this rate (changes per millisecond) the interval is an hour. */
const K = HOUR_MS

/** What a run tells of the rate of change: how long nobody had looked, and what was found then. */
export interface Look {
  readonly at: number
  readonly sinceMs: number
  readonly changes: number
}

/**
 * Changes that each run found since the one before it, the oldest first. `runs` are the newest, newest first. What was
 * there before the first complete run is no change, and a run that did not read tells nothing. Nor does one that is dated
 * after a newer run, or after `now`: a clock was ahead.
 */
export function looksOf(
  runs: readonly Pick<RunRow, 'status' | 'startedAt' | 'passes'>[],
  streams: readonly string[],
  now = Number.POSITIVE_INFINITY,
): readonly Look[] {
  const looks: Look[] = []
  let last: number | undefined
  let earliest = now
  const dated = runs.filter(({ startedAt }) => {
    const isAhead = startedAt > earliest
    earliest = Math.min(earliest, startedAt)
    return !isAhead
  })
  for (const run of dated.toReversed()) {
    const passes = run.passes.filter(({ stream }) => streams.includes(stream))
    if (passes.length === 0) continue
    if (last !== undefined && (run.status === 'succeeded' || run.status === 'incomplete')) {
      const { inserted, updated, removed, restored } = passes.reduce(
        (sum, { counts }) => addCounts(sum, counts),
        NO_COUNTS,
      )
      const changes = inserted + updated + removed + restored
      looks.push({ at: run.startedAt, sinceMs: Math.max(0, run.startedAt - last), changes })
      last = run.startedAt
    } else if (run.status === 'succeeded') {
      last = run.startedAt
    }
  }
  return looks
}

/** Changes per millisecond, all streams together: what was seen over how long it took, the old with less weight. */
export function changeRate(looks: readonly Look[], now: number): number {
  let [changes, ms] = [PRIOR_CHANGES, PRIOR_MS]
  for (const look of looks) {
    const weight = 2 ** (-Math.max(0, now - look.at) / HALF_LIFE_MS)
    changes += weight * look.changes
    ms += weight * look.sinceMs
  }
  return changes / ms
}

/** Milliseconds from one run to the next. A run that reads several streams costs as many times as much. */
export function adaptiveInterval(looks: readonly Look[], streams: number, now: number): number {
  const best = Math.sqrt((K * Math.max(1, streams)) / changeRate(looks, now))
  return Math.round(Math.min(ADAPTIVE_MAX_MS, Math.max(ADAPTIVE_MIN_MS, best)))
}
