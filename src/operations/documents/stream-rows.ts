// Owns the streams of a connection as rows, for faces that show the same as the SQL table.

import type { ConnectionStatus } from '../../engine/runs/documents.ts'

/** The rows of the SQL table `streams`, by its own names. */
export function streamRows({ id, streams }: ConnectionStatus): readonly Readonly<Record<string, unknown>>[] {
  return streams.map((stream) => ({
    connection: id,
    stream: stream.stream,
    last_run_at: stream.lastRunAt,
    last_success_at: stream.lastSuccessAt,
    last_full_at: stream.lastFullAt,
    runs_since_full: stream.runsSinceFull,
    last_record_at: stream.lastRecordAt,
    last_mode: stream.lastMode,
    last_records: stream.lastRecords,
    total_records: stream.totalRecords,
    next_run_at: stream.nextRunAt,
    coverage: stream.coverage.kind,
    coverage_note: stream.coverage.note,
    held: stream.held,
    quarantined: stream.quarantined,
    unconfirmed: stream.unconfirmed,
  }))
}
