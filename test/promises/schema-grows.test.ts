import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { defineConnector, fullPass, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

async function source(listed: () => unknown) {
  const server = createServer((_, answer) => {
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify(listed()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => server.close() }
}

function notes(fields: Record<string, z.ZodType>, version = '1') {
  return defineConnector(
    { name: 'notes', title: 'Notes', version, options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.string(), ...fields }),
        key: (note) => note['id'],
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

const key = new Uint8Array(32).fill(7)

test('a field that is declared later is filled from what was stored, in records, tombstones and versions', async () => {
  let stored = Array.from({ length: 1_200 }, (_, i) => ({ id: `n${i}`, text: `text ${i}`, stars: i }))
  using server = await source(() => stored)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const old = await mirror.tidemark.connect(notes({ text: z.string() }), { id: 'mine', options })
  await old.sync()
  stored = stored.map((note) => (note.id === 'n1' ? { ...note, text: 'changed', stars: 99 } : note)).slice(0, -1)
  await old.sync()
  await old.sync()
  const changes = mirror.value('select count(*) from changes')
  const grown = notes({ text: z.string(), stars: z.number().int() }, '2')
  await using newer = await openTidemark({ database: mirror.file, connectors: [grown], key })
  const run = await (await newer.connection('mine')).sync()
  expect(run.status).toBe('succeeded')
  expect(run.streams[0]?.counts).toMatchObject({ updated: 0, unchanged: 1_199 })
  expect(mirror.value('select count(*) from notes_notes where stars is null')).toBe(0)
  expect(mirror.value("select stars from notes_notes where _key = 'n77'")).toBe(77)
  expect(mirror.value("select stars from notes_notes_all where _key = 'n1199'")).toBe(1199)
  expect(mirror.sql("select stars from notes_notes_versions where _key = 'n1' order by _ordinal")).toEqual([
    { stars: 1 },
    { stars: 99 },
  ])
  expect(mirror.value('select count(*) from changes')).toBe(changes)
})

test('a source that changes the form of its rows is noticed, told once, and nothing of it is lost', async () => {
  let stored: unknown[] = [{ id: 'a', text: 'one' }]
  using server = await source(() => stored)
  const events: { name: string; values: object }[] = []
  const logger = { event: (_: string, name: string, values: object = {}) => void events.push({ name, values }) }
  await using mirror = await openMirror({ logger })
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(notes({ text: z.string() }), { id: 'mine', options })
  const drifts = () => events.filter(({ name }) => name === 'schema.drifted').map(({ values }) => values)
  await mine.sync()
  expect(drifts()).toEqual([])
  stored = [{ id: 'a', text: 'one', colour: 'red' }]
  await mine.sync()
  await mine.sync()
  expect(drifts()).toMatchObject([{ stream: 'notes', fields: ['colour:text'] }])
  expect(mirror.value("select _raw from notes_notes where _key = 'a'")).toBe('{"id":"a","text":"one","colour":"red"}')
  expect(mirror.sql('select field, kind from source_fields order by field')).toEqual([
    { field: 'colour', kind: 'text' },
    { field: 'id', kind: 'text' },
    { field: 'text', kind: 'text' },
  ])
})
