// Owns what the faces say of runs, connections and streams: rows of the store as the documents that CLI, HTTP and
// library share. Pure. Instants become ISO 8601 text here and nowhere else.

import { connectionHealth } from '../../model/connection-health.ts'
import {
  addCounts,
  NO_COUNTS,
  type Progress,
  RUN_INTERRUPTED,
  type RunReport,
  type StreamReport,
} from '../../model/run.ts'
import type {
  ConnectionRow,
  Holder,
  QuarantineRow,
  RemovalsRow,
  RunRow,
  ScheduleRow,
  StreamRow,
} from '../../store/store.ts'
import { streamsOf } from '../due/next-run.ts'
import type { ConnectionStatus, Removals, ScheduleStatus, SetAside, Standing, StreamStatus } from './documents.ts'
import { progressOf } from './progress.ts'
import { todosOf } from './todo.ts'

export function instant(at: number): string {
  return new Date(at).toISOString()
}

export function instantOrNull(at: number | null): string | null {
  return at === null ? null : instant(at)
}

/** The run as it is: one whose process has died stands in its row as running until the next run of the connection. */
export function asItIs(row: RunRow, isDead: (holder: Holder) => boolean): RunRow {
  if (row.status !== 'running' || !isDead(row.holder)) return row
  return { ...row, status: 'failed', error: RUN_INTERRUPTED }
}

/**
 * A run as every face prints it; passes of one stream together, in the order in which they ran. `progress` is that of a
 * run under way.
 */
export function runReport(row: RunRow, progress: Progress | null = null): RunReport {
  const streams = new Map<string, StreamReport>()
  for (const pass of row.passes) {
    const before = streams.get(pass.stream) ?? { stream: pass.stream, passes: [], counts: NO_COUNTS }
    streams.set(pass.stream, {
      stream: pass.stream,
      passes: [...before.passes, { pass: pass.kind, ended: pass.ended, pages: pass.pages, requests: pass.requests }],
      counts: addCounts(before.counts, pass.counts),
    })
  }
  return {
    id: row.id,
    project: row.project,
    connection: row.connection,
    mode: row.mode,
    status: row.status,
    startedAt: instant(row.startedAt),
    finishedAt: instantOrNull(row.finishedAt),
    streams: [...streams.values()],
    requests: row.requests,
    billedItems: row.billedItems,
    cost: row.cost,
    currency: row.currency,
    error: row.error,
    notes: row.notes,
    progress,
  }
}

/** `schedules` are those of the stream's connection. */
export function streamStatus(row: StreamRow, schedules: readonly ScheduleRow[] = []): StreamStatus {
  const schedule =
    schedules.find(({ stream }) => stream === row.stream) ?? schedules.find(({ stream }) => stream === '')
  return {
    stream: row.stream,
    lastRunAt: instantOrNull(row.lastRunAt),
    lastSuccessAt: instantOrNull(row.lastSuccessAt),
    lastFullAt: instantOrNull(row.lastFullAt),
    runsSinceFull: row.runsSinceFull,
    lastRecordAt: instantOrNull(row.lastRecordAt),
    lastMode: row.lastMode,
    lastRecords: row.lastRecords,
    totalRecords: row.totalRecords,
    nextRunAt: instantOrNull(schedule?.nextAt ?? null),
    coverage: row.coverage,
    held: row.counts.held,
    quarantined: row.counts.quarantined,
    unconfirmed: row.counts.unconfirmed,
    metrics: row.shape.metrics,
  }
}

/** `all` are the schedules of its connection, whose streams have these names. */
export function scheduleStatus(
  row: ScheduleRow,
  all: readonly ScheduleRow[],
  names: readonly string[],
): ScheduleStatus {
  const streams = streamsOf(row, all, names)
  return {
    stream: row.stream === '' ? null : row.stream,
    schedule: row.spec,
    timezone: row.timezone,
    quietHours: row.quietHours,
    nextRunAt: streams.length > 0 ? instant(row.nextAt) : null,
    lastRunAt: instantOrNull(row.lastAt),
    streams,
  }
}

/** What is known of a connection at a moment. */
interface Seen {
  readonly streams: readonly StreamRow[]
  /** Its newest, newest first, read after the streams were. */
  readonly runs: readonly RunRow[]
  readonly schedules: readonly ScheduleRow[]
  readonly standing: Standing
  readonly now: number
}

export function connectionStatus(
  row: ConnectionRow,
  { streams, runs, schedules, standing, now }: Seen,
): ConnectionStatus {
  const active = runs.find((run) => run.status === 'running')
  const last = runs.find((run) => run.status !== 'running')
  const activeRun = active ? runReport(active, progressOf(active, now, streams)) : null
  const lastRun = last ? runReport(last) : null
  const names = streams.map(({ stream }) => stream)
  const shown = schedules.map((schedule) => scheduleStatus(schedule, schedules, names))
  const next = shown.flatMap(({ nextRunAt }) => nextRunAt ?? []).sort()
  const todo = todosOf({ id: row.id, standing, streams, activeRun, lastRun })
  const states = streams.map((stream) => streamStatus(stream, schedules))
  return {
    id: row.id,
    connector: row.connector,
    project: row.project,
    paused: row.paused,
    standing,
    health: connectionHealth({
      needsLogin: standing.state === 'login needed',
      isUnavailable: states.some(({ coverage }) => coverage.kind === 'unavailable'),
      isRunning: activeRun !== null,
      lastStatus: lastRun?.status ?? null,
      todos: todo.length,
    }),
    todo,
    streams: states,
    totalRecords: streams.reduce((sum, stream) => sum + stream.totalRecords, 0),
    activeRun,
    lastRun,
    nextRunAt: next[0] ?? null,
    schedules: shown,
  }
}

export function removalsReport(row: RemovalsRow): Removals {
  const { run, connection, stream, at, held, removed, kept, unconfirmed, reason } = row
  return { run, connection, stream, at: instant(at), held, removed, kept, unconfirmed, reason }
}

export function quarantineReport(row: QuarantineRow): SetAside {
  const { connection, stream, identity, key, code, message, run, page, position, firstAt, at, times, raw } = row
  const supersededAt = row.supersededAt === null ? null : instant(row.supersededAt)
  const when = { firstAt: instant(firstAt), at: instant(at), supersededAt }
  return { connection, stream, id: identity, key, code, message, run, page, position, ...when, times, raw }
}
