// Owns the exit codes: which one an error means, and which one a set of runs. Pure.
//
//   0 done · 1 failed · 2 wrong use or configuration · 3 finished but not complete · 4 a person must act · 130 interrupted

import type { ErrorReport } from '../model/errors.ts'
import { exitCode as exitCodeOfStatuses, type RunStatus } from '../model/run.ts'
import type { SyncEntry } from '../operations/sync-all.ts'

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130

/** Codes of wrong use and wrong configuration that their name doesn't show: the command was never going to work. */
const WRONG_USE = new Set([
  'argument_missing',
  'backup_exists',
  'config_missing',
  'confirmation_missing',
  'argument_unexpected',
  'command_missing',
  'connection_conflict',
  'connection_exists',
  'database_exists',
  'database_forbidden',
  'database_missing',
  'database_newer',
  'database_outdated',
  'database_refused',
  'database_unreadable',
  'database_unwritable',
  'demo_database_exists',
  'file_exists',
  'key_missing',
  'key_new_missing',
  'key_unreadable',
  'key_unwritable',
  'key_wrong',
  'name_taken',
  'option_conflict',
  'option_missing',
  'port_busy',
  'project_exists',
  'port_refused',
  'secret_missing',
  'secret_unreadable',
  'shape_conflict',
  'sql_failed',
  'sql_refused',
])

/** Codes with which a run fails that no run will get past: the connection's options are wrong. */
const WRONG_OPTIONS = new Set([
  'address_not_allowed',
  'address_refused',
  'not_found',
  'shop_mismatch',
  'signature_refused',
  'url_refused',
])

/** Names of codes say it by their ending: what was named doesn't exist, or what was given cannot be. */
const WRONG_USE_ENDINGS = /_(?:unknown|invalid|unsupported)$/

/** What an error that ended a command means to whoever called it. */
export function exitCodeOfError({ code, verdict }: Pick<ErrorReport, 'code' | 'verdict'>): ExitCode {
  if (code === 'cancelled') return 130
  if (verdict === 'pause') return 4
  return WRONG_USE.has(code) || WRONG_USE_ENDINGS.test(code) ? 2 : 1
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
  if (refusal) return exitCodeOfError(refusal) === 2
  return status === 'failed' && failure?.verdict === 'stop' && WRONG_OPTIONS.has(failure.code)
}

/** The part of a run, or of what kept one from beginning. */
export function partOf({ id, status, error }: SyncEntry): Part {
  return { status, refusal: id === null ? error : null, failure: error }
}
