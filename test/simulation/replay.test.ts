// Owns the proof that a seed replays (I14), and the seeds that once found a fault, which run for ever.

import { describe, expect, test } from 'vitest'
import { DEEP } from '../support/depth.ts'
import { BATCH_MS, runBatch, seedsFrom } from './batch.ts'
import regressions from './regressions.json' with { type: 'json' }
import { replayLine, runSeed } from './seed.ts'
import { STYLES } from './style.ts'

test('the same seed makes the same choices', { timeout: BATCH_MS }, async () => {
  for (const [index, { name: style }] of STYLES.entries()) {
    if (!DEEP && index % 3 > 0) continue
    for (const seed of seedsFrom(1 + index, DEEP ? 4 : 1, 100)) {
      const first = await runSeed(seed, { style })
      const second = await runSeed(seed, { style })
      expect(second.digest, replayLine({ seed, style })).toBe(first.digest)
      expect([...second.sometimes]).toEqual([...first.sometimes])
    }
  }
})

describe('what was found once', () => {
  test('is still sound', async () => {
    for (const { seed, style, found } of regressions as { seed: number; style: string; found: string }[]) {
      const { failed } = await runBatch([seed], { style })
      expect(failed, `${found}: ${replayLine({ seed, style })}`).toEqual([])
    }
  })
})
