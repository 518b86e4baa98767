// Owns the words of a run: its modes, its states, how a pass ended, and what is counted.

import { type ErrorReport, errorReport, TidemarkError } from './errors.ts'

/** How a sync reads. */
export const SYNC_MODES = ['auto', 'full', 'refresh'] as const
export type SyncMode = (typeof SYNC_MODES)[number]

/** `upload`: a file that a person gave was read. */
export const RUN_MODES = [...SYNC_MODES, 'upload'] as const
export type RunMode = (typeof RUN_MODES)[number]

/** `running` is the only state that is not final. */
export const RUN_STATUSES = ['running', 'succeeded', 'incomplete', 'failed', 'paused', 'cancelled'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

/** The ends of a run that a person should look at: it did not read all that it was to read, and nobody had asked for that. */
export const RUN_PROBLEMS: readonly RunStatus[] = ['incomplete', 'failed', 'paused']

export const PASS_KINDS = ['byCursor', 'newestFirst', 'fullPass', 'refresh', 'summary', 'blend', 'upload'] as const
export type PassKind = (typeof PASS_KINDS)[number]

/** How a pass ended. Only `exhausted` (the source itself said "end") and `met-anchored` close a walk. */
export type Ended = 'exhausted' | 'met-anchored' | 'limit' | 'budget' | 'cancelled' | 'failed'

/** The same in words, for every face. */
export const ENDED_WORDS: Readonly<Record<Ended, string>> = {
  exhausted: 'read to the end',
  'met-anchored': 'reached what is known',
  limit: 'stopped at a limit',
  budget: 'stopped: what was allowed is spent',
  cancelled: 'was stopped',
  failed: 'failed',
}

/** Whether a pass has read all that it was to read; null: it goes on. */
export function isComplete(ended: Ended | null): boolean {
  return ended === 'exhausted' || ended === 'met-anchored'
}

export interface Counts {
  readonly fetched: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  /** Shown with a content that is older than the stored one, which stays. */
  readonly superseded: number
  readonly removed: number
  readonly restored: number
  readonly held: number
  /** Live records that a full pass did not list, and no second witness has seen gone: the next run confirms. */
  readonly unconfirmed: number
  readonly quarantined: number
  readonly snapshots: number
  /** Asked for by key, not returned, and known to be unavailable from now on. */
  readonly unavailable: number
  /** Known records that this run was to read again and did not come to. */
  readonly stale: number
}

export const NO_COUNTS: Counts = {
  fetched: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  superseded: 0,
  removed: 0,
  restored: 0,
  held: 0,
  unconfirmed: 0,
  quarantined: 0,
  snapshots: 0,
  unavailable: 0,
  stale: 0,
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

/** How far a run under way has come: what its checkpoints have stored, and how long it may still take. */
export interface Progress {
  /** Records read, over all streams. */
  readonly processed: number
  /** How many the run will have read at its end; null until each of its streams has told. */
  readonly total: number | null
  /** Whole percent, rounded down; null without a total, and when it was exceeded. */
  readonly percent: number | null
  /** Records a second, on average since the run began. */
  readonly rate: number
  /** Null where `percent` is, before anything was read, and beyond a day. */
  readonly etaSeconds: number | null
  /** In the order in which they are read, those that have not begun included. */
  readonly streams: readonly StreamProgress[]
}

export interface StreamProgress {
  readonly stream: string
  readonly processed: number
  /** Null where the source tells none, and where the reading may end before it. */
  readonly total: number | null
  readonly inserted: number
  readonly unchanged: number
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
  /** Of the cost, as ISO 4217 names it; null: the connector does not say. */
  readonly currency: string | null
  readonly error: ErrorReport | null
  /** What keeps the run from being complete, in words: gaps, held removals, quarantines, a limit. */
  readonly notes: readonly string[]
  /** While the run is under way; null when it is over. */
  readonly progress: Progress | null
}

/** Why a run failed whose process ended before it: seen by whoever looks, and written by the next run. */
export const RUN_INTERRUPTED: ErrorReport = errorReport(
  new TidemarkError('run_interrupted', 'The process ended before the run did.'),
)

/** The exit code of a set of runs is that of its worst. */
export function exitCode(statuses: readonly RunStatus[]): 0 | 1 | 3 | 4 | 130 {
  if (statuses.includes('failed')) return 1
  if (statuses.includes('paused')) return 4
  if (statuses.includes('cancelled')) return 130
  return statuses.includes('incomplete') || statuses.includes('running') ? 3 : 0
}
