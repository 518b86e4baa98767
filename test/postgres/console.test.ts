// Owns the proof that a person's SQL reads everything of its project, and nothing else whatever it tries: over
// PostgreSQL, whose tables, functions and types reach further than SQLite's.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { runSql, type SqlRequest } from '../../src/store/console.ts'
import { selectRows } from '../../src/store/postgres/console.ts'
import { record, SHAPE, update, World } from '../conformance/world.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

/** Words that stand in every row of the other project and nowhere else. */
const CANARY = 'canary'

const ODD_NAMES = [
  'rowid',
  'oid',
  'ctid',
  'xmin',
  'tableoid',
  'true',
  'tm_runs',
  'tm_r_odd_names',
  'regclass',
  'pg_read',
  'select',
]
const ODD = { connector: 'odd', stream: 'names', version: '1', metrics: [] } as const
const textColumn = (name: string) => ({ name, type: 'text' as const })

withPostgres('tidemark sql over PostgreSQL', () => {
  let database: PostgresDatabase
  const ask = (sql: string, more: Partial<SqlRequest> = {}) =>
    runSql({ database: database.url(), project: 'default', sql, ...more })

  /** The same without a process of its own, which would only cost time. */
  const select = async (sql: string, project = 'default') => {
    const order = { database: database.url(), project, sql, rowsMax: 1_000, timeoutMs: 120_000 }
    let columns: readonly string[] = []
    const rows: Record<string, unknown>[] = []
    await selectRows(order, {
      columns: (names) => (columns = names),
      row: (values) => void rows.push(Object.fromEntries(columns.map((name, i) => [name, values[i]]))),
    })
    return rows
  }

  beforeAll(async () => {
    database = await PostgresDatabase.empty()
    const store = await database.connect()
    const ours = await new World(database, store, 'default').begin()
    await ours.put({ inserts: [record('a'), record('b', 1, ['B', 18446744073709551615n, 0.5, 1, '{}']), record('c')] })
    await ours.put({ updates: [update('a', 1, 2)], snapshots: [{ key: 'a', values: [20] }] })
    await ours.remove('c', 1)
    const theirs = await new World(database, store, 'lab').begin(CANARY)
    await theirs.put({ inserts: [record(CANARY, 1, [CANARY, 666, 1, 1, null])] })
    await theirs.put({ quarantine: [{ key: null, index: 0, raw: CANARY, code: CANARY, message: CANARY }] })
    const only = await new World(database, store, 'lab').begin('only', { ...SHAPE, connector: 'theirs' })
    await only.insert(CANARY)
    await store.secrets.save(ours.connection.no, [{ name: 'token', version: 1, sealed: Buffer.from(CANARY) }])
    await database.query(
      `CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM tm_secrets'`,
    )
    const odd = await new World(database, store, 'odd').begin('me', { ...ODD, columns: ODD_NAMES.map(textColumn) })
    await odd.put({ inserts: [record('a', 1, ODD_NAMES)] })
    for (const schema of ['elsewhere', 'Ärzte', 'x'.repeat(63)]) {
      await database.query(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".things (pin integer)`)
    }
  })
  afterAll(() => database?.destroy())

  it('answers with columns and rows, and integers of any size', async () => {
    expect(await ask('SELECT _key, amount AS n, _removed_at FROM shop_orders ORDER BY _key')).toEqual({
      columns: ['_key', 'n', '_removed_at'],
      rows: [
        { _key: 'a', n: 20, _removed_at: null },
        { _key: 'b', n: '18446744073709551615', _removed_at: null },
      ],
      truncated: false,
    })
  })

  const ANSWERS: Readonly<Record<string, readonly [sql: string, rows: unknown]>> = {
    'what follows a statement and is none': ['SELECT 1 AS a; -- done', [{ a: 1 }]],
    'a text with a semicolon and a comment': [`SELECT ';--' AS a`, [{ a: ';--' }]],
    'tombstones and versions': [
      'SELECT _op, count(*) AS n FROM shop_orders_versions GROUP BY 1 ORDER BY 1',
      [
        { _op: 'insert', n: 3 },
        { _op: 'remove', n: 1 },
        { _op: 'update', n: 1 },
      ],
    ],
    snapshots: [`SELECT _key, _day, amount FROM "shop_orders_daily"`, [{ _key: 'a', _day: '2026-01-01', amount: 20 }]],
    'a common table expression over system tables': [
      'WITH r AS (SELECT id FROM runs) SELECT r.id, s.total_records AS n FROM r, streams s',
      [{ id: 'run-1', n: 2 }],
    ],
    'averages as numbers': [
      'SELECT avg(price) AS p, round(avg(price)::numeric, 1) AS q FROM shop_orders',
      [{ p: 1.5, q: 1.5 }],
    ],
    'fractions with all their digits, and what is no number, as text': [
      "SELECT 12345678901234567890.25 AS a, 0.1 AS b, 1.50 AS c, 'NaN'::numeric AS d, 1.0 / 3 AS f",
      [{ a: '12345678901234567890.25', b: 0.1, c: 1.5, d: 'NaN', f: '0.33333333333333333333' }],
    ],
    'JSON of the source': [
      `SELECT (_raw::json ->> 'revision')::int AS n FROM shop_orders WHERE _key = 'a'`,
      [{ n: 2 }],
    ],
  }
  for (const [name, [sql, rows]] of Object.entries(ANSWERS)) {
    it(`answers: ${name}`, async () => {
      expect(await select(sql)).toEqual(rows)
    })
  }

  it('tells two columns of one name apart', async () => {
    expect((await ask('SELECT 1 AS a, 2 AS a')).rows).toEqual([{ a: 1, 'a:1': 2 }])
  })

  it('refuses a statement that says nothing', async () => {
    await expect(ask(' ; -- nothing')).rejects.toMatchObject({ code: 'sql_refused' })
  })

  it('gives so many rows as were asked for, and says that there are more', async () => {
    const { rows, truncated } = await ask('SELECT generate_series(1, 1000000) AS n', { rowsMax: 250 })
    expect([rows.length, truncated]).toEqual([250, true])
    expect((await ask('SELECT generate_series(1, 250)', { rowsMax: 250 })).truncated).toBe(false)
  })

  it('ends a statement that takes too long, and the server does not go on with it', async () => {
    const endless = 'SELECT count(*) FROM generate_series(1, 1000000000) a, generate_series(1, 1000) b'
    await expect(ask(endless, { timeoutMs: 1_500 })).rejects.toMatchObject({ code: 'sql_timeout' })
    const running = async () =>
      (await database.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'FETCH%'`)).length
    await expect.poll(running).toBe(0)
  })

  it('tells what is wrong in the words of the database', async () => {
    await expect(select('SELECT nothing FROM shop_orders')).rejects.toMatchObject({
      code: 'sql_failed',
      message: /nothing/,
    })
    await expect(select('SELECT FROM WHERE')).rejects.toMatchObject({ code: 'sql_failed', message: /syntax/ })
    await expect(select('SELECT 1 / 0')).rejects.toMatchObject({ code: 'sql_failed', message: /division/ })
  })

  const REFUSED: readonly string[] = [
    'DELETE FROM shop_orders',
    'DROP VIEW runs',
    'SELECT 1; SELECT 2',
    'SELECT 1) ; DROP TABLE tm_runs; SELECT (1',
    'WITH x AS (DELETE FROM shop_orders RETURNING 1) SELECT * FROM x',
    'SELECT * INTO stolen FROM shop_orders',
    'EXPLAIN SELECT 1',
    "COPY (SELECT 1) TO PROGRAM 'id'",
    'SELECT * FROM tm_secrets',
    'TABLE tm_streams',
    'SELECT * FROM public.tm_r_shop_orders',
    'SELECT * FROM public.shop_orders',
    'SELECT * FROM theirs_orders',
    'SELECT * FROM U&"tm\\005fsecrets"',
    'SELECT * FROM pg_class',
    'SELECT * FROM information_schema.tables',
    'SELECT (SELECT count(*) FROM tm_streams)',
    'SELECT 1 FROM runs WHERE EXISTS (SELECT 1 FROM pg_authid)',
    "SELECT query_to_xml('SELECT * FROM tm_secrets', true, true, '')",
    "SELECT table_to_xml('tm_secrets', true, true, '')",
    "SELECT * FROM ts_stat('SELECT to_tsvector(raw) FROM tm_quarantine')",
    "SELECT pg_read_file('/etc/passwd')",
    'SELECT pg_sleep(1)',
    "SELECT set_config('search_path', 'x', false)",
    'SELECT pg_terminate_backend(1)',
    "SELECT lo_import('/etc/passwd')",
    "SELECT nextval('tm_runs_no_seq')",
    'SELECT leak()',
    'SELECT public.leak()',
    "SELECT 'tm_secrets'::regclass",
    'SELECT _key::regclass FROM shop_orders',
    'SELECT pg_get_viewdef(oid) FROM runs, (VALUES (1::oid)) AS v(oid)',
    "SELECT current_setting('data_directory')",
    'SELECT * FROM shop_orders FOR UPDATE',
    'SELECT (null::tm_secrets).*',
    'SELECT (null::public.tm_secrets).*',
    'SELECT (null::theirs_orders).*',
    'SELECT (null::public.theirs_orders).*',
    'SELECT (null::"public".theirs_orders).*',
    'SELECT (null::pg_authid).*',
    'SELECT (array[]::pg_authid[])[1]',
    'SELECT row_to_json(null::tm_secrets)',
    "SELECT json_populate_record(null::public.tm_secrets, '{}')",
    "SELECT * FROM json_to_record('{}') AS x(a public.tm_secrets)",
    'SELECT row(1, 2)::public.tm_secrets',
    'SELECT public.theirs_orders._key FROM shop_orders',
    'SELECT null::information_schema.sql_identifier',
    'SELECT format_type(g, null) FROM generate_series(16384, 30000) g',
    "SELECT row_to_json(record_in('()'::cstring, 16400, -1))",
    "SELECT row_security_active('tm_secrets')",
    "SELECT 'theirs_orders'::regclass::text",
    'SELECT pg_typeof(1)::oid',
  ]
  it.each(REFUSED)('refuses %j', async (sql) => {
    const answer = await select(sql).catch((error: unknown) => error)
    expect(answer).toMatchObject({ code: expect.stringMatching(/^sql_(?:refused|failed)$/) as string })
    expect(JSON.stringify(answer)).not.toContain(CANARY)
  })

  it('is refused with a NUL in it, which would end the connection', async () => {
    for (const sql of ['SELECT 1\0', "SELECT 'a\0b' AS x", '\0', 'SELECT 1 --\0'])
      await expect(ask(sql)).rejects.toMatchObject({ code: 'sql_refused', verdict: 'stop' })
  })

  it('names columns as they are declared, whatever a database calls so', async () => {
    const list = ODD_NAMES.map((name) => (/^(?:select|true)$/.test(name) ? `"${name}"` : name)).join(', ')
    const named = Object.fromEntries(ODD_NAMES.map((name) => [name, name]))
    const sql = `SELECT ${list} FROM odd_names WHERE tm_runs = 'tm' || '_runs' ORDER BY ctid`
    expect(await select(sql, 'odd')).toEqual([named])
    expect(await select('SELECT (o).xmin FROM odd_names o', 'odd')).toEqual([{ xmin: 'xmin' }])
    for (const reaching of ['SELECT tm_runs FROM tm_streams', 'SELECT id FROM tm_runs', "SELECT 'tm_runs'::regclass"]) {
      await expect(select(reaching, 'odd')).rejects.toHaveProperty(
        'code',
        expect.stringMatching(/^sql_(?:refused|failed)$/),
      )
    }
  })

  it.each([
    'SELECT (null::NAME).*',
    'SELECT (null::NAME).nothing',
    'SELECT (null::NAME[])[1]',
    'SELECT cast(null AS NAME)',
    "SELECT NAME '(1)'",
    'SELECT row(1)::NAME',
    'SELECT * FROM NAME',
    'TABLE NAME',
    'SELECT nothing FROM NAME',
    'SELECT things FROM NAME',
    'SELECT NAME.nothing FROM shop_orders',
    'SELECT row_to_json(x) FROM NAME x',
    "SELECT * FROM json_to_record('{}') AS x(a NAME)",
    "SELECT JSON_SERIALIZE('{}' RETURNING NAME)",
    'SELECT NAME(1)',
    'SELECT 1 AS elsewhere FROM NAME AS elsewhere(nothing, more)',
  ])('does not tell what another schema has: %s', async (sql) => {
    const long = 'x'.repeat(70)
    for (const schema of ['elsewhere', 'ELSEWHERE', '"elsewhere"', 'Ärzte', long, `"${long}"`]) {
      const complaint = async (name: string) => {
        const text = sql.replaceAll('NAME', `${schema}.${name}`)
        const error: unknown = await select(text).catch((thrown: unknown) => thrown)
        return JSON.stringify([(error as { code: string }).code, (error as Error).message])
      }
      const told = await complaint('things')
      expect(told).toContain('sql_refused')
      expect(told).toBe(await complaint('nothing'))
    }
  })

  it('says of an alias with the name of a schema that it needs another one', async () => {
    await expect(select('SELECT public._key FROM shop_orders public')).rejects.toMatchObject({
      code: 'sql_refused',
      message: expect.stringContaining('names the schema "public"; where that is an alias of yours'),
    })
    expect(await select('SELECT public AS public FROM (SELECT 1 AS public) x')).toHaveLength(1)
  })

  it('shows nothing of another project in any of its tables', async () => {
    for (const name of [
      'shop_orders',
      'shop_orders_all',
      'shop_orders_versions',
      'shop_orders_snapshots',
      'shop_orders_daily',
      'runs',
      'gaps',
      'quarantine',
      'held_removals',
      'requests',
      'changes',
      'streams',
    ]) {
      expect(JSON.stringify(await select(`SELECT * FROM ${name}`))).not.toContain(CANARY)
    }
    expect(await select('SELECT count(*) AS n FROM quarantine', 'lab')).toEqual([{ n: 1 }])
  })

  it('leaves nothing behind', async () => {
    const before = await database.query('SELECT count(*) AS n FROM pg_class')
    await select('SELECT * FROM runs')
    expect(await database.query('SELECT count(*) AS n FROM pg_class')).toEqual(before)
  })
})
