// Owns the rows of projects.

import { TidemarkError } from '../../model/errors.ts'
import { count, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { all, alone, get, type Row, run, type Works } from '../statements.ts'
import type { ProjectRow, ProjectStore } from '../store.ts'

export function projects({ newEpoch }: Dialect): Works<ProjectStore> {
  return {
    ensure: alone(function* ({ id, timezone, at }) {
      const find = () => get('SELECT * FROM tm_projects WHERE id = $1', [id])
      const known = yield* find()
      if (known) return projectRow(known)
      yield* run(
        `INSERT INTO tm_projects (id, timezone, created_at, epoch) VALUES ($1, $2, $3, ${newEpoch})
         ON CONFLICT (id) DO NOTHING`,
        [id, timezone, at],
      )
      return projectRow((yield* find()) as Row)
    }),

    list: alone(function* () {
      return (yield* all('SELECT * FROM tm_projects ORDER BY no')).map(projectRow)
    }),
  }
}

export function unknownProject(id: string): TidemarkError {
  return new TidemarkError('project_unknown', `There is no project "${id}".`)
}

function projectRow(row: Row): ProjectRow {
  return { id: text(row['id']), timezone: text(row['timezone']), createdAt: count(row['created_at']) }
}
