// Owns the proof that runs, which are kept for ever, are found by an index and in its order, however many there are: a server
// asks for the newest twice a second for every dashboard that is open, and for those under way before every run.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { translated } from '../../src/store/sqlite/dialect.ts'
import type { Statement } from '../../src/store/statements.ts'
import type { RunStore } from '../../src/store/store.ts'
import { runs } from '../../src/store/system/runs.ts'
import { World } from '../conformance/world.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { SqliteFile } from './sqlite-file.ts'

const of = { project: 'default', limit: 100 }
const QUERIES: Readonly<Record<string, Parameters<RunStore['list']>[0]>> = {
  'the newest': of,
  'those behind a place': { ...of, before: 9_000 },
  'the newest of a connection': { ...of, connectionNo: 1 },
  'those under way': { ...of, statuses: ['running'] },
  'the one under way of a connection': { ...of, connectionNo: 1, statuses: ['running'], limit: 1 },
}

/** The statement with its values in it. */
function textOf(query: (typeof QUERIES)[string]): string {
  const { sql, values } = runs.list.ask(query).next().value as Statement
  const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value))
  return sql.replaceAll(/\$(\d+)/g, (_, n: string) => literal(values[Number(n) - 1]))
}

describe('a file finds by an index', () => {
  const file = new SqliteFile()
  beforeAll(async () => void (await file.connect()))
  afterAll(() => file.drop())

  it.each(Object.entries(QUERIES))('%s', (_what, query) => {
    const plan = file.query(`EXPLAIN QUERY PLAN ${translated(textOf(query))}`).map(({ detail }) => String(detail))
    expect(plan).toContainEqual(expect.stringMatching(/^SEARCH r USING INDEX tm_runs_/))
    expect(plan.filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([])
  })
})

withPostgres('a server finds by an index', () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await PostgresDatabase.empty()
    const world = await new World(database, await database.connect(), 'default').begin()
    await world.finishRun()
    await database.query(
      `INSERT INTO tm_runs (id, project_no, connection_no, mode, streams, partial, capped, status, started_at, holder)
       SELECT 'run' || n, project_no, connection_no, mode, streams, partial, capped, 'succeeded', started_at + n, holder
       FROM tm_runs, generate_series(1, 20000) AS g(n)`,
    )
    await database.query('ANALYZE tm_runs')
  })
  afterAll(() => database.destroy())

  it.each(Object.entries(QUERIES))('%s', async (_what, query) => {
    const plan = (await database.query(`EXPLAIN ${textOf(query)}`)).map((row) => String(row['QUERY PLAN'])).join('\n')
    expect(plan).toMatch(/Index Scan .*using tm_runs_/)
    expect(plan).not.toMatch(/Seq Scan on tm_runs/)
    expect(Number(/cost=[\d.]+\.\.([\d.]+)/.exec(plan)?.[1])).toBeLessThan(200)
  })
})
