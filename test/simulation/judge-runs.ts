// Owns the judgement of runs that cost money (I9): each is started once for its intent, none is paid for and forgotten, and
// the ledger has counted what the vendor has billed.

import type { Intent } from './mirror.ts'
import type { PaidRun } from './paid-runs.ts'
import { Violation } from './violation.ts'

export function judgeRuns(runs: readonly PaidRun[], intents: readonly Intent[]): void {
  for (const [intent, same] of Map.groupBy(runs, (run) => run.intent)) {
    if (same.length > 1) throw new Violation('I9', `${same.map(({ id }) => id).join(' and ')} are paid for one intent`)
    const written = intents.find(({ id }) => id === intent)
    const [run] = same
    if (!written) throw new Violation('I9', `${run?.id} was started, and nothing was written before`)
    if (written.state === 'lost' || written.state === 'refused') {
      throw new Violation('I9', `${run?.id} is paid for, and its intent is ${written.state}`)
    }
  }
}

/** When nothing is under way any more. */
export function judgeBill(
  runs: readonly PaidRun[],
  intents: readonly Intent[],
  billed: { items: number; cost: number },
): void {
  const open = intents.filter(({ state }) => state === 'open')
  if (open.length > 0) throw new Violation('I9', `intent ${open[0]?.id} is open, though nothing goes wrong any more`)
  const items = runs.reduce((sum, { rows }) => sum + rows.length, 0)
  if (items === billed.items && items === billed.cost) return
  throw new Violation('I9', `${items} rows were billed, ${billed.items} are counted, at a cost of ${billed.cost}`)
}
