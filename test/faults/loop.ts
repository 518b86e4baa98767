// Owns the loop: a scenario once without a fault, to count what can fail in it; then again for every operation and every
// way to fail (in `npm test`: one way), each time to its end, where the mirror must be the source's.

import { Violation } from '../simulation/oracle.ts'
import type { StoreMethod } from '../simulation/process.ts'
import { DEEP } from '../support/depth.ts'
import type { Fault, Kind, Scenario } from './scenario.ts'
import { World } from './world.ts'

export interface LoopResult {
  /** What can fail in the scenario. */
  readonly operations: number
  /** How often the scenario was run with a fault. */
  readonly runs: number
  readonly failures: readonly string[]
}

/** Failures after which a scenario is given up: the first says it all. */
const FAILURES_MAX = 3

/**
 * What leaves no trace in the mirror: that its answer is lost is the same as that it fails, and a death after it the same
 * as one after what came before. Permits of the limiter are none either.
 */
const TRACELESS: ReadonlySet<string> = new Set([
  'now',
  'connections.find',
  'connections.list',
  'projects.list',
  'secrets.list',
  'secrets.dataKeys',
  'streams.list',
  'streams.state',
  'records.look',
  'records.contents',
  'walks.unseen',
  'walks.countUnseen',
  'walks.countSeen',
  'records.keysWhere',
  'review.kept',
  'review.held',
  'review.removals',
  'review.tombstonesOf',
  'budgets.list',
  'runs.find',
  'runs.list',
  'runs.cancelRequested',
  'projects.ensure',
  'limits.reserve',
  'limits.bucket',
  'limits.block',
] satisfies StoreMethod[])

export async function loop(scenario: Scenario): Promise<LoopResult> {
  const sound = await attempt(scenario, undefined)
  if ('failure' in sound) return { operations: 0, runs: 0, failures: [sound.failure] }
  const { operations } = sound
  const failures: string[] = []
  let runs = 0
  for (const [index, operation] of operations.entries()) {
    for (const kind of kindsOf(operation, index)) {
      const result = await attempt(scenario, { kind, at: index + 1 })
      runs++
      if ('failure' in result) failures.push(result.failure)
      if (failures.length >= FAILURES_MAX) return { operations: operations.length, runs, failures }
    }
  }
  return { operations: operations.length, runs, failures }
}

/** Operations of which `npm test` makes one fail. */
const STEP = 7

/**
 * Every way to fail; `npm test` takes another one of them for every seventh operation, and few of those that leave no trace.
 */
function kindsOf(operation: string, index: number): readonly Kind[] {
  const kinds = everyKindOf(operation, index)
  if (DEEP) return kinds
  // An odd step: what is done at every other operation, see the injector too, comes at even ones and at odd ones.
  if (index % (TRACELESS.has(operation) ? 3 * STEP : STEP) > 0) return []
  return kinds.slice((index / STEP) % kinds.length).slice(0, 1)
}

/** A single request that fails is asked again; only an outage is seen by whoever asked. Of the database's, every other. */
function everyKindOf(operation: string, index: number): readonly Kind[] {
  if (TRACELESS.has(operation)) return ['before']
  if (operation.includes('/')) return ['before', 'outage', 'after', 'killed']
  return [index % 2 === 0 ? 'before' : 'outage', 'after', 'killed']
}

type Attempt = { readonly operations: readonly string[] } | { readonly failure: string }

async function attempt(scenario: Scenario, fault: Fault | undefined): Promise<Attempt> {
  const world = await World.open(scenario, fault)
  try {
    await scenario.script(world)
    const operations = [...world.faults.operations]
    const mirror = await world.settle()
    scenario.check?.(world, mirror)
    return { operations }
  } catch (error) {
    const what = error instanceof Violation ? error.message : String((error as Error).stack)
    const which = fault && `operation ${fault.at}, ${world.faults.operations[fault.at - 1]}, fails: ${fault.kind}`
    return { failure: [which ?? 'without any fault', what, ...world.scheduler.tail.slice(-40)].join('\n  ') }
  } finally {
    await world.close()
  }
}
