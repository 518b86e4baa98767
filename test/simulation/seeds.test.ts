// Owns the seeds that the tests simulate: 32 of them in `npm test`, 4,000 in `npm run test:deep`. Look
// into a failure with the line that it prints; look for new ones with: npm run simulate -- --seeds 100000

import { expect, test } from 'vitest'
import { DEEP } from '../support/depth.ts'
import { BATCH_MS, failureText, neverReached, runBatch, seedsFrom } from './batch.ts'
import { NAMED_STYLES } from './style.ts'

const SEEDS = DEEP ? 4_000 : 32
/** Seeds of each style that no seed draws. */
const NAMED_SEEDS = DEEP ? 500 : 3
/** States that so many seeds may not reach. */
const UNREACHED_MAX = DEEP ? 0 : 10

test('safe while anything goes wrong, equal to the source when nothing does', { timeout: BATCH_MS }, async () => {
  const batch = await runBatch(seedsFrom(1, SEEDS), { failures: 5 })
  expect(failureText(batch)).toBe('')
  const unreached = neverReached(batch)
  expect(unreached.length, unreached.join(', ')).toBeLessThanOrEqual(UNREACHED_MAX)
})

test.each(NAMED_STYLES.map(({ name }) => name))('and so in the style %s', { timeout: BATCH_MS }, async (style) => {
  const batch = await runBatch(seedsFrom(1, NAMED_SEEDS), { style, failures: 5 })
  expect(failureText(batch)).toBe('')
})
