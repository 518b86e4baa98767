// Owns the rows of batches.

import { count, text } from '../cells.ts'
import type { Holder } from '../port/leases.ts'
import { all, alone, get, reading, run, value, type Works, writing } from '../statements.ts'
import type { BatchStore } from '../store.ts'
import { unknownProject } from './projects.ts'

export const batches: Works<BatchStore> = {
  begin: writing(function* ({ id, project, at, projects, holder }, keep) {
    const no = yield* value('SELECT no FROM tm_projects WHERE id = $1', [project])
    if (no === undefined) throw unknownProject(project)
    yield* run('INSERT INTO tm_batches (id, project_no, at, projects, holder) VALUES ($1, $2, $3, $4, $5)', [
      id,
      count(no),
      at,
      JSON.stringify(projects),
      JSON.stringify(holder),
    ])
    // The smaller one of two of one moment is the older one.
    yield* run(
      `DELETE FROM tm_batches WHERE project_no = $1 AND id NOT IN (
         SELECT id FROM tm_batches WHERE project_no = $1 ORDER BY at DESC, id DESC LIMIT $2)`,
      [count(no), keep],
    )
  }),

  finish: alone(function* (id, project, result) {
    yield* run(
      `INSERT INTO tm_batch_results (batch_id, project, ordinal, result)
       SELECT id, $2, (SELECT count(*) FROM tm_batch_results WHERE batch_id = $1), $3 FROM tm_batches WHERE id = $1`,
      [id, project, result],
    )
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
    return {
      id,
      project,
      at: count(row['at']),
      projects: JSON.parse(text(row['projects'])) as readonly string[],
      holder: JSON.parse(text(row['holder'])) as Holder,
      results: results.map((one) => text(one['result'])),
      finished: results.map((one) => text(one['project'])),
    }
  }),
}
