// Owns what is expected of a batch of seeds in the tests.

import { expect } from 'vitest'
import { type Batch, failureText, neverReached } from './batch.ts'

/** Long enough for a machine that does something else beside. */
export const BATCH_MS = 300_000

export function expectSound(batch: Batch): void {
  expect(failureText(batch)).toBe('')
  expect(neverReached(batch)).toEqual([])
}
