// Owns the proof that no single fault matters, in the scenarios of running.ts: whatever fails, and however, nothing is lost,
// nothing doubled, nothing removed without evidence, and the next syncs end at the source's own content.

import { afterAll, expect, test } from 'vitest'
import { loop } from './loop.ts'
import { RUNNING } from './running.ts'

const sum = { operations: 0, runs: 0 }

test.each(RUNNING.map((scenario) => [scenario.name, scenario] as const))(
  'no single fault matters: %s',
  async (_name, scenario) => {
    const { operations, runs, failures } = await loop(scenario)
    sum.operations += operations
    sum.runs += runs
    expect(failures).toEqual([])
    expect(operations).toBeGreaterThan(5)
  },
)

afterAll(() => {
  console.log(`${RUNNING.length} scenarios, ${sum.operations} operations that can fail, ${sum.runs} runs with a fault`)
})
