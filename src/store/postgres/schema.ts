// Owns the way from one version of the system tables to the next, in a schema that others may use as well.

import { TidemarkError } from '../../model/errors.ts'
import { count, text } from '../cells.ts'
import type { Connection, Queries } from './connection.ts'
import { sqlState } from './errors.ts'
import { FIRST_TABLES } from './tables.ts'
import { makeView, systemViews } from './views.ts'

/** One step each; never changed once released. The version of a schema is how many of them it has seen. */
const MIGRATIONS: readonly string[] = [
  FIRST_TABLES,
  // When a secret ends, where the source has told.
  'ALTER TABLE tm_secrets ADD COLUMN expires_at bigint',
  // What a full pass missed waits for a second witness, by its key; what is counted stands in no note any more.
  `CREATE TABLE tm_missed (
     stream_no bigint NOT NULL,
     key text COLLATE "C" NOT NULL,
     run_no bigint NOT NULL,
     at bigint NOT NULL,
     PRIMARY KEY (stream_no, key)
   );
   ALTER TABLE tm_run_passes ADD COLUMN unconfirmed bigint NOT NULL DEFAULT 0;
   UPDATE tm_streams SET coverage_note = '' WHERE coverage = 'complete'`,
  // Records that were shown with an older content than the stored one.
  'ALTER TABLE tm_run_passes ADD COLUMN superseded bigint NOT NULL DEFAULT 0',
  // Which records were known when a walk began, see walks.ts.
  'ALTER TABLE tm_walks ADD COLUMN known_to bigint',
  // A record may have several texts in quarantine; one of which a newer content is known stays, and waits no longer.
  `ALTER TABLE tm_quarantine ADD COLUMN version double precision;
   ALTER TABLE tm_quarantine ADD COLUMN superseded_at bigint;
   CREATE INDEX tm_quarantine_keys ON tm_quarantine (stream_no, key)`,
  // Since when a limit is blocked; since when the clock has stood before what is written there. See bucket.ts, spending.ts.
  `ALTER TABLE tm_buckets ADD COLUMN blocked_since double precision, ADD COLUMN blocked_behind double precision;
   ALTER TABLE tm_spent ADD COLUMN behind bigint`,
]

/** Brings the schema to this version, in one transaction. Any number of processes may do so at once. */
export async function migrate(db: Connection, schema: string, create: boolean): Promise<void> {
  await checkServer(db)
  const found = await version(db, db.name)
  if (found === MIGRATIONS.length) return
  if (found === 0 && !create) {
    throw new TidemarkError('database_missing', `There is no mirror in ${db.name}.`, {
      hint: 'Use --database to name one, or run tidemark connect to create it.',
    })
  }
  await db.transaction(async (tx) => {
    await lockTables(tx)
    await tx.run('SET LOCAL statement_timeout = 0')
    // Read again: another process may have migrated between the question and the lock.
    const from = await version(tx, db.name)
    if (from === MIGRATIONS.length) return
    if (from === 0) await makeSchema(tx, schema, db.name)
    for (const step of MIGRATIONS.slice(from)) await tx.run(step)
    for (const view of systemViews()) await makeView(tx, view)
    await tx.run('DELETE FROM tm_schema')
    await tx.run('INSERT INTO tm_schema (version) VALUES ($1)', [MIGRATIONS.length])
  })
}

/**
 * Whoever makes or changes tables waits for whoever does. Held until the transaction ends; the number is that of this
 * schema of this database.
 */
export async function lockTables(tx: Queries): Promise<void> {
  await tx.run(`SELECT pg_advisory_xact_lock(hashtextextended('tidemark ' || current_setting('search_path'), 0))`)
}

async function checkServer(db: Connection): Promise<void> {
  const encoding = text(await db.value(`SELECT current_setting('server_encoding')`))
  if (encoding === 'UTF8') return
  throw new TidemarkError('database_unsupported', `The database ${db.name} has the encoding ${encoding}.`, {
    hint: 'Make one that can hold every text: createdb --encoding UTF8 --template template0',
  })
}

/** The version of the schema, 0 when Tidemark was never here; refuses that of a newer Tidemark. */
async function version(db: Queries, name: string): Promise<number> {
  if ((await db.value(`SELECT to_regclass('tm_schema') IS NOT NULL`)) !== true) return 0
  const found = count((await db.value('SELECT version FROM tm_schema')) ?? 0)
  if (found > MIGRATIONS.length) {
    const versions = `version ${found}; this Tidemark knows ${MIGRATIONS.length}`
    throw new TidemarkError('database_newer', `The database ${name} has ${versions}.`, {
      hint: 'Update Tidemark, or name another schema with ?schema=. Nothing was touched.',
    })
  }
  return found
}

/** Makes the schema if there is none, and sees that nothing in it has the names that the tables and views will have. */
async function makeSchema(tx: Queries, schema: string, name: string): Promise<void> {
  if ((await tx.value('SELECT to_regnamespace($1) IS NULL', [schema])) === true) await tx.run(`CREATE SCHEMA ${schema}`)
  const taken = await tx.value(
    `SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) AND (relname = ANY($2) OR relname LIKE 'tm\\_%')
     LIMIT 1`,
    [schema, systemViews().map((view) => view.name)],
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
