// Owns the list of what a project can read with SQL: each table's name and columns, and how many rows it has.

import { count, text } from '../cells.ts'
import { projectViews } from '../console/views.ts'
import type { TableStore } from '../store.ts'
import { noSuchView, tableRows } from '../table-rows.ts'
import type { Connection } from './connection.ts'

export function tables(db: Connection): TableStore {
  const viewsOf = (project: string) => db.reading(() => projectViews(db, project))
  return {
    async list(project) {
      const owners = db.all('SELECT base, connector, stream FROM tm_tables').map((row) => ({
        base: text(row['base']),
        connector: text(row['connector']),
        stream: text(row['stream']),
      }))
      const views = viewsOf(project).map(({ name, sql }) => {
        const columns = db.prepare(`SELECT * FROM (${sql}) LIMIT 0`).columns()
        return { name, columns: columns.map((column) => column.name) }
      })
      return tableRows(views, owners)
    },

    async countRows(project, name) {
      const view = viewsOf(project).find((candidate) => candidate.name === name)
      if (!view) throw noSuchView(name)
      return count(db.value(`SELECT count(*) FROM (${view.sql})`))
    },
  }
}
