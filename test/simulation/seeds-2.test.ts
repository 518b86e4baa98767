// Owns one half of the seeds that every test run simulates; the other half is next to it, so that two processes share
// the work. Look into a failure with the line that it prints; look for new ones with: npm run simulate -- --seeds 100000

import { expect, test } from 'vitest'
import { BATCH_MS, failureText, neverReached, runBatch, seedsFrom } from './batch.ts'

test('safe while anything goes wrong, equal to the source when nothing does', { timeout: BATCH_MS }, async () => {
  const batch = await runBatch(seedsFrom(1001, 1_000), { failures: 5 })
  expect(failureText(batch)).toBe('')
  expect(neverReached(batch)).toEqual([])
})
