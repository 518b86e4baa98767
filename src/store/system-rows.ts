// Owns what the rows of the system tables are to the port, whichever database they come from.

import { type CoverageCounts, coverageOf, type Reading } from '../model/coverage.ts'
import { TidemarkError } from '../model/errors.ts'
import type { Json } from '../model/json.ts'
import type { StreamShape } from '../model/record.ts'
import type { Ended, PassKind } from '../model/run.ts'
import { count, countOrNull, json, text, textOrNull } from './cells.ts'
import type { QuarantineRow, ScheduleRow, SealedSecret, StreamRow, WalkRow } from './store.ts'

type Row = Readonly<Record<string, unknown>>

export function streamRow(row: Row): StreamRow {
  const counts = coverageCounts(row)
  const reading = { kind: text(row['coverage']) as Reading['kind'], note: text(row['coverage_note']) }
  return {
    no: count(row['no']),
    connectionNo: count(row['connection_no']),
    stream: text(row['stream']),
    shape: json(row['shape']) as StreamShape,
    lastRunAt: countOrNull(row['last_run_at']),
    lastSuccessAt: countOrNull(row['last_success_at']),
    lastFullAt: countOrNull(row['last_full_at']),
    runsSinceFull: count(row['runs_since_full']),
    lastRecordAt: countOrNull(row['last_record_at']),
    lastMode: textOrNull(row['last_mode']) as StreamRow['lastMode'],
    lastRecords: countOrNull(row['last_records']),
    totalRecords: count(row['total_records']),
    coverage: coverageOf({ ...counts, reading, walkNote: textOrNull(row['walk_note']) ?? '' }),
    counts,
    reading,
    unfilled: json(row['unfilled']) as string[],
    unreadable: json(row['unreadable']) as string[],
  }
}

function coverageCounts(row: Row): CoverageCounts {
  return {
    openWalks: count(row['open_walks']),
    quarantined: count(row['quarantined']),
    held: count(row['held']),
    unconfirmed: count(row['unconfirmed']),
    kept: count(row['kept']),
  }
}

export function sealedSecret(row: Row): SealedSecret {
  const expiresAt = countOrNull(row['expires_at'])
  return {
    name: text(row['name']),
    version: count(row['version']),
    sealed: row['sealed'] as Uint8Array,
    ...(expiresAt === null ? {} : { expiresAt }),
  }
}

export function streamGone(streamNo: number): TidemarkError {
  return new TidemarkError('stream_unknown', `There is no stream with the number ${streamNo}.`)
}

export function scheduleRow(row: Row): ScheduleRow {
  return {
    project: text(row['project']),
    connectionNo: count(row['connection_no']),
    connection: text(row['connection']),
    stream: text(row['stream']),
    spec: text(row['spec']),
    timezone: text(row['timezone']),
    quietHours: textOrNull(row['quiet_hours']),
    nextAt: count(row['next_at']),
    lastAt: countOrNull(row['last_at']),
  }
}

export function quarantineRow(row: Row): QuarantineRow {
  return {
    streamNo: count(row['stream_no']),
    identity: text(row['identity']),
    connectionNo: count(row['connection_no']),
    connection: text(row['connection']),
    stream: text(row['stream']),
    key: textOrNull(row['key']),
    code: text(row['code']),
    message: text(row['message']),
    runNo: count(row['run_no']),
    run: textOrNull(row['run']),
    page: count(row['page']),
    position: count(row['position']),
    firstAt: count(row['first_at']),
    at: count(row['at']),
    askedAt: count(row['asked_at'] ?? row['at']),
    times: count(row['times']),
    raw: text(row['raw']),
    supersededAt: countOrNull(row['superseded_at']),
  }
}

export function walkRow(row: Row): WalkRow {
  return {
    walk: count(row['walk']),
    pass: text(row['pass']) as PassKind,
    openedAt: count(row['opened_at']),
    closedAt: countOrNull(row['closed_at']),
    ended: textOrNull(row['ended']) as Ended | null,
    position: json(row['position']) as Json,
    pages: count(row['pages']),
    records: count(row['records']),
    note: text(row['note']),
  }
}
