// Owns the proof of how options and arguments are read: what a person may write, and what is refused with which words.

import { describe, expect, test } from 'vitest'
import { oneOf, parsePair, parseWhere, portNumber, wholeNumber } from '../../src/cli/values.ts'
import { relativeTime } from '../../src/model/relative-time.ts'
import { gatherTargets, parseTarget } from '../../src/operations/targets.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const refusal = (code: string) => expect.objectContaining({ code })

test.each([
  [0, 'just now'],
  [42_000, '42 s ago'],
  [3 * 60_000, '3 min ago'],
  [26 * 3_600_000, '1 day ago'],
  [-5 * 60_000, 'in 5 min'],
  // What was set to run in 15 min a moment ago still does.
  [-15 * 60_000 + 900, 'in 15 min'],
  [-3_600_000 + 900, 'in 1 h'],
  [40 * 86_400_000, '2026-10-12'],
])('a moment %i ms ago reads "%s"', (ms, text) => expect(relativeTime(NOW - ms, NOW)).toBe(text))

describe('name=value', () => {
  test('is split at the first equals sign', () => {
    expect(parsePair('token=a=b', 'set')).toEqual(['token', 'a=b'])
    expect(parsePair('empty=', 'set')).toEqual(['empty', ''])
  })
  test.each(['token', '=value', ''])('is not "%s"', (text) =>
    expect(() => parsePair(text, 'set')).toThrow(refusal('option_invalid')),
  )
})

describe('targets', () => {
  test('are gathered by connection; the whole of one includes its streams', () => {
    expect([...gatherTargets(['b/x', 'a', 'b/y', 'b/x', 'a/z'])]).toEqual([
      ['b', ['x', 'y']],
      ['a', []],
    ])
    expect([...gatherTargets(['a/z', 'a'])]).toEqual([['a', []]])
  })
  test.each(['', 'a/', '/b', 'a/b/c'])('are not "%s"', (text) => {
    expect(() => gatherTargets([text])).toThrow(refusal('argument_invalid'))
  })
  test('of one stream need both parts', () => {
    expect(parseTarget('a/b')).toEqual({ connection: 'a', stream: 'b' })
    expect(() => parseTarget('a')).toThrow(refusal('argument_invalid'))
  })
})

test('--where gathers values, separated by commas or repeated', () => {
  expect(parseWhere(['status=A, B', 'shop=1', 'status=C,A'])).toEqual({ status: ['A', 'B', 'C'], shop: ['1'] })
  expect(() => parseWhere(['status='])).toThrow(refusal('option_invalid'))
  expect(() => parseWhere(['status'])).toThrow(refusal('option_invalid'))
})

test('numbers are whole and within their range', () => {
  expect(wholeNumber('limit')('10')).toBe(10)
  for (const text of ['0', '-1', '1.5', 'ten', '', '1e3', '11']) {
    expect(() => wholeNumber('limit', 10)(text)).toThrow(refusal('option_invalid'))
  }
  expect([portNumber('0'), portNumber('65535')]).toEqual([0, 65_535])
  for (const text of ['65536', '-1', 'http']) expect(() => portNumber(text)).toThrow(refusal('option_invalid'))
})

test('one of several words', () => {
  expect(oneOf('mode', ['auto', 'full'])('full')).toBe('full')
  expect(() => oneOf('mode', ['auto', 'full'])('Full')).toThrow(refusal('option_invalid'))
})
