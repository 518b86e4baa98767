// Owns the promise that what a source has shown is never nowhere: a content that comes when a newer one is stored does not
// overwrite it, and is in the history, marked as superseded and with the reason, once. Both stores say the same.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type Connection, defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

interface Note {
  readonly id: string
  readonly title: string | number
  readonly updated: number
  readonly views?: number
}

async function source(listed: () => readonly Note[]) {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify(listed()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => server.close() }
}

function notes(title: z.ZodType = z.string()) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.string(), title, updated: z.int() }),
        key: (note) => note.id,
        version: (note) => note.updated,
        volatile: ['views'],
        passes: [
          fullPass({
            pageSize: 10,
            paging: 'keyset',
            read: async ({ http }) => ({ records: rows((await http.get('/notes')).body, 'notes') }),
          }),
        ],
      }),
    },
  )
}

const key = new Uint8Array(32).fill(7)
const first: Note = { id: 'a', title: 'first', updated: 1000 }
const second: Note = { id: 'a', title: 'SECOND', updated: 900 }

const past = async (connection: Connection) =>
  (await connection.history('notes', 'a')).map(({ op, reason, columns: { title } }) => [op, reason, title])

async function live(connection: Connection, asOf?: Date): Promise<unknown[]> {
  const titles: unknown[] = []
  for await (const row of connection.records('notes', { asOf })) titles.push(row['title'])
  return titles
}

/** The promise from outside, on any store. */
async function isKeptOnce(database: string): Promise<void> {
  let listed: readonly Note[] = [first]
  using server = await source(() => listed)
  await using tidemark = await openTidemark({ database, key, connectors: [notes()] })
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await tidemark.connect('notes', { id: 'mine', options })
  const read = async (...now: readonly Note[]) => {
    listed = now
    const { status, streams } = await mine.sync()
    return { status, ...streams[0]!.counts }
  }
  await read(first)
  expect(await read(second)).toMatchObject({ status: 'succeeded', updated: 0, unchanged: 0, superseded: 1 })
  const older = ['superseded', 'older_version', 'SECOND']
  expect(await past(mine)).toEqual([older, ['insert', null, 'first']])
  expect(await live(mine)).toEqual(['first'])
  // The same again, in other words and with other volatile fields: nothing new.
  expect(await read({ ...second, views: 3 })).toMatchObject({ superseded: 1 })
  expect(await read({ views: 4, updated: 900, id: 'a', title: 'SECOND' })).toMatchObject({ superseded: 1 })
  expect(await past(mine)).toHaveLength(2)
  const between = new Date()
  // Another one, which is newer than the other but not than what is stored, and then one that is newer than all.
  expect(await read({ ...first, title: 'third', updated: 950 })).toMatchObject({ superseded: 1 })
  expect(await read({ ...first, title: 'fourth', updated: 2000 })).toMatchObject({ superseded: 0, updated: 1 })
  // What the record was before is known, and kept once, too.
  expect(await read(first)).toMatchObject({ superseded: 1, updated: 0 })
  expect(await past(mine)).toEqual([
    older,
    ['superseded', 'older_version', 'third'],
    ['insert', null, 'first'],
    ['update', null, 'fourth'],
  ])
  expect(await live(mine, between)).toEqual(['first'])
  const changes = []
  for await (const { op, ordinal } of tidemark.changes()) changes.push([op, ordinal])
  expect(changes).toEqual([
    ['insert', 1],
    ['update', 2],
  ])
  const [explained] = (await mine.explain('notes', 'a')).versions
  expect(explained).toMatchObject({
    op: 'superseded',
    page: 1,
    rule: { name: 'older_version' },
    source: { connection: 'mine' },
  })
  expect(explained?.changes).toEqual([
    { field: 'title', before: 'first', after: 'SECOND' },
    { field: 'updated', before: 1000, after: 900 },
  ])
}

test('an older content does not overwrite a newer one, and is kept once', async () => {
  await using mirror = await openMirror()
  await isKeptOnce(mirror.file)
  expect(
    mirror.sql('select _op, _reason, title, _run is not null as run from notes_notes_versions order by _at'),
  ).toEqual([
    { _op: 'insert', _reason: null, title: 'first', run: 1 },
    { _op: 'superseded', _reason: 'older_version', title: 'SECOND', run: 1 },
    { _op: 'superseded', _reason: 'older_version', title: 'third', run: 1 },
    { _op: 'update', _reason: null, title: 'fourth', run: 1 },
  ])
  expect(mirror.value('select sum(superseded) from runs')).toBe(5)
})

withPostgres('PostgreSQL', () => {
  test('an older content does not overwrite a newer one, and is kept once', async () => {
    const server = await postgresServer()
    const name = await server.createDatabase()
    await isKeptOnce(server.url(name))
    expect(await server.query('select sum(superseded)::int as n from runs', name)).toEqual([{ n: 5 }])
  })
})

test('a source that goes on showing an older version is a finding, until it shows the newer one', async () => {
  let listed: readonly Note[] = [first]
  using server = await source(() => listed)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine: Connection = await mirror.tidemark.connect(notes(), { id: 'mine', options })
  const findings = async () => (await mirror.tidemark.audit()).findings
  await mine.sync()
  listed = [second]
  for (let n = 0; n < 2; n++) await mine.sync()
  expect(await findings()).toEqual([])
  await mine.sync()
  expect(await findings()).toMatchObject([
    { finding: 'older_versions', severity: 'suspicion', stream: 'notes', message: expect.stringContaining('3 runs') },
  ])
  listed = [first]
  await mine.sync()
  expect(await findings()).toEqual([])
})

test('what comes out of quarantine goes to the history where it is older, or its record was removed since', async () => {
  const others = Array.from({ length: 6 }, (_, i) => ({ id: `other ${i}`, title: 'other', updated: 1 }))
  let listed: readonly Note[] = [first, { ...first, id: 'b' }]
  using server = await source(() => [...listed, ...others])
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const strict = await mirror.tidemark.connect(notes(), { id: 'mine', options })
  await strict.sync()
  listed = [
    { ...second, title: 7 },
    { ...first, id: 'b', title: 8, updated: 2000 },
  ]
  expect((await strict.sync()).streams[0]?.counts).toMatchObject({ quarantined: 2, updated: 0, superseded: 0 })
  listed = [first]
  await mirror.tidemark.close()
  await using lax = await openTidemark({ database: mirror.file, connectors: [notes(z.coerce.string())], key })
  const mine = await lax.connection('mine')
  expect(await lax.retryQuarantine()).toMatchObject({ remaining: [] })
  expect(await past(mine)).toEqual([
    ['superseded', 'older_version', '7'],
    ['insert', null, 'first'],
  ])
})
