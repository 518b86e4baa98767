// Owns the proof that columns of any name move: to a server, to another one, and back into a file, also those whose names a
// database uses itself and therefore keeps under others.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrateDatabase } from '../../src/index.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { NAMES, ODD, valuesOf } from '../conformance/column-cases.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { MINUTE, record, T0, update, World } from '../conformance/world.ts'
import { SqliteFile } from '../store/sqlite-file.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const cells = (revision: number) => [`title ${revision}`, ...valuesOf(revision)]

withPostgres('columns of any name', () => {
  test('move to a server, to another one, and back', async (ending) => {
    const file = new SqliteFile()
    const database = await PostgresDatabase.empty()
    ending.onTestFinished(async () => {
      await file.drop()
      await database.destroy()
    })
    const here = await file.connect()
    const odd = await new World(file, here, 'default').begin('odd', ODD)
    await odd.put({
      inserts: ['a', 'b'].map((key) => record(key, 1, cells(1))),
      snapshots: [{ key: 'a', values: valuesOf(1) }],
    })
    await odd.put({ updates: [{ ...update('a', 1, 2), cells: cells(2) }], at: T0 + MINUTE })
    await odd.remove('b', 1, { at: T0 + 2 * MINUTE })
    await here.close()

    const places = [
      file.path,
      database.url('?schema=one'),
      database.url('?schema=two'),
      join(file.folder, 'back.db'),
    ] as const
    for (const [i, to] of places.slice(1).entries()) await migrateDatabase(to, { database: places[i]! })
    const seen = []
    for (const path of places) {
      const clock = fixedClock()
      const isFile = path.endsWith('.db')
      const store = isFile ? await openSqliteStore({ path, clock }) : await openPostgresStore({ url: path, clock })
      const tables = []
      for (const part of ['_all', '_versions', '_snapshots', '_daily']) {
        const rows = await store.tables.rows('default', `odd_names${part}`, 9)
        const values = rows.map((row) => JSON.stringify([row['_key'], NAMES.map((name) => Number(row[name]))]))
        tables.push(values.toSorted())
      }
      seen.push(tables)
      await store.close()
    }
    expect(seen[0]?.[0]).toEqual([JSON.stringify(['a', valuesOf(2)]), JSON.stringify(['b', valuesOf(1)])])
    for (const one of seen) expect(one).toEqual(seen[0])
  })
})
