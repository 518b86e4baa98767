// Owns the proof that scheduled full passes wait for the calm hours of a day, and not for ever.

import { describe, expect, test } from 'vitest'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import type { Look } from '../../src/engine/due/adaptive.ts'
import { CALM_HOURS, changesByHour, isBusyHour } from '../../src/engine/due/full-hours.ts'
import { planStream } from '../../src/engine/passes/kinds/all.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const T0 = Date.UTC(2026, 0, 5)

/** Looks every half hour for some days; by day (8 to 20 in UTC) each finds ten changes, by night none. */
const looks = (days: number): Look[] =>
  Array.from({ length: days * 48 }, (_, i) => {
    const at = T0 + (i + 1) * (HOUR / 2)
    const hour = new Date(at - 1).getUTCHours()
    return { at, sinceMs: HOUR / 2, changes: hour >= 8 && hour < 20 ? 10 : 0 }
  })

describe('the hours of least change', () => {
  test('are learned from what was found in each hour, by the clock of the schedule', () => {
    const byHour = changesByHour(looks(7), 'UTC')
    expect(byHour?.map(Math.round)).toEqual(Array.from({ length: 24 }, (_, hour) => (hour >= 8 && hour < 20 ? 20 : 0)))
    expect(changesByHour(looks(7), 'Asia/Tokyo')?.map(Math.round).indexOf(20)).toBe(0)
  })

  test('are not known before every hour was seen for some days', () => {
    expect(changesByHour([], 'UTC')).toBeUndefined()
    expect(changesByHour(looks(2), 'UTC')).toBeUndefined()
    const blind = looks(30).filter(({ at }) => new Date(at - 1).getUTCHours() < 23)
    expect(changesByHour(blind, 'UTC')).toBeUndefined()
    const daily = Array.from({ length: 30 }, (_, i) => ({ at: T0 + i * DAY, sinceMs: DAY, changes: 9 }))
    expect(changesByHour(daily, 'UTC')).toBeUndefined()
  })

  test('make the others busy; where all hours are alike, none is', () => {
    const byHour = changesByHour(looks(7), 'UTC')
    expect([3, 7, 8, 12, 19, 20].map((hour) => isBusyHour(byHour, T0 + hour * HOUR, 'UTC'))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ])
    expect(isBusyHour(undefined, T0, 'UTC')).toBe(false)
    expect(isBusyHour(new Array(24).fill(5), T0, 'UTC')).toBe(false)
    const rising = Array.from({ length: 24 }, (_, hour) => hour)
    const busy = rising.filter((hour) => isBusyHour(rising, T0 + hour * HOUR, 'UTC'))
    expect(busy.length).toBe(24 - CALM_HOURS)
  })
})

describe('a full pass that is due', () => {
  const read = async () => ({ records: [], next: undefined })
  const listing = { read, pageSize: 10, paging: 'offset' } as const
  const newest = newestFirst({ ...listing, order: () => '' })
  const state = { value: {}, openWalks: [] } as never
  const plan = (
    passes: readonly unknown[],
    more: { runsSinceFull?: number; daysAgo?: number | null; fullMayWait?: boolean; lastSuccessAt?: number },
  ) =>
    planStream({
      passes: passes as never,
      mode: 'auto',
      row: {
        runsSinceFull: more.runsSinceFull ?? 0,
        lastFullAt: more.daysAgo === null ? null : T0 - (more.daysAgo ?? 0) * DAY,
        lastSuccessAt: more.lastSuccessAt ?? T0,
        totalRecords: 10,
      },
      state,
      confirm: false,
      now: T0,
      fullMayWait: more.fullMayWait,
    }).map(({ pass }) => (pass as { kind: string }).kind)

  test('waits in a busy hour, until it is twice as late', () => {
    const passes = [newest, fullPass({ ...listing, everyRuns: 10 })]
    expect(plan(passes, { runsSinceFull: 9 })).toEqual(['fullPass'])
    expect(plan(passes, { runsSinceFull: 9, fullMayWait: true })).toEqual(['newestFirst'])
    expect(plan(passes, { runsSinceFull: 18, fullMayWait: true })).toEqual(['newestFirst'])
    expect(plan(passes, { runsSinceFull: 19, fullMayWait: true })).toEqual(['fullPass'])
  })

  test('by time does the same', () => {
    const passes = [newest, fullPass({ ...listing, every: '7d' })]
    expect(plan(passes, { daysAgo: 7 })).toEqual(['fullPass'])
    expect(plan(passes, { daysAgo: 13, fullMayWait: true })).toEqual(['newestFirst'])
    expect(plan(passes, { daysAgo: 14, fullMayWait: true })).toEqual(['fullPass'])
  })

  test('for the first time is due by the runs, or when nothing was read for as long', () => {
    const passes = [newest, fullPass({ ...listing, everyRuns: 10, every: '1d' })]
    const first = { daysAgo: null, runsSinceFull: 1 }
    expect(plan(passes, { ...first, lastSuccessAt: T0 - HOUR })).toEqual(['newestFirst'])
    expect(plan(passes, { ...first, lastSuccessAt: T0 - DAY })).toEqual(['fullPass'])
    expect(plan([newest, fullPass({ ...listing, every: '1d' })], first)).toEqual(['fullPass'])
  })

  test('that is all the stream has does not wait', () => {
    expect(plan([fullPass({ ...listing, everyRuns: 10 })], { runsSinceFull: 9, fullMayWait: true })).toEqual([
      'fullPass',
    ])
  })
})
