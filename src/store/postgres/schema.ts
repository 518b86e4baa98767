// Owns the way from one version of the system tables to the next, in a schema that others may use as well.

import { TidemarkError } from '../../model/errors.ts'
import { count, text } from '../cells.ts'
import { systemTables } from '../system/schema.ts'
import { systemViews, viewSql } from '../system/views.ts'
import type { Connection, Queries } from './connection.ts'
import { driven, POSTGRES } from './dialect.ts'
import { noMirror, sqlState } from './errors.ts'
import { WALL } from './project-wall.ts'

/** Statements, one step each; never changed once released. The version of a schema is how many of them it has seen. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE tm_schema (version integer NOT NULL); ${systemTables(POSTGRES.types, POSTGRES.words)}`,
  WALL,
]

/** Brings the schema to the newest version, in one transaction. Any number of processes may do so at once. */
export async function migrate(db: Connection, schema: string, create: boolean, migrations = MIGRATIONS) {
  await checkServer(db)
  const newest = migrations.length
  const found = await version(db, db.name, newest)
  if (found === newest) return
  if (found === 0 && !create) throw noMirror(`in ${db.name}`)
  await db.transaction(async (tx) => {
    await driven(tx, POSTGRES.lockTables())
    await tx.run('SET LOCAL statement_timeout = 0')
    // Read again: another process may have migrated between the question and the lock.
    const from = await version(tx, db.name, newest)
    if (from === newest) return
    if (from === 0) await makeSchema(tx, schema, db.name)
    for (const step of migrations.slice(from)) await tx.run(step)
    for (const view of systemViews(POSTGRES)) {
      await driven(
        tx,
        POSTGRES.makeView(view.name, (names) => viewSql(POSTGRES, view, names)),
      )
    }
    await tx.run('DELETE FROM tm_schema')
    await tx.run('INSERT INTO tm_schema (version) VALUES ($1)', [newest])
  })
}

async function checkServer(db: Connection): Promise<void> {
  const encoding = text(await db.value(`SELECT current_setting('server_encoding')`))
  if (encoding === 'UTF8') return
  throw new TidemarkError('database_unsupported', `The database ${db.name} has the encoding ${encoding}.`)
}

/** The version of the schema, 0 when Tidemark was never here; refuses that of a newer Tidemark. */
async function version(db: Queries, name: string, newest: number): Promise<number> {
  if ((await db.value(`SELECT to_regclass('tm_schema') IS NOT NULL`)) !== true) return 0
  const found = count((await db.value('SELECT version FROM tm_schema')) ?? 0)
  if (found > newest) {
    const versions = `version ${found}; this Tidemark knows ${newest}`
    throw new TidemarkError('database_newer', `The database ${name} has ${versions}.`)
  }
  return found
}

/** Makes the schema if there is none, and sees that nothing in it has the names that the tables and views will have. */
async function makeSchema(tx: Queries, schema: string, name: string): Promise<void> {
  if ((await tx.value('SELECT to_regnamespace($1) IS NULL', [schema])) === true) await tx.run(`CREATE SCHEMA ${schema}`)
  const taken = await tx.value(
    `SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) AND (relname = ANY($2) OR relname LIKE 'tm\\_%')
     LIMIT 1`,
    [schema, systemViews(POSTGRES).map((view) => view.name)],
  )
  if (taken === undefined) return
  throw new TidemarkError('name_taken', `The schema "${schema}" of ${name} has a table "${text(taken)}" of its own.`, {
    hint: 'Give Tidemark a schema for itself: add ?schema=tidemark to the URL. Nothing was touched.',
  })
}

/** Whether an error says that a name is taken by somebody's table, view or type. */
export function isNameTaken(error: unknown): boolean {
  return ['42P07', '42710', '42809', '2BP01'].includes(sqlState(error))
}
