// Owns the list of what a project can read with SQL: each table's name and columns, and how many rows it has.

import { count, text } from '../cells.ts'
import type { TableStore } from '../store.ts'
import { noSuchView, tableRows } from '../table-rows.ts'
import type { Connection } from './connection.ts'
import { ownRows, projectViews } from './project-views.ts'

export function projectTables(db: Connection): TableStore {
  return {
    async list(project) {
      const owners = (await db.all('SELECT base, connector, stream FROM tm_tables')).map((row) => ({
        base: text(row['base']),
        connector: text(row['connector']),
        stream: text(row['stream']),
      }))
      const views = (await projectViews(db, project)).map(({ view: { name, parts } }) => {
        return { name, columns: (parts[0]?.columns ?? []).map(([column]) => column) }
      })
      return tableRows(views, owners)
    },

    async countRows(project, name) {
      const own = (await projectViews(db, project)).find(({ view }) => view.name === name)
      if (!own) throw noSuchView(name)
      return count(await db.value(`SELECT count(*) FROM (${ownRows(own)}) AS counted`))
    },
  }
}
