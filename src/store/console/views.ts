// Owns what one project sees of the contract's views.

import { count, text } from '../cells.ts'
import type { Connection } from '../sqlite/connection.ts'
import { tableShape } from '../sqlite/streams.ts'
import { streamViews, systemViews, type View } from '../sqlite/views.ts'

/** The views of the system and of every stream that the project has, with its rows only. */
export function projectViews(db: Connection, project: string): readonly View[] {
  const owned = `_project = '${project.replaceAll("'", "''")}'`
  const system = systemViews().map(({ name, sql }) => ({ name, sql: `SELECT * FROM (${sql}) WHERE ${owned}` }))
  const streams = new Map<string, { ours: number[]; all: boolean }>()
  for (const row of db.all('SELECT no, base, project FROM tm_streams')) {
    const base = text(row['base'])
    const entry = streams.get(base) ?? { ours: [], all: true }
    if (row['project'] === project) entry.ours.push(count(row['no']))
    else entry.all = false
    streams.set(base, entry)
  }
  const tables = db.all('SELECT * FROM tm_tables ORDER BY base').flatMap((row) => {
    const { ours, all } = streams.get(text(row['base'])) ?? { ours: [], all: false }
    // Where a table is the project's alone, a condition would only cost.
    return ours.length === 0 ? [] : streamViews(tableShape(row), all ? undefined : ours)
  })
  return [...system, ...tables]
}
