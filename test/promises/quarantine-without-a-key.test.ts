// A row whose key could not be read is in quarantine by its text alone. Once its connector can read the key, the row leaves
// as soon as something tells how it stands to the record that is stored.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function notes(key: 'id' | 'name') {
  const schema =
    key === 'id'
      ? z.object({ id: z.string(), text: z.string() })
      : z.object({ id: z.string().optional(), name: z.string(), text: z.string() })
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      notes: stream({
        schema: schema as z.ZodObject,
        key: (note) => String(key === 'id' ? note['id'] : note['name']),
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => ({ records: rows((await http.get('/notes')).body, 'notes') }),
          }),
        ],
      }),
    },
  )
}

/** A mirror of a source that shows what `show` says; `mended` reads the key of every row. */
async function world() {
  let listed: readonly object[] = []
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify(listed))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(async () => server.close())
  const mirror = await openMirror()
  ended.push(() => mirror[Symbol.asyncDispose]())
  const options = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(notes('id'), { id: 'mine', options })
  const show = (...shown: readonly object[]) => {
    listed = shown
  }
  const mended = async () => {
    const key = new Uint8Array(32).fill(7)
    const newer = await openTidemark({ database: mirror.file, connectors: [notes('name')], key })
    ended.push(() => newer.close())
    return { newer, connection: await newer.connection('mine') }
  }
  return { mirror, old, show, mended }
}

const FIRST = { id: 'a', name: 'a', text: 'first' }
const OTHER = { id: 'b', name: 'b', text: 'other' }
const KEYLESS = { name: 'a', text: 'second' }
const texts = `select text, _op from notes_notes_versions where _key = 'a' order by _ordinal`

test('the same text leaves when its source shows it again and it is read', async () => {
  const { mirror, old, show, mended } = await world()
  show(FIRST, OTHER)
  await old.sync()
  show(KEYLESS, OTHER)
  await old.sync()
  expect(mirror.value('select count(*) from quarantine')).toBe(1)
  const { connection } = await mended()
  expect((await connection.sync()).status).toBe('succeeded')
  expect(mirror.value(`select text from notes_notes where _key = 'a'`)).toBe('second')
  expect(mirror.value('select count(*) from quarantine')).toBe(0)
})

test('an older text than the stored one goes to the history', async () => {
  const { mirror, old, show, mended } = await world()
  show(KEYLESS, OTHER)
  await old.sync()
  show({ ...FIRST, text: 'third' }, OTHER)
  await old.sync()
  const { newer } = await mended()
  expect(await newer.retryQuarantine()).toMatchObject({ released: 1, remaining: [] })
  expect(mirror.sql(texts)).toContainEqual({ text: 'second', _op: 'superseded' })
  expect(mirror.value(`select text from notes_notes where _key = 'a'`)).toBe('third')
})

test('a text that may be newer or older waits under its key until its source shows the record again', async () => {
  const { mirror, old, show, mended } = await world()
  show(FIRST, OTHER)
  await old.sync()
  show(KEYLESS, OTHER)
  await old.sync()
  const { newer, connection } = await mended()
  for (let i = 0; i < 2; i++) {
    const retried = await newer.retryQuarantine()
    expect(retried).toMatchObject({ released: 0, remaining: [{ key: 'a' }] })
    expect(retried.remaining[0]?.message).toMatch(/^A record with the key "a" is stored, and nothing tells which/)
    expect(mirror.value(`select text from notes_notes where _key = 'a'`)).toBe('first')
  }
  // Unchanged since before the text was shown: what is stored is the newer of the two.
  show(FIRST, OTHER)
  expect((await connection.sync()).status).toBe('succeeded')
  expect(mirror.sql('select key, superseded_at is null as waits from quarantine')).toEqual([{ key: 'a', waits: 0 }])
  expect(await newer.retryQuarantine()).toMatchObject({ released: 1, remaining: [] })
  expect(mirror.sql(texts)).toContainEqual({ text: 'second', _op: 'superseded' })
  expect(mirror.value(`select text from notes_notes where _key = 'a'`)).toBe('first')
})
