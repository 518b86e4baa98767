// Owns the proof of what a schedule means: how it is written, when it is due, on the days too when clocks are changed.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterQuiet, isQuiet, parseQuietHours, quietHoursText } from '../../src/engine/due/quiet-hours.ts'
import {
  checkTimezone,
  EVERY_MIN_MS,
  nextDue,
  nextStart,
  parseSchedule,
  type Schedule,
} from '../../src/engine/due/schedule.ts'
import { instantOf, readingAt } from '../../src/model/local-time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'America/Santiago',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Africa/Casablanca',
]

const at = (text: string) => Date.parse(text)
const read = (spec: string) => parseSchedule(spec) as Schedule

/** The next times of a schedule, each after the one before, as they read in UTC. */
function times(spec: string, zone: string, from: string, count: number): string[] {
  const found: string[] = []
  for (let now = at(from); found.length < count; ) {
    now = nextDue(read(spec), zone, { now, due: now, adaptiveMs: HOUR })
    found.push(new Date(now).toISOString().slice(0, 16))
  }
  return found
}

describe('a schedule is read', () => {
  test.each([
    ['every 15m', { kind: 'every', everyMs: 15 * MINUTE }],
    [' Every  1.5h ', { kind: 'every', everyMs: 90 * MINUTE }],
    ['every 1m', { kind: 'every', everyMs: EVERY_MIN_MS }],
    ['every 7d', { kind: 'every', everyMs: 7 * DAY }],
    ['cron 0 3 * * *', { kind: 'cron', pattern: '0 3 * * *' }],
    ['cron  */5 8-18  * JAN mon-fri', { kind: 'cron', pattern: '*/5 8-18 * JAN mon-fri' }],
    ['adaptive', { kind: 'adaptive' }],
    ['off', undefined],
  ])('%s', (text, schedule) => expect(parseSchedule(text)).toEqual(schedule))

  test.each([
    ['', /is not a valid schedule/],
    ['sometimes', /is not a valid schedule/],
    ['15m', /is not a valid schedule/],
    ['off now', /is not a valid schedule/],
    ['every', /names no interval/],
    ['every day', /names no interval/],
    ['every 15', /names no interval/],
    ['every -5m', /names no interval/],
    ['every 0m', /too short/],
    ['every 59s', /too short/],
    ['every 400d', /too long/],
    ['cron 0 3 * *', /has 4 fields, not 5/],
    ['cron 0 0 3 * * *', /has 6 fields, not 5 \(there is no field for seconds\)/],
    ['cron @daily', /has 1 field,/],
    ['cron 61 * * * *', /minute/],
    ['cron 0 24 * * *', /hour/],
    ['cron a b c d e', /cron a b c d e/],
    ['cron 0 3 ? * *', /"\?"/],
    ['cron 0 0 30 2 *', /never comes/],
  ])('but not %j', (text, message) => {
    const refusal = expect.objectContaining({ code: 'schedule_invalid', message: expect.stringMatching(message) })
    expect(() => parseSchedule(text)).toThrow(refusal)
  })

  test('the shortest interval is a limit that a program may set', () => {
    expect(parseSchedule('every 2s', { everyMinMs: 1_000 })).toEqual({ kind: 'every', everyMs: 2_000 })
    const hint = expect.objectContaining({ hint: 'The shortest is: every 1m' })
    expect(() => parseSchedule('every 2s')).toThrow(hint)
  })

  test('a time zone has to exist', () => {
    expect(checkTimezone('Pacific/Chatham')).toBe('Pacific/Chatham')
    for (const name of ['Mars/Olympus', '', 'CEST+']) {
      expect(() => checkTimezone(name)).toThrow(expect.objectContaining({ code: 'timezone_invalid' }))
    }
  })
})

describe('every', () => {
  const every = read('every 15m')
  const noon = at('2026-01-01T12:00Z')
  const next = (now: number, due?: number) => nextDue(every, 'UTC', { now, due, adaptiveMs: 0 })

  test('begins an interval after it was set, and keeps in step however late a run is', () => {
    expect(next(noon)).toBe(noon + 15 * MINUTE)
    expect(next(noon, noon)).toBe(noon + 15 * MINUTE)
    expect(next(noon + 7 * MINUTE + 3, noon)).toBe(noon + 15 * MINUTE)
  })

  test('what was missed is one run: the next time lies ahead', () => {
    expect(next(noon + 8 * HOUR + MINUTE, noon)).toBe(noon + 8 * HOUR + 15 * MINUTE)
  })

  test('a clock that was put back does not bring it to a stop', () => {
    expect(next(noon - 30 * DAY, noon)).toBe(noon - 30 * DAY + 15 * MINUTE)
  })
})

describe('cron on the days when clocks are changed', () => {
  test('a time that does not exist runs at the next one that does', () => {
    // Berlin jumps from 2:00 to 3:00 on 29 March 2026, at 1:00 UTC.
    expect(times('cron 30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ])
    expect(times('cron */15 2 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ])
    // Santiago jumps at midnight, Lord Howe by half an hour.
    expect(times('cron 30 0 * * *', 'America/Santiago', '2026-09-06T00:00Z', 2)).toEqual([
      '2026-09-06T04:00',
      '2026-09-07T03:30',
    ])
    expect(times('cron 15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', 2)).toEqual([
      '2026-10-03T15:30',
      '2026-10-04T15:15',
    ])
  })

  test('a time that exists twice runs once', () => {
    // Berlin goes from 3:00 back to 2:00 on 25 October 2026, at 1:00 UTC.
    expect(times('cron 30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
    expect(times('cron 15,45 1-2 * * *', 'Europe/Berlin', '2026-10-24T22:50Z', 5)).toEqual([
      '2026-10-24T23:15',
      '2026-10-24T23:45',
      '2026-10-25T00:15',
      '2026-10-25T00:45',
      '2026-10-26T00:15',
    ])
  })

  test('every hour and every half hour go on in real time', () => {
    for (const [from, zone] of [
      ['2026-10-24T20:00Z', 'Europe/Berlin'],
      ['2026-03-28T20:00Z', 'Europe/Berlin'],
      ['2026-04-04T10:00Z', 'Australia/Lord_Howe'],
    ] as const) {
      const found = times('cron */30 * * * *', zone, from, 24).map((text) => at(`${text}Z`))
      expect(found.slice(1).map((time, i) => time - found[i]!)).toEqual(new Array(23).fill(30 * MINUTE))
    }
  })

  // Spellings of the same times, field by field.
  const MINUTES = [
    ['0', '0-0', '0,0'],
    ['*/30', '0,30', '0-59/30'],
    ['*/20', '0,20,40', '0-40/20'],
    ['*', '*/1', '0-59', '0-30,31-59'],
    ['15', '15', '15-15'],
  ]
  const HOURS = [
    ['*', '*/1', '0-23', '0-11,12-23', '0-23/1', [...new Array(24).keys()].join(',')],
    ['*/2', '0-23/2', '0,2-22/2', '0,2,4,6,8,10,12,14,16,18,20,22'],
    ['1-3', '1,2,3', '1-2,3', '1-3/1'],
    ['0', '0-0', '0,0'],
  ]
  const DAYS = [
    ['* * *', '*/1 * *', '1-31 */1 *', '* JAN-DEC 0-6', '* * SUN-SAT', '* 1-12 */1', '1-15,16-31 * *'],
    ['* * 0', '1-31 * 7', '*/1 * SUN', '* 1-12 sun'],
    ['1-8 * *', '1-8 * */1', '1,2,3-8 1-12 0-7', '1-8 */1 MON-SUN'],
  ]
  const CHANGED = [
    ...ZONES,
    'America/New_York',
    'Africa/Cairo',
    'America/Havana',
    'Asia/Beirut',
    'Europe/London',
    'Atlantic/Azores',
    'Antarctica/Troll',
    'America/Scoresbysund',
  ]

  /** The moments of a year at which the clock of a zone is changed. */
  function changes(timezone: string, year: number): number[] {
    const offset = (moment: number) => readingAt(moment, timezone) - moment
    const from = Date.UTC(year, 0, 1)
    const hours = [...new Array(365 * 24).keys()].map((hour) => from + hour * HOUR)
    return hours.filter((hour) => offset(hour) !== offset(hour - HOUR))
  }
  const known = new Map<string, number[]>()
  const changesOf = (timezone: string, year: number) => {
    const name = `${timezone} ${year}`
    if (!known.has(name)) known.set(name, changes(timezone, year))
    return known.get(name)!
  }

  const spelt = (sets: readonly (readonly string[])[]) =>
    fc.constantFrom(...sets).chain((set) => fc.tuple(fc.constantFrom(...set), fc.constantFrom(...set)))

  test('spellings of the same times are the same, around every change of every clock', () => {
    const zone = fc.constantFrom(...CHANGED)
    const year = fc.integer({ min: 2024, max: 2026 })
    fc.assert(
      fc.property(spelt(MINUTES), spelt(HOURS), spelt(DAYS), zone, year, fc.nat(3), (m, h, d, timezone, y, which) => {
        const around = changesOf(timezone, y)
        const from = (around[which % Math.max(1, around.length)] ?? Date.UTC(y, 2, 29)) - 4 * HOUR
        const [one, other] = [0, 1].map((i) => {
          const schedule = read(`cron ${m[i]} ${h[i]} ${d[i]}`)
          const found: string[] = []
          for (let now = from; found.length < 12; ) {
            now = nextDue(schedule, timezone, { now, due: now, adaptiveMs: 0 })
            found.push(new Date(now).toISOString())
          }
          return found
        })
        expect(other).toEqual(one)
      }),
      { numRuns: 300 },
    )
  })

  test('a pattern of every hour leaves an hour between two times, or half of one more where the clock moves by that', () => {
    const gaps: number[] = []
    for (const timezone of CHANGED) {
      for (const change of changesOf(timezone, 2026)) {
        const schedule = read('cron 17 0-23 * * *')
        for (let now = change - 5 * HOUR; now < change + 5 * HOUR; ) {
          const next = nextDue(schedule, timezone, { now, due: now, adaptiveMs: 0 })
          gaps.push(next - now)
          now = next
        }
      }
    }
    expect(gaps.length).toBeGreaterThan(200)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(90 * MINUTE)
  })

  test('a moment of any second is followed by the same time, in the hour that comes twice too', () => {
    // New York goes from 2:00 back to 1:00 at 6:00 UTC.
    for (const hour of ['*', '*/1', '0-23']) {
      const from = '2026-11-01T04:59:59.999Z'
      expect(times(`cron 0 ${hour} * * *`, 'America/New_York', from, 4)).toEqual(
        ['05', '06', '07', '08'].map((h) => `2026-11-01T${h}:00`),
      )
      expect(times(`cron 30 ${hour} * * *`, 'America/New_York', '2026-11-01T05:30:00.001Z', 2)).toEqual([
        '2026-11-01T06:30',
        '2026-11-01T07:30',
      ])
    }
  })

  test('a time of day runs once on every day of every zone', () => {
    const zone = fc.constantFrom(...ZONES)
    fc.assert(
      fc.property(zone, fc.nat(23), fc.nat(59), fc.integer({ min: 2020, max: 2030 }), (timezone, h, m, year) => {
        const schedule = read(`cron ${m} ${h} * * *`)
        const from = instantOf(Date.UTC(year, 0, 1), timezone) - 1
        const days = new Set<number>()
        let runs = 0
        for (let now = from; ; runs++) {
          const due = nextDue(schedule, timezone, { now, due: now, adaptiveMs: 0 })
          expect(due).toBeGreaterThan(now)
          if (due >= instantOf(Date.UTC(year + 1, 0, 1), timezone)) break
          days.add(Math.floor(readingAt(due, timezone) / DAY))
          now = due
        }
        const length = (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY
        expect([runs, days.size]).toEqual([length, length])
      }),
      { numRuns: 12 },
    )
  })
})

test('local time goes there and back, on every day of every zone', () => {
  const moment = fc.integer({ min: at('2000-01-01T00:00Z'), max: at('2037-01-01T00:00Z') })
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), moment, (timezone, instant) => {
      const reading = readingAt(instant, timezone)
      const [first, last] = [instantOf(reading, timezone), instantOf(reading, timezone, 'last')]
      expect([first, last]).toContain(instant)
      expect([readingAt(first, timezone), readingAt(last, timezone)]).toEqual([reading, reading])
    }),
    { numRuns: 500 },
  )
})

describe('quiet hours', () => {
  test('are written as two times of a day', () => {
    expect(parseQuietHours('08:00-20:00')).toEqual({ from: 480, to: 1_200 })
    expect(quietHoursText(parseQuietHours(' 8:00 - 24:00'))).toBe('08:00-00:00')
    for (const text of [
      '',
      '8-20',
      '08:00',
      '08:00-08:00',
      '25:00-26:00',
      '08:60-09:00',
      '00:00-24:00',
      '24:00-08:00',
    ]) {
      expect(() => parseQuietHours(text), text).toThrow(expect.objectContaining({ code: 'quiet_hours_invalid' }))
    }
  })

  const berlin = (spec: string, quiet: string, now: string) =>
    new Date(
      nextStart(
        read(spec),
        { timezone: 'Europe/Berlin', quiet: parseQuietHours(quiet) },
        { now: at(now), adaptiveMs: HOUR },
      ),
    ).toISOString()

  test('push a start to their end, in the zone of the schedule', () => {
    expect(berlin('cron 0 12 * * *', '08:00-20:00', '2026-01-15T00:00Z')).toBe('2026-01-15T19:00:00.000Z')
    expect(berlin('every 1h', '08:00-20:00', '2026-07-15T06:30Z')).toBe('2026-07-15T18:00:00.000Z')
    expect(berlin('adaptive', '08:00-20:00', '2026-07-15T05:30Z')).toBe('2026-07-15T18:00:00.000Z')
    // Their first minute is quiet, their last is not.
    expect(berlin('cron 0 8,20 * * *', '08:00-20:00', '2026-01-15T00:00Z')).toBe('2026-01-15T19:00:00.000Z')
    expect(berlin('cron 59 7 * * *', '08:00-20:00', '2026-01-15T00:00Z')).toBe('2026-01-15T06:59:00.000Z')
  })

  test('go over midnight, from either side of it', () => {
    expect(berlin('cron 30 23 * * *', '22:00-06:00', '2026-01-15T12:00Z')).toBe('2026-01-16T05:00:00.000Z')
    expect(berlin('cron 0 3 * * *', '22:00-06:00', '2026-01-15T00:00Z')).toBe('2026-01-15T05:00:00.000Z')
    expect(berlin('cron 0 6 * * *', '22:00-06:00', '2026-01-15T00:00Z')).toBe('2026-01-15T05:00:00.000Z')
    expect(berlin('cron 0 12 * * *', '22:00-24:00', '2026-01-15T00:00Z')).toBe('2026-01-15T11:00:00.000Z')
  })

  test('end at a time that does not exist, or exists twice', () => {
    // 2:30 is left out on 29 March: the clock jumps at 1:00 UTC, and then they are over.
    expect(berlin('cron 0 1 * * *', '22:00-02:30', '2026-03-28T12:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(berlin('cron 0 1 * * *', '22:00-02:30', '2026-10-24T12:00Z')).toBe('2026-10-25T00:30:00.000Z')
  })

  test('whatever the moment, what comes out is not quiet, and nothing earlier would do', () => {
    const time = fc.integer({ min: 0, max: 1_439 })
    const moment = fc.integer({ min: at('2026-01-01T00:00Z') / MINUTE, max: at('2027-01-01T00:00Z') / MINUTE })
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), time, time, moment, (timezone, from, to, minute) => {
        fc.pre(from !== to)
        const now = minute * MINUTE
        const end = afterQuiet(now, { from, to }, timezone)
        expect(end).toBeGreaterThanOrEqual(now)
        expect(isQuiet(end, { from, to }, timezone)).toBe(false)
        expect(end === now || isQuiet(end - 1, { from, to }, timezone)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})
