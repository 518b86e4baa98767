// Owns one connection's turn when a schedule of it is due: what is due is looked up again under the job's lease, run if
// it has not been, and only then moved on. A process that dies in between leaves the schedule due, so that the next one
// goes on at once.

import { type ErrorCode, meaningOfCode } from '../../model/error-table.ts'
import { type ErrorReport, errorReport, TidemarkError } from '../../model/errors.ts'
import type { Clock, Logger } from '../../model/ports.ts'
import type { RunMode, RunReport } from '../../model/run.ts'
import type { ConnectionRow, RunRow, ScheduleRow, Store, StreamRow } from '../../store/store.ts'
import { ADAPTIVE_RUNS, looksOf } from '../due/adaptive.ts'
import { changesByHour, HOURS_KEPT_MS, HOURS_RUNS, isBusyHour } from '../due/full-hours.ts'
import { isDone, nextRun, quietOf, regularRun, streamsOf } from '../due/next-run.ts'
import { afterQuiet, isQuiet } from '../due/quiet-hours.ts'
import type { KeysByStream } from '../runs/order.ts'
import { instant } from '../runs/report.ts'

export interface ScheduledPorts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  /** What is known of the hours of connections, by their number. */
  readonly hours: Map<number, KnownHours>
}

export interface KnownHours {
  /** By the clock that never steps. */
  readonly learnedAt: number
  readonly byHour: readonly number[] | undefined
}

export interface ScheduledOrder {
  readonly mode: RunMode
  /** Empty: all. */
  readonly streams: readonly string[]
  readonly fullMayWait: boolean
  /** Only the records of these keys. */
  readonly keys?: KeysByStream
  readonly signal: AbortSignal
}

/** Runs a connection. Rejects as `Connection.sync` does, also with connector_unknown. */
export type StartRun = (connection: ConnectionRow, order: ScheduledOrder) => Promise<RunReport>

/** What became of a turn. `later`: nothing was decided, and it is too early to ask again; `away`: its connector is. */
export type Turn =
  | { readonly kind: 'ran'; readonly report: RunReport; readonly nextAt: number | null }
  | { readonly kind: 'passed' }
  | { readonly kind: 'later' }
  | { readonly kind: 'away' }

interface Place {
  readonly ports: ScheduledPorts
  readonly connection: ConnectionRow
  /** All schedules of the connection. */
  readonly rows: readonly ScheduleRow[]
  readonly streams: readonly StreamRow[]
}

/** A turn of a connection. Whatever has no time yet is left alone. */
export async function takeTurn(
  ports: ScheduledPorts,
  at: { readonly project: string; readonly connectionNo: number; readonly connection: string },
  start: StartRun,
  signal: AbortSignal,
): Promise<Turn> {
  const { store, clock } = ports
  const now = clock.now()
  const rows = await store.schedules.list(at.project, at.connectionNo)
  const due = rows.filter((row) => row.nextAt <= now)
  const connection = due.length > 0 ? await store.connections.find(at.project, at.connection) : undefined
  if (!connection) return { kind: 'passed' }
  const place = { ports, connection, rows, streams: await store.streams.list(connection.no) }
  if (connection.paused.length > 0) return skip(place, due, `paused (${connection.paused.join(', ')})`)
  const [quiet, ready] = split(due, (row) => isQuiet(now, quietOf(row), row.timezone))
  for (const row of quiet)
    await move(place, row, { at: afterQuiet(now, quietOf(row), row.timezone), why: 'quiet hours' })
  const [lost, known] = split(ready, (row) => readBy(place, row).length === 0)
  if (lost.length > 0) await skip(place, lost, 'there is no such stream')
  const runs = await lastRuns(place)
  const undone = known.filter((row) => !isDone({ due: row.nextAt, now }, rowsOf(place, readBy(place, row)), runs))
  if (undone.length === 0) return moveAll(place, known, { runs, lastAt: null })
  return run(place, known, undone, start, signal)
}

async function run(
  place: Place,
  known: readonly ScheduleRow[],
  undone: readonly ScheduleRow[],
  start: StartRun,
  signal: AbortSignal,
): Promise<Turn> {
  const { ports, connection, streams } = place
  const names = [...new Set(undone.flatMap((row) => readBy(place, row)))]
  const lastAt = ports.clock.now()
  const lateMs = lastAt - Math.min(...undone.map(({ nextAt }) => nextAt))
  ports.logger.event('info', 'schedule.due', { connection: connection.id, streams: names, lateMs })
  try {
    const all = names.length === streams.length
    const fullMayWait = isBusyHour(await hoursOf(place, names), lastAt, undone[0]!.timezone)
    const report = await start(connection, { mode: 'auto', streams: all ? [] : names, fullMayWait, signal })
    // A worker that was told to stop leaves the rest to the next one.
    if (report.status === 'cancelled' && signal.aborted) return { kind: 'ran', report, nextAt: null }
    await moveAll(place, known, { runs: await lastRuns(place), lastAt })
    const left = await ports.store.schedules.list(connection.project, connection.no)
    return { kind: 'ran', report, nextAt: left.length > 0 ? Math.min(...left.map(({ nextAt }) => nextAt)) : null }
  } catch (error) {
    const waits = notRun(error, signal)
    if (waits) {
      ports.logger.event('debug', 'schedule.waits', { connection: connection.id, code: errorReport(error).code })
      return waits
    }
    const refused = errorReport(error)
    if (meaningOfCode(refused.code).section === 'The database') throw error
    const { code, message } = refused
    ports.logger.event('error', 'schedule.failed', { connection: connection.id, code, message })
    return moveAll(place, known, { runs: await lastRuns(place), lastAt, refused })
  }
}

/** What is to be done where a run did not begin because somebody else has to run the connection; undefined: it is a failure. */
export function notRun(error: unknown, signal: AbortSignal): Turn | undefined {
  if (!signal.aborted && !isNotOurs(error)) return undefined
  return { kind: errorReport(error).code === 'connector_unknown' ? 'away' : 'later' }
}

const NOT_OURS: ReadonlySet<string> = new Set<ErrorCode>(['run_active', 'connector_unknown', 'connection_paused'])

/** Somebody else runs the connection now, or must, because only they have its connector. */
function isNotOurs(error: unknown): boolean {
  if (!(error instanceof TidemarkError)) return false
  return error.verdict === 'yield' || NOT_OURS.has(error.code)
}

/** When least changes, from more runs than are read for every turn, and so not for every turn. */
async function hoursOf({ ports, connection, rows }: Place, names: readonly string[]): Promise<KnownHours['byHour']> {
  const now = ports.clock.mono()
  const known = ports.hours.get(connection.no)
  if (known && now - known.learnedAt < HOURS_KEPT_MS) return known.byHour
  const query = { project: connection.project, connectionNo: connection.no, limit: HOURS_RUNS }
  const byHour = changesByHour(looksOf(await ports.store.runs.list(query), names, ports.clock.now()), rows[0]!.timezone)
  ports.hours.set(connection.no, { learnedAt: now, byHour })
  return byHour
}

async function lastRuns({ ports, connection }: Place): Promise<readonly RunRow[]> {
  return ports.store.runs.list({ project: connection.project, connectionNo: connection.no, limit: ADAPTIVE_RUNS })
}

async function skip(place: Place, rows: readonly ScheduleRow[], why: string): Promise<Turn> {
  place.ports.logger.event('info', 'schedule.skipped', { connection: place.connection.id, why })
  const runs = await lastRuns(place)
  for (const row of rows) {
    const after = { now: place.ports.clock.now(), streams: readBy(place, row), runs }
    await move(place, row, { at: regularRun(row, after).at, why })
  }
  return { kind: 'passed' }
}

async function moveAll(
  place: Place,
  rows: readonly ScheduleRow[],
  ran: { readonly runs: readonly RunRow[]; readonly lastAt: number | null; readonly refused?: ErrorReport },
): Promise<Turn> {
  const now = place.ports.clock.now()
  for (const row of rows) {
    const after = { now, streams: readBy(place, row), runs: ran.runs, refused: ran.refused }
    await move(place, row, { ...nextRun(row, after), lastAt: ran.lastAt })
  }
  return { kind: 'passed' }
}

async function move(
  { ports }: Place,
  row: ScheduleRow,
  { at, why, lastAt = null }: { at: number; why: string; lastAt?: number | null },
): Promise<void> {
  const { connection, stream } = row
  const moved = await ports.store.schedules.advance(row, { expect: row.nextAt, nextAt: at, lastAt })
  if (moved) ports.logger.event('info', 'schedule.moved', { connection, stream, next: instant(at), why })
}

function readBy({ rows, streams }: Place, row: ScheduleRow): readonly string[] {
  return streamsOf(
    row,
    rows,
    streams.map(({ stream }) => stream),
  )
}

function rowsOf({ streams }: Place, names: readonly string[]): readonly StreamRow[] {
  return streams.filter(({ stream }) => names.includes(stream))
}

function split<T>(all: readonly T[], first: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(first), all.filter((one) => !first(one))]
}
