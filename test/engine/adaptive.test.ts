// Owns the proof of adaptive intervals: learned from what runs found, within bounds, twice the runs for four times the
// changes.

import { describe, expect, test } from 'vitest'
import {
  ADAPTIVE_MAX_MS,
  ADAPTIVE_MIN_MS,
  adaptiveInterval,
  changeRate,
  type Look,
  looksOf,
} from '../../src/engine/due/adaptive.ts'
import { type Counts, NO_COUNTS, type RunStatus } from '../../src/model/run.ts'
import type { RunRow } from '../../src/store/store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const T0 = Date.UTC(2026, 0, 1)

function run(at: number, status: RunStatus, counts: Partial<Counts> = {}, stream = 'stars') {
  const pass = { streamNo: 1, stream, ordinal: 0, kind: 'newestFirst', ended: null, pages: 1, requests: 1 } as const
  return { status, startedAt: at, passes: [{ ...pass, expected: null, counts: { ...NO_COUNTS, ...counts } }] } as Pick<
    RunRow,
    'status' | 'startedAt' | 'passes'
  >
}

/** A month of hourly looks that find so many changes each. */
const steady = (changes: number): Look[] =>
  Array.from({ length: 720 }, (_, i) => ({ at: T0 + i * HOUR, sinceMs: HOUR, changes }))

describe('what runs tell', () => {
  test('is what changed since the one before, and not what the first one found', () => {
    const runs = [
      run(T0 + 3 * HOUR, 'succeeded', {
        inserted: 1,
        updated: 2,
        removed: 3,
        restored: 4,
        unchanged: 99,
        fetched: 109,
      }),
      run(T0 + HOUR, 'incomplete', { inserted: 5 }),
      run(T0, 'succeeded', { inserted: 600 }),
      run(T0 - HOUR, 'incomplete', { inserted: 400 }),
    ]
    expect(looksOf(runs, ['stars'])).toEqual([
      { at: T0 + HOUR, sinceMs: HOUR, changes: 5 },
      { at: T0 + 3 * HOUR, sinceMs: 2 * HOUR, changes: 10 },
    ])
  })

  test('leaves out runs that failed, and streams that are not asked for', () => {
    const runs = [
      run(T0 + 3 * HOUR, 'succeeded', { inserted: 1 }),
      run(T0 + 2 * HOUR, 'succeeded', { inserted: 50 }, 'lists'),
      run(T0 + HOUR, 'failed', { inserted: 9 }),
      run(T0, 'succeeded'),
    ]
    expect(looksOf(runs, ['stars'])).toEqual([{ at: T0 + 3 * HOUR, sinceMs: 3 * HOUR, changes: 1 }])
    expect(looksOf([], ['stars'])).toEqual([])
  })
})

test('a run that is dated after a newer one, or after now, tells nothing of the rate', () => {
  const right = [
    run(T0 + 2 * HOUR, 'succeeded', { inserted: 3 }),
    run(T0 + HOUR, 'succeeded', { inserted: 2 }),
    run(T0, 'succeeded'),
  ]
  const ahead = run(T0 + 720 * HOUR, 'succeeded', { inserted: 9 })
  const looks = looksOf(right, ['stars'])
  expect(looksOf([right[0]!, ahead, ...right.slice(1)], ['stars'])).toEqual(looks)
  expect(looksOf([ahead, ...right], ['stars'], T0 + 3 * HOUR)).toEqual(looks)
})

describe('the interval', () => {
  test('of a stream of which nothing is known is an hour', () => {
    expect(adaptiveInterval([], 1, T0)).toBe(HOUR)
  })

  test('is half as long for four times the changes', () => {
    const interval = (changes: number) => adaptiveInterval(steady(changes), 1, T0 + 720 * HOUR)
    expect(interval(1)).toBe(HOUR)
    for (const changes of [2, 8, 16]) expect(interval(4 * changes) / interval(changes)).toBeCloseTo(0.5, 1)
  })

  test('stays within its bounds', () => {
    const now = T0 + 720 * HOUR
    expect(adaptiveInterval(steady(10_000), 1, now)).toBe(ADAPTIVE_MIN_MS)
    const silent = [{ at: now, sinceMs: 3_650 * DAY, changes: 0 }]
    expect(adaptiveInterval(silent, 1, now)).toBe(ADAPTIVE_MAX_MS)
  })

  test('grows the longer nothing changes, and follows a burst', () => {
    const quiet = steady(0)
    const intervals = [0, 24, 168, 720].map((hours) => adaptiveInterval(quiet.slice(0, hours), 1, T0 + hours * HOUR))
    expect(intervals).toEqual(intervals.toSorted((a, b) => a - b))
    expect(new Set(intervals).size).toBe(4)
    const burst = [...quiet, { at: T0 + 721 * HOUR, sinceMs: HOUR, changes: 5_000 }]
    expect(adaptiveInterval(burst, 1, T0 + 721 * HOUR)).toBeLessThan(intervals[0]!)
  })

  test('forgets: what was long ago counts less than what is now', () => {
    const before = steady(100)
    const after = steady(0).map((look) => ({ ...look, at: look.at + 720 * HOUR }))
    const now = T0 + 1_440 * HOUR
    const reversed = [...steady(0), ...before.map((look) => ({ ...look, at: look.at + 720 * HOUR }))]
    expect(changeRate([...before, ...after], now)).toBeLessThan(changeRate(reversed, now) / 2)
  })

  test('is longer where a run reads several streams', () => {
    expect(adaptiveInterval(steady(1), 4, T0 + 720 * HOUR)).toBe(2 * HOUR)
  })
})
