// Owns the way of a file from one version of the system tables to the next.

import { TidemarkError } from '../../model/errors.ts'
import { systemTables } from '../system/schema.ts'
import { systemViews, viewSql } from '../system/views.ts'
import type { Connection } from './connection.ts'
import { driven, SQLITE } from './dialect.ts'
import { unreadable } from './errors.ts'

/** `tide` in ASCII: what `file` and other tools know the database by. */
const APPLICATION_ID = 0x74696465

/** Statements, one step each; never changed once released. The version of a file is how many of them it has seen. */
export const MIGRATIONS: readonly string[] = [
  // The last makes the table of statistics, into which every stream's index writes what to expect of it.
  `${systemTables(SQLITE.types, SQLITE.words)}; ANALYZE sqlite_schema`,
]

/** Brings the file to the newest version, in one transaction. */
export function migrate(db: Connection, migrations = MIGRATIONS): void {
  if (version(db, migrations.length) === migrations.length) return
  db.transaction(() => {
    // Read again: another process may have migrated between the question and the lock.
    for (const sql of migrations.slice(version(db, migrations.length))) db.exec(sql)
    for (const view of systemViews(SQLITE))
      driven(
        db,
        SQLITE.makeView(view.name, () => viewSql(SQLITE, view)),
      )
    db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`)
  })
}

/** Refuses a file that a reader cannot understand as it is. */
export function checkReadable(db: Connection): void {
  if (version(db, MIGRATIONS.length) === MIGRATIONS.length) return
  throw new TidemarkError('database_outdated', `The database ${db.name} was written by an older Tidemark.`)
}

/** The version of the file; refuses other programs' files and those of a newer Tidemark. */
function version(db: Connection, newest: number): number {
  const found = Number(db.value('PRAGMA user_version'))
  const application = Number(db.value('PRAGMA application_id'))
  if (application !== APPLICATION_ID) {
    const empty = application === 0 && found === 0 && db.value('SELECT count(*) FROM sqlite_schema') === 0
    if (empty) return 0
    throw unreadable(db.name, 'is a SQLite database of another program')
  }
  if (found > newest) {
    const versions = `version ${found}; this Tidemark knows ${newest}`
    throw new TidemarkError('database_newer', `The database ${db.name} has ${versions}.`)
  }
  return found
}
