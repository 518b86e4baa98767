// Owns the rows of connections, and the reasons why one is paused.

import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { count, json, text } from '../cells.ts'
import { type Asking, all, type Row, reading, run, value, type Works, writing } from '../statements.ts'
import type { ConnectionRow, ConnectionStore, NewConnection } from '../store.ts'
import { unknownProject } from './projects.ts'

export const connections: Works<Omit<ConnectionStore, 'purge'>> = {
  save: writing(function* (given) {
    const { project, id, connector } = given
    // Two that make the same connection at once make it one after the other.
    const found = yield* value('SELECT no FROM tm_projects WHERE id = $1 FOR NO KEY UPDATE', [project])
    if (found === undefined) throw unknownProject(project)
    const before = yield* one(project, id)
    if (before && before.connector !== connector) throw ofAnotherConnector(before, connector)
    yield* before ? change(before.no, given) : make(count(found), given)
    return (yield* one(project, id)) as ConnectionRow
  }),

  list: reading(function* (project) {
    return yield* read('p.id = $1 ORDER BY c.no', [project])
  }),

  find: reading(one),

  setPaused: writing(function* (connectionNo, reason, paused) {
    const sql = paused
      ? 'INSERT INTO tm_pauses (connection_no, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING'
      : 'DELETE FROM tm_pauses WHERE connection_no = $1 AND reason = $2'
    yield* run(sql, [connectionNo, reason])
    return (yield* pauses([connectionNo])).get(connectionNo) ?? []
  }),
}

function* make(projectNo: number, given: NewConnection): Asking<number> {
  const { id, connector, connectorVersion, options, webhookSecret, at } = given
  return yield* run(
    `INSERT INTO tm_connections
       (project_no, id, connector, connector_version, options, webhook_secret, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [projectNo, id, connector, connectorVersion, JSON.stringify(options), webhookSecret, at],
  )
}

function* change(no: number, { connectorVersion, options, at }: NewConnection): Asking<number> {
  const sql = 'UPDATE tm_connections SET connector_version = $1, options = $2, updated_at = $3 WHERE no = $4'
  return yield* run(sql, [connectorVersion, JSON.stringify(options), at, no])
}

function* one(project: string, id: string): Asking<ConnectionRow | undefined> {
  return (yield* read('p.id = $1 AND c.id = $2', [project, id]))[0]
}

/** In two statements, however many there are. */
function* read(condition: string, values: readonly string[]): Asking<readonly ConnectionRow[]> {
  const rows = yield* all(
    `SELECT c.*, p.id AS project FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE ${condition}`,
    values,
  )
  if (rows.length === 0) return []
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
    options: json(row['options']) as Json,
    webhookSecret: text(row['webhook_secret']),
    paused,
    createdAt: count(row['created_at']),
    updatedAt: count(row['updated_at']),
  }
}

function ofAnotherConnector({ id, connector }: ConnectionRow, asked: string): TidemarkError {
  return new TidemarkError('connection_conflict', `Connection "${id}" is one of ${connector}, not ${asked}.`)
}
