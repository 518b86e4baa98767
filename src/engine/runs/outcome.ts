// Owns how a run ends: what an error does to its pass and to the other streams, and the status of the whole. Pure.

import {
  type Coverage,
  type CoverageCounts,
  coverageOf,
  isCovered,
  type Reading,
  reasonText,
} from '../../model/coverage.ts'
import { type ErrorReport, errorReport, type Scope, TidemarkError } from '../../model/errors.ts'
import { isComplete, type RunMode, type RunStatus } from '../../model/run.ts'
import { MESSAGE_MAX, type Scrub, shown } from '../../model/shown.ts'
import type { FinishRun } from '../../store/store.ts'
import { BUDGET_CODES } from '../passes/budget.ts'
import { readingOf } from '../passes/run-stream.ts'
import type { StreamRun } from '../passes/stream-run.ts'

/** What the outcome of a run is judged by. */
type Read = Pick<StreamRun, 'name' | 'row' | 'counts' | 'passes' | 'notes' | 'remarks' | 'asides'>

/**
 * A run is as good as its worst stream. `coverages` are those of the streams as the run leaves them, so that a run which
 * finds nothing new says the same as the status does; `counted` is what waits in a stream by then, by its number.
 */
export function statusOf(
  streams: readonly Read[],
  failures: readonly ErrorReport[],
  cancelled: boolean,
  coverages: readonly Coverage[],
  counted: (streamNo: number) => CoverageCounts,
): Exclude<RunStatus, 'running'> {
  if (cancelled) return 'cancelled'
  if (failures.some(({ verdict }) => verdict === 'pause')) return 'paused'
  if (failures.some((failure) => endedBy(failure) === 'failed')) return 'failed'
  if (failures.length > 0) return 'incomplete'
  // An older text than what the mirror holds is set aside, and waits for nothing.
  const waits = streams.some(({ row, counts }) =>
    (['held', 'quarantined'] as const).some((fact) => counts[fact] > 0 && counted(row.no)[fact] > 0),
  )
  const open = streams.some((run) => run.passes.some(({ ended }) => !isComplete(ended)) || run.notes.length > 0)
  return waits || open || !coverages.every(isCovered) ? 'incomplete' : 'succeeded'
}

/** What is decided about a run when its streams have been read, as it is stored. */
export interface RunEnd extends Pick<FinishRun, 'status' | 'notes' | 'streams'> {
  readonly error: ErrorReport | undefined
}

export function endOf(
  streams: readonly StreamRun[],
  around: {
    readonly failures: readonly ErrorReport[]
    /** What is counted of a stream now, by its number. */
    readonly counted: (streamNo: number) => CoverageCounts
    /** Only what a filter or a range names was read. */
    readonly isPart: boolean
    readonly isCancelled: boolean
    readonly mode: RunMode
    readonly scrub: Scrub
  },
): RunEnd {
  const { failures, counted, isPart, isCancelled, mode, scrub } = around
  const ends = isPart
    ? []
    : streams.filter(isReached).map((run) => streamEnd(run, mode, scrub, !isCancelled && failures.length === 0))
  const readings = new Map(ends.map(({ streamNo, coverage }) => [streamNo, coverage]))
  const coverages = ends.map(({ streamNo, coverage: reading }) =>
    coverageOf({ ...counted(streamNo), reading, walkNote: '' }),
  )
  return {
    error: worst(failures),
    status: statusOf(streams, failures, isCancelled, coverages, counted),
    notes: streams
      .flatMap((run) => notesOf(run, counted(run.row.no), readings.get(run.row.no)))
      .map((note) => shown(note, scrub, MESSAGE_MAX)),
    streams: ends,
  }
}

function streamEnd(run: StreamRun, mode: RunMode, scrub: Scrub, isOrderly: boolean): FinishRun['streams'][number] {
  const ends = run.passes.map((pass) => pass.ended)
  // A refresh alone finds nothing that is new: it is no run after which a full pass is due.
  const isDone = mode !== 'refresh' && ends.every(isComplete) && run.openWalks.length === 0
  const { kind, note } = readingOf(run)
  return {
    streamNo: run.row.no,
    succeeded: isDone && ends.length > 0,
    idle: isDone && ends.length === 0 && isOrderly,
    full: run.fullDone,
    records: run.counts.fetched,
    coverage: { kind, note: shown(note, scrub, MESSAGE_MAX) },
  }
}

export const CANCELLED: ErrorReport = errorReport(
  new TidemarkError('cancelled', 'The run was cancelled; what was read is kept.', {
    hint: 'The next sync goes on from there.',
  }),
)

/** How an error ends a pass: limits and budgets are clean stops that leave a gap, the rest is a failure. */
export function endedBy(report: ErrorReport): 'limit' | 'budget' | 'cancelled' | 'failed' {
  if (report.code === 'cancelled') return 'cancelled'
  if (BUDGET_CODES.has(report.code)) return 'budget'
  // The file is as good as it is, and nothing has failed.
  if (report.code === 'section_missing') return 'limit'
  return report.verdict === 'wait' ? 'limit' : 'failed'
}

/** Whether a run read anything of a stream before a limit or a budget ended it. */
export function isReached({ passes }: Pick<StreamRun, 'passes'>): boolean {
  const isUntouched = passes.every(({ ended, pages }) => pages === 0 && (ended === 'budget' || ended === 'limit'))
  return passes.length === 0 || !isUntouched
}

/** Whether the other streams would fail for the same reason. */
export function endsRun(scope: Scope): boolean {
  return scope === 'login' || scope === 'run'
}

/** The source, or the connector, says no to this stream, and will until a person changes something. */
export function isRefusal({ code, verdict }: ErrorReport, scope: Scope): boolean {
  return verdict === 'stop' && !endsRun(scope) && !BUDGET_CODES.has(code)
}

export function worst(failures: readonly ErrorReport[]): ErrorReport | undefined {
  return (
    failures.find(({ verdict }) => verdict === 'pause') ??
    failures.find((failure) => endedBy(failure) === 'failed') ??
    failures[0]
  )
}

/**
 * What a run says of a stream in words, and what is counted there, in the words of the coverage. A partial run has no
 * reading, and tells only of what it has met itself.
 */
export function notesOf(
  { name, counts, notes, remarks, asides }: Read,
  counted: CoverageCounts,
  reading: Reading | undefined,
): readonly string[] {
  const partial = reading === undefined
  const told = (['quarantined', 'held', 'unconfirmed'] as const)
    // What is put on hold is told by the run that did it, with the reason.
    .filter((fact) => (counts[fact] > 0 ? fact !== 'held' : !partial))
    .map((fact) => reasonText(fact, counted[fact]))
  // What an earlier run left undone keeps this one from being complete, too.
  const isSilent = notes.length + asides.length === 0
  const kept =
    reading && !isCovered(reading) && (isSilent || reading.kind === 'unproved' || reading.kind === 'stale')
      ? [reading.note]
      : []
  const said = [...kept, ...told].filter((text) => text !== '').map((text) => `${name}: ${text}`)
  return [...new Set([...notes, ...asides, ...remarks, ...said])]
}
