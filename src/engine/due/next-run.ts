// Owns when a schedule runs next after what has just happened: a run that went well, one that failed, a time that passed
// without one. Also what of a connection each of its schedules reads. Pure.

import type { ErrorReport } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import { RUN_INTERRUPTED } from '../../model/run.ts'
import type { RunRow, ScheduleRow, StreamRow } from '../../store/store.ts'
import { ADAPTIVE_MAX_MS, adaptiveInterval, looksOf } from './adaptive.ts'
import { afterQuiet, parseQuietHours } from './quiet-hours.ts'
import { nextDue, nextStart, parseSchedule } from './schedule.ts'

/** After the first failure the next try comes so soon, after each further one in a row twice as late, … */
export const RETRY_FIRST_MS = 60_000
/** … and this late at most. */
export const RETRY_MAX_MS = 3_600_000
/** Clocks of one database's processes agree this well, in milliseconds. What lies further ahead is of a wrong clock. */
export const CLOCKS_APART_MS = 10 * 60_000

type Runs = readonly Pick<RunRow, 'status' | 'startedAt' | 'passes' | 'error'>[]

/** The streams that a schedule reads: its own one, or those of the connection that have none of their own. */
export function streamsOf(
  row: Pick<ScheduleRow, 'stream'>,
  rows: readonly Pick<ScheduleRow, 'stream'>[],
  all: readonly string[],
): readonly string[] {
  if (row.stream !== '') return all.filter((name) => name === row.stream)
  return all.filter((name) => !rows.some(({ stream }) => stream === name))
}

type Stood = Pick<RunRow, 'status' | 'streams' | 'finishedAt' | 'error' | 'partial' | 'capped'>

/**
 * Whether a due time has had its run already: one that was under way at that time (somebody synced by hand) and came to
 * its end, or one whose process died after that end. A cancelled one was not what was wanted, nor was one of a part, or
 * with a cap; and what ended in the future tells of a clock that was wrong. `runs` are the connection's newest.
 */
export function isDone(
  { due, now }: { readonly due: number; readonly now: number },
  streams: readonly Pick<StreamRow, 'stream' | 'lastRunAt'>[],
  runs: readonly Stood[],
): boolean {
  const isSince = (at: number | null) => at !== null && at >= due && at <= now + CLOCKS_APART_MS
  const stood = runs.filter((run) => isWhole(run) && isSince(run.finishedAt))
  const isRead = (name: string) => stood.some((run) => run.streams.includes(name))
  return streams.length > 0 && streams.every(({ stream, lastRunAt }) => isSince(lastRunAt) && isRead(stream))
}

/** A run that came to its end and was free to read all there is. */
function isWhole({ status, error, partial, capped }: Stood): boolean {
  const isEnded = status !== 'running' && status !== 'cancelled' && error?.code !== RUN_INTERRUPTED.code
  return isEnded && !partial && !capped
}

/** How many of the newest runs, newest first, failed in a row. One that waits for a limit failed in this sense. */
export function failuresInARow(runs: Runs): number {
  const good = runs.findIndex(({ status, error }) => status !== 'failed' && !isWaiting(status, error))
  return good < 0 ? runs.length : good
}

function isWaiting(status: RunRow['status'], error: ErrorReport | null): boolean {
  return status === 'incomplete' && error?.verdict === 'wait'
}

export function retryMs(failures: number): number {
  return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.max(0, failures - 1))
}

export interface After {
  readonly now: number
  /** The streams that the schedule reads. */
  readonly streams: readonly string[]
  /** The connection's newest runs, newest first. */
  readonly runs: Runs
  /** Why it failed, if it did without a run. */
  readonly refused?: ErrorReport | undefined
}

export interface Next {
  readonly at: number
  /** For people. */
  readonly why: string
}

/**
 * When a schedule runs next.
 *
 * @throws TidemarkError schedule_invalid, quiet_hours_invalid, when the row was written by a newer version
 */
export function nextRun(row: Pick<ScheduleRow, 'spec' | 'timezone' | 'quietHours' | 'nextAt'>, after: After): Next {
  const regular = regularRun(row, after)
  const [last] = after.runs
  const error =
    after.refused ?? (last && (last.status === 'failed' || isWaiting(last.status, last.error)) && last.error)
  if (!error) return regular
  const failures = Math.max(1, failuresInARow(after.runs))
  const turn = turnAt(error, after.now)
  const retry = afterQuiet(turn ?? after.now + retryMs(failures), quietOf(row), row.timezone)
  const why =
    turn === undefined ? `after ${plural(failures, 'failure')} in a row (${error.code})` : `its turn (${error.code})`
  // What a person has to mend does not get better by asking often; everything else is tried again before its time.
  const byItself = error.verdict === 'retry' || error.verdict === 'wait'
  return byItself || retry > regular.at ? { at: retry, why } : regular
}

/**
 * When it is the turn of one that waits for a limit: then, and not after a pause, since those that come later are served
 * after it. Undefined: it waits for none, or for one that ends in a far future, of which a person may make a nearer one.
 */
function turnAt({ code, retryAt }: ErrorReport, now: number): number | undefined {
  if (code !== 'rate_limited' || retryAt === undefined) return undefined
  const at = Date.parse(retryAt)
  return at <= now + RETRY_MAX_MS ? Math.max(now, at) : undefined
}

/** The next time by the schedule alone. */
export function regularRun(
  row: Pick<ScheduleRow, 'spec' | 'timezone' | 'quietHours'> & { nextAt?: number },
  { now, streams, runs }: Pick<After, 'now' | 'streams' | 'runs'>,
): Next {
  const schedule = parseSchedule(row.spec, { everyMinMs: 0 })
  if (!schedule) throw new RangeError('a schedule that is off has no next time')
  const adaptiveMs =
    schedule.kind === 'adaptive' ? adaptiveInterval(looksOf(runs, streams, now), streams.length, now) : 0
  const at = nextStart(schedule, { timezone: row.timezone, quiet: quietOf(row) }, { now, due: row.nextAt, adaptiveMs })
  return { at, why: row.spec }
}

/**
 * Where a schedule is set anew that lies further ahead than it could be by what it says, by the longest adaptive
 * interval and by the longest pause after failures: a clock was wrong when it was set. Undefined: it is right.
 *
 * @throws TidemarkError schedule_invalid, quiet_hours_invalid, when the row was written by a newer version
 */
export function setRight(
  row: Pick<ScheduleRow, 'spec' | 'timezone' | 'quietHours' | 'nextAt'>,
  after: Pick<After, 'now' | 'streams' | 'runs'>,
): number | undefined {
  const { spec, timezone, quietHours, nextAt } = row
  const schedule = parseSchedule(spec, { everyMinMs: 0 })
  if (!schedule) return undefined
  const { now } = after
  const regular = nextDue(schedule, timezone, { now, adaptiveMs: ADAPTIVE_MAX_MS })
  const latest = afterQuiet(Math.max(regular, now + RETRY_MAX_MS), quietOf(row), timezone)
  if (nextAt <= latest + CLOCKS_APART_MS) return undefined
  return regularRun({ spec, timezone, quietHours }, after).at
}

export function quietOf({ quietHours }: Pick<ScheduleRow, 'quietHours'>) {
  return quietHours === null ? null : parseQuietHours(quietHours)
}
