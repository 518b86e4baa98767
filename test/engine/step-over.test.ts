// The search for the next readable position, against every place at which a fault can stand.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PROBES_MAX, probeAt, probed, type Search, searchFrom } from '../../src/engine/passes/window/step-over.ts'
import '../chance.ts'

/** Searches where everything from `readable` on can be read. */
function search(start: Search, readable: number): Search {
  let state = start
  for (let at = probeAt(state); at !== undefined; at = probeAt(state)) state = probed(state, at, at >= readable)
  return state
}

const UNTIL = 1_790_000_000

test('the place behind a fault near the page at hand is found to the unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_600_000_000, max: 1_700_000_000 }), fc.nat(4_000), (from, away) => {
      const { good, probes } = search(searchFrom(from, UNTIL, true), from + 1 + away)
      expect(good).toBe(from + 1 + away)
      expect(probes).toBeLessThanOrEqual(PROBES_MAX)
    }),
  )
})

test('wherever the fault stands, what is found can be read, in a bounded number of requests', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 0, max: UNTIL - 10 }), { nil: null }),
      fc.integer({ min: 1, max: UNTIL - 1 }),
      fc.boolean(),
      (from, place, isTime) => {
        const readable = Math.max(place, (from ?? 0) + 1)
        const { good, probes } = search(searchFrom(from, UNTIL, isTime), readable)
        expect(good).toBeGreaterThanOrEqual(readable)
        expect(probes).toBeLessThanOrEqual(PROBES_MAX)
      },
    ),
  )
})

test('where the end of the window can not be read, one request is enough to know', () => {
  const { good, probes } = search(searchFrom(1_000, UNTIL, true), Number.POSITIVE_INFINITY)
  expect({ good, probes }).toEqual({ good: undefined, probes: 1 })
})

test('a window of one unit has no place to step to', () => {
  expect(probeAt(searchFrom(10, 11, true))).toBeUndefined()
})
