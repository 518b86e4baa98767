import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BACKOFF_CAP_MS, backoffCeilingMs, backoffMs } from '../../src/http/backoff.ts'

test('the ceiling doubles from half a second to half a minute, and stays there', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(backoffCeilingMs)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ])
  expect(backoffCeilingMs(1e9)).toBe(BACKOFF_CAP_MS)
})

test('full jitter: anything from nothing to below the ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const ms = backoffMs(attempt, { next: () => chance })
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBe(Math.floor(chance * backoffCeilingMs(attempt)))
        expect(ms).toBeLessThan(backoffCeilingMs(attempt))
      },
    ),
  )
})
