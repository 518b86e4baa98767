// Owns the proof of how a TIME is read: every form, in the time zone of the project, on the days too when its clocks move.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readingAt } from '../../src/model/local-time.ts'
import { parseMoment } from '../../src/operations/moments.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const read = (text: string, timezone = 'UTC', now = NOW) =>
  new Date(parseMoment(text, 'since', { now, timezone })).toISOString()

function outcome(text: string, timezone: string): unknown {
  try {
    return Number.isInteger(parseMoment(text, 'since', { now: NOW, timezone }))
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

describe('a moment', () => {
  test.each([
    ['now', '2026-11-21T12:00:00.000Z'],
    ['today', '2026-11-21T00:00:00.000Z'],
    ['Yesterday', '2026-11-20T00:00:00.000Z'],
    ['tomorrow', '2026-11-22T00:00:00.000Z'],
    ['yesterday 18:30', '2026-11-20T18:30:00.000Z'],
    ['yesterday at 18:30:15', '2026-11-20T18:30:15.000Z'],
    ['08:15', '2026-11-21T08:15:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T08:30', '2026-11-20T08:30:00.000Z'],
    ['2026-11-20 08:30:15', '2026-11-20T08:30:15.000Z'],
    ['2026-11-20T08:30:15.250Z', '2026-11-20T08:30:15.250Z'],
    ['2026-11-20T08:30+02:00', '2026-11-20T06:30:00.000Z'],
    ['2026-11-20 08:30 Z', '2026-11-20T08:30:00.000Z'],
    ['2d', '2026-11-19T12:00:00.000Z'],
    ['90m', '2026-11-21T10:30:00.000Z'],
    ['1.5h', '2026-11-21T10:30:00.000Z'],
    ['2w', '2026-11-07T12:00:00.000Z'],
    ['2 days ago', '2026-11-19T12:00:00.000Z'],
    ['2  days', '2026-11-19T12:00:00.000Z'],
    ['an hour ago', '2026-11-21T11:00:00.000Z'],
    ['a week ago', '2026-11-14T12:00:00.000Z'],
    ['30 min ago', '2026-11-21T11:30:00.000Z'],
    ['1 month ago', '2026-10-21T12:00:00.000Z'],
    ['a year ago', '2025-11-21T12:00:00.000Z'],
  ])('%s is %s', (text, instant) => expect(read(text)).toBe(instant))

  test.each([
    ['today', '2026-11-20T23:00:00.000Z'],
    ['yesterday 18:00', '2026-11-20T17:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-07-01T08:00', '2026-07-01T06:00:00.000Z'],
    ['2026-07-01T08:00Z', '2026-07-01T08:00:00.000Z'],
    // The same hour on the clock, although summer time has ended since.
    ['1 month ago', '2026-10-21T11:00:00.000Z'],
    // A night in which the clocks go back; one in which they go forward and leave 02:30 out.
    ['2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['2026-10-26', '2026-10-25T23:00:00.000Z'],
    ['2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
  ])('%s in Berlin is %s', (text, instant) => expect(read(text, 'Europe/Berlin')).toBe(instant))

  test('a day by name is that of the zone, not of UTC', () => {
    const evening = Date.parse('2026-11-21T20:00:00Z')
    expect(read('today', 'Asia/Tokyo', evening)).toBe('2026-11-21T15:00:00.000Z')
    expect(read('today', 'America/Los_Angeles', Date.parse('2026-11-21T02:00:00Z'))).toBe('2026-11-20T08:00:00.000Z')
  })

  test('a month before the last of a longer month is the last of the shorter one', () => {
    expect(read('1 month ago', 'UTC', Date.parse('2026-03-31T12:00:00Z'))).toBe('2026-02-28T12:00:00.000Z')
    expect(read('1 year ago', 'UTC', Date.parse('2028-02-29T12:00:00Z'))).toBe('2027-02-28T12:00:00.000Z')
  })

  test.each([
    '',
    'never',
    'yesterday18:00',
    '2026-13-01',
    '2026-02-31',
    '20261120',
    '-2d',
    '2026-11-20T25:00',
    '25:00',
    '1e3',
    '7',
    '7 bananas',
    '1.5 months ago',
    '999999999999999y',
    'a',
  ])('%s is none', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'moment_invalid',
        message: expect.stringContaining(`"${text}"`),
        hint: expect.stringContaining('2026-11-21, yesterday'),
      }),
    )
  })

  test('is a whole number of milliseconds', () => {
    expect(parseMoment('0.0015 s ago', 'since', { now: NOW, timezone: 'UTC' })).toBe(NOW - 2)
  })

  test('whatever is written, it is a moment or refused', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia')
    fc.assert(
      fc.property(fc.string(), zone, (text, timezone) => {
        expect(outcome(text, timezone)).toBeOneOf([true, 'moment_invalid'])
      }),
    )
  })

  test('every day begins at a midnight of its zone', () => {
    const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(day, (date) => {
        const text = date.toISOString().slice(0, 10)
        const at = parseMoment(text, 'since', { now: NOW, timezone: 'Europe/Berlin' })
        expect(new Date(readingAt(at, 'Europe/Berlin')).toISOString()).toBe(`${text}T00:00:00.000Z`)
      }),
    )
  })
})
