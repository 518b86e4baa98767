// Owns what the faces say of runs, connections and streams: rows of the store as the documents that CLI, HTTP and
// library share. Pure. Instants become ISO 8601 text here and nowhere else.

import { addCounts, NO_COUNTS, type RunReport, type StreamReport } from '../model/run.ts'
import type { ConnectionRow, Coverage, RunRow, StreamRow } from '../store/store.ts'

export function instant(at: number): string {
  return new Date(at).toISOString()
}

export function instantOrNull(at: number | null): string | null {
  return at === null ? null : instant(at)
}

/** A run as every face prints it; passes of one stream together, in the order in which they ran. */
export function runReport(row: RunRow): RunReport {
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
    error: row.error,
    notes: row.notes,
  }
}

export interface StreamStatus {
  readonly stream: string
  readonly lastRunAt: string | null
  readonly lastSuccessAt: string | null
  readonly lastFullAt: string | null
  readonly runsSinceFull: number
  readonly lastRecordAt: string | null
  readonly lastMode: string | null
  readonly lastRecords: number | null
  readonly totalRecords: number
  readonly coverage: Coverage
}

export interface ConnectionStatus {
  readonly id: string
  readonly connector: string
  readonly project: string
  readonly paused: readonly string[]
  readonly streams: readonly StreamStatus[]
  readonly totalRecords: number
  readonly activeRun: RunReport | null
  readonly lastRun: RunReport | null
  /** When the schedule runs it next; null without one. */
  readonly nextRunAt: string | null
}

export function streamStatus(row: StreamRow): StreamStatus {
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
    coverage: row.coverage,
  }
}

/** `runs` are the connection's newest runs, newest first. */
export function connectionStatus(
  row: ConnectionRow,
  streams: readonly StreamRow[],
  runs: readonly RunRow[],
): ConnectionStatus {
  const active = runs.find((run) => run.status === 'running')
  const last = runs.find((run) => run.status !== 'running')
  return {
    id: row.id,
    connector: row.connector,
    project: row.project,
    paused: row.paused,
    streams: streams.map(streamStatus),
    totalRecords: streams.reduce((sum, stream) => sum + stream.totalRecords, 0),
    activeRun: active ? runReport(active) : null,
    lastRun: last ? runReport(last) : null,
    nextRunAt: null,
  }
}
