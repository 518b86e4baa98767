// Owns the judgement of one decision of a person (I17): approving removes exactly what stood on hold (or what was kept of
// the run, where nothing stands on hold any more when it is written), rejecting removes nothing, undoing brings back
// exactly what the run has removed, with the contents that it had.

import type { Verdict } from '../../src/engine/review/decide-removals.ts'
import type { Decidable, Mirror } from './mirror.ts'
import type { People } from './people.ts'
import type { Acted } from './process.ts'
import { Violation } from './violation.ts'

export interface Decision {
  readonly verdict: Verdict
  readonly run: string
  readonly before: Mirror
  /** What the person was shown. */
  readonly shown: Decidable
}

interface Outcome {
  readonly acted: Acted | undefined
  /** Nobody else wrote meanwhile. */
  readonly alone: boolean
  /** Keys that the decision itself has removed. */
  readonly removed: readonly string[]
  readonly after: Mirror
  readonly tick: number
}

/** The records that the decision is about. */
export function meant({ verdict, run, shown }: Decision): readonly string[] {
  const runs = verdict === 'undo' ? shown.removedBy : shown.held
  return [...runs].filter(([, one]) => one === run).map(([key]) => key)
}

export function judgeDecision(people: People, decision: Decision, outcome: Outcome): void {
  const { verdict, run } = decision
  const { acted, alone, removed, tick } = outcome
  const keys = meant(decision)
  const kept = decision.shown.kept
  const strange = removed.find((key) => verdict !== 'approve' || !(keys.includes(key) || kept.get(key) === run))
  if (strange !== undefined)
    throw new Violation('I17', `${verdict} of ${run} removed ${strange}, which it is not about`)
  if (acted?.kind === 'threw' && acted.code === 'removals_unknown') {
    if (alone && keys.length > 0)
      throw new Violation('I17', `${verdict} of ${run} found nothing, and there is ${keys[0]}`)
    return
  }
  if (verdict !== 'approve') {
    if (acted?.kind === 'done' && alone) people.keep(keys, tick)
    else people.perhapsKeep(keys)
  }
  if (acted?.kind === 'done' && alone) judgeDone(decision, outcome, keys)
}

function judgeDone({ verdict, run, before }: Decision, { acted, after }: Outcome, keys: readonly string[]): void {
  const changes = after.changes.slice(before.changes.length)
  const op = verdict === 'approve' ? 'remove' : 'restore'
  const expected = verdict === 'reject' ? [] : keys
  const wrong = changes.find((change) => change.op !== op || !expected.includes(change.key))
  if (wrong) throw new Violation('I17', `${verdict} of ${run} made the change ${wrong.op} of ${wrong.key}`)
  if (changes.length !== expected.length) {
    throw new Violation('I17', `${verdict} of ${run} made ${changes.length} changes, not ${expected.length}`)
  }
  for (const key of keys) {
    const last = before.versions.get(key)?.at(-1)?.content
    const should = verdict === 'approve' ? undefined : last
    if (after.live.get(key) !== should) {
      throw new Violation('I17', `after ${verdict} of ${run}, ${key} is ${after.live.get(key)}, not ${should}`)
    }
    if (after.held.has(key)) throw new Violation('I17', `after ${verdict} of ${run}, ${key} is on hold still`)
  }
  const { streams } = (acted as { value: { streams: readonly { records: number }[] } }).value
  const told = streams.reduce((sum, { records }) => sum + records, 0)
  if (told !== keys.length)
    throw new Violation('I17', `${verdict} of ${run} told of ${told} records, not ${keys.length}`)
}
