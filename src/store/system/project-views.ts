// Owns what one project sees of the contract's views.

import type { Column, StreamShape } from '../../model/record.ts'
import { count, json, text } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { baseOf, type TableShape } from '../names.ts'
import { type Asking, all } from '../statements.ts'
import { tableShape } from './streams.ts'
import { streamViews, systemViews, type View, viewSql } from './views.ts'

/** A view, and the condition that narrows it to the project's rows, where it is not made of them alone. */
export interface OwnView {
  readonly view: View
  readonly condition: string | undefined
}

/** A table of streams, as a project sees it. */
interface OwnTable extends TableShape {
  /** The name that its views begin with here; the table may have another one. */
  readonly name: string
  readonly connector: string
  readonly stream: string
  /** The project's streams, where others have rows in it, too. */
  readonly only: readonly number[] | undefined
}

/** The tables that the project's streams stand in, each with the columns that are the project's to know. */
export function* ownTables(project: string): Asking<readonly OwnTable[]> {
  const streams = Map.groupBy(yield* all('SELECT no, base, project FROM tm_streams'), (row) => row['base'])
  const shapes = Map.groupBy(yield* all('SELECT DISTINCT base, project, shape FROM tm_streams'), (row) => row['base'])
  return (yield* all('SELECT * FROM tm_tables ORDER BY base')).flatMap((row): OwnTable[] => {
    const sharers = streams.get(row['base']) ?? []
    const ours = sharers.filter((stream) => stream['project'] === project).map((stream) => count(stream['no']))
    if (ours.length === 0) return []
    const isShared = ours.length < sharers.length
    const shaped = (shapes.get(row['base']) ?? []).map((one) => ({
      isOurs: one['project'] === project,
      shape: json(one['shape']) as StreamShape,
    }))
    const own = shaped.flatMap(({ isOurs, shape }) => (isOurs ? [shape] : []))
    const isAlone = own.some(({ table }) => table !== undefined)
    const known = namesOf(own)
    const others = namesOf(shaped.flatMap(({ isOurs, shape }) => (isOurs ? [] : [shape])))
    // Columns follow from what people write, such as the headers of a sheet. One that no stream has any more is of the past.
    const isOwn = ({ name }: Column) => known.has(name) || !(isAlone || others.has(name))
    const table = tableShape(row)
    return [
      {
        base: table.base,
        columns: table.columns.filter(isOwn),
        metrics: table.metrics.filter(isOwn),
        name: own[0] ? baseOf(own[0]) : table.base,
        connector: text(row['connector']),
        stream: text(row['stream']),
        // Where a table is the project's alone, a condition would only cost.
        only: isShared ? ours : undefined,
      },
    ]
  })
}

function namesOf(shapes: readonly StreamShape[]): ReadonlySet<string> {
  return new Set(shapes.flatMap(({ columns }) => columns.map(({ name }) => name)))
}

/** The views of the system and of every stream that the project has. */
export function* projectViews(dialect: Dialect, project: string): Asking<readonly OwnView[]> {
  const owned = `v._project = '${project.replaceAll("'", "''")}'`
  const system = systemViews(dialect).map((view): OwnView => ({ view, condition: owned }))
  const own = (yield* ownTables(project)).flatMap(({ name, only, ...table }) =>
    streamViews(dialect, table, only).map(({ name: view, parts }) => ({
      name: name + view.slice(table.base.length),
      parts,
    })),
  )
  return [...system, ...own.map((view): OwnView => ({ view, condition: undefined }))]
}

/** The rows of such a view, as a SELECT. */
export function ownRows(dialect: Dialect, { view, condition }: OwnView): string {
  const sql = viewSql(dialect, view)
  return condition === undefined ? sql : `SELECT * FROM (${sql}) v WHERE ${condition}`
}
