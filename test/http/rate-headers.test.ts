// What the headers of answers say about limits, in the forms in which services write them.

import { describe, expect, test } from 'vitest'
import { readRate, waitByHeaders } from '../../src/http/rate-headers.ts'

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
    ['1e999', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['9'.repeat(400), undefined],
    ['50, 53', 53_000],
    ['53,50', 53_000],
    ['5, soon', 5_000],
    ['soon, later', undefined],
    ['120, Thu, 01 Jan 2026 12:00:30 GMT', 120_000],
    ['Thu, 01 Jan 2026 12:00:30 GMT, Thu, 01 Jan 2026 12:00:40 GMT', 40_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu Jan  1 12:00:30 2026', 30_000],
    ['2026-01-01T12:00:30Z', 30_000],
    ['2026-01-01T13:00:30+01:00', 30_000],
    ['2026-01-01 12:00:30 UTC', 30_000],
    [String(NOW / 1_000 + 30), 30_000],
    [String(NOW + 30_000), 30_000],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['"30"', 30_000],
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

test.each([
  [{ 'retry-after-ms': '1500' }, 1_500],
  [{ 'x-ms-retry-after-ms': '20' }, 20],
  [{ 'x-retry-after': '3' }, 3_000],
  [{ 'retry-after': '3', 'retry-after-ms': '9000' }, 3_000],
  [{ 'retry-after': 'soon', 'retry-after-ms': '9000' }, 9_000],
] as const)('a variant of it: %o', (headers, ms) => {
  expect(readRate(headers, NOW).retryAfterMs).toBe(ms)
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
    ['a reset without a remainder', { 'x-ratelimit-reset': '5' }, undefined, 6_000],
    ['an ISO date', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2026-01-01T12:00:05Z' }, 0, 6_000],
    [
      'a date as HTTP writes it',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'Thu, 01 Jan 2026 12:00:05 GMT' },
      0,
      6_000,
    ],
    ['a span with its unit', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1m5s' }, 0, 66_000],
    ['microseconds', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${NOW + 5_000}000` }, 0, 6_000],
    ['seconds from now', { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset-after': '2.5' }, 1, 3_500],
    ['a header that came twice', { 'x-ratelimit-remaining': '5, 0', 'x-ratelimit-reset': '1, 9' }, 0, 10_000],
    ['several items: the tightest', { ratelimit: '"burst";r=0;t=5, "day";r=400;t=4000' }, 0, 6_000],
    ['two that are spent: the longer', { ratelimit: '"burst";r=0;t=5, "day";r=0;t=4000' }, 0, 4_001_000],
    [
      'a window that only its policy names',
      { ratelimit: '"day";r=0', 'ratelimit-policy': '"burst";q=9;w=1, "day";q=100;w=60' },
      0,
      61_000,
    ],
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
