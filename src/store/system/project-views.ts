// Owns what one project sees of the contract's views.

import { count } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { type Asking, all } from '../statements.ts'
import { tableShape } from './streams.ts'
import { streamViews, systemViews, type View, viewSql } from './views.ts'

/** A view, and the condition that narrows it to the project's rows, where it is not made of them alone. */
export interface OwnView {
  readonly view: View
  readonly condition: string | undefined
}

/** The views of the system and of every stream that the project has. */
export function* projectViews(dialect: Dialect, project: string): Asking<readonly OwnView[]> {
  const owned = `v._project = '${project.replaceAll("'", "''")}'`
  const system = systemViews(dialect).map((view): OwnView => ({ view, condition: owned }))
  const streams = Map.groupBy(yield* all('SELECT no, base, project FROM tm_streams'), (row) => row['base'])
  const own = (yield* all('SELECT * FROM tm_tables ORDER BY base')).flatMap((row) => {
    const sharers = streams.get(row['base']) ?? []
    const ours = sharers.filter((stream) => stream['project'] === project).map((stream) => count(stream['no']))
    // Where a table is the project's alone, a condition would only cost.
    return ours.length === 0
      ? []
      : streamViews(dialect, tableShape(row), ours.length < sharers.length ? ours : undefined)
  })
  return [...system, ...own.map((view): OwnView => ({ view, condition: undefined }))]
}

/** The rows of such a view, as a SELECT. */
export function ownRows({ view, condition }: OwnView): string {
  return condition === undefined ? viewSql(view) : `SELECT * FROM (${viewSql(view)}) v WHERE ${condition}`
}
