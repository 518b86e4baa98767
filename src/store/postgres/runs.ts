// Owns runs: opening one (and closing what a crash left open), finishing it, cancelling, and reading them back.

import type { ErrorReport } from '../../model/errors.ts'
import { TidemarkError } from '../../model/errors.ts'
import {
  type Counts,
  type Ended,
  type PassKind,
  RUN_INTERRUPTED,
  type RunMode,
  type RunStatus,
} from '../../model/run.ts'
import { count, countOrNull, json, text, textOrNull } from '../cells.ts'
import { COUNTS } from '../names.ts'
import { runGone } from '../run-gone.ts'
import type { FinishRun, Holder, NewRun, RequestRow, RunRow, RunStore } from '../store.ts'
import { fence } from '../system/leases.ts'
import { writeRequests } from './checkpoint.ts'
import type { Connection, Queries } from './connection.ts'
import { driven } from './dialect.ts'
import type { TablesInPlace } from './in-place.ts'
import type { Row, Value } from './values.ts'

export function runs(db: Connection, tables: TablesInPlace): RunStore {
  return {
    async open(run: NewRun) {
      const { id, lease, project, connectionNo, mode, streams, partial, capped, connectorVersion, at, holder } = run
      return db.transaction(async (tx) => {
        await driven(tx, fence(lease))
        await tx.run(
          `UPDATE tm_runs SET status = 'failed', finished_at = $1, error = $2, error_code = $3, error_message = $4,
             error_hint = $5 WHERE connection_no = $6 AND status = 'running'`,
          [at, ...errorValues(RUN_INTERRUPTED), connectionNo],
        )
        const no = await tx.value(
          `INSERT INTO tm_runs
             (id, project_no, connection_no, mode, streams, partial, capped, connector_version, status, started_at,
              holder)
           SELECT $1::text, project_no, no, $2::text, $3::text, $4::boolean, $5::boolean, $6::text, 'running',
             $7::bigint, $8::text
           FROM tm_connections WHERE no = $9 RETURNING no`,
          [
            id,
            mode,
            JSON.stringify(streams),
            partial ?? false,
            capped ?? false,
            connectorVersion ?? null,
            at,
            JSON.stringify(holder),
            connectionNo,
          ],
        )
        if (no === undefined)
          throw new TidemarkError(
            'unknown_connection',
            `Project "${project}" has no connection number ${connectionNo}.`,
          )
        return byNo(tx, count(no))
      })
    },

    async finish({ lease, runNo, status, at, error, notes, requests, streams }: FinishRun) {
      return db.transaction(async (tx) => {
        await driven(tx, fence(lease))
        await tables.check(tx)
        // In the order in which a page locks them: its streams before its run.
        const numbers = streams.map(({ streamNo }) => streamNo)
        await tx.run('SELECT 1 FROM tm_streams WHERE no = ANY($1::bigint[]) ORDER BY no FOR NO KEY UPDATE', [numbers])
        await writeRequests(tx, runNo, requests)
        const ended = await tx.run(
          `UPDATE tm_runs SET status = $1, finished_at = $2, notes = $3, error = $4, error_code = $5, error_message = $6,
             error_hint = $7 WHERE no = $8`,
          [status, at, JSON.stringify(notes), ...errorValues(error), runNo],
        )
        if (ended === 0) throw runGone()
        for (const { streamNo, succeeded, full, records, coverage } of streams) {
          await tx.run(
            `UPDATE tm_streams SET last_run_at = $1, last_records = $2, coverage = $3, coverage_note = $4,
               last_mode = (SELECT mode FROM tm_runs WHERE no = $5),
               last_success_at = CASE WHEN $6 THEN $1 ELSE last_success_at END,
               last_full_at = CASE WHEN $7 THEN $1 ELSE last_full_at END,
               runs_since_full = CASE WHEN $7 THEN 0 WHEN $6 THEN runs_since_full + 1 ELSE runs_since_full END
             WHERE no = $8`,
            [at, records, coverage.kind, coverage.note, runNo, succeeded, full, streamNo],
          )
        }
        return byNo(tx, runNo)
      })
    },

    async find(project, id) {
      return (await read(db, 'p.id = $1 AND r.id = $2', [project, id]))[0]
    },

    async list({ project, connectionNo, status, limit }) {
      const values: Value[] = [project, limit]
      const conditions = ['p.id = $1']
      if (connectionNo !== undefined) conditions.push(`r.connection_no = $${values.push(connectionNo)}`)
      if (status !== undefined) conditions.push(`r.status = $${values.push(status)}`)
      return read(db, `${conditions.join(' AND ')} ORDER BY r.no DESC LIMIT $2`, values)
    },

    async requestCancel(project, id) {
      const sql = `UPDATE tm_runs SET cancel_requested = true
        WHERE project_no = (SELECT no FROM tm_projects WHERE id = $1) AND id = $2 AND status = 'running'`
      return (await db.run(sql, [project, id])) === 1
    },

    async cancelRequested(runNo) {
      return (await db.value('SELECT cancel_requested FROM tm_runs WHERE no = $1', [runNo])) === true
    },

    async requestsOf({ runNo, streamNo, page }) {
      const sql =
        'SELECT * FROM tm_requests WHERE run_no = $1 AND stream_no = $2 AND page IS NOT DISTINCT FROM $3 ORDER BY no'
      return (await db.all(sql, [runNo, streamNo, page])).map(
        (row): RequestRow => ({
          page: countOrNull(row['page']),
          at: count(row['at']),
          method: text(row['method']),
          url: text(row['url']),
          status: count(row['status']),
          bytes: count(row['bytes']),
          ms: count(row['ms']),
          attempt: count(row['attempt']),
          outcome: text(row['outcome']),
          billedItems: count(row['billed_items']),
        }),
      )
    },
  }
}

function errorValues(error: ErrorReport | null): readonly Value[] {
  if (!error) return [null, null, null, null]
  return [JSON.stringify(error), error.code, error.message, error.hint]
}

async function byNo(tx: Queries, no: number): Promise<RunRow> {
  return (await read(tx, 'r.no = $1', [no]))[0] as RunRow
}

/** Runs with their passes, in two statements however many they are. */
async function read(db: Queries, condition: string, values: readonly Value[]): Promise<readonly RunRow[]> {
  const rows = await db.all(
    `SELECT r.*, p.id AS project, c.id AS connection FROM tm_runs r
     JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = r.project_no WHERE ${condition}`,
    values,
  )
  if (rows.length === 0) return []
  const passes = await db.all(
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
    partial: row['partial'] === true,
    capped: row['capped'] === true,
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
