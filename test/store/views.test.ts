// Owns the contract's names in SQL, as a program sees them that knows nothing of Tidemark.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MINUTE, record, SHAPE, T0, update, World, walk } from '../conformance/world.ts'
import { SqliteFile } from './sqlite-file.ts'

let file: SqliteFile
let world: World

beforeEach(async () => {
  file = new SqliteFile()
  world = await new World(file, await file.connect(), 'default').begin()
})
afterEach(() => file.drop())

/** The values of one column, or of several as arrays. */
function column(sql: string): unknown[] {
  return file.query(sql).map((row) => {
    const values = Object.values(row)
    return values.length === 1 ? values[0] : values
  })
}

describe('the view of a stream', () => {
  it('shows live records with their columns, times as ISO text, and the raw text to the byte', async () => {
    await world.put({ inserts: [record('a')], at: T0 + 1 })
    expect(file.query('SELECT * FROM shop_orders')).toEqual([
      {
        _project: 'default',
        _connection: 'me',
        _key: 'a',
        title: 'Order a',
        amount: 10,
        price: 1.5,
        paid: 1,
        lines: '[1,2]',
        _first_seen_at: '2026-01-01T00:00:00.001Z',
        _updated_at: '2026-01-01T00:00:00.001Z',
        _removed_at: null,
        _removed_reason: null,
        _unavailable_since: null,
        _raw: record('a').raw,
      },
    ])
  })

  it('leaves tombstones to …_all', async () => {
    await world.insert('a', 'b')
    await world.remove('a', 1, { at: T0 + MINUTE })
    expect(column('SELECT _key FROM shop_orders')).toEqual(['b'])
    expect(column('SELECT _key, _removed_at, _removed_reason FROM shop_orders_all ORDER BY _key')).toEqual([
      ['a', '2026-01-01T00:01:00.000Z', 'not_listed'],
      ['b', null, null],
    ])
    expect(Object.keys(file.query('SELECT * FROM shop_orders_all')[0] ?? {})).toEqual(
      Object.keys(file.query('SELECT * FROM shop_orders')[0] ?? {}),
    )
  })

  it('names dashes as underscores, and shows all connections and projects', async () => {
    const shape = { ...SHAPE, connector: 'tiktok-shop', stream: 'order-lines' }
    const first = await new World(file, world.store, 'default').begin('first', shape)
    const second = await new World(file, world.store, 'lab').begin('second', shape)
    await first.insert('a')
    await second.insert('a', 'b')
    expect(column('SELECT _project, _connection, _key FROM tiktok_shop_order_lines ORDER BY 1, 2, 3')).toEqual([
      ['default', 'first', 'a'],
      ['lab', 'second', 'a'],
      ['lab', 'second', 'b'],
    ])
  })

  it('shows every version with what made it, the current one last', async () => {
    await world.insert('a')
    await world.put({ updates: [update('a', 1, 2)], at: T0 + 1, page: 4 })
    await world.remove('a', 2, { at: T0 + 2, page: 5 })
    await world.put({ updates: [update('a', 3, 3, { op: 'restore' })], at: T0 + 3, page: 6 })
    await world.insert('b')
    const versions = file.query('SELECT * FROM shop_orders_versions ORDER BY _key, _ordinal')
    expect(
      versions.map((row) => [row['_key'], row['_ordinal'], row['_op'], row['_reason'], row['_page'], row['amount']]),
    ).toEqual([
      ['a', 1, 'insert', null, 1, 10],
      ['a', 2, 'update', null, 4, 20],
      ['a', 3, 'remove', 'not_listed', 5, 20],
      ['a', 4, 'restore', null, 6, 30],
      ['b', 1, 'insert', null, 1, 10],
    ])
    expect(versions[2]).toMatchObject({
      _project: 'default',
      _connection: 'me',
      _at: '2026-01-01T00:00:00.002Z',
      _run: 'run-1',
    })
    expect(versions[0]?.['_raw']).toBe(record('a').raw)
  })

  it('shows new columns at once', async () => {
    await world.insert('a')
    const columns = [...SHAPE.columns, { name: 'note', type: 'text' } as const]
    await world.store.streams.define(world.connection.no, { ...SHAPE, version: '2', columns })
    expect(column('SELECT note FROM shop_orders')).toEqual([null])
    expect(column('SELECT note FROM shop_orders_all')).toEqual([null])
    expect(column('SELECT note FROM shop_orders_versions')).toEqual([null])
  })

  it('keeps integers beyond 64 bits as their digits', async () => {
    await world.put({ inserts: [record('a', 1, ['x', 18446744073709551615n, 1, 1, null])] })
    expect(column('SELECT CAST(amount AS TEXT) FROM shop_orders')).toEqual(['18446744073709551615'])
  })
})

describe('snapshots', () => {
  const snapshots = () => column('SELECT _key, _run, _at, amount FROM shop_orders_snapshots ORDER BY _key, _at')
  const put = (key: string, value: number | string | bigint | null, at = T0, day = '2026-01-01') =>
    world.put({ snapshots: [{ key, values: [value] }], at, day })

  it('keep one row per record and run, the last one written', async () => {
    await world.insert('a', 'b')
    await put('a', 1)
    await put('a', 2, T0 + 1)
    await put('b', null)
    await world.nextRun('run-2')
    await put('a', 3, T0 + 2)
    expect(snapshots()).toEqual([
      ['a', 'run-1', '2026-01-01T00:00:00.001Z', 2],
      ['a', 'run-2', '2026-01-01T00:00:00.002Z', 3],
      ['b', 'run-1', '2026-01-01T00:00:00.000Z', null],
    ])
  })

  it('keep the last of two in one batch', async () => {
    await world.insert('a')
    await world.put({ snapshots: [1, 2, 3].map((value) => ({ key: 'a', values: [value] })) })
    expect(snapshots()).toEqual([['a', 'run-1', '2026-01-01T00:00:00.000Z', 3]])
  })

  it('show the last run of each day in …_daily', async () => {
    await world.insert('a', 'b')
    await put('a', 1)
    await world.nextRun('run-2')
    await put('a', 2, T0 + 2)
    await put('b', 7, T0 + 2)
    await world.nextRun('run-3')
    await put('a', 5, T0 + 9, '2026-01-02')
    expect(column('SELECT _key, _day, _run, amount FROM shop_orders_daily ORDER BY _key, _day')).toEqual([
      ['a', '2026-01-01', 'run-2', 2],
      ['a', '2026-01-02', 'run-3', 5],
      ['b', '2026-01-01', 'run-2', 7],
    ])
    expect(column("SELECT _at FROM shop_orders_daily WHERE _key = 'a' AND _day = '2026-01-01'")).toEqual([
      '2026-01-01T00:00:00.002Z',
    ])
  })

  it('count a run that passes midnight where it ends', async () => {
    await world.insert('early', 'both', 'late')
    await put('early', 1)
    await put('both', 1)
    await put('both', 2, T0 + 1, '2026-01-02')
    await put('late', 3, T0 + 1, '2026-01-02')
    await put('both', 4, T0 + 2, '2026-01-03')
    expect(column('SELECT _key, _day, amount FROM shop_orders_daily ORDER BY _key')).toEqual([
      ['both', '2026-01-03', 4],
      ['early', '2026-01-01', 1],
      ['late', '2026-01-02', 3],
    ])
    expect(snapshots()).toHaveLength(3)
  })

  it('stay one per record and run when the clock is set back over midnight', async () => {
    await world.insert('back', 'there and back', 'after')
    await put('back', 1, T0, '2026-01-02')
    await put('back', 2, T0 + 1, '2026-01-01')
    await put('there and back', 3, T0 + 2, '2026-01-01')
    await put('there and back', 4, T0 + 3, '2026-01-03')
    await put('there and back', 5, T0 + 4, '2026-01-02')
    await put('after', 6, T0 + 5, '2026-01-01')
    expect(column('SELECT _key, _day, amount FROM shop_orders_daily ORDER BY _key')).toEqual([
      ['after', '2026-01-03', 6],
      ['back', '2026-01-02', 2],
      ['there and back', '2026-01-03', 5],
    ])
    expect(snapshots()).toHaveLength(3)
  })

  it('outlive the record', async () => {
    await world.insert('a')
    await put('a', 1)
    await world.remove('a', 1)
    expect(snapshots()).toHaveLength(1)
  })

  it('are not written by a stale batch', async () => {
    expect(await world.write({ snapshots: [{ key: 'a', values: [1] }], updates: [update('nobody', 1, 1)] })).toBe(
      'stale',
    )
    expect(snapshots()).toEqual([])
  })
})

describe('gaps', () => {
  const gaps = () => column('SELECT stream, pass, walk, ended, note FROM gaps ORDER BY walk')

  it('are walks that are not closed, also while a run is at it', async () => {
    await world.put({ walks: [walk(1, { ended: 'budget', note: 'read down to #7' })] })
    expect(gaps()).toHaveLength(1)
    await world.finishRun({ status: 'incomplete' })
    expect(gaps()).toEqual([['orders', 'newestFirst', 1, 'budget', 'read down to #7']])
    expect(file.query('SELECT * FROM gaps')[0]).toMatchObject({
      _project: 'default',
      connection: 'me',
      run: 'run-1',
      pages: 1,
    })
    world.run = await world.openRun('run-2')
    await world.put({ walks: [walk(1)] })
    expect(gaps()).toHaveLength(1)
    await world.put({ walks: [walk(1, { closedAt: T0, ended: 'exhausted' })] })
    await world.finishRun()
    expect(gaps()).toEqual([])
  })

  it('are what a crashed run left, at once', async () => {
    await world.finishRun({
      streams: [
        {
          streamNo: world.stream.no,
          succeeded: true,
          full: false,
          records: 0,
          coverage: { kind: 'complete', note: '' },
        },
      ],
    })
    world.run = await world.openRun('run-2')
    await world.put({ walks: [walk(1)] })
    expect(gaps()).toHaveLength(1)
    const coverage = () => column('SELECT coverage, coverage_note FROM streams')
    expect(coverage()).toEqual([['gap', 'from the newest to #100']])
    await world.put({ walks: [walk(1, { closedAt: T0, ended: 'exhausted' })] })
    expect(coverage()).toEqual([['complete', '']])
  })

  it('are also streams that say they lack something without a walk to show for it', async () => {
    const coverage = { kind: 'gap', note: 'the source has 100, 90 were read' } as const
    await world.finishRun({
      streams: [{ streamNo: world.stream.no, succeeded: false, full: false, records: 90, coverage }],
    })
    expect(gaps()).toEqual([['orders', null, null, null, 'the source has 100, 90 were read']])
    world.run = await world.openRun('run-2')
    await world.put({ walks: [walk(1, { ended: 'limit' })] })
    await world.finishRun()
    expect(gaps()).toEqual([['orders', 'newestFirst', 1, 'limit', 'from the newest to #100']])
  })
})

describe('quarantine', () => {
  const bad = { key: 'a' as string | null, index: 3, raw: '{"id":"a"', code: 'shape', message: 'title is missing' }
  const rows = () => column('SELECT _key, code, message, times, _raw FROM quarantine ORDER BY _key')

  it('keeps what could not be read once, with how often it came', async () => {
    await world.put({ quarantine: [bad, { ...bad, key: null, raw: 'x' }], at: T0, page: 2 })
    await world.put({
      quarantine: [{ ...bad, message: 'still missing' }],
      at: T0 + MINUTE,
      page: 9,
    })
    expect(rows()).toEqual([
      [null, 'shape', 'title is missing', 1, 'x'],
      ['a', 'shape', 'still missing', 2, '{"id":"a"'],
    ])
    expect(file.query("SELECT * FROM quarantine WHERE _key = 'a'")[0]).toMatchObject({
      _connection: 'me',
      stream: 'orders',
      run: 'run-1',
      page: 9,
      first_at: '2026-01-01T00:00:00.000Z',
      at: '2026-01-01T00:01:00.000Z',
      superseded_at: null,
    })
  })

  it('tells since when a text is superseded', async () => {
    const texts = () => column('SELECT _key, superseded_at, _raw FROM quarantine ORDER BY _key, at')
    await world.put({ quarantine: [bad, { ...bad, key: 'other' }] })
    await world.put({ quarantine: [{ ...bad, raw: '{"id":"a","v":2' }], at: T0 + MINUTE })
    expect(texts()).toEqual([
      ['a', '2026-01-01T00:01:00.000Z', '{"id":"a"'],
      ['a', null, '{"id":"a","v":2'],
      ['other', null, '{"id":"a"'],
    ])
    const reads = [{ key: 'a', raw: '{"id":"a","v":2', order: null, askedAt: T0 + MINUTE, settles: true }]
    await world.put({ inserts: [record('a')], reads, at: T0 + 2 * MINUTE })
    expect(texts()).toEqual([
      ['a', '2026-01-01T00:01:00.000Z', '{"id":"a"'],
      ['other', null, '{"id":"a"'],
    ])
  })
})

describe('held_removals', () => {
  const held = () => column('SELECT _key, reason, run FROM held_removals ORDER BY _key')

  it('wait by stream, added to or replaced', async () => {
    await world.insert('a', 'b', 'c')
    await world.put({ hold: { reason: 'too many', keys: ['a', 'b'], replace: true } })
    await world.put({ hold: { reason: 'too many', keys: ['c'], replace: false } })
    expect(held()).toEqual(['a', 'b', 'c'].map((key) => [key, 'too many', 'run-1']))
    await world.nextRun('run-2')
    await world.put({ hold: { reason: 'half of all', keys: ['b'], replace: true } })
    expect(held()).toEqual([['b', 'half of all', 'run-2']])
    await world.put({ hold: { reason: '', keys: [], replace: true } })
    expect(held()).toEqual([])
  })

  it('wait no longer when the record is removed', async () => {
    await world.insert('a', 'b')
    await world.put({ hold: { reason: 'too many', keys: ['a', 'b'], replace: true } })
    await world.remove('a', 1)
    expect(held()).toEqual([['b', 'too many', 'run-1']])
  })

  it('of another stream stay', async () => {
    const other = await new World(file, world.store, 'default').begin('other')
    await other.put({ hold: { reason: 'theirs', keys: ['z'], replace: true } })
    await world.put({ hold: { reason: '', keys: [], replace: true } })
    expect(column('SELECT _connection, _key FROM held_removals')).toEqual([['other', 'z']])
  })
})

describe('the system’s views', () => {
  const request = {
    at: T0,
    method: 'GET',
    url: '/orders',
    status: 200,
    bytes: 10,
    ms: 1.6,
    attempt: 1,
    outcome: 'ok',
    billedItems: 2,
  }

  it('show runs with the sums of their passes', async () => {
    const pass = { ordinal: 0, kind: 'newestFirst', ended: 'met-anchored', pages: 1, requests: 1 } as const
    await world.put({ pass, counts: { fetched: 3, inserted: 2 }, requests: [request] })
    await world.put({ pass: { ...pass, ordinal: 1, kind: 'fullPass' }, counts: { fetched: 4, unchanged: 4 } })
    await world.finishRun({
      status: 'failed',
      error: { code: 'boom', message: 'it broke', hint: null, verdict: 'stop' },
      notes: ['n'],
    })
    expect(file.query('SELECT * FROM runs')).toMatchObject([
      {
        _project: 'default',
        connection: 'me',
        id: 'run-1',
        mode: 'auto',
        status: 'failed',
        started_at: '2026-01-01T00:00:00.000Z',
        finished_at: '2026-01-01T00:01:00.000Z',
        fetched: 7,
        inserted: 2,
        unchanged: 4,
        snapshots: 0,
        requests: 1,
        billed_items: 2,
        cost: null,
        error_code: 'boom',
        error_message: 'it broke',
        notes: '["n"]',
      },
    ])
  })

  it('show every request, those of no page too', async () => {
    await world.put({ requests: [request, { ...request, attempt: 2, status: 0, outcome: 'network' }] })
    await world.finishRun({ requests: [{ ...request, url: '/last' }] })
    expect(
      column('SELECT _connection, stream, run, at, url, status, ms, attempt, outcome, billed_items FROM requests'),
    ).toEqual([
      ['me', 'orders', 'run-1', '2026-01-01T00:00:00.000Z', '/orders', 200, 2, 1, 'ok', 2],
      ['me', 'orders', 'run-1', '2026-01-01T00:00:00.000Z', '/orders', 0, 2, 2, 'network', 2],
      ['me', null, 'run-1', '2026-01-01T00:00:00.000Z', '/last', 200, 2, 1, 'ok', 2],
    ])
  })

  it('show the feed', async () => {
    await world.insert('a')
    await world.put({ updates: [update('a', 1, 2)] })
    expect(column('SELECT seq, connection, stream, key, op, run, ordinal FROM changes ORDER BY seq')).toEqual([
      [1, 'me', 'orders', 'a', 'insert', 'run-1', 1],
      [2, 'me', 'orders', 'a', 'update', 'run-1', 2],
    ])
  })

  it('show streams with everything that sync_metadata had', async () => {
    await world.put({ inserts: [record('a'), record('b')], at: T0 + 5 })
    const coverage = { kind: 'complete', note: 'all of it' } as const
    await world.finishRun({
      streams: [{ streamNo: world.stream.no, succeeded: true, full: true, records: 2, coverage }],
    })
    expect(file.query('SELECT * FROM streams')).toEqual([
      {
        _project: 'default',
        _connection: 'me',
        connection: 'me',
        stream: 'orders',
        connector: 'shop',
        last_run_at: '2026-01-01T00:01:00.000Z',
        last_success_at: '2026-01-01T00:01:00.000Z',
        last_full_at: '2026-01-01T00:01:00.000Z',
        runs_since_full: 0,
        last_record_at: '2026-01-01T00:00:00.005Z',
        last_mode: 'auto',
        last_records: 2,
        total_records: 2,
        next_run_at: null,
        coverage: 'complete',
        coverage_note: 'all of it',
        held: 0,
        quarantined: 0,
        unconfirmed: 0,
      },
    ])
  })
})

describe('names', () => {
  it.each([
    ['another connector’s stream', 'shop', 'orders', 'shop-orders', 'all'],
    ['a view beside another stream', 'shop', 'orders', 'shop', 'orders_versions'],
    ['the same name by another way', 'my-shop', 'list', 'my', 'shop_list'],
    ['a view of the system', undefined, undefined, 'held', 'removals'],
  ])('refuses a stream that would take the name of %s', async (_what, connector, stream, newConnector, newStream) => {
    if (connector && stream)
      await new World(file, world.store, 'default').begin('first', { ...SHAPE, connector, stream })
    const shape = { ...SHAPE, connector: newConnector, stream: newStream }
    const before = column('SELECT name FROM sqlite_schema ORDER BY name')
    await expect(world.store.streams.define(world.connection.no, shape)).rejects.toMatchObject({
      code: 'name_taken',
    })
    expect(column('SELECT name FROM sqlite_schema ORDER BY name')).toEqual(before)
  })

  it.each([
    ['tm', 'runs'],
    ['sqlite', 'schema'],
    ['1st', 'orders'],
    ['shop', 'orders; drop'],
    ['shop"', 'orders'],
  ])('refuses %s/%s, which can be no table', async (connector, stream) => {
    const shape = { ...SHAPE, connector, stream }
    await expect(world.store.streams.define(world.connection.no, shape)).rejects.toMatchObject({
      code: 'shape_conflict',
    })
  })
})

describe('plans', () => {
  const plan = (sql: string) =>
    column(`EXPLAIN QUERY PLAN ${sql}`)
      .map((row) => String((row as unknown[])[3]))
      .join('; ')

  beforeEach(async () => {
    await new World(file, world.store, 'default').begin('other')
    await world.insert('a')
  })

  it('find a key through the index, without being told the connection', () => {
    for (const view of [
      'shop_orders',
      'shop_orders_all',
      'shop_orders_versions',
      'shop_orders_snapshots',
      'shop_orders_daily',
    ]) {
      const found = plan(`SELECT * FROM ${view} WHERE _key = 'a'`)
      expect(found).toMatch(/SEARCH r USING (COVERING )?INDEX tm_rk_shop_orders/)
      expect(found).not.toMatch(/SCAN (r|n)\b/)
    }
  })

  it('count records without looking at them', () => {
    expect(plan('SELECT count(*) FROM shop_orders')).toBe(
      'SCAN tm_r_shop_orders USING COVERING INDEX tm_rk_shop_orders',
    )
  })

  it('read a day’s values in the order of the table', () => {
    expect(plan('SELECT * FROM shop_orders_daily')).not.toContain('TEMP B-TREE')
  })
})
