// Owns the proof that the simulation notices: each planted fault is found within 1,000 seeds, which without it (see the
// other files) raise no alarm. `npm test` looks first at the seed that found it before, `npm run test:deep` at none before others.

import { expect, test } from 'vitest'
import { DEEP } from '../support/depth.ts'
import { BATCH_MS, runBatch, seedsFrom } from './batch.ts'
import found from './found.json' with { type: 'json' }
import { PLANTS } from './plants.ts'

const SEEDS_MAX = 1_000

test.each(PLANTS.map((plant) => [plant.name, plant] as const))(
  'the simulation notices: %s',
  { timeout: BATCH_MS },
  async (name, plant) => {
    const first = DEEP ? undefined : (found as Record<string, number>)[name]
    const seeds = new Set([...(first === undefined ? [] : [first]), ...seedsFrom(1, SEEDS_MAX)])
    const { failed } = await runBatch(seeds, { plant, style: plant.style, failures: 1 })
    expect(failed).toHaveLength(1)
    expect(failed[0]?.failure.invariant).toMatch(/^I\d+$/)
    // Without it, each run looks for as long as a minute.
    const seed = failed[0]?.seed
    expect(seed, 'found.json names the seed that finds it').toBe(DEEP ? seed : first)
    console.log(`${plant.name}: seed ${seed}, ${failed[0]?.failure.message.slice(0, 100)}`)
  },
)
