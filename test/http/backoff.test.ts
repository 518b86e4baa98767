import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BACKOFF_CAP_MS, backoffCeilingMs, backoffMs, limitWaitMs, WAIT_FLOOR_MS } from '../../src/http/backoff.ts'

test('the ceiling doubles from half a second to half a minute, and stays there', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(backoffCeilingMs)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ])
  expect(backoffCeilingMs(1e9)).toBe(BACKOFF_CAP_MS)
})

test('a try waits for between half of the ceiling and the ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, chance) => {
        const ms = backoffMs(attempt, { next: () => chance })
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(backoffCeilingMs(attempt) / 2)
        expect(ms).toBeLessThanOrEqual(backoffCeilingMs(attempt))
      },
    ),
  )
})

test('a limit is waited for as long as it asks, and never for less than a floor that grows', () => {
  const chance = { next: () => 0 }
  expect([0, 1, 2, 3, 4, 5, 6].map((waits) => limitWaitMs(0, waits, chance))).toEqual([
    1_000, 1_500, 2_250, 3_375, 5_063, 7_594, 11_391,
  ])
  expect(limitWaitMs(undefined, 2, chance)).toBe(2_250)
  expect(limitWaitMs(5_000, 0, chance)).toBe(5_000)
  expect(limitWaitMs(5_000, 5, chance)).toBe(7_594)
  expect(limitWaitMs(0, 1e9, { next: () => 0.999 })).toBeLessThanOrEqual(1.25 * BACKOFF_CAP_MS)
  expect(limitWaitMs(0, 0, { next: () => 0.5 })).toBe(1.125 * WAIT_FLOOR_MS)
})
