// Owns what one project sees of the contract's views.

import { TidemarkError } from '../../model/errors.ts'
import { count } from '../cells.ts'
import type { Queries } from './connection.ts'
import { tableShape } from './streams.ts'
import { streamViews, systemViews, type View, viewSql } from './views.ts'

/** A view, and the condition that narrows it to the project's rows, where it is not made of them alone. */
export interface OwnView {
  readonly view: View
  readonly condition: string | undefined
}

/** The views of the system and of every stream that the project has. */
export async function projectViews(session: Queries, project: string): Promise<readonly OwnView[]> {
  if ((await session.value(`SELECT to_regclass('tm_schema') IS NULL`)) === true) {
    throw new TidemarkError('database_missing', 'There is no mirror in this database.', {
      hint: 'Use --database to name one, or run tidemark connect to create it.',
    })
  }
  const owned = `v._project = '${project.replaceAll("'", "''")}'`
  const system = systemViews().map((view): OwnView => ({ view, condition: owned }))
  const streams = await session.all('SELECT no, base, project FROM tm_streams')
  const tables = await session.all('SELECT * FROM tm_tables ORDER BY base')
  const own = tables.flatMap((row) => {
    const ours = streams.filter((stream) => stream['base'] === row['base'] && stream['project'] === project)
    const numbers = ours.map((stream) => count(stream['no']))
    return numbers.length === 0 ? [] : streamViews(tableShape(row), numbers)
  })
  return [...system, ...own.map((view): OwnView => ({ view, condition: undefined }))]
}

/** The rows of such a view, as a SELECT. */
export function ownRows({ view, condition }: OwnView): string {
  return `SELECT * FROM (${viewSql(view)}) v${condition === undefined ? '' : ` WHERE ${condition}`}`
}
