// Owns the promise about migrations of a PostgreSQL schema: each runs once, and as a whole or not at all.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { Connection } from '../../src/store/postgres/connection.ts'
import { MIGRATIONS, migrate } from '../../src/store/postgres/schema.ts'
import { addressOf } from '../../src/store/postgres/url.ts'
import { World } from '../conformance/world.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const NEXT = 'CREATE TABLE tm_next (a bigint); INSERT INTO tm_next SELECT count(*) FROM tm_projects'
const BROKEN = 'CREATE TABLE tm_other (a int); INSERT INTO tm_nowhere VALUES (1)'

withPostgres('a migration', () => {
  let database: PostgresDatabase
  let db: Connection
  const run = (...more: readonly string[]) => migrate(db, 'public', true, [...MIGRATIONS, ...more])
  beforeEach(async () => {
    database = await PostgresDatabase.empty()
    await new World(database, await database.connect(), 'default').begin()
    db = new Connection(addressOf(database.url()), { sleep: async () => {} })
  })
  afterEach(async () => {
    await db.close()
    await database.destroy()
  })

  it('runs once, over what is stored', async () => {
    await Promise.all([run(NEXT), run(NEXT)])
    expect(await database.query('SELECT a::int FROM tm_next')).toEqual([{ a: 1 }])
    expect(await database.query('SELECT version FROM tm_schema')).toEqual([{ version: MIGRATIONS.length + 1 }])
  })

  it('that fails leaves nothing behind, not even the steps before it', async () => {
    await expect(run(NEXT, BROKEN)).rejects.toThrow(/tm_nowhere/)
    expect(await database.query(`SELECT to_regclass('tm_next')`)).toEqual([{ to_regclass: null }])
    expect(await (await database.connect()).projects.list()).toHaveLength(1)
  })

  it('of a newer Tidemark is refused by this one', async () => {
    await run(NEXT)
    await expect(database.connect()).rejects.toMatchObject({ code: 'database_newer' })
  })
})
