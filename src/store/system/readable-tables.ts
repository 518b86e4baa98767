// Owns the list of what a project can read with SQL: each table's name and columns, and how many rows it has.

import { count } from '../cells.ts'
import type { Dialect } from '../dialect.ts'
import { all, reading, value, type Works } from '../statements.ts'
import type { TableStore } from '../store.ts'
import { noSuchView, tableRows } from '../table-rows.ts'
import { ownRows, ownTables, projectViews } from './project-views.ts'

export function readableTables(dialect: Dialect): Works<TableStore> {
  return {
    list: reading(function* (project) {
      const owners = (yield* ownTables(project)).map(({ name: base, connector, stream }) => ({
        base,
        connector,
        stream,
      }))
      const views = (yield* projectViews(dialect, project)).map(({ view: { name, parts } }) => {
        return { name, columns: (parts[0]?.columns ?? []).map(([column]) => column) }
      })
      return tableRows(views, owners)
    }),

    countRows: reading(function* (project, name) {
      const own = (yield* projectViews(dialect, project)).find(({ view }) => view.name === name)
      if (!own) throw noSuchView(name)
      return count(yield* value(`SELECT count(*) FROM (${ownRows(dialect, own)}) AS counted`))
    }),

    rows: reading(function* (project, name, limit, connection) {
      const own = (yield* projectViews(dialect, project)).find(({ view }) => view.name === name)
      if (!own) throw noSuchView(name)
      const [of, values] = connection === undefined ? ['', []] : ['WHERE connection = $2', [connection]]
      return yield* all(`SELECT * FROM (${ownRows(dialect, own)}) AS listed ${of} LIMIT $1`, [limit, ...values])
    }),
  }
}
