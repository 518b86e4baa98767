// Owns the rows of connections, and the reasons why one is paused.

import { TidemarkError } from '../../model/errors.ts'
import { count, countOrNull, json, text } from '../cells.ts'
import { type Asking, all, type Row, reading, run, value, type Works, writing } from '../statements.ts'
import { type ConnectionRow, type ConnectionStore, type NewConnection, PURGING } from '../store.ts'
import { unknownProject } from './projects.ts'
import { writeSecrets } from './secrets.ts'
import type { Streams } from './streams.ts'

export const connections = (streams: Streams): Works<Omit<ConnectionStore, 'purge'>> => ({
  save: writing(function* (given) {
    const { project, id, connector, expect, secrets = [], forget = [], streams: shapes = [] } = given
    // Before the row of the project: those who write a page have a lock on the tables when they wait for that row.
    if (shapes.length > 0) yield* streams.prepare(shapes, { project, connection: id })
    // Two that make the same connection at once make it one after the other.
    const found = yield* value('SELECT no FROM tm_projects WHERE id = $1 FOR NO KEY UPDATE', [project])
    if (found === undefined) throw unknownProject(project)
    const before = yield* one(project, id)
    if (before && before.connector !== connector) throw ofAnotherConnector(before, connector)
    const version = before?.loginVersion ?? null
    if (expect !== undefined && expect !== version) throw contended(id)
    // A purge began after somebody looked.
    if (before?.paused.includes(PURGING)) throw contended(id)
    const changed = yield* before ? change(before, given) : make(count(found), given)
    if (changed === 0) throw contended(id)
    const row = (yield* one(project, id)) as ConnectionRow
    yield* run('DELETE FROM tm_pauses WHERE connection_no = $1 AND reason <> $2', [row.no, PURGING])
    const names = 'DELETE FROM tm_secrets WHERE connection_no = $1 AND name = ANY($2::text[])'
    if (forget.length > 0) yield* run(names, [row.no, forget])
    yield* writeSecrets(row.no, secrets)
    for (const shape of shapes) yield* streams.save(row.no, shape)
    return { ...row, paused: [] }
  }),

  list: reading(function* (project) {
    return yield* read('p.id = $1 ORDER BY c.no', [project])
  }),

  find: reading(one),

  named: reading(function* (id) {
    return yield* read('c.id = $1', [id], true)
  }),

  setPaused: writing(function* (connectionNo, reason, paused, loginVersion) {
    yield* pause(connectionNo, reason, paused, loginVersion)
    return (yield* pauses([connectionNo])).get(connectionNo) ?? []
  }),

  disconnect: writing(function* (connectionNo, reason) {
    // The connection's row comes first, as for those who store secrets.
    yield* run('UPDATE tm_connections SET login_version = login_version + 1 WHERE no = $1', [connectionNo])
    yield* pause(connectionNo, reason, true)
    yield* run('DELETE FROM tm_schedules WHERE connection_no = $1', [connectionNo])
    return yield* run('DELETE FROM tm_secrets WHERE connection_no = $1', [connectionNo])
  }),
})

/** Adds or takes away a reason for standing still; with a version, only if the login still has it. */
export function* pause(no: number, reason: string, paused: boolean, loginVersion?: number): Asking<void> {
  // Locked, so that a login that is given at the same moment finds the pause, or keeps it from being set.
  const locked = 'SELECT login_version FROM tm_connections WHERE no = $1 FOR NO KEY UPDATE'
  if (loginVersion !== undefined && countOrNull((yield* value(locked, [no])) ?? null) !== loginVersion) return
  const sql = paused
    ? 'INSERT INTO tm_pauses (connection_no, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING'
    : 'DELETE FROM tm_pauses WHERE connection_no = $1 AND reason = $2'
  yield* run(sql, [no, reason])
}

function* make(projectNo: number, given: NewConnection): Asking<number> {
  const { id, connector, connectorVersion, options, webhookSecret, secrets = [], at } = given
  return yield* run(
    `INSERT INTO tm_connections
       (project_no, id, connector, connector_version, options, webhook_secret, login_version, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
    [
      projectNo,
      id,
      connector,
      connectorVersion,
      JSON.stringify(options),
      webhookSecret,
      secrets.length > 0 ? 1 : 0,
      at,
    ],
  )
}

function* change(
  { no, loginVersion }: ConnectionRow,
  { connectorVersion, options, at }: NewConnection,
): Asking<number> {
  return yield* run(
    `UPDATE tm_connections SET connector_version = $1, options = $2, updated_at = $3, login_version = login_version + 1
     WHERE no = $4 AND login_version = $5`,
    [connectorVersion, JSON.stringify(options), at, no, loginVersion],
  )
}

function* one(project: string, id: string): Asking<ConnectionRow | undefined> {
  return (yield* read('p.id = $1 AND c.id = $2', [project, id]))[0]
}

/** In two statements, however many there are; `always` two, even where there is none. */
function* read(condition: string, values: readonly string[], always = false): Asking<readonly ConnectionRow[]> {
  const rows = yield* all(
    `SELECT c.*, p.id AS project FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE ${condition}`,
    values,
  )
  if (rows.length === 0 && !always) return []
  const paused = yield* pauses(rows.map((row) => count(row['no'])))
  return rows.map((row) => connectionRow(row, paused.get(count(row['no'])) ?? []))
}

function* pauses(numbers: readonly number[]): Asking<ReadonlyMap<number, readonly string[]>> {
  const sql = 'SELECT * FROM tm_pauses WHERE connection_no = ANY($1::bigint[]) ORDER BY reason'
  const byConnection = Map.groupBy(yield* all(sql, [numbers]), (row) => count(row['connection_no']))
  return new Map([...byConnection].map(([no, rows]) => [no, rows.map((row) => text(row['reason']))]))
}

function connectionRow(row: Row, paused: readonly string[]): ConnectionRow {
  return {
    no: count(row['no']),
    project: text(row['project']),
    id: text(row['id']),
    connector: text(row['connector']),
    connectorVersion: text(row['connector_version']),
    options: json(row['options']) as ConnectionRow['options'],
    webhookSecret: text(row['webhook_secret']),
    paused,
    loginVersion: count(row['login_version']),
    createdAt: count(row['created_at']),
    updatedAt: count(row['updated_at']),
  }
}

function ofAnotherConnector({ id, connector }: ConnectionRow, asked: string): TidemarkError {
  return new TidemarkError('connection_conflict', `Connection "${id}" is one of ${connector}, not ${asked}.`)
}

function contended(id: string): TidemarkError {
  return new TidemarkError('store_contended', `Somebody else is changing connection "${id}".`)
}
