// Each row stands alone: whatever one of them is, or makes the connector do, it is set aside, whole, and the others of
// its page are stored.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEY_BYTES_MAX } from '../../src/engine/passes/rows/row-key.ts'
import {
  byCursor,
  type Connection,
  defineConnector,
  fullPass,
  type Http,
  newestFirst,
  openTidemark,
  rows,
  type Stream,
  stream,
  type Tidemark,
  z,
} from '../../src/index.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import type { Batch } from '../../src/store/store.ts'
import { openMirror } from '../support/mirror.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- rows are whatever a source sends
type AnyRow = any
type AnyStream = Stream<AnyRow, AnyRow, AnyRow>

/** A source that answers what it is told to, page by page. */
interface Source extends AsyncDisposable {
  readonly url: string
  pages: string[]
}

async function openSource(): Promise<Source> {
  const source = { pages: ['[]'] }
  const server = createServer((request, answer) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '0')
    const next = page + 1 < source.pages.length ? `,"next":${page + 1}` : ''
    answer.setHeader('content-type', 'application/json')
    answer.end(`{"items":${source.pages[page]}${next}}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(source, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const read = async ({ http, page }: { http: Http; page: unknown }) => {
  const { body } = await http.get('/items', { query: { page: page as number | undefined } })
  const { items, next } = body as { items: unknown; next?: number }
  return { records: rows(items, 'items'), next }
}

const FULL = fullPass<unknown, AnyRow>({ read, pageSize: 50, paging: 'keyset' })

const connectorWith = (declared: Partial<AnyStream>) =>
  defineConnector(
    { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      things: stream({
        schema: z.object({ id: z.string(), n: z.unknown().optional().meta({ column: 'json' }) }),
        key: (row: { id: string }) => row.id,
        passes: [FULL],
        ...declared,
      } as AnyStream),
    },
  )

type Open = () => Promise<Opened>
interface Opened extends AsyncDisposable {
  readonly tidemark: Tidemark
  /** The same database, with the connector as it is now. */
  reopen(connector: ReturnType<typeof connectorWith>): Promise<Tidemark>
}

const connected = (tidemark: Tidemark, source: Source, declared: Partial<AnyStream>): Promise<Connection> =>
  tidemark.connect(connectorWith(declared), {
    id: 'mine',
    options: { baseUrl: source.url, allowPrivateNetwork: true },
  })

const KEY = new Uint8Array(32).fill(7)

async function collected<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of found) all.push(row)
  return all
}

async function keysOf(connection: Connection): Promise<string[]> {
  return (await collected(connection.records('things'))).map((row) => row._key)
}

function promises(open: Open): void {
  let source: Source
  beforeAll(async () => {
    source = await openSource()
  })
  afterAll(() => source[Symbol.asyncDispose]())

  const id = (row: { id: unknown }) => row.id
  const anyId = z.object({
    id: z.unknown().optional().meta({ column: 'json' }),
    n: z.unknown().optional().meta({ column: 'json' }),
  })
  const thrower = (row: { id: string }) => {
    if (row.id === 'odd') throw new TypeError('an odd row')
    return 1
  }
  const order = newestFirst<unknown, AnyRow>({ read, pageSize: 50, order: thrower })
  const pinned = fullPass<unknown, AnyRow>({ read, pageSize: 50, pinned: (row) => thrower(row) > 1 })
  const place = (row: { id: string }) => thrower(row) * row.id.charCodeAt(0)
  const cursor = byCursor<unknown, AnyRow>({ read, pageSize: 50, order: place, overlap: '0s' })
  const placedBy = (odd: unknown) =>
    byCursor<unknown, AnyRow>({
      ...cursor,
      order: (row: { id: string }) => (row.id === 'odd' ? odd : row.id.charCodeAt(0)) as number,
    })

  test.each<[what: string, row: string, declared: Partial<AnyStream>]>([
    ['whose key is an object', '{"id":{"a":1}}', { schema: anyId, key: id as never }],
    ['whose key is another object', '{"id":{"a":2}}', { schema: anyId, key: id as never }],
    ['whose key is a list', '{"id":["a"]}', { schema: anyId, key: id as never }],
    ['whose key is a boolean', '{"id":true}', { schema: anyId, key: id as never }],
    ['whose key is a fraction', '{"id":1.5}', { schema: anyId, key: id as never }],
    ['whose key is null', '{"id":null}', { schema: anyId, key: id as never }],
    ['without a key', '{"n":1}', { schema: anyId, key: id as never }],
    [
      'whose key is spelled of nothing',
      '{"n":1}',
      { schema: anyId, key: ((row: { id: unknown }) => String(row.id)) as never },
    ],
    ['whose key is empty', '{"id":""}', {}],
    ['whose key is half of a surrogate pair', '{"id":"\\ud800"}', {}],
    ['whose key no index takes', `{"id":"${longKey(10_000)}"}`, {}],
    ['whose key is one byte too long', `{"id":"${longKey(KEY_BYTES_MAX + 1)}"}`, {}],
    ['whose key throws', '{"id":"odd"}', { key: ((row: { id: string }) => (thrower(row), row.id)) as never }],
    ['whose version throws', '{"id":"odd"}', { version: thrower }],
    [
      'whose version is no number',
      '{"id":"odd"}',
      { version: ((row: { id: string }) => (row.id === 'odd' ? 'x' : 1)) as never },
    ],
    ['whose order throws, newest first', '{"id":"odd"}', { passes: [order] }],
    ['whose order throws, by cursor', '{"id":"odd"}', { passes: [cursor] }],
    ['whose order is a text, by cursor', '{"id":"odd"}', { passes: [placedBy('12')] }],
    ['whose order is null, by cursor', '{"id":"odd"}', { passes: [placedBy(null)] }],
    ['without an order, by cursor', '{"id":"odd"}', { passes: [placedBy(undefined)] }],
    ['whose order is NaN, by cursor', '{"id":"odd"}', { passes: [placedBy(Number.NaN)] }],
    ['whose pin throws', '{"id":"odd"}', { passes: [pinned] }],
    ['of another type', '7', {}],
    ['that is null', 'null', {}],
    ['that the connector can’t turn', '{"id":"odd"}', { record: (row: { id: string }) => (thrower(row), row) }],
    [
      'with a value that its column can’t hold',
      '{"id":"odd","n":[1]}',
      { schema: z.object({ id: z.string(), n: z.unknown().optional().meta({ column: 'integer' }) }) },
    ],
  ])('a row %s is set aside alone', async (_what, odd, declared) => {
    await using opened = await open()
    source.pages = [`[{"id":"a"},${odd},{"id":"b"}]`, '[{"id":"c"}]']
    const connection = await connected(opened.tidemark, source, declared)
    const run = await connection.sync()
    expect(run).toMatchObject({
      status: 'incomplete',
      error: null,
      streams: [{ counts: { inserted: 3 } }],
    })
    expect(await keysOf(connection)).toEqual(['a', 'b', 'c'])
    expect(await collected(opened.tidemark.quarantine())).toMatchObject([{ connection: 'mine', raw: odd }])
  })

  test('rows that a connector composes may hold anything, too', async () => {
    await using opened = await open()
    source.pages = ['[]']
    const circle: Record<string, unknown> = { id: 'circle' }
    circle['self'] = circle
    const getter = {
      id: 'getter',
      get n(): number {
        throw new TypeError('not now')
      },
    }
    const composed = [{ id: 'a' }, circle, getter, { id: 'big', n: 2n ** 70n }, undefined, { id: 'b' }]
    const passes = [
      fullPass<unknown, AnyRow>({ read: async () => ({ records: composed }), pageSize: 50, paging: 'keyset' }),
    ]
    const schema = z.object({ id: z.string(), n: z.bigint().optional() })
    const connection = await connected(opened.tidemark, source, { passes, schema })
    const run = await connection.sync()
    expect(run).toMatchObject({ status: 'incomplete', error: null, streams: [{ counts: { quarantined: 3 } }] })
    const records = await collected(connection.records('things'))
    expect(records.map((row) => row._key)).toEqual(['a', 'b', 'big'])
    expect(String(records[2]?.['n' as never])).toBe(String(2n ** 70n))
  })

  test('a field that is called as something inherited is the row’s own, or none', async () => {
    await using opened = await open()
    source.pages = [
      '[{"id":"a","constructor":"Ferrari","car":{"toString":"t"}},{"id":"b","car":{}},{"id":"c","constructor":null}]',
    ]
    const car = z.object({ toString: z.string().optional() }).optional()
    const schema = z.object({ id: z.string(), constructor: z.string().nullish(), car })
    const connection = await connected(opened.tidemark, source, { schema })
    expect(await connection.sync()).toMatchObject({ status: 'succeeded' })
    const records = (await collected(connection.records('things'))) as unknown as Record<string, unknown>[]
    expect(records.map((row) => [row['_key'], row['constructor'], row['car']])).toEqual([
      ['a', 'Ferrari', { toString: 't' }],
      ['b', null, {}],
      ['c', null, null],
    ])
  })

  test('integers without end, and names of fields without end, are no obstacle', async () => {
    await using opened = await open()
    source.pages = [`[{"id":"a"},{"id":"b","n":${'9'.repeat(200_000)},"${longKey(9_000)}":1},{"id":"c","\\ud800":1}]`]
    const schema = z.object({ id: z.string(), n: z.unknown().optional().meta({ column: 'integer' }) })
    const connection = await connected(opened.tidemark, source, { schema })
    expect(await connection.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 3 } }] })
  })

  test('what the store refuses of one record keeps no other from it', async () => {
    await using opened = await open()
    const { store } = opened.tidemark
    const checkpoint = store.checkpoint.bind(store)
    store.checkpoint = async (batch: Batch) => {
      const refused = [...batch.inserts, ...batch.updates].some(({ raw }) => raw.includes('"refused"'))
      if (refused) throw new TidemarkError('database_limit', 'The database cannot hold one of the values.')
      return checkpoint(batch)
    }
    const row = (i: number) => `{"id":"k${i}","n":${i === 3 || i === 8 ? '"refused"' : 1}}`
    source.pages = [`[${Array.from({ length: 10 }, (_, i) => row(i)).join()}]`, '[{"id":"z"}]']
    const connection = await connected(opened.tidemark, source, {})
    const run = await connection.sync()
    expect(run).toMatchObject({
      status: 'incomplete',
      error: null,
      streams: [{ counts: { fetched: 11, inserted: 9, quarantined: 2 } }],
    })
    expect(await keysOf(connection)).toEqual(['k0', 'k1', 'k2', 'k4', 'k5', 'k6', 'k7', 'k9', 'z'])
    expect((await collected(opened.tidemark.quarantine())).map(({ key }) => key)).toEqual(['k3', 'k8'])
    // What comes back from quarantine meets the same store: it stays there, and the others come back.
    expect(await opened.tidemark.retryQuarantine()).toMatchObject({
      released: 0,
      remaining: [{ key: 'k3' }, { key: 'k8' }],
    })
    store.checkpoint = checkpoint
    expect(await opened.tidemark.retryQuarantine()).toMatchObject({ released: 2, remaining: [] })
  })

  test('a row of any length is kept whole, and read once the connector can read it', async () => {
    await using opened = await open()
    const long = `{"id":"long","n":"x","text":"${'\\u0000é"'.replace('"', '\\"').repeat(300_000)}"}`
    const keyless = `{"n":"y","text":"${'y'.repeat(1_500_000)}"}`
    source.pages = [`[{"id":"a","n":1},${long},${keyless}]`]
    const strict = { schema: z.object({ id: z.string(), n: z.int() }) }
    const connection = await connected(opened.tidemark, source, strict)
    expect(await connection.sync()).toMatchObject({ status: 'incomplete', streams: [{ counts: { quarantined: 2 } }] })
    expect((await collected(opened.tidemark.quarantine())).map(({ raw }) => raw)).toEqual([long, keyless])
    const mended = {
      schema: z.object({
        id: z.string().default('none'),
        n: z.union([z.int(), z.string().transform(() => 0)]).meta({ column: 'integer' }),
      }),
    }
    await using newer = await opened.reopen(connectorWith(mended))
    expect(await newer.retryQuarantine()).toMatchObject({ released: 2, remaining: [] })
    const records = await collected((await newer.connection('mine')).records('things'))
    expect(records.map((row) => [row['_key'], row._raw.length])).toEqual([
      ['a', 16],
      ['long', long.length],
      ['none', keyless.length],
    ])
  })

  describe('one key with several contents', () => {
    const twice = '[{"id":"a","n":"x"},{"id":"b","n":"x"},{"id":"a","n":"y"}]'
    const signed = (run: number) => twice.replaceAll('"n"', `"url":"u${run}","n"`)
    const update = (row: { n: string }) => (row.n === 'x' ? 1 : 2)

    test.each<[what: string, pages: (run: number) => string[], declared: Partial<AnyStream>, current: string]>([
      ['on one page', () => [twice], {}, 'y'],
      ['on one page, in another order every time', (run) => [run % 2 ? twice : reversed(twice)], {}, 'x'],
      ['on two pages', () => ['[{"id":"a","n":"x"}]', '[{"id":"b","n":"x"},{"id":"a","n":"y"}]'], {}, 'x'],
      ['with versions', () => [reversed(twice)], { version: update as never }, 'y'],
      ['with equal versions', () => [twice], { version: () => 1 }, 'y'],
      ['with addresses that change', (run) => [signed(run)], { volatile: ['url'] }, 'y'],
      ['newest first', () => [twice], { passes: [newestFirst({ read, pageSize: 50 })] }, 'y'],
      ['by cursor', () => [twice], { passes: [byCursor({ read, pageSize: 50, order: () => 1, overlap: '0s' })] }, 'y'],
    ])('%s: each is kept once, and the record stands still', async (_what, pages, declared, current) => {
      await using opened = await open()
      source.pages = pages(0)
      const connection = await connected(opened.tidemark, source, declared)
      await connection.sync()
      for (let run = 1; run < 3; run++) {
        source.pages = pages(run)
        await connection.sync()
      }
      const settled = await connection.history('things', 'a')
      expect(new Set(settled.map((version) => JSON.parse(version.raw).n))).toEqual(new Set(['x', 'y']))
      for (let run = 3; run < 8; run++) {
        source.pages = pages(run)
        const report = await connection.sync()
        expect(report).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 0, updated: 0 } }] })
      }
      expect(await connection.history('things', 'a')).toHaveLength(settled.length)
      expect(settled.length).toBeLessThanOrEqual(3)
      expect(JSON.parse(settled.at(-1)?.raw ?? '').n).toBe(current)
    })

    test('a content that was never there is kept, and becomes the record’s', async () => {
      await using opened = await open()
      source.pages = [twice]
      const connection = await connected(opened.tidemark, source, {})
      await connection.sync()
      source.pages = [twice.replace('"a","n":"x"', '"a","n":"new"')]
      for (let run = 0; run < 3; run++) await connection.sync()
      const history = await connection.history('things', 'a')
      expect(history.map((version) => JSON.parse(version.raw).n)).toEqual(['x', 'y', 'new'])
    })

    test('what is shown alone is the record, whatever it was before', async () => {
      await using opened = await open()
      source.pages = [twice]
      const connection = await connected(opened.tidemark, source, {})
      await connection.sync()
      source.pages = ['[{"id":"a","n":"x"},{"id":"b","n":"x"}]']
      await connection.sync()
      const history = await connection.history('things', 'a')
      expect(history.map((version) => JSON.parse(version.raw).n)).toEqual(['x', 'y', 'x'])
    })
  })
}

function reversed(page: string): string {
  return JSON.stringify((JSON.parse(page) as unknown[]).toReversed())
}

/** Text that no compression makes short. */
function longKey(length: number): string {
  let state = 1
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    return String.fromCharCode(97 + (state % 26))
  }).join('')
}

describe('SQLite', () => {
  promises(async () => {
    const mirror = await openMirror()
    return {
      tidemark: mirror.tidemark,
      reopen: (connector) => openTidemark({ database: mirror.file, connectors: [connector], key: KEY }),
      [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
    }
  })
})

withPostgres('PostgreSQL', () => {
  promises(async () => {
    const database = await PostgresDatabase.open()
    const tidemark = await openTidemark({ database: database.url(), key: KEY })
    return {
      tidemark,
      reopen: (connector) => openTidemark({ database: database.url(), connectors: [connector], key: KEY }),
      async [Symbol.asyncDispose]() {
        await tidemark.close()
        await database.drop()
      },
    }
  })
})
