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
import type { Connection, Row } from './connection.ts'
import { driven } from './dialect.ts'

export function runs(db: Connection): RunStore {
  const byNo = (no: number): RunRow => runRow(db, db.get(`${RUNS} WHERE r.no = ?`, [no]) as Row)
  return {
    async open(run: NewRun) {
      const { id, lease, project, connectionNo, mode, streams, partial, capped, connectorVersion, at, holder } = run
      return db.transaction(() => {
        driven(db, fence(lease))
        db.run(
          `UPDATE tm_runs SET status = 'failed', finished_at = ?, error = ? WHERE connection_no = ? AND status = 'running'`,
          [at, JSON.stringify(RUN_INTERRUPTED), connectionNo],
        )
        const row = db.get(
          `INSERT INTO tm_runs (id, project_no, connection_no, mode, streams, partial, capped, connector_version, status,
             started_at, holder)
           SELECT ?, project_no, no, ?, ?, ?, ?, ?, 'running', ?, ? FROM tm_connections WHERE no = ? RETURNING no`,
          [
            id,
            mode,
            JSON.stringify(streams),
            Number(partial ?? false),
            Number(capped ?? false),
            connectorVersion ?? null,
            at,
            JSON.stringify(holder),
            connectionNo,
          ],
        )
        if (!row)
          throw new TidemarkError(
            'unknown_connection',
            `Project "${project}" has no connection number ${connectionNo}.`,
          )
        return byNo(count(row['no']))
      })
    },

    async finish({ lease, runNo, status, at, error, notes, requests, streams }: FinishRun) {
      return db.transaction(() => {
        driven(db, fence(lease))
        writeRequests(db, runNo, null, requests)
        const ended = db.run('UPDATE tm_runs SET status = ?, finished_at = ?, error = ?, notes = ? WHERE no = ?', [
          status,
          at,
          error && JSON.stringify(error),
          JSON.stringify(notes),
          runNo,
        ])
        if (ended === 0) throw runGone()
        for (const { streamNo, succeeded, full, records, coverage } of streams) {
          db.run(
            `UPDATE tm_streams SET last_run_at = ?1, last_records = ?2, coverage = ?3, coverage_note = ?4,
               last_mode = (SELECT mode FROM tm_runs WHERE no = ?5),
               last_success_at = iif(?6, ?1, last_success_at), last_full_at = iif(?7, ?1, last_full_at),
               runs_since_full = CASE WHEN ?7 THEN 0 WHEN ?6 THEN runs_since_full + 1 ELSE runs_since_full END
             WHERE no = ?8`,
            [at, records, coverage.kind, coverage.note, runNo, Number(succeeded), Number(full), streamNo],
          )
        }
        return byNo(runNo)
      })
    },

    async find(project, id) {
      const row = db.get(`${RUNS} WHERE p.id = ? AND r.id = ?`, [project, id])
      return row && runRow(db, row)
    },

    async list({ project, connectionNo, status, limit }) {
      const conditions = ['p.id = ?']
      if (connectionNo !== undefined) conditions.push('r.connection_no = ?')
      if (status !== undefined) conditions.push('r.status = ?')
      const values = [project, connectionNo, status].filter((value) => value !== undefined)
      const sql = `${RUNS} WHERE ${conditions.join(' AND ')} ORDER BY r.no DESC LIMIT ?`
      return db.all(sql, [...values, limit]).map((row) => runRow(db, row))
    },

    async requestCancel(project, id) {
      const sql = `UPDATE tm_runs SET cancel_requested = 1
        WHERE project_no = (SELECT no FROM tm_projects WHERE id = ?) AND id = ? AND status = 'running'`
      return db.run(sql, [project, id]) === 1
    },

    async cancelRequested(runNo) {
      return db.value('SELECT cancel_requested FROM tm_runs WHERE no = ?', [runNo]) === 1
    },

    async requestsOf({ runNo, streamNo, page }) {
      const sql = 'SELECT * FROM tm_requests WHERE run_no = ? AND stream_no = ? AND page IS ? ORDER BY no'
      return db.all(sql, [runNo, streamNo, page]).map(
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

const RUNS = `SELECT r.*, p.id AS project, c.id AS connection FROM tm_runs r
  JOIN tm_connections c ON c.no = r.connection_no JOIN tm_projects p ON p.no = r.project_no`

function runRow(db: Connection, row: Row): RunRow {
  const no = count(row['no'])
  const passes = db.all(
    `SELECT a.*, s.stream FROM tm_run_passes a JOIN tm_streams s ON s.no = a.stream_no
     WHERE a.run_no = ? ORDER BY a.stream_no, a.ordinal`,
    [no],
  )
  return {
    no,
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
    partial: row['partial'] === 1,
    capped: row['capped'] === 1,
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
