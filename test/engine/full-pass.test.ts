import { describe, expect, test } from 'vitest'
import { heldReason, isCandidate, isShort } from '../../src/engine/passes/removals/guard.ts'

describe('heldReason', () => {
  test.each([
    { missing: 0, live: 100, listed: 100, held: false, why: 'nothing is missing' },
    { missing: 20, live: 100, listed: 80, held: false, why: 'twenty are believed' },
    { missing: 21, live: 100, listed: 79, held: true, why: 'more than twenty and more than a tenth' },
    { missing: 100, live: 1_000, listed: 900, held: false, why: 'a tenth of a large stream' },
    { missing: 101, live: 1_000, listed: 899, held: true, why: 'more than a tenth of it' },
    { missing: 3, live: 5, listed: 2, held: true, why: 'more than half of five' },
    { missing: 2, live: 5, listed: 3, held: false, why: 'less than half of five' },
    { missing: 2, live: 3, listed: 1, held: false, why: 'fewer than five are too few to judge by halves' },
    { missing: 1, live: 1, listed: 0, held: true, why: 'an empty listing is never believed' },
    { missing: 4, live: 4, listed: 0, held: true, why: 'an empty listing is never believed' },
  ])('$missing of $live missing, $listed listed: $why', ({ held, ...input }) => {
    expect(heldReason(input) !== undefined).toBe(held)
  })
})

describe('isCandidate', () => {
  const absent = { missedBy: null, order: 50 }

  test('in a complete listing every absence counts', () => {
    expect(isCandidate(absent, 'complete', null)).toBe(true)
  })

  test('in a capped listing only above an older record that was seen', () => {
    expect(isCandidate(absent, { cap: 10 }, 40)).toBe(true)
    expect(isCandidate(absent, { cap: 10 }, 50)).toBe(false)
    expect(isCandidate(absent, { cap: 10 }, 60)).toBe(false)
    expect(isCandidate(absent, { cap: 10 }, null)).toBe(false)
    expect(isCandidate({ ...absent, order: undefined }, { cap: 10 }, 40)).toBe(false)
  })
})

test('a listing is short when its total exceeds what was read of it', () => {
  expect(isShort(9, 10)).toBe(true)
  expect(isShort(10, 10)).toBe(false)
  expect(isShort(11, 10)).toBe(false)
  expect(isShort(0, undefined)).toBe(false)
})
