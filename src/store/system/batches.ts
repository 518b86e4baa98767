// Owns the rows of batches.

import { count, text, textOrNull } from '../cells.ts'
import type { Holder } from '../port/leases.ts'
import { type Asking, all, alone, get, type Param, reading, run, value, type Works, writing } from '../statements.ts'
import type { BatchOrder, BatchStore } from '../store.ts'
import { unknownProject } from './projects.ts'

/** Orders that one statement writes. */
const ORDERS_AT_ONCE = 100

export const batches: Works<BatchStore> = {
  begin: writing(function* ({ id, project, at, projects, holder }, orders, keep) {
    const no = yield* value('SELECT no FROM tm_projects WHERE id = $1', [project])
    if (no === undefined) throw unknownProject(project)
    yield* run('INSERT INTO tm_batches (id, project_no, at, projects, holder) VALUES ($1, $2, $3, $4, $5)', [
      id,
      count(no),
      at,
      JSON.stringify(projects),
      holder === null ? null : JSON.stringify(holder),
    ])
    for (let i = 0; i < orders.length; i += ORDERS_AT_ONCE) {
      yield* addOrders(id, at, orders.slice(i, i + ORDERS_AT_ONCE))
    }
    // The smaller one of two of one moment is the older one.
    yield* run(
      `DELETE FROM tm_batches WHERE project_no = $1 AND id NOT IN (
         SELECT id FROM tm_batches WHERE project_no = $1 ORDER BY at DESC, id DESC LIMIT $2)`,
      [count(no), keep],
    )
  }),

  finish: writing(function* (id, project, { result, at }) {
    const projects = yield* value('SELECT projects FROM tm_batches WHERE id = $1', [id])
    if (projects === undefined) return
    yield* run(
      `INSERT INTO tm_batch_results (batch_id, project, ordinal, result)
       VALUES ($1, $2, (SELECT count(*) FROM tm_batch_results WHERE batch_id = $1), $3) ON CONFLICT DO NOTHING`,
      [id, project, result],
    )
    yield* run(
      `UPDATE tm_orders SET batch_id = NULL WHERE batch_id = $1 AND connection_no IN (
         SELECT c.no FROM tm_connections c JOIN tm_projects p ON p.no = c.project_no WHERE p.id = $2)`,
      [id, project],
    )
    const finished = count((yield* value('SELECT count(*) FROM tm_batch_results WHERE batch_id = $1', [id])) ?? 0)
    if (finished < projectsOf(projects).length) return
    yield* run('UPDATE tm_batches SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL', [id, at])
  }),

  find: reading(function* (project, id) {
    const row = yield* get(
      'SELECT b.* FROM tm_batches b JOIN tm_projects p ON p.no = b.project_no WHERE b.id = $1 AND p.id = $2',
      [id, project],
    )
    if (!row) return undefined
    const results = yield* all(
      'SELECT project, result FROM tm_batch_results WHERE batch_id = $1 ORDER BY ordinal, project',
      [id],
    )
    const holder = textOrNull(row['holder'])
    return {
      id,
      project,
      at: count(row['at']),
      projects: projectsOf(row['projects']),
      holder: holder === null ? null : (JSON.parse(holder) as Holder),
      results: results.map((one) => text(one['result'])),
      finished: results.map((one) => text(one['project'])),
    }
  }),

  ready: reading(function* (limit) {
    const open = yield* all(
      'SELECT id, projects FROM tm_batches WHERE ended_at IS NULL AND holder IS NULL ORDER BY at, id LIMIT $1',
      [limit],
    )
    const ready = []
    for (const row of open) {
      const id = text(row['id'])
      // Where a run is left, or the result stands already.
      const others = yield* all(
        `SELECT p.id FROM tm_orders o JOIN tm_connections c ON c.no = o.connection_no JOIN tm_projects p ON p.no = c.project_no
         WHERE o.batch_id = $1 AND o.ended_at IS NULL GROUP BY p.id
         UNION SELECT project FROM tm_batch_results WHERE batch_id = $1`,
        [id],
      )
      const names = new Set(others.map((one) => text(one['id'])))
      const projects = projectsOf(row['projects']).filter((project) => !names.has(project))
      if (projects.length > 0) ready.push({ id, projects })
    }
    return ready
  }),

  hasOpen: alone(function* (id) {
    const sql = 'SELECT 1 AS open FROM tm_orders WHERE batch_id = $1 AND ended_at IS NULL LIMIT 1'
    return (yield* value(sql, [id])) !== undefined
  }),
}

function* addOrders(batch: string, at: number, orders: readonly BatchOrder[]): Asking<void> {
  const values: Param[] = [batch, at]
  const rows = orders.map(({ id, connectionNo, asked, error }) => {
    const first =
      values.push(id, connectionNo, JSON.stringify(asked), error === null ? null : JSON.stringify(error)) - 3
    return `($1, $2, $${first}, $${first + 1}, $${first + 2}, $${first + 3}, ${error === null ? 'NULL' : '$2'})`
  })
  yield* run(
    `INSERT INTO tm_orders (batch_id, at, id, connection_no, asked, error, ended_at) VALUES ${rows.join(', ')}`,
    values,
  )
}

function projectsOf(stored: unknown): readonly string[] {
  return JSON.parse(text(stored)) as readonly string[]
}
