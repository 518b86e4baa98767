// Owns the seeds that the tests simulate: 400 of them in `npm test`, 4,000 in `npm run test:deep`. Look
// into a failure with the line that it prints; look for new ones with: npm run simulate -- --seeds 100000

import { expect, test } from 'vitest'
import { DEEP } from '../support/depth.ts'
import { BATCH_MS, failureText, neverReached, runBatch, seedsFrom } from './batch.ts'

const SEEDS = DEEP ? 4_000 : 400

test('safe while anything goes wrong, equal to the source when nothing does', { timeout: BATCH_MS }, async () => {
  const batch = await runBatch(seedsFrom(1, SEEDS), { failures: 5 })
  expect(failureText(batch)).toBe('')
  expect(neverReached(batch)).toEqual([])
})
