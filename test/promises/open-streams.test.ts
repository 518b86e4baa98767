// Owns the promise of streams whose columns are told by their pages, on both stores: what is told once is a column, what was
// stored before is read again for it, and what can't be a column is refused with the reason.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import type { Http, Page } from '../../src/connector/page.ts'
import { fullPass, newestFirst } from '../../src/connector/passes.ts'
import type { Transport } from '../../src/http/transport.ts'
import { openTidemark } from '../../src/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, vendorJob } from '../support/paid-vendor.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

type Told = { readonly name: string; readonly metric?: boolean }

/** One stream, which shows what `page` holds. */
function openNotes(page: { columns: unknown; records: readonly unknown[] }, open = true, declared = 0) {
  const others = Object.fromEntries(Array.from({ length: declared }, (_, i) => [`d${i}`, z.string().optional()]))
  return defineConnector(
    { name: 'opened', title: 'Opened', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.looseObject({ ...others, id: z.string() }),
        open,
        key: ({ id }) => id,
        passes: [
          fullPass({ pageSize: 1_000, read: async () => ({ ...page, total: page.records.length }) as unknown as Page }),
        ],
      }),
    },
  )
}

async function shown(database: string) {
  const page = {
    columns: [{ name: 'likes' }] as Told[],
    records: [{ id: 'a', likes: '1.2K', mood: 'calm' }] as object[],
  }
  await using tidemark = await openTidemark({ database, key: Buffer.alloc(32, 1) })
  await tidemark.connect(openNotes(page), { id: 'mine' })
  const mine = await tidemark.connection('mine')
  const records = async () => {
    const found = []
    for await (const { _key, likes, mood, added } of mine.records('notes')) found.push({ _key, likes, mood, added })
    return found
  }
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { inserted: 1 } }] })
  expect(await records()).toEqual([{ _key: 'a', likes: '1.2K', mood: undefined, added: undefined }])
  // What was stored before the column was told has it, too, although the row has not changed.
  page.columns = [{ name: 'mood' }, { name: 'likes', metric: true }]
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { updated: 0, unchanged: 1 } }] })
  expect(await records()).toEqual([{ _key: 'a', likes: '1.2K', mood: 'calm', added: undefined }])
  // A page that tells of none takes none away.
  page.columns = []
  page.records = [{ id: 'a', likes: '3M', mood: null }, { id: 'b' }]
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { updated: 1, inserted: 1 } }] })
  expect(await records()).toMatchObject([
    { likes: '3M', mood: null },
    { likes: null, mood: null },
  ])
  const { points } = await mine.metrics('notes', { metric: 'likes', key: 'a', by: 'run' })
  return points.map(({ value }) => Number(value))
}

test('in SQLite, what is told once is a column, and its numbers are kept over time', async () => {
  expect((await shown(':memory:')).at(-1)).toBe(3_000_000)
})

withPostgres('in PostgreSQL', () => {
  test('as well', async () => {
    const server = await postgresServer()
    expect((await shown(server.url(await server.createDatabase()))).at(-1)).toBe(3_000_000)
  })
})

test('of more columns than a connection can have, the later ones are in the text of the row', async () => {
  const told = (from: number) => Array.from({ length: 150 }, (_, i) => ({ name: `c${from + i}`, metric: true }))
  const page = { columns: told(0), records: [{ id: 'a', c199: 'last', c200: 'too many' }] }
  await using tidemark = await openTidemark({ database: ':memory:', key: Buffer.alloc(32, 1) })
  await tidemark.connect(openNotes(page), { id: 'mine' })
  const mine = await tidemark.connection('mine')
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  page.columns = told(150)
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { unchanged: 1 } }] })
  for await (const row of mine.records('notes')) {
    expect(row).toMatchObject({ c0: null, c199: 'last', _raw: expect.stringContaining('too many') })
    expect(row).not.toHaveProperty('c200')
  }
})

test('where the table can have no more columns, the run says so, and what is stored stays', async () => {
  const page = { columns: [] as Told[], records: [{ id: 'a' }] }
  await using tidemark = await openTidemark({ database: ':memory:', key: Buffer.alloc(32, 1) })
  await tidemark.connect(openNotes(page, true, 1_900), { id: 'mine' })
  const mine = await tidemark.connection('mine')
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  page.columns = Array.from({ length: 100 }, (_, i) => ({ name: `c${i}` }))
  expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'database_limit' } })
  page.columns = []
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', streams: [{ counts: { unchanged: 1 } }] })
})

test.each([
  ['a name that is none', [{ name: 'Followers (IG)' }], 'no list of { name, metric }'],
  ['a name of the engine', [{ name: '_key' }], 'no list of { name, metric }'],
  ['no list', { name: 'likes' }, 'no list of { name, metric }'],
  ['another field', [{ name: 'likes', type: 'number' }], 'no list of { name, metric }'],
  ['too many', Array.from({ length: 201 }, (_, i) => ({ name: `c${i}` })), '201 columns'],
])('%s is refused, and takes nothing away', async (_what, columns, said) => {
  const page = { columns: [{ name: 'likes' }] as unknown, records: [{ id: 'a', likes: '1' }] }
  await using tidemark = await openTidemark({ database: ':memory:', key: Buffer.alloc(32, 1) })
  await tidemark.connect(openNotes(page), { id: 'mine' })
  const mine = await tidemark.connection('mine')
  await mine.sync()
  page.columns = columns
  const { status, error } = await mine.sync()
  expect({ status, error }).toMatchObject({
    status: 'failed',
    error: { code: 'connector_invalid', message: expect.stringContaining(said) },
  })
  for await (const { likes } of mine.records('notes')) expect(likes).toBe('1')
})

test('a page of a stream that is not open tells of no columns', async () => {
  const page = { columns: [{ name: 'likes' }], records: [{ id: 'a', likes: '1' }] }
  await using tidemark = await openTidemark({ database: ':memory:', key: Buffer.alloc(32, 1) })
  const mine = await tidemark.connect(openNotes(page, false), { id: 'mine' })
  expect((await mine.sync()).error).toMatchObject({
    code: 'connector_invalid',
    hint: expect.stringContaining('open: true'),
  })
})

test('the rows of an upstream run tell of columns, too', async () => {
  await using vendor = await paidVendor()
  await using mirror = await openMirror({ clock: testClock() })
  vendor.add(3, 1_700_000_000)
  const job = vendorJob()
  const read: typeof job.read = async (request) => ({ ...(await job.read(request)), columns: [{ name: 'views' }] })
  const own = defineConnector(
    { name: 'own', title: 'own', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      posts: stream({
        schema: z.looseObject({ id: z.string(), at: z.number() }),
        open: true,
        key: ({ id }) => id,
        passes: [newestFirst({ job: { ...job, read }, order: ({ at }: { at: number }) => at, unitMs: 1_000 })],
      }),
    },
  )
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(own, { id: 'mine', options })
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.sql('SELECT DISTINCT views FROM own_posts')).toEqual([{ views: '0' }])
})

test('a page that was read ahead has the columns that the page before it tells of', async () => {
  const PAGES = 40
  const TELLS = 30
  const at = (token: unknown) => (token as number | undefined) ?? 0
  let early = 0
  let isTold = false
  const transport: Transport = {
    async send({ url }) {
      const n = Number(url.searchParams.get('p'))
      // Those behind it are there long before it.
      if (n === TELLS) for (let turns = 0; turns < 300; turns++) await new Promise(setImmediate)
      if (n === TELLS) isTold = true
      if (n > TELLS && !isTold) early++
      const body = { id: String(n + 100), mood: `mood ${n}`, likes: String(n) }
      return { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) }
    },
    close: async () => {},
  }
  const read = async ({ http, page }: { http: Http; page: unknown }) => {
    const n = at(page)
    const { body } = await http.get('/', { query: { p: n } })
    const columns = n === TELLS ? [{ name: 'mood' }, { name: 'likes' }] : undefined
    return { records: [body], columns, next: n + 1 < PAGES ? n + 1 : undefined, total: PAGES } as unknown as Page
  }
  const connector = defineConnector(
    {
      name: 'opened',
      title: 'Opened',
      options: z.object({}),
      http: () => ({ baseUrl: 'http://list.example', atOnce: 6 }),
    },
    {
      notes: stream({
        schema: z.looseObject({ id: z.string() }),
        open: true,
        key: ({ id }) => id,
        passes: [fullPass({ pageSize: 1, read, skip: (token) => at(token) + 1 })],
      }),
    },
  )
  await using mirror = await openMirror({ clock: testClock(), transport })
  const mine = await mirror.tidemark.connect(connector, { id: 'mine', options: {} })
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(early).toBeGreaterThan(0)
  const found = mirror.sql(`SELECT id, mood, likes FROM opened_notes WHERE id >= '${TELLS + 100}' ORDER BY id`)
  expect(found).toEqual(
    Array.from({ length: PAGES - TELLS }, (_, i) => {
      const n = TELLS + i
      return { id: String(n + 100), mood: `mood ${n}`, likes: String(n) }
    }),
  )
})
