// A row that cannot be read is listed all the same. Its record stays; and where nobody can tell which record it is, the
// listing proves no absence at all.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PageRequest, Witness } from '../../src/connector/page.ts'
import { type Connection, defineConnector, fullPass, rows, stream, z } from '../../src/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

interface Row {
  readonly [field: string]: unknown
}

const PAGE_SIZE = 4
let listed: readonly Row[] = []
let withTotal = false
let server: Server

beforeAll(async () => {
  server = createServer((request, answer) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? '0')
    const items = listed.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    const next = (page + 1) * PAGE_SIZE < listed.length ? page + 1 : undefined
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ items, next, total: withTotal ? listed.length : undefined }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(() => server.close())

async function readItems({ http, page }: PageRequest<unknown>) {
  const { body } = await http.get('/items', { query: { page: page as number | undefined } })
  const { items, ...rest } = body as { items: unknown; next?: number; total?: number }
  return { records: rows(items, 'items'), ...rest }
}

interface More {
  readonly witness?: Witness<unknown>
  readonly paging?: 'keyset' | 'offset'
  readonly order?: (row: { n: number }) => number
}

// oxlint-disable-next-line typescript/no-explicit-any -- rows are whatever a source sends
type AnyRow = any

function connector(schema: z.ZodType<AnyRow>, key: (row: AnyRow) => string, more: More = {}) {
  const pass = fullPass<unknown, AnyRow>({ read: readItems, pageSize: PAGE_SIZE, paging: 'keyset', ...more })
  return defineConnector(
    { name: 'own', title: 'Own', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    { things: stream({ schema, key, passes: [pass] }) },
  )
}

const PLAIN = z.object({ id: z.string(), n: z.int() })
const plain = (more: More = {}) => connector(PLAIN, (row: { id: string }) => row.id, more)

async function connected(mirror: Mirror, own: ReturnType<typeof plain>) {
  const { port } = server.address() as AddressInfo
  const options = { baseUrl: `http://127.0.0.1:${port}`, allowPrivateNetwork: true }
  return mirror.tidemark.connect(own, { id: 'mine', options })
}

async function keysOf(connection: Connection): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const row of connection.records('things')) keys.push(row._key)
  return keys
}

async function coverageOf({ tidemark }: Mirror, { row }: Connection) {
  return (await tidemark.store.streams.list(row.no))[0]?.coverage
}

const ids = (...names: readonly string[]) => names.map((id) => ({ id, n: 1 }))
const LETTERS = 'a b c d e f g h i j'.split(' ')

test.each(['alpha', 'nullthrows', 'undefined-behavior', 'NaNoWriMo', '[object Object]', 'null'])(
  'a record called %s that cannot be read for a while is no absent one',
  async (name) => {
    await using mirror = await openMirror()
    listed = ids(...LETTERS, name)
    const connection = await connected(mirror, plain())
    await connection.sync()
    listed = [...ids(...LETTERS), { id: name, n: 'many' }]
    for (let run = 0; run < 3; run++) {
      const { streams } = await connection.sync()
      expect(streams[0]?.counts).toMatchObject({ removed: 0, quarantined: 1 })
    }
    expect(await keysOf(connection)).toContain(name)
    // What was really deleted goes, for the key of what could not be read is certain.
    listed = listed.filter(({ id }) => id !== 'a')
    for (let run = 0; run < 2; run++) await connection.sync()
    expect(await keysOf(connection)).not.toContain('a')
    expect(await keysOf(connection)).toContain(name)
  },
)

test('a key that the schema makes is compared as the schema makes it', async () => {
  await using mirror = await openMirror()
  const schema = z.object({ email: z.string().toLowerCase(), age: z.int() })
  const user = (i: number, age: unknown = 30) => ({ email: `User${i}@Example.org`, age })
  listed = LETTERS.map((_, i) => user(i))
  const connection = await connected(
    mirror,
    connector(schema, (row: { email: string }) => row.email),
  )
  await connection.sync()
  listed = LETTERS.map((_, i) => user(i, i === 3 ? 'unknown' : 30))
  for (let run = 0; run < 3; run++) await connection.sync()
  expect(await keysOf(connection)).toHaveLength(LETTERS.length)
  expect(mirror.sql('select key from quarantine')).toEqual([{ key: 'user3@example.org' }])
})

const UNPROVED = /not listed any more, but .* could not be read/

test.each(['keyset', 'offset'] as const)(
  'a row without a key may be any record that a listing lacks (%s)',
  async (paging) => {
    await using mirror = await openMirror()
    listed = ids(...LETTERS)
    const connection = await connected(mirror, plain({ paging }))
    await connection.sync()
    // One has lost its id, and three are really gone: nobody can tell which of the four is listed.
    listed = [...ids(...LETTERS.slice(4)), { n: 1, was: 'd' }]
    for (let run = 0; run < 3; run++) {
      const report = await connection.sync()
      expect(report).toMatchObject({
        status: 'incomplete',
        streams: [{ counts: { removed: 0, held: 0, quarantined: 1 } }],
      })
      expect(report.notes).toContainEqual(expect.stringMatching(UNPROVED))
    }
    expect(await keysOf(connection)).toEqual(LETTERS)
    expect((await coverageOf(mirror, connection))?.note).toMatch(UNPROVED)
    expect(mirror.sql('select key from held_removals')).toEqual([])
    // Once it can be read, what is gone is missed by two listings, and goes.
    listed = [...ids(...LETTERS.slice(4)), { id: 'd', n: 1 }]
    await connection.sync()
    expect(await keysOf(connection)).toEqual(LETTERS)
    await connection.sync()
    expect(await keysOf(connection)).toEqual(LETTERS.slice(3))
    expect((await coverageOf(mirror, connection))?.note).not.toMatch(UNPROVED)
  },
)

test('rows without a key on any page count, also on one that an earlier run has read', async () => {
  await using mirror = await openMirror()
  const falling = LETTERS.map((id, i) => ({ id, n: 100 - i }))
  listed = falling
  const connection = await connected(mirror, plain({ order: ({ n }) => n }))
  await connection.sync()
  // It stands on the second page, which is the last one that the first run of each walk reads.
  listed = falling.map(({ id, n }) => (id === 'f' ? { n, was: id } : { id, n }))
  for (let run = 0; run < 3; run++) {
    await connection.sync({ maxRequests: 2 })
    await connection.sync()
  }
  expect(await keysOf(connection)).toEqual(LETTERS)
})

test('a first listing with a row without a key is no witness for a second one', async () => {
  await using mirror = await openMirror()
  listed = ids(...LETTERS)
  const connection = await connected(mirror, plain())
  await connection.sync()
  listed = [{ n: 1, was: 'a' }, ...ids(...LETTERS.slice(1))]
  await connection.sync()
  listed = ids(...LETTERS.slice(1))
  await connection.sync()
  expect(await keysOf(connection)).toEqual(LETTERS)
  await connection.sync()
  expect(await keysOf(connection)).toEqual(LETTERS.slice(1))
})

test('a witness by key counts, whatever could not be read; too much of what it says is held', async () => {
  await using mirror = await openMirror()
  const gone = new Set(['a', 'b'])
  const witness: Witness<unknown> = async ({ keys }) =>
    new Map(keys.map((key) => [key, gone.has(key) ? 'gone' : 'unknown']))
  listed = ids(...LETTERS)
  const connection = await connected(mirror, plain({ witness }))
  await connection.sync()
  listed = [{ n: 1, was: 'c' }, ...ids(...LETTERS.slice(3))]
  await connection.sync()
  expect(await keysOf(connection)).toEqual(LETTERS.slice(2))
  for (const key of LETTERS) gone.add(key)
  listed = [{ n: 1, was: 'c' }]
  expect(await connection.sync()).toMatchObject({ streams: [{ counts: { removed: 0, held: 8 } }] })
  expect(await keysOf(connection)).toEqual(LETTERS.slice(2))
})

test('what could be approved before stays on hold while nothing can be told', async () => {
  await using mirror = await openMirror()
  listed = ids(...LETTERS)
  const connection = await connected(mirror, plain())
  await connection.sync()
  listed = ids('a', 'b')
  expect(await connection.sync()).toMatchObject({ streams: [{ counts: { held: 8 } }] })
  listed = [...ids('a', 'b'), { n: 1, was: 'c' }]
  await connection.sync()
  expect(mirror.value('select count(*) from held_removals')).toBe(8)
  expect(await keysOf(connection)).toEqual(LETTERS)
})

test('a row that pages show twice counts once where a total is compared', async () => {
  await using mirror = await openMirror()
  withTotal = true
  // Ten rows of which two have no key, and one of these stands on two pages, as in a list that has shifted: one is unread.
  listed = [...ids('a', 'b', 'c'), { n: 1, was: 'd' }, { n: 1, was: 'd' }, ...ids('e', 'f', 'g', 'h')]
  const connection = await connected(mirror, plain({ paging: 'offset' }))
  const report = await connection.sync()
  withTotal = false
  expect(report.streams[0]?.passes[0]?.ended).toBe('limit')
  expect(await coverageOf(mirror, connection)).toMatchObject({ kind: 'gap' })
})
