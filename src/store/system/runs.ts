// Owns runs: opening one (and closing what a crash left open), finishing it, cancelling, and reading them back.

import { type ErrorReport, TidemarkError } from '../../model/errors.ts'
import {
  type Counts,
  type Ended,
  type PassKind,
  RUN_INTERRUPTED,
  type RunMode,
  type RunStatus,
} from '../../model/run.ts'
import { count, countOrNull, flag, json, text, textOrNull } from '../cells.ts'
import { COUNTS } from '../names.ts'
import { runGone } from '../run-gone.ts'
import {
  type Asking,
  all,
  alone,
  type Param,
  type Row,
  reading,
  run,
  value,
  type Works,
  writing,
} from '../statements.ts'
import type { Holder, RunRow, RunStore } from '../store.ts'
import { announce } from './announce.ts'
import { publish } from './catalogs.ts'
import { pause } from './connections.ts'
import { writeIntents } from './intents.ts'
import { fence } from './leases.ts'
import { beginOrder } from './orders.ts'
import { ledgerOf, requestsOf, useRun } from './requests.ts'

export const runs: Works<RunStore> = {
  open: writing(function* (order) {
    const { id, lease, project, connectionNo, mode, streams, at, holder, order: ordered } = order
    const { partial = false, capped = false, connectorVersion = null, currency = null } = order
    yield* fence(lease)
    yield* closeInterrupted(connectionNo, at)
    const no = yield* value(
      `INSERT INTO tm_runs
         (id, project_no, connection_no, mode, streams, partial, capped, connector_version, currency, status, started_at,
          holder)
       SELECT $1::text, project_no, no, $2::text, $3::text, $4::boolean, $5::boolean, $6::text, $7::text, 'running',
         $8::bigint, $9::text FROM tm_connections WHERE no = $10 RETURNING no`,
      [
        id,
        mode,
        JSON.stringify(streams),
        partial,
        capped,
        connectorVersion,
        currency,
        at,
        JSON.stringify(holder),
        connectionNo,
      ],
    )
    if (ordered && no !== undefined) yield* beginOrder(ordered.id, id, ordered.asked)
    if (no !== undefined) return yield* byNo(count(no))
    throw new TidemarkError('connection_unknown', `Project "${project}" has no connection number ${connectionNo}.`)
  }),

  finish: writing(function* (end) {
    const {
      lease,
      runNo,
      status,
      at,
      error,
      notes,
      pause: pausing,
      requests,
      cost,
      intents = [],
      streams,
      catalog,
    } = end
    yield* fence(lease)
    // In the order in which a page locks them: its streams before its run.
    const numbers = streams.map(({ streamNo }) => streamNo)
    yield* all('SELECT 1 FROM tm_streams WHERE no = ANY($1::bigint[]) ORDER BY no FOR NO KEY UPDATE', [numbers])
    yield* useRun({ runNo, streamNo: null, requests, ...(cost === undefined ? {} : { cost }) })
    yield* writeIntents({ intents })
    const ended = yield* run(
      `UPDATE tm_runs SET status = $1, finished_at = $2, notes = $3, error = $4, error_code = $5, error_message = $6,
         error_hint = $7 WHERE no = $8`,
      [status, at, JSON.stringify(notes), ...errorValues(error), runNo],
    )
    if (ended === 0) throw runGone()
    if (pausing) yield* pause(pausing.connectionNo, pausing.reason, true, pausing.loginVersion)
    for (const { streamNo, succeeded, idle = false, full, records, coverage } of streams) {
      yield* run(
        `UPDATE tm_streams SET last_run_at = $1, last_records = $2, coverage = $3, coverage_note = $4,
           last_mode = (SELECT mode FROM tm_runs WHERE no = $5),
           last_success_at = CASE WHEN $6 THEN $1 ELSE last_success_at END,
           last_full_at = CASE WHEN $7 THEN $1 ELSE last_full_at END,
           runs_since_full = CASE WHEN $7 THEN 0 WHEN $9 THEN runs_since_full + 1 ELSE runs_since_full END
         WHERE no = $8`,
        [at, records, coverage.kind, coverage.note, runNo, succeeded, full, streamNo, succeeded || idle],
      )
    }
    if (catalog) yield* publish(runNo, catalog)
    yield* announce({ runNo, status, code: error?.code, at })
    return yield* byNo(runNo)
  }),

  find: reading(function* (project, id) {
    return (yield* read('p.id = $1 AND r.id = $2', [project, id]))[0]
  }),

  list: reading(function* ({ project, connectionNo, statuses, modes, since, until, before, limit }) {
    const values: Param[] = [project, limit]
    // By its number, so that the newest are found in the order of an index, however many runs there are.
    const conditions = ['r.project_no = (SELECT no FROM tm_projects WHERE id = $1)']
    if (connectionNo !== undefined) conditions.push(`r.connection_no = $${values.push(connectionNo)}`)
    // Those under way have an index of their own, which is as small as they are few.
    if (statuses?.join() === 'running') conditions.push(`r.status = 'running'`)
    else if (statuses !== undefined) conditions.push(`r.status = ANY($${values.push(statuses)}::text[])`)
    if (modes !== undefined) conditions.push(`r.mode = ANY($${values.push(modes)}::text[])`)
    if (since !== undefined) conditions.push(`r.started_at >= $${values.push(since)}`)
    if (until !== undefined) conditions.push(`r.started_at < $${values.push(until)}`)
    if (before !== undefined) conditions.push(`r.no < $${values.push(before)}`)
    return yield* read(`${conditions.join(' AND ')} ORDER BY r.no DESC LIMIT $2`, values)
  }),

  requestCancel: alone(function* (project, id) {
    const sql = `UPDATE tm_runs SET cancel_requested = true
      WHERE project_no = (SELECT no FROM tm_projects WHERE id = $1) AND id = $2 AND status = 'running'`
    return (yield* run(sql, [project, id])) === 1
  }),

  cancelRequested: alone(function* (runNo) {
    return flag(yield* value('SELECT cancel_requested FROM tm_runs WHERE no = $1', [runNo]))
  }),

  requestsOf: alone(requestsOf),

  ledgerOf: alone(ledgerOf),
}

/** Runs that a process has left behind when it died have failed, and are told of. */
function* closeInterrupted(connectionNo: number, at: number): Asking<void> {
  const left = yield* all(`SELECT no FROM tm_runs WHERE connection_no = $1 AND status = 'running'`, [connectionNo])
  for (const row of left) {
    yield* run(
      `UPDATE tm_runs SET status = 'failed', finished_at = $1, error = $2, error_code = $3, error_message = $4,
         error_hint = $5 WHERE no = $6`,
      [at, ...errorValues(RUN_INTERRUPTED), count(row['no'])],
    )
    yield* announce({ runNo: count(row['no']), status: 'failed', code: RUN_INTERRUPTED.code, at })
  }
}

function errorValues(error: ErrorReport | null): readonly (string | null)[] {
  if (!error) return [null, null, null, null]
  return [JSON.stringify(error), error.code, error.message, error.hint ?? null]
}

function* byNo(no: number): Asking<RunRow> {
  return (yield* runsByNo([no]))[0] as RunRow
}

export function* runsByNo(numbers: readonly number[]): Asking<readonly RunRow[]> {
  return numbers.length === 0 ? [] : yield* read('r.no = ANY($1::bigint[])', [numbers])
}

/** Runs with their passes, in two statements however many they are. */
function* read(condition: string, values: readonly Param[]): Asking<readonly RunRow[]> {
  const rows = yield* all(
    `SELECT r.*, p.id AS project, c.id AS connection FROM tm_runs r
     JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = r.project_no WHERE ${condition}`,
    values,
  )
  if (rows.length === 0) return []
  const passes = yield* all(
    `SELECT a.*, s.stream FROM tm_run_passes a JOIN tm_streams s ON s.no = a.stream_no
     WHERE a.run_no = ANY($1::bigint[]) ORDER BY a.stream_no, a.ordinal`,
    [rows.map((row) => count(row['no']))],
  )
  const byRun = Map.groupBy(passes, (pass) => pass['run_no'])
  return rows.map((row) => runRow(row, byRun.get(row['no']) ?? []))
}

function runRow(row: Row, passes: readonly Row[]): RunRow {
  return {
    no: count(row['no']),
    id: text(row['id']),
    project: text(row['project']),
    connectionNo: count(row['connection_no']),
    connection: text(row['connection']),
    connectorVersion: textOrNull(row['connector_version']),
    currency: textOrNull(row['currency']),
    mode: text(row['mode']) as RunMode,
    status: text(row['status']) as RunStatus,
    startedAt: count(row['started_at']),
    finishedAt: countOrNull(row['finished_at']),
    error: row['error'] === null ? null : (json(row['error']) as ErrorReport),
    notes: json(row['notes']) as string[],
    requests: count(row['requests']),
    billedItems: count(row['billed_items']),
    cost: countOrNull(row['cost']),
    streams: json(row['streams']) as string[],
    partial: flag(row['partial']),
    capped: flag(row['capped']),
    holder: json(row['holder']) as Holder,
    passes: passes.map((pass) => ({
      streamNo: count(pass['stream_no']),
      stream: text(pass['stream']),
      ordinal: count(pass['ordinal']),
      kind: text(pass['kind']) as PassKind,
      ended: textOrNull(pass['ended']) as Ended | null,
      pages: count(pass['pages']),
      requests: count(pass['requests']),
      counts: Object.fromEntries(COUNTS.map((name) => [name, pass[name]])) as unknown as Counts,
      expected: countOrNull(pass['expected']),
    })),
  }
}
