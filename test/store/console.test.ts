// Owns the proof that a person's SQL reads everything of its project, and nothing else whatever it tries.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Patience } from '../../src/store/console/patience.ts'
import { openSql, runSql, type SqlRequest } from '../../src/store/console.ts'
import { record, SHAPE, update, World, walk } from '../conformance/world.ts'
import { SqliteFile } from './sqlite-file.ts'

const file = new SqliteFile()
let ours: World

/** Words that stand in every row of the other project and nowhere else. */
const CANARY = 'canary'

beforeAll(async () => {
  const store = await file.connect()
  ours = await new World(file, store, 'default').begin()
  await ours.insert('a', 'b', 'c')
  await ours.put({ updates: [update('a', 1, 2)], snapshots: [{ key: 'a', values: [20] }] })
  await ours.remove('c', 1)
  const theirs = await new World(file, store, 'lab').begin(CANARY)
  const secret = record(CANARY, 1, [CANARY, 666, 1, 1, null])
  await theirs.put({
    inserts: [secret],
    snapshots: [{ key: CANARY, values: [666] }],
    walks: [walk(1, { note: CANARY })],
    requests: [
      { at: 1, method: 'GET', url: CANARY, status: 200, bytes: 1, ms: 1, attempt: 1, outcome: 'ok', billedItems: 0 },
    ],
  })
  await theirs.put({ updates: [{ ...update(CANARY, 1, 2), raw: CANARY }] })
  await theirs.put({ hold: { reason: CANARY, keys: [CANARY], replace: true } })
  await theirs.put({ quarantine: [{ key: null, index: 0, raw: CANARY, code: CANARY, message: CANARY }] })
  await theirs.finishRun()
  const only = await new World(file, store, 'lab').begin('only', { ...SHAPE, connector: 'theirs' })
  await only.insert(CANARY)
  await store.secrets.save(ours.connection.no, [{ name: 'token', version: 1, sealed: Buffer.from(CANARY) }])
})
afterAll(() => file.drop())

const ask = (sql: string, more: Partial<SqlRequest> = {}) =>
  runSql({ database: file.path, project: 'default', sql, ...more })
const rows = async (sql: string, more: Partial<SqlRequest> = {}) => (await ask(sql, more)).rows

describe('a SELECT', () => {
  it('answers with columns and rows', async () => {
    expect(await ask('SELECT _key, amount AS n, _removed_at FROM shop_orders ORDER BY _key')).toEqual({
      columns: ['_key', 'n', '_removed_at'],
      rows: [
        { _key: 'a', n: 20, _removed_at: null },
        { _key: 'b', n: 10, _removed_at: null },
      ],
      truncated: false,
    })
  })

  it('says so where no process can be started', async () => {
    const { execPath } = process
    process.execPath = join(file.path, 'node')
    try {
      await expect(ask('SELECT 1')).rejects.toMatchObject({
        code: 'sql_failed',
        message: expect.stringContaining('can be started') as string,
      })
    } finally {
      process.execPath = execPath
    }
    expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('names its columns even without rows', async () => {
    expect(await ask('SELECT _key FROM shop_orders WHERE 0')).toEqual({ columns: ['_key'], rows: [], truncated: false })
  })

  it('keeps columns of the same name apart', async () => {
    const {
      columns,
      rows: [first],
    } = await ask('SELECT 1 AS a, 2 AS a, 3 AS a, \'x\' AS "a:1"')
    expect(columns).toEqual(['a', 'a:1', 'a:2', 'a:1:1'])
    expect(first).toEqual({ a: 1, 'a:1': 2, 'a:2': 3, 'a:1:1': 'x' })
  })

  it('keeps integers exactly, as text beyond 2^53', async () => {
    const sql = 'SELECT 9007199254740991 AS safe, 9007199254740993 AS big, -9223372036854775808 AS least, 1.5 AS real'
    expect(await rows(sql)).toEqual([
      { safe: 9007199254740991, big: '9007199254740993', least: '-9223372036854775808', real: 1.5 },
    ])
  })

  it('gives digits beyond 64 bits as text, and other bytes in hexadecimal', async () => {
    expect(await rows("SELECT CAST('18446744073709551615' AS BLOB) AS digits, x'00ff' AS bytes")).toEqual([
      { digits: '18446744073709551615', bytes: '00ff' },
    ])
  })

  it('gives what JSON has no number for as text', async () => {
    expect(await rows('SELECT 9e999 AS a, -9e999 AS b')).toEqual([{ a: 'Infinity', b: '-Infinity' }])
  })

  it('takes everything that reads: joins, CTEs, recursion, windows, JSON', async () => {
    const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
      SELECT n.i, o._key, j.value AS line, sum(j.value) OVER (ORDER BY o._key, j.key, n.i) AS running
      FROM shop_orders o, n, json_each(o.lines) j WHERE n.i = 2 ORDER BY running; -- and a comment`
    expect((await rows(sql)).map(({ running }) => running)).toEqual([1, 3, 4, 6])
  })

  it('explains itself', async () => {
    expect(await rows('EXPLAIN QUERY PLAN SELECT count(*) FROM shop_orders')).not.toHaveLength(0)
  })

  it('brings a hundred thousand rows, and says when there were more', async () => {
    const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100001)
      SELECT i, 'text of row ' || i AS text FROM n`
    const all = await ask(numbers)
    expect([all.rows.length, all.truncated]).toEqual([100_000, true])
    expect(all.rows[99_999]).toEqual({ i: 100_000, text: 'text of row 100000' })
    const whole = await ask(numbers, { rowsMax: 100_001 })
    expect([whole.rows.length, whole.truncated]).toEqual([100_001, false])
    const few = await ask(numbers, { rowsMax: 3 })
    expect([few.rows.length, few.truncated]).toEqual([3, true])
    expect((await ask(numbers, { rowsMax: 0 })).truncated).toBe(true)
  })

  it('is refused with a NUL in it, wherever that stands', async () => {
    for (const sql of ['SELECT 1\0', "SELECT 'a\0b' AS x", '\0', 'SELECT 1 --\0'])
      await expect(ask(sql)).rejects.toMatchObject({ code: 'sql_refused', verdict: 'stop' })
  })

  it('takes text with lines, quotes and emoji both ways', async () => {
    const text = 'one\ntwo "three" \u2028 😀 é'
    expect(await rows(`SELECT '${text}' AS text`)).toEqual([{ text }])
  })
})

it('names columns as they are declared, whatever a database calls so', async () => {
  const names = ['rowid', 'oid', 'ctid', 'tm_runs', 'tm_r_odd_names', 'regclass', 'pg_read', 'select']
  const odd = new SqliteFile()
  try {
    const shape = { connector: 'odd', stream: 'names', version: '1', metrics: [] } as const
    const columns = names.map((name) => ({ name, type: 'text' as const }))
    const world = await new World(odd, await odd.connect(), 'default').begin('me', { ...shape, columns })
    await world.put({ inserts: [record('a', 1, names)] })
    const list = names.map((name) => (name === 'select' ? '"select"' : name)).join(', ')
    const sql = `SELECT ${list} FROM odd_names WHERE tm_runs = 'tm' || '_runs' ORDER BY rowid`
    const answer = await runSql({ database: odd.path, project: 'default', sql })
    expect(answer.rows).toEqual([Object.fromEntries(names.map((name) => [name, name]))])
    const reaching = runSql({ database: odd.path, project: 'default', sql: 'SELECT tm_runs FROM tm_streams' })
    await expect(reaching).rejects.toMatchObject({ code: 'sql_refused' })
    const plain = new DatabaseSync(odd.path)
    plain.exec('CREATE TABLE ctid (a)')
    plain.close()
    const wrong = runSql({ database: odd.path, project: 'default', sql: 'SELECT ctid, nobody FROM odd_names' })
    await expect(wrong).rejects.toMatchObject({ message: 'No such column: nobody.' })
    const own = runSql({ database: odd.path, project: 'default', sql: 'SELECT id FROM tm_runs' })
    await expect(own).rejects.toHaveProperty('code', expect.stringMatching(/^sql_(refused|failed)$/))
  } finally {
    await odd.drop()
  }
})

it('reads columns that are called true and false, which SQLite takes for its literals in a view', async () => {
  const odd = new SqliteFile()
  try {
    const shape = { connector: 'odd', stream: 'names', version: '1', metrics: ['true'] } as const
    const columns = ['true', 'False'].map((name) => ({ name, type: 'integer' as const }))
    const world = await new World(odd, await odd.connect(), 'default').begin('me', { ...shape, columns })
    await world.put({ inserts: [record('a', 1, [7, 8])], snapshots: [{ key: 'a', values: [7] }] })
    const answer = (sql: string) => runSql({ database: odd.path, project: 'default', sql })
    const one = async (sql: string) => (await answer(sql)).rows[0]
    expect(await one('SELECT "true", [False], `true` AS x, true AS y, \'"true"\' AS z FROM odd_names')).toEqual({
      true: 7,
      False: 8,
      x: 7,
      y: 1,
      z: '"true"',
    })
    expect(await one('SELECT * FROM odd_names')).toMatchObject({ true: 7, False: 8 })
    for (const part of ['all', 'versions', 'snapshots', 'daily'])
      expect(await one(`SELECT "true" FROM odd_names_${part} ORDER BY "TRUE"`)).toEqual({ true: 7 })
    expect(await one('WITH w AS (SELECT max("true") AS "false" FROM odd_names) SELECT "false" FROM w')).toEqual({
      false: 7,
    })
    expect((await answer('SELECT sum("true") FROM odd_names')).columns).toEqual(['sum("true")'])
    await expect(answer('SELECT "true" FROM odd_names, odd_names_all')).rejects.toMatchObject({
      message: 'Ambiguous column name: true.',
    })
    await expect(answer('SELECT "true" FROM runs')).rejects.toMatchObject({
      message: expect.stringMatching(/^No such column: "true"/),
    })
  } finally {
    await odd.drop()
  }
})

describe('a large answer', () => {
  const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'

  it('keeps large texts as they are', async () => {
    const sql = `WITH s(x) AS (VALUES ('a'), ('é'), ('😀'), (char(10)), ('"'))
      SELECT x, replace(hex(zeroblob(100000)), '0', x) AS large, 'after' AS small FROM s`
    const found = await rows(sql)
    expect(found.map(({ x, small }) => [x, small])).toEqual(['a', 'é', '😀', '\n', '"'].map((x) => [x, 'after']))
    expect(found.filter(({ x, large }) => large !== String(x).repeat(200_000))).toEqual([])
  })

  it('is given while it comes, and ends when its reader goes', async () => {
    const answer = await openSql({
      database: file.path,
      project: 'default',
      sql: `${NUMBERS} SELECT i, hex(zeroblob(40000)) AS text FROM n`,
      rowsMax: 1e9,
    })
    expect(answer.columns).toEqual(['i', 'text'])
    const found: unknown[] = []
    for await (const { i } of answer.rows) if (found.push(i) === 5) break
    expect(found).toEqual([1, 2, 3, 4, 5])
    answer.close()
  })

  it('has no row that is larger than what a text may be', async () => {
    const sql = 'SELECT hex(zeroblob(25000000)) AS a, hex(zeroblob(25000000)) AS b'
    await expect(ask(sql)).rejects.toMatchObject({ code: 'sql_row_too_large', hint: expect.any(String) })
  })

  it('may be read slowly: only waiting for the database counts', async () => {
    let isLate = false
    const patience = new Patience(1, () => (isLate = true))
    await patience.during(Promise.resolve())
    await new Promise((resolve) => setTimeout(resolve, 20))
    await patience.during(Promise.resolve())
    expect(isLate).toBe(false)
    const never = Promise.withResolvers<void>()
    await new Patience(1, never.resolve).during(never.promise)
  })
})

describe('another project', () => {
  const VIEWS = [
    ...['shop_orders', 'shop_orders_all', 'shop_orders_versions', 'shop_orders_snapshots', 'shop_orders_daily'],
    ...['runs', 'gaps', 'quarantine', 'held_removals', 'requests', 'changes', 'streams'],
  ]

  it.each(VIEWS)('is not in %s', async (view) => {
    expect(JSON.stringify(await rows(`SELECT * FROM ${view}`))).not.toContain(CANARY)
    const theirs = await rows(`SELECT * FROM ${view}`, { project: 'lab' })
    expect(JSON.stringify(theirs)).toContain(CANARY)
    expect(theirs.every((row) => row['_project'] === 'lab')).toBe(true)
    const [both] = file.query(`SELECT count(*) AS n FROM ${view}`)
    const [mine] = await rows(`SELECT count(*) AS n FROM ${view}`)
    expect(Number(mine?.['n']) + theirs.length).toBe(both?.['n'])
  })

  it('has streams that do not exist for this one', async () => {
    const missing = { code: 'sql_failed', message: expect.stringContaining('No such table') }
    await expect(ask('SELECT * FROM theirs_orders')).rejects.toMatchObject(missing)
    await expect(ask('SELECT count(*) FROM theirs_orders')).rejects.toHaveProperty('code')
    await expect(ask('SELECT * FROM nobodys_orders')).rejects.toMatchObject(missing)
    expect(await rows('SELECT _key FROM theirs_orders', { project: 'lab' })).toEqual([{ _key: CANARY }])
  })

  it.each([
    'SELECT * FROM NAME',
    'SELECT nobody FROM NAME',
    'SELECT nobody FROM main.NAME',
    'SELECT x.* FROM NAME',
    'SELECT * FROM shop_orders JOIN NAME USING (nobody)',
    'SELECT * FROM NAME INDEXED BY nobody',
    'SELECT * FROM NAME(1)',
    'SELECT * FROM NAME ORDER BY 99',
    'SELECT 1 WHERE 1 IN NAME',
    "SELECT * FROM pragma_table_info('NAME')",
  ])('has tables that no complaint tells from none: %s', async (sql) => {
    const complaint = async (name: string) => {
      const error: unknown = await ask(sql.replace('NAME', name)).catch((thrown: unknown) => thrown)
      const { code, message, hint } = error as { code: string; message: string; hint?: string }
      return JSON.stringify([code, message, hint]).replaceAll(name, 'NAME')
    }
    expect(await complaint('theirs_orders')).toBe(await complaint('nobodys_orders'))
  })

  it('that does not exist has nothing', async () => {
    expect(await rows('SELECT * FROM runs', { project: "x' OR '1'='1" })).toEqual([])
    await expect(ask('SELECT * FROM shop_orders', { project: 'nowhere' })).rejects.toMatchObject({ code: 'sql_failed' })
  })

  it.each([
    'SELECT * FROM main.shop_orders',
    'SELECT count(*) FROM main.shop_orders',
    'SELECT count(*) FROM main.shop_orders_all',
    'SELECT count(*) FROM main.shop_orders_versions',
    'SELECT count(*) FROM main.shop_orders_daily',
    'SELECT count(*) FROM main.streams',
    'SELECT _key FROM main.shop_orders_all',
    'SELECT * FROM main.streams',
    'SELECT 1 FROM main.changes LIMIT 1',
    'WITH shop_orders AS (SELECT * FROM main.shop_orders) SELECT * FROM shop_orders',
    'WITH x AS (SELECT * FROM main.shop_orders) SELECT count(*) FROM x',
    'SELECT * FROM (SELECT _key FROM main.shop_orders) AS shop_orders',
    'SELECT (SELECT group_concat(_key) FROM main.shop_orders)',
    'SELECT * FROM shop_orders o WHERE EXISTS (SELECT 1 FROM main.shop_orders)',
    'SELECT * FROM shop_orders UNION ALL SELECT * FROM main.shop_orders',
    'SELECT * FROM shop_orders JOIN main.changes USING (_key)',
    'SELECT * FROM shop_orders ORDER BY (SELECT _key FROM main.shop_orders LIMIT 1)',
    'SELECT * FROM tm_r_shop_orders',
    'SELECT count(*) FROM tm_r_shop_orders',
    'SELECT count(*) FROM "TM_R_shop_orders"',
    "SELECT count(*) FROM 'tm_r_shop_orders'",
    'SELECT count(*) FROM [tm_r_shop_orders]',
    'SELECT count(*) FROM main . tm_r_shop_orders',
    'SELECT count(*) FROM dbstat',
    'SELECT count(*) FROM sqlite_schema',
    'SELECT * FROM main.tm_streams',
    'EXPLAIN SELECT * FROM main.shop_orders',
    'EXPLAIN QUERY PLAN SELECT * FROM main.shop_orders',
    "EXPLAIN QUERY PLAN SELECT * FROM theirs_orders WHERE _key = 'x'",
    'WITH tm_r_shop_orders AS (SELECT * FROM main.tm_r_shop_orders) SELECT * FROM tm_r_shop_orders',
    'SELECT sealed FROM tm_secrets',
    'SELECT count(*) FROM tm_secrets',
    'SELECT wrapped FROM tm_data_keys',
    'SELECT options, webhook_secret FROM tm_connections',
    'SELECT * FROM sqlite_schema',
    'SELECT * FROM sqlite_temp_schema',
    'SELECT * FROM temp.sqlite_schema',
    'SELECT * FROM sqlite_stat1',
    "SELECT * FROM pragma_table_info('tm_secrets')",
    'SELECT * FROM pragma_database_list',
    'SELECT * FROM dbstat',
    'SELECT * FROM sqlite_dbpage',
    "SELECT * FROM bytecode('SELECT 1')",
  ])('is not reached by %s', async (sql) => {
    const failure = await ask(sql).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ code: (error as { code: string }).code, message: String(error) }),
    )
    expect(failure).toHaveProperty('code', expect.stringMatching(/^sql_(refused|failed)$/))
    expect(JSON.stringify(failure)).not.toContain(CANARY)
  })
})

describe('what is no SELECT', () => {
  it.each([
    "INSERT INTO tm_runs (id) VALUES ('x')",
    'UPDATE tm_projects SET seq = 0',
    'DELETE FROM tm_changes',
    'DELETE FROM shop_orders',
    'WITH x AS (SELECT 1) DELETE FROM tm_changes RETURNING *',
    "INSERT INTO tm_data_keys (id, wrapped, at) VALUES ('x', '', 1) RETURNING *",
    'DROP TABLE tm_runs',
    'CREATE TABLE x (a)',
    'CREATE TEMP TABLE x AS SELECT 1',
    'CREATE TEMP VIEW x AS SELECT * FROM main.tm_secrets',
    'DROP VIEW temp.shop_orders',
    "ATTACH '/tmp/x.db' AS x",
    'DETACH main',
    'PRAGMA query_only = OFF',
    'PRAGMA database_list',
    'PRAGMA user_version = 7',
    'BEGIN',
    'COMMIT',
    'SAVEPOINT x',
    'VACUUM',
    "VACUUM INTO '/tmp/copy.db'",
    'REINDEX',
    'ANALYZE',
    "SELECT load_extension('x')",
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE tm_runs',
    'SELECT 1; -- fine\n DELETE FROM tm_changes',
    'SELECT 1 /* ; */; /* ; */ SELECT 2',
    '',
    '   ',
    '-- nothing',
    ';',
  ])('is refused: %s', async (sql) => {
    const before = statSync(file.path)
    await expect(ask(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^sql_(refused|failed)$/) })
    expect(statSync(file.path).mtimeMs).toBe(before.mtimeMs)
    expect((await ours.changes()).length).toBe(5)
  })

  it('says which it was', async () => {
    await expect(ask('DELETE FROM tm_changes')).rejects.toMatchObject({ code: 'sql_refused', hint: expect.any(String) })
    await expect(ask('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: 'sql_refused' })
    await expect(ask('SELEKT 1')).rejects.toMatchObject({
      code: 'sql_failed',
      message: expect.stringContaining('Near "SELEKT"'),
    })
    await expect(ask('SELECT nobody FROM runs')).rejects.toMatchObject({
      code: 'sql_failed',
      message: expect.stringContaining('No such column: nobody'),
    })
  })

  it.each([
    'delete from shop_orders',
    '/* really */ -- yes\n DELETE FROM shop_orders',
    "insert into shop_orders (_key) values ('x')",
    "REPLACE INTO shop_orders (_key) VALUES ('x')",
    'update shop_orders set amount = 1',
    'WITH x AS (SELECT 1) DELETE FROM shop_orders',
    "WITH x AS (SELECT 1) UPDATE shop_orders SET title = ''",
    'drop table shop_orders',
    'create table x (a)',
    'pragma user_version',
    "attach '/tmp/x.db' as x",
    'end',
    'EXPLAIN SELECT * FROM shop_orders',
    'EXPLAIN DELETE FROM shop_orders',
  ])('is named so, whatever it would change: %s', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 'sql_refused', hint: expect.any(String) })
  })

  it.each(['', ';', ' -- nothing', '/* nothing */'])('is refused as empty: "%s"', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 'sql_refused', message: expect.stringContaining('empty') })
  })

  it('is told by its first word alone', async () => {
    expect(await rows("VALUES ('delete')")).toEqual([{ column1: 'delete' }])
    expect(await rows("SELECT 'drop' AS update_, 'x' AS \"delete\"")).toEqual([{ update_: 'drop', delete: 'x' }])
  })

  it('may end with semicolons and comments', async () => {
    expect(await rows('SELECT 1 AS a ;; -- the end\n /* really */ ;')).toEqual([{ a: 1 }])
  })
})

describe('limits', () => {
  const FOREVER = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n'

  it('end a statement that takes too long', async () => {
    await expect(ask(FOREVER, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'sql_timeout' })
  })

  it('end one that is already answering', async () => {
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
    await expect(ask(endless, { timeoutMs: 500, rowsMax: 1e9 })).rejects.toMatchObject({ code: 'sql_timeout' })
  })

  it('refuse more memory than any question needs', async () => {
    await expect(ask('SELECT length(zeroblob(900000000) || zeroblob(900000000))')).rejects.toMatchObject({
      code: 'sql_failed',
    })
  })

  it('do not stop others from writing meanwhile', async () => {
    const asking = ask(FOREVER, { timeoutMs: 800 })
    await ours.put({ state: { while: 'asking' } })
    await expect(asking).rejects.toMatchObject({ code: 'sql_timeout' })
  })
})

describe('the database', () => {
  it('is not made by asking', async () => {
    const database = join(file.folder, 'nothing.db')
    await expect(ask('SELECT 1', { database })).rejects.toMatchObject({ code: 'database_missing' })
  })

  it('must be Tidemark’s', async () => {
    await expect(ask('SELECT 1', { database: join(import.meta.dirname, 'console.test.ts') })).rejects.toMatchObject({
      code: 'database_unreadable',
    })
  })
})
