// Owns the exit code of a set of runs, and of an error that ended a command. Pure.

import { type ExitCode, meaningOfCode } from '../model/error-table.ts'
import type { ErrorReport } from '../model/errors.ts'
import { exitCode as exitCodeOfStatuses, type RunStatus } from '../model/run.ts'
import type { SyncEntry } from '../operations/sync-all.ts'

export type { ExitCode } from '../model/error-table.ts'

/** What an error that ended a command means to whoever called it. */
export function exitCodeOfError({ code, verdict }: Pick<ErrorReport, 'code' | 'verdict'>): ExitCode {
  return verdict === 'pause' ? 4 : meaningOfCode(code).exit
}

/** One connection's part in a sync: its run, or the error that kept it from having one. */
export interface Part {
  readonly status: RunStatus
  /** Set when there was no run; its code then tells more than the status. */
  readonly refusal: ErrorReport | null
  /** How the run failed, if it did. */
  readonly failure?: ErrorReport | null
}

/** A sync is as good as its worst part. A connection that was configured wrongly counts as failed where others ran. */
export function exitCodeOfSync(parts: readonly Part[], interrupted: boolean): ExitCode {
  if (interrupted && (parts.length === 0 || parts.some(({ status }) => status === 'cancelled'))) return 130
  const wrong = parts.filter(isWrong).length
  // Only when nothing else failed is the configuration the whole story.
  if (wrong > 0 && parts.filter(({ status }) => status === 'failed').length === wrong) return 2
  return exitCodeOfStatuses(parts.map(({ status }) => status))
}

function isWrong({ status, refusal, failure }: Part): boolean {
  const error = refusal ?? (status === 'failed' ? failure : null)
  return error ? exitCodeOfError(error) === 2 : false
}

/** The part of a run, or of what kept one from beginning. */
export function partOf({ id, status, error }: SyncEntry): Part {
  return { status, refusal: id === null ? error : null, failure: error }
}
