// Owns the proof of when a schedule runs next: after failures, over streams of their own, and where one has drifted.

import { describe, expect, test } from 'vitest'
import {
  CLOCKS_APART_MS,
  failuresInARow,
  isDone,
  nextRun,
  RETRY_MAX_MS,
  retryMs,
  setRight,
  streamsOf,
} from '../../src/engine/due/next-run.ts'
import { covers } from '../../src/engine/runs/attach.ts'
import { DRIFT_MS, schedulesDrifted } from '../../src/engine/schedules/set-schedule.ts'
import type { Verdict } from '../../src/model/errors.ts'
import { RUN_INTERRUPTED, type RunStatus } from '../../src/model/run.ts'
import type { ScheduleRow } from '../../src/store/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.UTC(2026, 0, 1, 12)

const row = (more: Partial<ScheduleRow> = {}): ScheduleRow => ({
  project: 'default',
  connection: 'me',
  connectionNo: 1,
  stream: '',
  spec: 'every 15m',
  timezone: 'UTC',
  quietHours: null,
  nextAt: NOON,
  lastAt: null,
  ...more,
})

const run = (status: RunStatus, verdict?: Verdict) => ({
  status,
  startedAt: NOON,
  passes: [],
  error: verdict ? { code: 'network_failed', message: '', hint: null, verdict } : null,
})

const minutesAfter = (schedule: Partial<ScheduleRow>, runs: ReturnType<typeof run>[], now = NOON + MINUTE) =>
  (nextRun(row(schedule), { now, streams: ['stars'], runs }).at - NOON) / MINUTE

describe('after a run', () => {
  test('that went well, or was incomplete for other reasons than a limit, the schedule goes on', () => {
    for (const status of ['succeeded', 'incomplete', 'cancelled', 'paused'] as const) {
      expect(minutesAfter({}, [run(status), run('failed', 'retry')])).toBe(15)
    }
    expect(minutesAfter({}, [])).toBe(15)
  })

  test('that failed by what may pass, the next try comes sooner than a day and later with every failure', () => {
    const daily = { spec: 'cron 0 12 * * *' }
    const failed = run('failed', 'retry')
    expect(minutesAfter(daily, [failed])).toBe(2)
    expect(minutesAfter(daily, [failed, failed, failed])).toBe(5)
    expect(minutesAfter({ spec: 'every 1m' }, [failed, failed, failed])).toBe(5)
    expect(minutesAfter(daily, new Array(12).fill(failed))).toBe(61)
  })

  test('that a limit ended, it goes on before its time too', () => {
    expect(minutesAfter({ spec: 'every 1d' }, [run('incomplete', 'wait')])).toBe(2)
  })

  test('that failed by what a person has to mend, it is not tried before its time, only later', () => {
    const failed = run('failed', 'stop')
    expect(minutesAfter({}, [failed])).toBe(15)
    expect(minutesAfter({ spec: 'every 1m' }, [failed, failed, failed])).toBe(5)
  })

  test('no retry comes within quiet hours', () => {
    expect(minutesAfter({ spec: 'every 1d', quietHours: '11:00-18:00' }, [run('failed', 'retry')])).toBe(6 * 60)
  })

  test('what was refused before there was a run counts as a failure', () => {
    const refused = { code: 'options_invalid', message: '', hint: null, verdict: 'stop' } as const
    const next = nextRun(row({ spec: 'every 1m' }), { now: NOON + 5, streams: [], runs: [run('succeeded')], refused })
    expect(next).toMatchObject({ at: NOON + MINUTE + 5, why: expect.stringContaining('options_invalid') })
  })
})

test('failures are counted from the newest on, and pauses double up to an hour', () => {
  const [good, bad] = [run('succeeded'), run('failed', 'retry')]
  expect([[], [good], [bad], [bad, bad, good, bad], [bad, bad]].map(failuresInARow)).toEqual([0, 0, 1, 2, 2])
  expect([0, 1, 2, 3, 6, 7, 99].map((n) => retryMs(n) / MINUTE)).toEqual([1, 1, 2, 4, 32, 60, 60])
  expect(retryMs(1_000_000)).toBe(RETRY_MAX_MS)
})

test('a stream with a schedule of its own is not read by that of its connection', () => {
  const rows = [row(), row({ stream: 'orders' })]
  const all = ['orders', 'products', 'returns']
  expect(streamsOf(rows[0]!, rows, all)).toEqual(['products', 'returns'])
  expect(streamsOf(rows[1]!, rows, all)).toEqual(['orders'])
  expect(streamsOf(row(), [row()], all)).toEqual(all)
  expect(streamsOf(row({ stream: 'gone' }), rows, all)).toEqual([])
})

describe('a due time has had its run', () => {
  const ended = { streams: ['s0', 's1'], finishedAt: NOON, error: null, partial: false, capped: false } as const
  type Ended = Parameters<typeof isDone>[2][number]
  const isDoneBy = (lastRunAt: (number | null)[], runs: Ended[], now = NOON + MINUTE) =>
    isDone(
      { due: NOON, now },
      lastRunAt.map((at, i) => ({ stream: `s${i}`, lastRunAt: at })),
      runs,
    )
  const done = (lastRunAt: (number | null)[], status?: RunStatus, more: Partial<Ended> = {}) =>
    isDoneBy(lastRunAt, status ? [{ ...ended, status, ...more }] : [])

  test('when every stream was read to the end of a run since then', () => {
    expect(done([NOON, NOON + 1], 'succeeded')).toBe(true)
    expect(done([NOON, NOON + 1], 'failed')).toBe(true)
  })

  test('and not otherwise', () => {
    expect(done([NOON, NOON - 1], 'succeeded')).toBe(false)
    expect(done([NOON, null], 'succeeded')).toBe(false)
    expect(done([NOON], 'cancelled')).toBe(false)
    expect(done([NOON], 'running')).toBe(false)
    expect(done([NOON])).toBe(false)
    expect(done([], 'succeeded')).toBe(false)
    expect(done([NOON], 'failed', { error: RUN_INTERRUPTED })).toBe(false)
    expect(done([NOON, NOON], 'succeeded', { streams: ['s0'] })).toBe(false)
    expect(done([NOON], 'succeeded', { finishedAt: NOON - 1 })).toBe(false)
  })

  test('not by one of a part or with a cap, before or after one that stands', () => {
    const whole = { ...ended, status: 'succeeded' } as const
    for (const less of [{ capped: true }, { partial: true }]) {
      expect(done([NOON], 'succeeded', less)).toBe(false)
      expect(isDoneBy([NOON], [{ ...whole, ...less }, whole])).toBe(true)
      expect(
        isDoneBy(
          [NOON],
          [
            { ...whole, ...less },
            { ...whole, finishedAt: NOON - 1 },
          ],
        ),
      ).toBe(false)
    }
  })

  test('nor by one that ended in the future, by a clock that was wrong', () => {
    const at = NOON + 365 * 24 * HOUR
    expect(done([at], 'succeeded', { finishedAt: at })).toBe(false)
    const near = NOON + MINUTE + CLOCKS_APART_MS
    expect(done([near], 'succeeded', { finishedAt: near })).toBe(true)
  })
})

test.each([{}, { capped: true }, { partial: true }])('whether a run under way answers an order: %j', (less) => {
  const active = { mode: 'auto', streams: ['a'], partial: false, capped: false, ...less } as const
  expect(covers(active, { mode: 'auto', streams: [], all: ['a'] })).toBe(Object.keys(less).length === 0)
})

describe('a schedule further ahead than it can be', () => {
  const right = (more: Partial<ScheduleRow>, now = NOON) => setRight(row(more), { now, streams: [], runs: [] })
  const DAY = 24 * HOUR

  test('is set to its next time from now', () => {
    const nextAt = NOON + 3 * 365 * DAY
    expect(right({ nextAt })).toBe(NOON + 15 * MINUTE)
    expect(right({ nextAt, spec: 'cron 0 13 * * *' })).toBe(NOON + HOUR)
    expect(right({ nextAt, spec: 'adaptive' })).toBe(NOON + HOUR)
    expect(right({ nextAt, quietHours: '11:00-18:00' })).toBe(NOON + 6 * HOUR)
    expect(right({ spec: 'cron 0 0 1 1 *', nextAt: Date.UTC(2028, 0, 1) })).toBe(Date.UTC(2027, 0, 1))
  })

  test('but not one that a failure, the learned interval, quiet hours or a clock a little ahead has put there', () => {
    expect(right({ nextAt: NOON + RETRY_MAX_MS })).toBeUndefined()
    expect(right({ nextAt: NOON + RETRY_MAX_MS + CLOCKS_APART_MS })).toBeUndefined()
    expect(right({ nextAt: NOON + RETRY_MAX_MS + CLOCKS_APART_MS + 1 })).toBeDefined()
    expect(right({ spec: 'adaptive', nextAt: NOON + DAY })).toBeUndefined()
    expect(right({ quietHours: '11:00-18:00', nextAt: NOON + 6 * HOUR })).toBeUndefined()
    expect(right({ spec: 'every 366d', nextAt: NOON + 366 * DAY })).toBeUndefined()
    expect(right({ spec: 'cron 0 0 1 1 *', nextAt: Date.UTC(2027, 0, 1) })).toBeUndefined()
  })
})

describe('a schedule has drifted', () => {
  const kinds = (more: Partial<ScheduleRow>, now = NOON) => schedulesDrifted([row(more)], now).map(({ kind }) => kind)

  test('when nobody has run it for long', () => {
    expect(kinds({}, NOON + DRIFT_MS)).toEqual([])
    expect(schedulesDrifted([row({ stream: 'stars' })], NOON + DRIFT_MS + MINUTE)).toEqual([
      expect.objectContaining({ kind: 'late', stream: 'stars', message: expect.stringMatching(/me\/stars.*11 min/) }),
    ])
    expect(kinds({ quietHours: '11:00-18:00' }, NOON + HOUR)).toEqual([])
  })

  test('when it is set to later than it can be', () => {
    const day = 24 * HOUR
    expect(kinds({ nextAt: NOON + 3 * day })).toEqual(['ahead'])
    expect(kinds({ spec: 'every 30d', nextAt: NOON + 29 * day })).toEqual([])
    expect(kinds({ spec: 'cron 0 0 1 1 *', nextAt: Date.UTC(2027, 0, 1) })).toEqual([])
    expect(kinds({ spec: 'cron 0 0 1 1 *', nextAt: Date.UTC(2028, 0, 1) })).toEqual(['ahead'])
    expect(kinds({ spec: 'adaptive', nextAt: NOON + day })).toEqual([])
  })

  test('when it cannot be read', () => {
    expect(kinds({ spec: 'when the moon is full', nextAt: NOON + 1 })).toEqual(['unreadable'])
    expect(kinds({ quietHours: 'sundays', nextAt: NOON + 1 })).toEqual(['unreadable'])
  })
})
