// Owns setting and taking away schedules of a connection, and what is wrong with those that do not move.

import type { Clock } from '../../model/ports.ts'
import type { ConnectionRow, ScheduleRow, Store } from '../../store/store.ts'
import { ADAPTIVE_RUNS } from '../due/adaptive.ts'
import { regularRun, streamsOf } from '../due/next-run.ts'
import { isQuiet, parseQuietHours, quietHoursText } from '../due/quiet-hours.ts'
import { checkTimezone, EVERY_MIN_MS, parseSchedule } from '../due/schedule.ts'

export interface ScheduleWish {
  /** `every 15m`, `cron 0 3 * * *`, `adaptive` or `off`. */
  readonly spec: string
  /** One of its streams, which then has a schedule of its own; without it: the connection's. */
  readonly stream?: string | undefined
  /** IANA name. @default the project's */
  readonly timezone?: string | undefined
  /** `08:00-20:00`: no scheduled run starts within. */
  readonly quietHours?: string | undefined
}

/**
 * Sets a schedule, or takes it away. It says all there is to it: what it does not name is not kept from the one before.
 *
 * @throws TidemarkError schedule_invalid, timezone_invalid, quiet_hours_invalid
 */
export async function setSchedule(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  connection: ConnectionRow,
  wish: ScheduleWish,
  everyMinMs = EVERY_MIN_MS,
): Promise<void> {
  const { stream = '' } = wish
  const place = { connectionNo: connection.no, stream }
  if (!parseSchedule(wish.spec, { everyMinMs })) {
    await store.schedules.drop(place)
    return
  }
  const project = (await store.projects.list()).find(({ id }) => id === connection.project)
  const row = {
    ...place,
    project: connection.project,
    connection: connection.id,
    spec: wish.spec.trim().replaceAll(/\s+/g, ' '),
    timezone: checkTimezone(wish.timezone ?? project?.timezone ?? 'UTC'),
    quietHours: wish.quietHours === undefined ? null : quietHoursText(parseQuietHours(wish.quietHours)),
  }
  const rows = await store.schedules.list(connection.project, connection.no)
  const all = (await store.streams.list(connection.no)).map((known) => known.stream)
  const runs = await store.runs.list({ project: connection.project, connectionNo: connection.no, limit: ADAPTIVE_RUNS })
  const after = { now: clock.now(), streams: streamsOf(row, rows, all), runs }
  await store.schedules.save({ ...row, nextAt: regularRun(row, after).at, lastAt: null })
}

/** A due time that passed so long ago, in milliseconds, has been overlooked. */
export const DRIFT_MS = 10 * 60_000

export interface Drift {
  readonly project: string
  readonly connection: string
  /** '' for the connection's own schedule. */
  readonly stream: string
  readonly nextAt: number
  /** `late`: nobody ran it; `ahead`: later than the schedule allows; `unreadable`: written by another version. */
  readonly kind: 'late' | 'ahead' | 'unreadable'
  readonly message: string
}

/**
 * Schedules that are not where they should be: overdue although nothing keeps them, or further away than they can be by
 * what they say (a clock that was wrong, rules of a time zone that have changed). Pure.
 */
export function schedulesDrifted(rows: readonly ScheduleRow[], now: number): readonly Drift[] {
  return rows.flatMap((row) => {
    const found = driftOf(row, now)
    const { project, connection, stream, nextAt } = row
    return found ? [{ project, connection, stream, nextAt, ...found }] : []
  })
}

function driftOf(row: ScheduleRow, now: number): Pick<Drift, 'kind' | 'message'> | undefined {
  const name = row.stream === '' ? row.connection : `${row.connection}/${row.stream}`
  try {
    const quiet = row.quietHours === null ? null : parseQuietHours(row.quietHours)
    const lateMs = now - row.nextAt
    if (lateMs > DRIFT_MS && !isQuiet(now, quiet, row.timezone)) {
      const minutes = Math.floor(lateMs / 60_000)
      return { kind: 'late', message: `${name} has been due for ${minutes} min; is tidemark serve running?` }
    }
    // Adaptive intervals and the pauses after failures have bounds of their own.
    const latest = Math.max(latestOf(row, now), now + OWN_BOUND_MS)
    if (row.nextAt > latest + DRIFT_MS) {
      return { kind: 'ahead', message: `${name} (${row.spec}) is set to run later than it should; set it again` }
    }
    return undefined
  } catch {
    return { kind: 'unreadable', message: `${name} has a schedule that can't be read: ${row.spec}` }
  }
}

/** An adaptive interval of a day, put off by quiet hours of a day. */
const OWN_BOUND_MS = 2 * 86_400_000

function latestOf({ spec, timezone, quietHours }: ScheduleRow, now: number): number {
  return regularRun({ spec, timezone, quietHours }, { now, streams: [], runs: [] }).at
}
