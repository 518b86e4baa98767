// Owns the proof that the simulation notices: each planted fault is found within 500 seeds, which without it (see the
// other files) raise no alarm.

import { expect, test } from 'vitest'
import { BATCH_MS, runBatch, seedsFrom } from './batch.ts'
import { PLANTS } from './plants.ts'

const SEEDS_MAX = 500

test.each(PLANTS.map((plant) => [plant.name, plant] as const))(
  'the simulation notices: %s',
  { timeout: BATCH_MS },
  async (_name, plant) => {
    const { failed } = await runBatch(seedsFrom(1, SEEDS_MAX), { plant, style: plant.style, failures: 1 })
    expect(failed).toHaveLength(1)
    expect(failed[0]?.failure.invariant).toMatch(/^I\d+$/)
    console.log(`${plant.name}: seed ${failed[0]?.seed}, ${failed[0]?.failure.message.slice(0, 100)}`)
  },
)
