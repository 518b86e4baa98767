// Owns the promise that a content which could not be read stays findable: it leaves quarantine when it was read itself,
// and when a newer content of its record is known it stays as a superseded text, which `quarantine retry` still reads.
// Both stores say the same.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type Connection, defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

const key = new Uint8Array(32).fill(7)

type Row = Readonly<Record<string, unknown>>

async function source(listed: () => readonly Row[]) {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify(listed()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => server.close() }
}

/** Documents, and the same without a version; `text` may be any type once the connector is mended. */
function docs(text: z.ZodType = z.string()) {
  const schema = z.object({ id: z.string(), v: z.int(), text })
  const read = fullPass({
    pageSize: 50,
    read: async ({ http }) => ({ records: rows((await http.get('/docs')).body, 'docs') }),
  })
  const doc = { schema, key: ({ id }: { id: string }) => id, volatile: ['views'], passes: [read] }
  return defineConnector(
    { name: 'docs', title: 'Docs', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      versioned: stream({ ...doc, version: ({ v }: { v: number }) => v }),
      plain: stream(doc),
    },
  )
}

const ok = (v: number, more: Row = {}): Row => ({ id: 'a', v, text: `v${v}`, ...more })
const bad = (v: unknown, more: Row = {}): Row => ({ id: 'a', v, text: 7, ...more })

interface World {
  readonly url: string
  readonly database: string
}

/** Shows the pages one after the other, and tells what is in quarantine then: waiting, and superseded. */
async function shown(
  { url, database }: World,
  streams: 'versioned' | 'plain',
  pages: readonly (readonly Row[])[],
  show: (page: readonly Row[]) => void,
): Promise<Row> {
  await using tidemark = await openTidemark({ database, key, connectors: [docs()] })
  const options = { baseUrl: url, allowPrivateNetwork: true }
  const id = `c-${Math.random().toString(36).slice(2)}`
  const mine: Connection = await tidemark.connect('docs', { id, options })
  for (const page of pages) {
    show(page)
    await mine.sync({ streams: [streams] })
  }
  const texts: { raw: string; supersededAt: string | null }[] = []
  for await (const { raw, supersededAt } of tidemark.quarantine({ connection: id })) texts.push({ raw, supersededAt })
  const versions = (superseded: boolean) =>
    texts
      .filter(({ supersededAt }) => (supersededAt !== null) === superseded)
      .map(({ raw }) => (JSON.parse(raw) as { v: unknown }).v)
  const status = (await tidemark.status()).find((one) => one.id === id)
  const coverage = status?.streams.find(({ stream: name }) => name === streams)?.coverage.kind
  return { waiting: versions(false), superseded: versions(true), coverage }
}

async function isKept(database: string): Promise<void> {
  let listed: readonly Row[] = []
  using server = await source(() => listed)
  const world = { url: server.url, database }
  const after = (streams: 'versioned' | 'plain', ...pages: readonly (readonly Row[])[]) =>
    shown(world, streams, pages, (page) => (listed = page))
  const held = (waiting: unknown[], superseded: unknown[] = []) => ({ waiting, superseded, coverage: 'quarantined' })
  const done = (superseded: unknown[] = []) => ({ waiting: [], superseded, coverage: 'complete' })

  // A replica that lags shows the old content once more.
  expect(await after('versioned', [ok(4)], [bad(5)], [ok(4)])).toEqual(held([5]))
  // … also where not even the version could be read.
  expect(await after('versioned', [ok(4)], [bad('x')], [ok(4)])).toEqual(held(['x']))
  expect(await after('versioned', [ok(4)], [bad('x')], [ok(3)])).toEqual(held(['x']))
  expect(await after('versioned', [ok(4)], [bad('x')], [ok(6)])).toEqual(done(['x']))
  // Another content that can't be read, newer or older.
  expect(await after('versioned', [ok(4)], [bad(5)], [bad(6)])).toEqual(held([6], [5]))
  expect(await after('versioned', [ok(4)], [bad(6)], [bad(5)])).toEqual(held([6], [5]))
  // A newer one that can be read.
  expect(await after('versioned', [ok(4)], [bad(5)], [ok(6)])).toEqual(done([5]))
  expect(await after('versioned', [ok(4)], [bad(5)], [ok(6)], [bad(5)])).toEqual(done([5]))
  // The row was mended without a new version.
  expect(await after('versioned', [ok(4)], [bad(5)], [ok(5)])).toEqual(done([5]))
  expect(await after('versioned', [ok(4)], [bad(4)], [ok(4)])).toEqual(done([4]))
  // Both on one page.
  expect(await after('versioned', [bad(5), ok(4)])).toEqual(held([5]))
  expect(await after('versioned', [bad(5), ok(6)])).toEqual(done([5]))
  // Volatile fields make no other content.
  expect(await after('versioned', [bad(5, { views: 1 })], [bad(5, { views: 2 })])).toEqual(held([5]))

  // Without a version, what is listed last stands.
  expect(await after('plain', [ok(4)], [bad(5)], [ok(4)])).toEqual(done([5]))
  expect(await after('plain', [ok(4)], [bad(5)], [bad(6)])).toEqual(held([6], [5]))
  expect(await after('plain', [ok(4)], [bad(5)], [ok(4)], [bad(5)])).toEqual(held([5]))
  expect(await after('plain', [ok(4)], [bad(5), ok(4)])).toEqual(held([5]))
}

test('a content that could not be read is never nowhere', async () => {
  await using mirror = await openMirror()
  await isKept(mirror.file)
  expect(mirror.sql('select count(*) as n from quarantine where superseded_at is not null')).toEqual([{ n: 10 }])
})

withPostgres('PostgreSQL', () => {
  test('a content that could not be read is never nowhere', async () => {
    const server = await postgresServer()
    const name = await server.createDatabase()
    await isKept(server.url(name))
    const superseded = 'select count(*)::int as n from quarantine where superseded_at is not null'
    expect(await server.query(superseded, name)).toEqual([{ n: 10 }])
  })
})

test('a superseded text becomes a superseded version once the connector can read it', async () => {
  let listed: readonly Row[] = [ok(4)]
  using server = await source(() => listed)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const strict = await mirror.tidemark.connect(docs(), { id: 'mine', options })
  for (const page of [[ok(4)], [bad(5)], [ok(6)], [{ id: 'b', v: 1, text: null }, ok(6)]]) {
    listed = page
    await strict.sync()
  }
  await mirror.tidemark.close()
  await using lax = await openTidemark({ database: mirror.file, connectors: [docs(z.coerce.string())], key })
  expect(await lax.retryQuarantine()).toMatchObject({ released: 4, remaining: [] })
  expect(mirror.value('select count(*) from quarantine')).toBe(0)
  const mine = await lax.connection('mine')
  for (const name of ['versioned', 'plain']) {
    const history = await mine.history(name, 'a')
    expect(history.map(({ op, columns: { v, text } }) => [op, v, text])).toEqual([
      ['insert', 4, 'v4'],
      ['superseded', 5, '7'],
      ['update', 6, 'v6'],
    ])
  }
})

test('a text that still can’t be read, and is superseded, keeps nothing waiting', async () => {
  let listed: readonly Row[] = [ok(4)]
  using server = await source(() => listed)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(docs(), { id: 'mine', options })
  for (const page of [[bad(5)], [ok(6)]]) {
    listed = page
    await mine.sync()
  }
  expect(await mirror.tidemark.retryQuarantine()).toEqual({ released: 0, remaining: [] })
  expect(mirror.value('select count(*) from quarantine')).toBe(2)
})
