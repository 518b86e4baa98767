// Owns the words of a run: its modes, its states, how a pass ended, and what is counted.

import type { ErrorReport } from './errors.ts'

export type RunMode = 'auto' | 'full' | 'refresh'

/** `running` is the only state that is not final. */
export type RunStatus = 'running' | 'succeeded' | 'incomplete' | 'failed' | 'paused' | 'cancelled'

export type PassKind = 'byCursor' | 'newestFirst' | 'fullPass' | 'refresh' | 'upload'

/** How a pass ended. Only `exhausted` (the source itself said "end") and `met-anchored` close a walk. */
export type Ended = 'exhausted' | 'met-anchored' | 'limit' | 'budget' | 'cancelled' | 'failed'

export interface Counts {
  readonly fetched: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly removed: number
  readonly restored: number
  readonly held: number
  readonly quarantined: number
  readonly snapshots: number
}

export const NO_COUNTS: Counts = {
  fetched: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  removed: 0,
  restored: 0,
  held: 0,
  quarantined: 0,
  snapshots: 0,
}

export function addCounts(a: Counts, b: Partial<Counts>): Counts {
  const sum: Record<string, number> = { ...a }
  for (const [name, n] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + n
  return sum as unknown as Counts
}

export interface PassReport {
  readonly pass: PassKind
  readonly ended: Ended | null
  readonly pages: number
  readonly requests: number
}

export interface StreamReport {
  readonly stream: string
  readonly passes: readonly PassReport[]
  readonly counts: Counts
}

/** A run as every face prints it. */
export interface RunReport {
  readonly id: string
  readonly project: string
  readonly connection: string
  readonly mode: RunMode
  readonly status: RunStatus
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly streams: readonly StreamReport[]
  readonly requests: number
  readonly billedItems: number
  readonly cost: number | null
  readonly error: ErrorReport | null
  /** What keeps the run from being complete, in words: gaps, held removals, quarantines, a limit. */
  readonly notes: readonly string[]
}

/** Why a run failed whose process ended before it: seen by whoever looks, and written by the next run. */
export const RUN_INTERRUPTED: ErrorReport = {
  code: 'run_interrupted',
  message: 'The process ended before the run did.',
  hint: 'Nothing is lost: the next run goes on from the last checkpoint.',
  verdict: 'retry',
}

/** The exit code of a set of runs is that of its worst. */
export function exitCode(statuses: readonly RunStatus[]): 0 | 1 | 3 | 4 | 130 {
  if (statuses.includes('failed')) return 1
  if (statuses.includes('paused')) return 4
  if (statuses.includes('cancelled')) return 130
  return statuses.includes('incomplete') || statuses.includes('running') ? 3 : 0
}
