// Owns how a run ends: what an error does to its pass and to the other streams, and the status of the whole. Pure.

import type { ErrorReport, Scope } from '../../model/errors.ts'
import { addCounts, isComplete, NO_COUNTS, type RunStatus } from '../../model/run.ts'
import { BUDGET_CODES } from '../passes/budget.ts'
import type { StreamRun } from '../passes/stream-run.ts'

/** What the outcome of a run is judged by. */
type Read = Pick<StreamRun, 'name' | 'counts' | 'passes' | 'notes'>

/** A run is as good as its worst stream. */
export function statusOf(
  streams: readonly Read[],
  failures: readonly ErrorReport[],
  cancelled: boolean,
): Exclude<RunStatus, 'running'> {
  if (cancelled) return 'cancelled'
  if (failures.some(({ verdict }) => verdict === 'pause')) return 'paused'
  if (failures.some((failure) => endedBy(failure) === 'failed')) return 'failed'
  if (failures.length > 0) return 'incomplete'
  const { held, quarantined } = streams.reduce((sum, run) => addCounts(sum, run.counts), NO_COUNTS)
  const open = streams.some((run) => run.passes.some(({ ended }) => !isComplete(ended)) || run.notes.length > 0)
  return held > 0 || quarantined > 0 || open ? 'incomplete' : 'succeeded'
}

export const CANCELLED: ErrorReport = {
  code: 'cancelled',
  message: 'the run was cancelled; what was read is kept',
  hint: 'The next sync goes on from there.',
  verdict: 'stop',
}

/** How an error ends a pass: limits and budgets are clean stops that leave a gap, the rest is a failure. */
export function endedBy(report: ErrorReport): 'limit' | 'budget' | 'cancelled' | 'failed' {
  if (report.code === 'cancelled') return 'cancelled'
  if (BUDGET_CODES.has(report.code)) return 'budget'
  return report.verdict === 'wait' ? 'limit' : 'failed'
}

/** Whether the other streams would fail for the same reason. */
export function endsRun(scope: Scope): boolean {
  return scope === 'login' || scope === 'run'
}

export function worst(failures: readonly ErrorReport[]): ErrorReport | undefined {
  return (
    failures.find(({ verdict }) => verdict === 'pause') ??
    failures.find((failure) => endedBy(failure) === 'failed') ??
    failures[0]
  )
}

export function quarantineNotes(streams: readonly Read[]): readonly string[] {
  return streams
    .filter((run) => run.counts.quarantined > 0)
    .map(({ name, counts: { quarantined: n } }) => {
      const records = n === 1 ? '1 record could not be read and is' : `${n} records could not be read and are`
      return `${name}: ${records} in quarantine`
    })
}
