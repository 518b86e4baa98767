// Owns the proof of growth: it is the difference of two values that are known, and else it is not told.

import { describe, expect, test } from 'vitest'
import { daysBefore, growthByDay, growthByRun, lastOfDays, TOLERANCE_MS } from '../../src/engine/history/metrics.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const T0 = Date.UTC(2026, 0, 31, 12)

const known = (at: number, value: number | bigint | string, more: object = {}) => ({
  at,
  day: new Date(at).toISOString().slice(0, 10),
  run: `run at ${at}`,
  value,
  isWhole: true,
  ...more,
})

describe('growth by run', () => {
  test('is from the value a day, and thirty days, before the last', () => {
    const points = [known(T0 - 30 * DAY, 10), known(T0 - DAY, 90), known(T0 - HOUR, 99), known(T0, 100)]
    expect(growthByRun(points)).toEqual({ '24h': 10, '30d': 90 })
  })

  test('takes the nearest value within the tolerance, on either side, and none beyond it', () => {
    const tolerance = TOLERANCE_MS['24h']
    const from = (...offsets: number[]) =>
      growthByRun([...offsets.map((offset, i) => known(T0 - DAY + offset, i + 1)), known(T0, 100)])['24h']
    expect(from(-tolerance)).toBe(99)
    expect(from(tolerance)).toBe(99)
    expect(from(-tolerance - 1)).toBeNull()
    expect(from(tolerance + 1)).toBeNull()
    expect(from(-HOUR, 5 * 60_000, 2 * HOUR)).toBe(98)
    expect(from()).toBeNull()
  })

  test('is not told from values that lack something', () => {
    const partial = { isWhole: false }
    expect(growthByRun([known(T0 - DAY, 1, partial), known(T0, 5)])['24h']).toBeNull()
    expect(growthByRun([known(T0 - DAY - HOUR, 1), known(T0 - HOUR, 4), known(T0, 5, partial)])['24h']).toBe(3)
    expect(growthByRun([])).toEqual({ '24h': null, '30d': null })
  })
})

describe('growth by day', () => {
  test('is from the day before and the thirtieth day before, whatever the hour', () => {
    const points = [known(T0 - 30 * DAY + 11 * HOUR, 10), known(T0 - DAY - 11 * HOUR, 90), known(T0, 100)]
    expect(growthByDay(lastOfDays(points))).toEqual({ '24h': 10, '30d': 90 })
  })

  test('is not told across a missing day', () => {
    expect(growthByDay([known(T0 - 2 * DAY, 1), known(T0, 5)])).toEqual({ '24h': null, '30d': null })
    expect(growthByDay([known(T0 - 29 * DAY, 1), known(T0 - 31 * DAY, 1), known(T0, 5)])['30d']).toBeNull()
  })

  test('is exact', () => {
    const days = [known(T0 - DAY, 2n ** 60n), known(T0, 2n ** 60n + 1n)]
    expect(growthByDay(days)['24h']).toBe(1)
    expect(growthByDay([known(T0 - DAY, '0.10'), known(T0, '0.30')])['24h']).toBe('0.20')
  })
})

describe('the value of a day', () => {
  test('is its last, and a whole one where there is one', () => {
    const partial = { isWhole: false }
    const days = lastOfDays([
      known(T0 - DAY, 1, partial),
      known(T0 - DAY + HOUR, 2, partial),
      known(T0, 3),
      known(T0 + HOUR, 4),
      known(T0 + 2 * HOUR, 5, partial),
    ])
    expect(days.map(({ day, value, isWhole }) => [day, value, isWhole])).toEqual([
      ['2026-01-30', 2, false],
      ['2026-01-31', 4, true],
    ])
  })

  test('stands in order of day, also where a clock was set back', () => {
    const days = lastOfDays([known(T0, 1), known(T0 - DAY, 2), known(T0 - DAY, 3)])
    expect(days.map(({ day, value }) => [day, value])).toEqual([
      ['2026-01-30', 3],
      ['2026-01-31', 1],
    ])
  })

  test('days before count as the calendar does', () => {
    expect([daysBefore('2026-03-01', 1), daysBefore('2024-03-01', 1), daysBefore('2026-03-30', 30)]).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2026-02-28',
    ])
  })
})
