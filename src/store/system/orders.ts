// Owns the rows of orders.

import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { count, countOrNull, json, text, textOrNull } from '../cells.ts'
import { type Asking, all, alone, get, type Param, type Row, run, value, type Works, writing } from '../statements.ts'
import type { OrderRow, OrderStore } from '../store.ts'

const ORDERS = `SELECT o.*, c.id AS connection, p.id AS project FROM tm_orders o
  JOIN tm_connections c ON c.no = o.connection_no JOIN tm_projects p ON p.no = c.project_no`

export const orders: Works<OrderStore> = {
  add: alone(function* ({ id, connectionNo, at, asked }) {
    yield* run('INSERT INTO tm_orders (id, connection_no, at, asked) VALUES ($1, $2, $3, $4)', [
      id,
      connectionNo,
      at,
      JSON.stringify(asked),
    ])
  }),

  find: alone(function* (project, id) {
    const row = yield* get(`${ORDERS} WHERE o.id = $1 AND p.id = $2`, [id, project])
    return row && orderRow(row)
  }),

  open: alone(function* ({ connectionNo, begun = false, limit }) {
    const values: Param[] = [limit]
    const of = connectionNo === undefined ? '' : ` AND o.connection_no = $${values.push(connectionNo)}`
    const where = `o.ended_at IS NULL${of}${begun ? ' AND o.run IS NOT NULL' : ''}`
    return (yield* all(`${ORDERS} WHERE ${where} ORDER BY o.no LIMIT $1`, values)).map(orderRow)
  }),

  places: alone(function* ({ behind, limit }) {
    const sql = `SELECT no, connection_no, batch_id FROM tm_orders
      WHERE ended_at IS NULL AND (batch_id IS NULL OR no > $1) ORDER BY batch_id IS NOT NULL, no LIMIT $2`
    return (yield* all(sql, [behind, limit])).map((row) => ({
      no: count(row['no']),
      connectionNo: count(row['connection_no']),
      isOfBatch: row['batch_id'] !== null,
    }))
  }),

  ofBatch: alone(function* (batch, project) {
    return (yield* all(`${ORDERS} WHERE o.batch_id = $1 AND p.id = $2 ORDER BY o.no`, [batch, project])).map(orderRow)
  }),

  count: alone(function* (connectionNo) {
    const sql = 'SELECT count(*) FROM tm_orders WHERE connection_no = $1 AND ended_at IS NULL'
    return count(yield* value(sql, [connectionNo]))
  }),

  join: alone(function* (id, { at, run: by }) {
    const sql = 'UPDATE tm_orders SET ended_at = $2, run = $3 WHERE id = $1 AND run IS NULL AND ended_at IS NULL'
    return (yield* run(sql, [id, at, by])) === 1
  }),

  end: writing(function* (id, { at, run: by, error }, keep) {
    yield* run('UPDATE tm_orders SET ended_at = $2, run = $3, error = $4 WHERE id = $1', [
      id,
      at,
      by,
      error === null ? null : JSON.stringify(error),
    ])
    const project = yield* value(
      'SELECT c.project_no FROM tm_orders o JOIN tm_connections c ON c.no = o.connection_no WHERE o.id = $1',
      [id],
    )
    if (project === undefined) return
    const ended = `SELECT o.no FROM tm_orders o JOIN tm_connections c ON c.no = o.connection_no
      WHERE c.project_no = $1 AND o.ended_at IS NOT NULL AND o.batch_id IS NULL`
    yield* run(`DELETE FROM tm_orders WHERE no IN (${ended} AND o.no NOT IN (${ended} ORDER BY o.no DESC LIMIT $2))`, [
      count(project),
      keep,
    ])
  }),
}

/**
 * From now on this run does the order; what is asked is what was left of it when the run began.
 *
 * @throws TidemarkError order_ended
 */
export function* beginOrder(id: string, by: string, asked: Json): Asking<void> {
  const sql = 'UPDATE tm_orders SET run = $2, asked = $3 WHERE id = $1 AND ended_at IS NULL'
  if ((yield* run(sql, [id, by, JSON.stringify(asked)])) === 1) return
  throw new TidemarkError('order_ended', 'What was ordered has been done by another run.')
}

function orderRow(row: Row): OrderRow {
  return {
    id: text(row['id']),
    project: text(row['project']),
    connectionNo: count(row['connection_no']),
    connection: text(row['connection']),
    at: count(row['at']),
    asked: json(row['asked']) as Json,
    batch: textOrNull(row['batch_id']),
    run: textOrNull(row['run']),
    endedAt: countOrNull(row['ended_at']),
    error: row['error'] === null ? null : (json(row['error']) as Json),
  }
}
