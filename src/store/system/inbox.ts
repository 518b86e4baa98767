// Owns the rows of the inbox.

import type { Json } from '../../model/json.ts'
import { count, json, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { all, alone, run, type Works, writing } from '../statements.ts'
import type { InboxStore } from '../store.ts'

const COLUMNS = { connection_no: 'bigint', id: 'text', hint: 'text', at: 'bigint', tries: 'bigint', next_at: 'bigint' }

export function inbox(dialect: Dialect): Works<InboxStore> {
  return {
    receive: writing(function* (deliveries) {
      // In one order, so that no two who write the same ones wait for each other.
      const inOrder = deliveries.toSorted((a, b) => a.connectionNo - b.connectionNo || (a.id < b.id ? -1 : 1))
      yield* dialect.insert({
        into: 'tm_inbox',
        columns: COLUMNS,
        rows: inOrder.map(({ connectionNo, id, hint, at }) => [connectionNo, id, JSON.stringify(hint), at, 0, at]),
        onConflict: '(connection_no, id) DO NOTHING',
      })
    }),

    due: alone(function* (now, limit) {
      const rows = yield* all(
        `SELECT p.id AS project, c.id AS connection, c.no FROM tm_inbox i
           JOIN tm_connections c ON c.no = i.connection_no JOIN tm_projects p ON p.no = c.project_no
         WHERE i.next_at <= $1 AND NOT EXISTS (SELECT 1 FROM tm_pauses WHERE connection_no = c.no)
           AND c.no NOT IN (SELECT connection_no FROM tm_inbox WHERE next_at > $1 AND tries = 1)
         GROUP BY p.id, c.id, c.no ORDER BY min(i.next_at), c.no LIMIT $2`,
        [now, limit],
      )
      return rows.map((row) => ({
        project: text(row['project']),
        connection: text(row['connection']),
        connectionNo: count(row['no']),
      }))
    }),

    open: alone(function* (connectionNo, now, limit) {
      const rows = yield* all(
        'SELECT * FROM tm_inbox WHERE connection_no = $1 AND next_at <= $2 ORDER BY at, id LIMIT $3',
        [connectionNo, now, limit],
      )
      return rows.map((row) => ({
        connectionNo,
        id: text(row['id']),
        hint: json(row['hint']) as Json,
        at: count(row['at']),
        tries: count(row['tries']),
      }))
    }),

    settle: writing(function* (connectionNo, ids, nextAt) {
      const sql = `UPDATE tm_inbox SET next_at = $3::bigint, tries = tries + 1
        WHERE connection_no = $1 AND id = ANY($2::text[])`
      yield* run(sql, [connectionNo, ids, nextAt])
    }),

    prune: writing(function* (before, limit) {
      return yield* run(
        `DELETE FROM tm_inbox WHERE (connection_no, id) IN (
           SELECT connection_no, id FROM tm_inbox WHERE at < $1 AND next_at IS NULL ORDER BY at LIMIT $2)`,
        [before, limit],
      )
    }),
  }
}
