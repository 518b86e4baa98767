// Owns the promises that only a server can break: sessions that wait for each other, connections that are lost, roles,
// schemas that others use as well, and names that are too long.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { Connection } from '../../src/store/postgres/connection.ts'
import { addressOf } from '../../src/store/postgres/url.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import type { Claim, Store } from '../../src/store/store.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { HOLDER, MINUTE, record, SHAPE, T0, update, World } from '../conformance/world.ts'
import { PASSWORD } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { CuttingProxy } from './cutting-proxy.ts'

const open = (url: string, more: object = {}) => openPostgresStore({ url, clock: fixedClock(), ...more })

withPostgres('a database in use', () => {
  let database: PostgresDatabase
  let world: World
  beforeEach(async () => {
    database = await PostgresDatabase.open()
    world = await new World(database, await database.connect(), 'default').begin()
  })
  afterEach(() => database.drop())

  it('orders keys by their bytes, whatever language it sorts by', async () => {
    const keys = [
      'ä',
      'a',
      'B',
      'b',
      'A',
      'z',
      'Z',
      '_',
      '-',
      '1',
      '10',
      '2',
      'ß',
      'é',
      '\u{1f600}',
      '\uffee',
      '\0',
      '\u0001',
      '',
    ]
    await world.insert(...keys)
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const rows = await world.store.records.list({ streamNo: world.stream.no, limit: 99 })
    expect(rows.map(({ _key }) => _key)).toEqual(sorted)
    const query = { streamNo: world.stream.no, walk: 1, after: 'Z', limit: 99 }
    expect((await world.store.walks.unseen(query)).map(({ key }) => key)).toEqual(sorted.slice(sorted.indexOf('Z') + 1))
    // The database itself sorts otherwise.
    const [row] = await database.query(`SELECT 'B' < 'a' AS by_bytes`)
    expect(row).toEqual({ by_bytes: false })
  })

  it('gives a lease to one of many sessions that ask at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    const claim = (id: string): Claim => ({ resource: 'r', holder: { ...HOLDER, id }, now: T0, expiresAt: T0 + MINUTE })
    const answers = await Promise.all(
      stores.flatMap((store, i) => [1, 2, 3, 4, 5].map((n) => store.leases.claim(claim(`${i}-${n}`)))),
    )
    expect(answers.filter((answer) => 'lease' in answer)).toHaveLength(1)
    const holders = answers.flatMap((answer) => ('heldBy' in answer ? [answer.heldBy.holder.id] : []))
    expect(new Set(holders).size).toBe(1)
  })

  it('never grants more than a limit, however many sessions reserve at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    const take = (store: Store) => store.limits.reserve({ key: 'k', capacity: 10, perMs: 1_000, want: 3, now: T0 })
    const granted = (await Promise.all([...stores, ...stores, ...stores].map(take))).map((answer) => answer.granted)
    expect(granted.reduce((sum, n) => sum + n, 0)).toBe(10)
    const spend = (store: Store) => store.budgets.spend({ key: 'b', max: 5, perMs: 60_000, want: 2, now: T0 })
    const spent = (await Promise.all([...stores, ...stores].map(spend))).map((answer) => answer.granted)
    expect(spent.reduce((sum, n) => sum + n, 0)).toBe(5)
  })

  it('numbers the feed without a gap when connections write at once', async () => {
    const others = await Promise.all(
      ['b', 'c', 'd'].map(async (id) => new World(database, await database.connect(), 'default').begin(id)),
    )
    const writers = [world, ...others]
    await Promise.all(
      writers.map(async (writer) => {
        for (let i = 0; i < 10; i++) await writer.insert(`${i}-a`, `${i}-b`)
      }),
    )
    const changes = await world.changes()
    expect(changes.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1))
    expect((await Promise.all(writers.map((writer) => writer.total()))).join()).toBe('20,20,20,20')
  })

  it('lets one of many writers of the same records win, also those without a lease, and none of them stop another', async () => {
    await world.insert('a', 'b', 'c')
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    let won = 0
    const write = async (store: Store, n: number): Promise<void> => {
      for (let i = 0; i < 8; i++) {
        const keys = n % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a']
        const heads = await store.records.look(world.stream.no, keys)
        const updates = keys.map((key) => update(key, heads.get(key)?.ordinal ?? 0, n * 100 + i))
        const answer = await store.checkpoint(world.batch({ updates, ...(n > 0 ? { lease: null } : {}) }))
        won += answer === 'written' ? 1 : 0
      }
    }
    await Promise.all(stores.map(write))
    expect(won).toBeGreaterThanOrEqual(8)
    const heads = await world.store.records.look(world.stream.no, ['a', 'b', 'c'])
    expect([...heads.values()].map(({ ordinal }) => ordinal)).toEqual([won + 1, won + 1, won + 1])
    expect(await world.history('a')).toHaveLength(won + 1)
    expect((await world.store.feed.bounds('default')).seq).toBe(3 + 3 * won)
  })

  it('makes a connection, a project and a stream once, whoever makes it at the same time', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    const begun = await Promise.all(
      stores.map(async (store) => {
        await store.projects.ensure({ id: 'lab', timezone: 'UTC', at: T0 })
        const asked = { connector: 'shop', connectorVersion: '1', options: {}, webhookSecret: 'x', at: T0 }
        const { no } = await store.connections.save({ project: 'lab', id: 'new', ...asked })
        const { no: streamNo } = await store.streams.define(no, { ...SHAPE, stream: 'returns' })
        return `${no} ${streamNo}`
      }),
    )
    expect(new Set(begun).size).toBe(1)
  })

  it('tells a writer that waits too long for a lock to try again', async () => {
    await world.insert('a')
    const plain = database.query(`BEGIN; LOCK TABLE tm_leases; SELECT pg_sleep(300); COMMIT`).catch(() => [])
    await expect.poll(() => database.query(`SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock'`)).not.toEqual([])
    const error = await world.write({ inserts: [record('b')] }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'database_busy', verdict: 'retry' })
    await database.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'`)
    await plain
    expect(await world.write({ inserts: [record('b')] })).toBe('written')
  })

  it('tells whoever finds all connections of the process at work to try again', async () => {
    const address = addressOf(database.url())
    const db = new Connection(address, { sleep: async () => {} }, { max: 1, connectionTimeoutMillis: 50 })
    const held = db.run('SELECT pg_sleep(300)').catch(() => {})
    await expect(db.get('SELECT 1')).rejects.toMatchObject({ code: 'database_busy', verdict: 'retry' })
    await database.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`)
    await held
    expect(await db.value('SELECT 1')).toBe(1)
    await db.close()
  })

  it.each(['prune', 'purge'] as const)('begins again where it and a page wait for each other: %s', async (what) => {
    const { store, connection, lease } = world
    const text = (key: string) => ({ key, index: 0, code: 'record_invalid' as const, message: 'No.', raw: `"${key}"` })
    const forget = () =>
      what === 'prune'
        ? store.history.prune({ project: 'default', what: 'versions', before: T0 + MINUTE, limit: 9 })
        : store.connections.purge({ lease, leaseUntil: 0, connectionNo: connection.no, limit: 4 })
    // What a page does that shows these rows again, in its own order.
    const lock = (key: string) => `UPDATE tm_quarantine SET times = times + 1 WHERE key = '${key}'`
    const isAwaited = 'EXISTS (SELECT FROM pg_locks WHERE NOT granted)'
    const wait = `DO $$ BEGIN WHILE NOT ${isAwaited} LOOP PERFORM pg_sleep(0.01); END LOOP; END $$`
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`
    // In one of the two orders they hold what the other one wants.
    for (const [first, last] of [
      ['b', 'a'],
      ['a', 'b'],
    ] as const) {
      await world.put({ quarantine: [text('a'), text('b')] })
      await database.query('UPDATE tm_quarantine SET superseded_at = at')
      const locks = `${lock(first)}; ${wait}; ${lock(last)}`
      const page = database.query(`BEGIN; SET LOCAL deadlock_timeout = '100s'; ${locks}; COMMIT`)
      await expect.poll(() => database.query(waits)).toHaveLength(1)
      expect(await forget()).toBeGreaterThanOrEqual(2)
      await page
      expect(await database.query('SELECT * FROM tm_quarantine')).toEqual([])
    }
    const deadlocks = 'SELECT deadlocks > 0 AS met FROM pg_stat_database WHERE datname = current_database()'
    await expect.poll(() => database.query(deadlocks), { timeout: 5_000 }).toEqual([{ met: true }])
  })

  it('goes on with a new connection when the server has ended the old ones', async () => {
    await world.insert('a')
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'tidemark'`)
    expect((await world.head('a'))?.ordinal).toBe(1)
    await world.put({ updates: [update('a', 1, 2)] })
    expect(await world.history('a')).toHaveLength(2)
  })

  it('leaves views of other people that stand on its own when a stream grows', async () => {
    await database.query(
      'CREATE SCHEMA reports; CREATE VIEW reports.big AS SELECT title, _raw FROM shop_orders WHERE amount > 1',
    )
    const wider = { ...SHAPE, version: '2', columns: [{ name: 'note', type: 'text' as const }, ...SHAPE.columns] }
    world.stream = await world.store.streams.define(world.connection.no, wider)
    await world.put({ inserts: [record('a', 1, ['n', 't', 5, 1, 1, null])] })
    expect(await database.query('SELECT title FROM reports.big')).toEqual([{ title: 't' }])
    expect(await database.query('SELECT note FROM shop_orders')).toEqual([{ note: 'n' }])
    await database.query('DROP SCHEMA reports CASCADE')
  })

  it('reads of a stream only what a page is about, also when the server knows nothing of its tables yet', async () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => `k${(i * 7_919) % 5_003}`)
    await world.insert(...keys)
    await database.close()
    const read = async () => {
      // A session tells what it has read when it ends.
      const sessions = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'tidemark' AND datname = current_database()`
      await expect.poll(() => database.query(sessions)).toEqual([])
      const [row] = await database.query(`SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS n
        FROM pg_stat_user_tables WHERE relname ~ '^tm_(?:[rtvs]_|seen)'`)
      return Number(row?.['n'])
    }
    const before = await read()
    const again = new World(database, await database.connect(), 'default')
    Object.assign(again, { stream: world.stream, lease: world.lease, run: world.run })
    await again.store.records.look(again.stream.no, keys.slice(0, 100))
    await again.put({
      updates: keys.slice(0, 100).map((key) => update(key, 1, 2)),
      touches: keys.slice(100, 200).map((key) => ({ key, expect: 1, walk: 1 })),
      removals: keys.slice(200, 300).map((key) => ({ key, expect: 1, reason: 'gone' })),
      inserts: [record('new')],
      snapshots: keys.slice(0, 100).map((key) => ({ key, values: [1] })),
      seen: keys.slice(0, 100),
      walk: 1,
    })
    await again.put({ revivals: keys.slice(200, 300).map((key) => ({ key, expect: 2 })) })
    await again.store.records.list({ streamNo: again.stream.no, limit: 100 })
    await again.store.walks.unseen({ streamNo: again.stream.no, walk: 1, after: null, limit: 100 })
    await database.close()
    // Of the eight statements each would else read the 5,000. One may: so small a table may as well be read as a whole.
    expect((await read()) - before).toBeLessThan(10_000)
  })

  it('tells of a key that is too long for an index', async () => {
    const key = Array.from({ length: 9_000 }, (_, i) =>
      String.fromCharCode(33 + ((i * 7919 + ((i * i) % 89)) % 90)),
    ).join('')
    await expect(world.insert(key)).rejects.toMatchObject({ code: 'database_limit' })
    await world.insert('short')
  })
})

withPostgres('a connection that is lost', () => {
  let database: PostgresDatabase
  let proxy: CuttingProxy
  let world: World
  let store: Store
  beforeEach(async () => {
    database = await PostgresDatabase.open()
    proxy = await CuttingProxy.to(database.server.port)
    store = await open(database.url().replace(`:${database.server.port}/`, `:${proxy.port}/`))
    world = await new World(database, store, 'default').begin()
  })
  afterEach(async () => {
    await store.close()
    await proxy.close()
    await database.drop()
  })

  it('is asked about ten statements for a page, whatever its length', async () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `k${i}`)
    await world.insert(...keys)
    const sent = proxy.statements
    await world.put({
      updates: keys.slice(0, 500).map((key) => update(key, 1, 2)),
      touches: keys.slice(500).map((key) => ({ key, expect: 1, walk: 1 })),
      inserts: Array.from({ length: 500 }, (_, i) => record(`new${i}`)),
      snapshots: keys.map((key) => ({ key, values: [1] })),
      seen: keys,
      walk: 1,
      state: { cursor: 1 },
      requests: [
        { at: 1, method: 'GET', url: 'u', status: 200, bytes: 1, ms: 1, attempt: 1, outcome: 'ok', billedItems: 0 },
      ],
    })
    expect(proxy.statements - sent).toBeGreaterThan(5)
    expect(proxy.statements - sent).toBeLessThanOrEqual(16)
  })

  it('is asked four statements for the words of some records, however many they are', async () => {
    const words = { title: ['a', 'title'], body: ['text'], at: T0, removed: false }
    const texts = Array.from({ length: 250 }, (_, i) => ({ key: `k${i}`, ...words }))
    for (let i = 0; i < 2; i++) {
      const sent = proxy.statements
      await world.store.texts.put(world.stream.no, texts)
      expect(proxy.statements - sent).toBeLessThanOrEqual(4)
    }
    expect(
      await world.store.texts.find({ project: 'default', words: ['tit'], removed: false, limit: 300 }),
    ).toHaveLength(250)
  })

  it('during COMMIT leaves one page, not two, and the writer finds out by looking', async () => {
    const page = { inserts: [record('a'), record('b')], snapshots: [{ key: 'a', values: [1] }], state: { cursor: 1 } }
    proxy.losesCommit = true
    await expect(world.write(page)).rejects.toMatchObject({ code: 'database_unreachable', verdict: 'retry' })
    expect(proxy.lost).toBe(1)
    // What nobody told the writer has happened.
    expect(await world.write(page)).toBe('stale')
    expect((await world.head('a'))?.ordinal).toBe(1)
    expect((await world.changes()).map(({ seq, key }) => [seq, key])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(await world.total()).toBe(2)
    expect(await world.history('a')).toHaveLength(1)
  })

  it('during the COMMIT of a claim leaves a lease that the same holder can take over', async () => {
    proxy.losesCommit = true
    const claim = { resource: 'r', holder: HOLDER, now: T0, expiresAt: T0 + MINUTE }
    await expect(store.leases.claim(claim)).rejects.toMatchObject({ code: 'database_unreachable' })
    expect(await store.leases.claim(claim)).toMatchObject({ heldBy: { generation: 1, holder: HOLDER } })
    expect(await store.leases.claim({ ...claim, takeOver: 1 })).toMatchObject({ lease: { generation: 2 } })
  })

  it('anywhere else is replaced, and a page is there whole or not at all', async () => {
    for (let i = 0; i < 20; i++) {
      const writing = world.write({ inserts: [record(`${i}-a`), record(`${i}-b`)] }).catch(() => 'lost')
      await new Promise((resolve) => setTimeout(resolve, i / 2))
      proxy.cut()
      await writing
    }
    const heads = await store.records.look(
      world.stream.no,
      Array.from({ length: 20 }, (_, i) => [`${i}-a`, `${i}-b`]).flat(),
    )
    for (let i = 0; i < 20; i++) expect(heads.has(`${i}-a`)).toBe(heads.has(`${i}-b`))
    expect((await store.feed.bounds('default')).seq).toBe(heads.size)
    expect(await world.total()).toBe(heads.size)
  })
})

withPostgres('a database that is opened', () => {
  let database: PostgresDatabase
  beforeEach(async () => {
    database = await PostgresDatabase.empty()
  })
  afterEach(() => database.destroy())

  it('gets its tables once, however many processes open it first', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => database.connect()))
    await Promise.all(stores.map((store) => store.projects.ensure({ id: 'default', timezone: 'UTC', at: T0 })))
    expect(await stores[0]?.projects.list()).toHaveLength(1)
    expect(await database.query('SELECT version FROM tm_schema')).toHaveLength(1)
  })

  it('keeps to the schema that the URL names, and two of them apart', async () => {
    const worlds = await Promise.all(
      ['?schema=first', '?schema=second', ''].map(async (query) =>
        new World(database, await database.connect(fixedClock(), query), 'default').begin(),
      ),
    )
    for (const [i, world] of worlds.entries()) await world.insert(...['a', 'b', 'c'].slice(0, i + 1))
    for (const [i, place] of ['first.', 'second.', 'public.'].entries()) {
      expect(await database.query(`SELECT count(*)::int AS n FROM ${place}shop_orders`)).toEqual([{ n: i + 1 }])
    }
    expect(worlds.map(({ store }) => store.name.replace(/^.*\//, ''))).toEqual([
      `${database.name}?schema=first`,
      `${database.name}?schema=second`,
      database.name,
    ])
  })

  it('refuses a schema in which another program has such tables, and touches nothing', async () => {
    await database.query('CREATE TABLE runs (miles int); INSERT INTO runs VALUES (42)')
    await expect(open(database.url())).rejects.toMatchObject({ code: 'name_taken', hint: /\?schema=/ })
    expect(await database.query(`SELECT miles FROM runs`)).toEqual([{ miles: 42 }])
    expect(await database.query(`SELECT 1 FROM pg_class WHERE relname LIKE 'tm\\_%'`)).toEqual([])
    const store = await open(database.url('?schema=tidemark'))
    await store.close()
  })

  it('refuses what a newer Tidemark has written', async () => {
    await (await open(database.url())).close()
    await database.query('UPDATE tm_schema SET version = 99')
    await expect(open(database.url())).rejects.toMatchObject({ code: 'database_newer' })
  })

  it('is not made where only an existing one is asked for', async () => {
    await expect(open(database.url(), { create: false })).rejects.toMatchObject({ code: 'database_missing' })
    expect(await database.query(`SELECT 1 FROM pg_class WHERE relname LIKE 'tm\\_%'`)).toEqual([])
  })

  it('must be able to hold every text', async () => {
    const name = `${database.name}_latin`
    await database.server.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING LATIN1 LOCALE_PROVIDER libc LOCALE 'C'`,
    )
    await expect(open(database.server.url(name))).rejects.toMatchObject({ code: 'database_unsupported' })
    await database.server.dropDatabase(name)
  })

  it('says what is wrong, and never the password', async () => {
    const { server, name } = database
    await database.query(`DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader'`)
    const wrong = {
      database_refused: server.url(name).replace(/:[^:@]*@/, ':another-secret@'),
      database_missing: server.url('nowhere'),
      database_unreachable: server.url(name).replace(`:${server.port}/`, ':1/'),
      database_unwritable: server.url(name).replace(/\/\/.*@/, '//reader:reader@'),
      database_url_invalid: `${server.url(name)}?schema=No%20Such`,
    }
    for (const [code, url] of Object.entries(wrong)) {
      const error = (await open(url).catch((thrown: unknown) => thrown)) as Error & { hint?: string }
      expect(error).toMatchObject({ code })
      for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), 'another-secret'])
        expect(`${error.message} ${error.hint} ${String(error.stack)} ${JSON.stringify(error)}`).not.toContain(secret)
    }
    await expect(open('postgres://user:pass word@[/x')).rejects.toMatchObject({ code: 'database_url_invalid' })
    await database.query('DROP ROLE reader')
  })

  it('may be read by a role that may not write, as far as nothing has to be made', async () => {
    await (await open(database.url())).close()
    await database.query('ALTER DATABASE ' + database.name + ' SET default_transaction_read_only = on')
    const store = await database.connect()
    expect(await store.projects.list()).toEqual([])
    const making = store.projects.ensure({ id: 'default', timezone: 'UTC', at: T0 })
    await expect(making).rejects.toMatchObject({ code: 'database_unwritable' })
  })
})
