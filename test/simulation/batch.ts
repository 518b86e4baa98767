// Owns running many seeds: what they found, what they reached, and what they did to the engine, in sums.

import { type Failure, replayLine, runSeed, type SeedResult } from './seed.ts'
import type { SimulationOptions } from './simulation.ts'
import { RARE, STATES } from './sometimes.ts'

/** How long a test may take for its batch, on a machine that does something else beside. */
export const BATCH_MS = 1_800_000

export interface Batch {
  seeds: number
  syncs: number
  operations: number
  requests: number
  simulatedMs: number
  readonly failed: (Pick<SeedResult, 'seed' | 'style'> & { readonly failure: Failure })[]
  /** How often each fault, mutation and state occurred. */
  readonly happened: Map<string, number>
  readonly sometimes: Map<string, number>
}

export function emptyBatch(): Batch {
  return {
    seeds: 0,
    syncs: 0,
    operations: 0,
    requests: 0,
    simulatedMs: 0,
    failed: [],
    happened: new Map(),
    sometimes: new Map(),
  }
}

/** Runs seeds one after the other; stops early once `failures` of them have failed. */
export async function runBatch(
  seeds: Iterable<number>,
  options: SimulationOptions & { readonly failures?: number } = {},
): Promise<Batch> {
  const batch = emptyBatch()
  for (const seed of seeds) {
    const { syncs, operations, requests, simulatedMs, failure, style, happened, sometimes } = await runSeed(
      seed,
      options,
    )
    const failed = failure ? [{ seed, style, failure }] : []
    addBatch(batch, { seeds: 1, syncs, operations, requests, simulatedMs, failed, happened, sometimes })
    if (batch.failed.length >= (options.failures ?? Number.POSITIVE_INFINITY)) break
  }
  return batch
}

type Part = Omit<Batch, 'happened' | 'sometimes'> & Pick<SeedResult, 'happened' | 'sometimes'>

export function addBatch(sum: Batch, part: Part): void {
  sum.seeds += part.seeds
  sum.syncs += part.syncs
  sum.operations += part.operations
  sum.requests += part.requests
  sum.simulatedMs += part.simulatedMs
  sum.failed.push(...part.failed)
  for (const [name, n] of part.happened) sum.happened.set(name, (sum.happened.get(name) ?? 0) + n)
  for (const [name, n] of part.sometimes) sum.sometimes.set(name, (sum.sometimes.get(name) ?? 0) + n)
}

/** States that the batch was to reach, and did not. */
export function neverReached({ sometimes }: Batch): readonly string[] {
  return STATES.filter((state) => !sometimes.has(state) && !RARE.has(state))
}

/** Seeds from a number on. */
export function* seedsFrom(from: number, count: number, step = 1): Generator<number> {
  for (let n = 0; n < count; n++) yield from + n * step
}

/** What a person needs to look into a failure: how to see it again, what was broken, and what led to it. */
export function failureText({ failed }: Batch, lines = 40): string {
  return failed
    .slice(0, 3)
    .map(({ seed, style, failure }) => {
      const trace = failure.trace.slice(-lines).map((line) => `  ${line}`)
      return [replayLine({ seed, style }), failure.message, ...trace].join('\n')
    })
    .concat(failed.length > 3 ? [`and ${failed.length - 3} more: ${failed.map(({ seed }) => seed).join(' ')}`] : [])
    .join('\n\n')
}
