// Owns the promise about migrations of a SQLite file: each runs once, and as a whole or not at all.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Connection } from '../../src/store/sqlite/connection.ts'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/schema.ts'
import { World } from '../conformance/world.ts'
import { SqliteFile } from './sqlite-file.ts'

const NEXT = 'CREATE TABLE tm_next (a); INSERT INTO tm_next SELECT count(*) FROM tm_projects'
const BROKEN = 'CREATE TABLE tm_other (a int); INSERT INTO tm_nowhere VALUES (1)'

describe('a migration', () => {
  let file: SqliteFile
  let db: Connection
  beforeEach(async () => {
    file = new SqliteFile()
    await new World(file, await file.connect(), 'default').begin()
    db = new Connection({ path: file.path, readOnly: false, synchronous: 'NORMAL', cacheKib: 512 })
  })
  afterEach(async () => {
    db.close()
    await file.drop()
  })

  it('runs once, over what is stored', () => {
    migrate(db, [...MIGRATIONS, NEXT])
    migrate(db, [...MIGRATIONS, NEXT])
    expect(db.all('SELECT * FROM tm_next')).toEqual([{ a: 1 }])
    expect(db.value('PRAGMA user_version')).toBe(MIGRATIONS.length + 1)
  })

  it('that fails leaves nothing behind, not even the steps before it', async () => {
    const before = file.query('SELECT * FROM sqlite_schema')
    expect(() => migrate(db, [...MIGRATIONS, NEXT, BROKEN])).toThrow(/tm_nowhere/)
    expect(file.query('SELECT * FROM sqlite_schema')).toEqual(before)
    expect(await (await file.connect()).projects.list()).toHaveLength(1)
  })

  it('of a newer Tidemark is refused by this one', async () => {
    migrate(db, [...MIGRATIONS, NEXT])
    await expect(file.connect()).rejects.toMatchObject({ code: 'database_newer' })
  })
})
