// What the headers of answers say about limits, in the forms in which services write them.

import { describe, expect, test } from 'vitest'
import { httpDate, readRate, waitByHeaders } from '../../src/http/rate-headers.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0)
const DAY = 86_400_000

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    ['0', 0],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['99999999999', 7 * DAY],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    ['1e9', undefined],
  ])('%s', (value, ms) => {
    expect(readRate({ 'retry-after': value }, NOW).retryAfterMs).toBe(ms)
    expect(waitByHeaders(readRate({ 'retry-after': value }, NOW))).toBe(ms)
  })

  test.each([
    [
      'a date, by the date of the same answer',
      'Thu, 01 Jan 2026 12:00:30 GMT',
      'Thu, 01 Jan 2026 12:00:10 GMT',
      20_000,
    ],
    ['a date, by the given clock where the answer has none', 'Thu, 01 Jan 2026 12:00:30 GMT', 'today', 30_000],
    ['seconds, whatever the date', '5', 'Thu, 01 Jan 2026 11:00:00 GMT', 5_000],
  ])('%s', (_name, value, date, ms) => {
    expect(readRate({ 'retry-after': value, date }, NOW).retryAfterMs).toBe(ms)
  })
})

describe('windows', () => {
  test.each([
    [
      'GitHub: a date in seconds',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 60) },
      0,
      61_000,
    ],
    [
      'Reddit: seconds from now, fractions left',
      { 'x-ratelimit-remaining': '593.0', 'x-ratelimit-reset': '407' },
      593,
      408_000,
    ],
    [
      'X: its own spelling',
      { 'x-rate-limit-remaining': '3', 'x-rate-limit-reset': String(NOW / 1_000 + 9) },
      3,
      10_000,
    ],
    ['IETF draft 6: three fields', { 'ratelimit-remaining': '1', 'ratelimit-reset': '20' }, 1, 21_000],
    ['IETF draft 7: one field', { ratelimit: 'limit=100, remaining=2, reset=30' }, 2, 31_000],
    ['IETF draft 10: a structured field', { ratelimit: '"default";r=0;t=5' }, 0, 6_000],
    ['a date in milliseconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 4_000) }, 0, 5_000],
    ['a date that is over', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 - 60) }, 0, 0],
    ['a reset that says nothing', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'later' }, 0, undefined],
    ['a remainder that says nothing', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '5' }, undefined, 6_000],
    ['nothing', {}, undefined, undefined],
  ])('%s', (_name, headers, remaining, resetMs) => {
    expect(readRate(headers as Record<string, string>, NOW)).toEqual({ retryAfterMs: undefined, remaining, resetMs })
  })

  test('a wait by the window only when nothing is left', () => {
    expect(waitByHeaders(readRate({ 'x-ratelimit-remaining': '0.4', 'x-ratelimit-reset': '5' }, NOW))).toBe(6_000)
    expect(waitByHeaders(readRate({ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': '5' }, NOW))).toBeUndefined()
    const both = { 'retry-after': '2', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '500' }
    expect(waitByHeaders(readRate(both, NOW))).toBe(2_000)
  })
})

describe('dates', () => {
  test('as HTTP writes them', () => {
    expect(httpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(Date.UTC(1994, 10, 6, 8, 49, 37))
    expect(httpDate(' Thu, 29 Feb 2024 23:59:60 GMT ')).toBe(Date.UTC(2024, 2, 1))
  })

  test.each([
    '',
    'page 7',
    '2026-01-01T00:00:00Z',
    '1735689600',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'x',
    undefined,
  ])('%s is none', (value) => {
    expect(httpDate(value)).toBeUndefined()
  })
})
