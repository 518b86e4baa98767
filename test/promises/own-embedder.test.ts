// Owns the promise that a project may have an embedder of its own: a service behind HTTP, asked like any other, whose failures
// are told by a search and harm nothing else.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { openMirror } from '../support/mirror.ts'

const KEY = 'sk-of-nobody-4711'
/** What the service knows: words of one meaning point one way. */
const MEANINGS = [
  ['arzt', 'doktor', 'chirurg'],
  ['brot', 'backen', 'teig'],
  ['meer', 'ozean', 'wal'],
]

interface Note {
  readonly id: number
  readonly title: string
}

/** A service with the API of OpenAI, and how it behaves now. */
async function service() {
  const state = {
    status: 200,
    texts: [] as string[],
    sizes: [] as number[],
    paths: [] as string[],
    extra: 0,
    /** The status for these texts. */
    answers: (_: readonly string[]): number => 200,
    /** What stands in place of a vector. */
    gives: (_: string, vector: readonly number[]): readonly unknown[] => vector,
  }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const { input, model } = JSON.parse(body) as { input: string[]; model: string }
      const isKnown = request.headers.authorization === `Bearer ${KEY}`
      const status = isKnown ? (state.status === 200 ? state.answers(input) : state.status) : 401
      state.paths.push(request.url ?? '')
      if (status === 200) {
        state.texts.push(...input)
        state.sizes.push(input.length)
      }
      const vectorOf = (text: string) => [
        ...MEANINGS.map((words) => words.filter((word) => text.toLowerCase().includes(word)).length),
        0.123456789012345,
        ...Array.from({ length: state.extra }, () => 0.5),
      ]
      // In any order, as the API allows.
      const data = input
        .map((text, index) => ({ object: 'embedding', index, embedding: state.gives(text, vectorOf(text)) }))
        .toReversed()
      const answer = status === 200 ? { object: 'list', model, data } : { error: { message: 'no' } }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return {
    state,
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const NOTES: readonly Note[] = [
  { id: 1, title: 'Der Arzt vom Dorf' },
  { id: 2, title: 'Brot für alle' },
  { id: 3, title: 'Der Ozean' },
  ...Array.from({ length: 70 }, (_, i) => ({ id: 10 + i, title: `Nummer ${i}` })),
]

function notesOf(source: { notes: readonly Note[] }) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string() }),
        key: ({ id }) => String(id),
        text: { title: 'title' },
        passes: [
          fullPass<unknown, Note>({
            pageSize: 1_000,
            read: async () => ({ records: [...source.notes], total: source.notes.length }),
          }),
        ],
      }),
    },
  )
}

async function world(url: string, options: object = {}) {
  const mirror = await openMirror()
  const { tidemark } = mirror
  const source = { notes: NOTES }
  await tidemark.connect(notesOf(source), { id: 'me' })
  const given = { baseUrl: url, model: 'small', key: KEY, allowPrivateNetwork: true, ...options }
  await tidemark.connect('embeddings', { id: 'vectors', options: given })
  const synced = async () => {
    const report = await tidemark.sync()
    await tidemark.settled()
    return report
  }
  const meant = (text: string) => tidemark.search(text, { semantic: true, limit: 3 })
  return Object.assign(mirror, { source, synced, meant })
}

test('a project is searched by the vectors of its own service', async () => {
  await using server = await service()
  await using here = await world(server.url)
  const { runs } = await here.synced()
  // What has no stream is not run.
  expect(runs.map(({ connection, status }) => [connection, status])).toEqual([['me', 'succeeded']])
  expect(server.state.texts).toHaveLength(NOTES.length)
  expect(Math.max(...server.state.sizes)).toBeLessThanOrEqual(32)
  expect(new Set(server.state.paths)).toEqual(new Set(['/v1/embeddings']))
  const report = await here.meant('Chirurg')
  expect(report).toMatchObject({ waiting: 0, notice: null })
  expect(report.results[0]).toMatchObject({ key: '1', title: 'Der Arzt vom Dorf' })
  expect((await here.meant('backen')).results[0]).toMatchObject({ key: '2' })
  expect(
    await here.tidemark.perform((await import('../../src/operations/check.ts')).check, { connection: 'vectors' }),
  ).toMatchObject({ outcome: 'ok', account: 'small, 4 dimensions' })
  expect(readFileSync(here.file).includes(KEY)).toBe(false)
})

test('one that fails fails no run, and a search says why only words were looked for', async () => {
  await using server = await service()
  server.state.status = 500
  await using here = await world(server.url)
  expect((await here.synced()).runs[0]?.status).toBe('succeeded')
  const report = await here.meant('Arzt')
  expect(report.results).toMatchObject([{ key: '1' }])
  expect(report.waiting).toBeGreaterThan(0)
  expect(report.notice).toMatch(/^Only words were looked for: .*500/)
  server.state.status = 200
  await here.synced()
  expect((await here.meant('Chirurg')).results[0]).toMatchObject({ key: '1' })
})

test('its address is checked as any other, and its key may be refused', async () => {
  await using server = await service()
  await using here = await world(server.url, { allowPrivateNetwork: false })
  await here.synced()
  expect((await here.meant('Arzt')).notice).toContain('allowPrivateNetwork')
  expect(server.state.paths).toEqual([])
  await here.tidemark.connect('embeddings', { id: 'vectors', options: { allowPrivateNetwork: true, key: 'sk-wrong' } })
  const { notice } = await here.meant('Arzt')
  expect(notice).toContain('Only words were looked for')
  expect(notice).not.toContain('sk-wrong')
})

test('another model makes all vectors anew, and without the connection the one that is built in does', async () => {
  await using server = await service()
  await using here = await world(server.url)
  await here.synced()
  server.state.extra = 3
  await here.tidemark.connect('embeddings', { id: 'vectors', options: { model: 'large' } })
  expect((await here.meant('Chirurg')).waiting).toBe(NOTES.length)
  await here.synced()
  expect(server.state.texts.filter((text) => text.startsWith('Brot'))).toHaveLength(2)
  expect(here.value('SELECT min(length(vector)) FROM tm_vectors')).toBe(7)
  await here.tidemark.disconnect('vectors')
  const asked = server.state.paths.length
  await here.synced()
  expect((await here.meant('Ocean')).notice).toBeNull()
  expect(here.value('SELECT max(length(vector)) FROM tm_vectors')).toBe(192)
  expect(server.state.paths).toHaveLength(asked)
})

test('a service that takes fewer texts, and shorter ones, gets fewer and shorter ones', async () => {
  await using server = await service()
  server.state.answers = (texts) => (texts.length > 5 ? 413 : texts.some(({ length }) => length > 2_000) ? 400 : 200)
  await using here = await world(server.url)
  here.source.notes = [...NOTES, { id: 900, title: `Der Wal ${'im Wasser '.repeat(700)}` }]
  await here.synced()
  expect(await here.meant('Ozean')).toMatchObject({ waiting: 0, notice: null })
  expect((await here.meant('Ozean')).results.map(({ key }) => key)).toContain('900')
  // What was taken is remembered: not every batch is refused first.
  expect(server.state.paths.length).toBeLessThan(50)
})

test('a text that is refused for good keeps no other from its vector, and is not sent again', async () => {
  await using server = await service()
  server.state.answers = (texts) => (texts.some((text) => text.includes('Nummer 7')) ? 400 : 200)
  await using here = await world(server.url)
  here.source.notes = [...NOTES, { id: 901, title: '   ' }, { id: 902, title: 'Ein halbes Zeichen \ud83d' }]
  await here.synced()
  expect(await here.meant('Chirurg')).toMatchObject({ waiting: 0, notice: null, results: [{ key: '1' }] })
  // `Nummer 7` is found by its words, and 70 to 79 are no others.
  expect((await here.meant('Nummer 7')).results[0]?.title).toContain('Nummer 7')
  expect(server.state.texts.filter((text) => text.trim() === '' || !text.isWellFormed())).toEqual([])
  const asked = server.state.paths.length
  await here.synced()
  expect(server.state.paths).toHaveLength(asked)
})

test('a service that refuses everything is not asked for each text', async () => {
  await using server = await service()
  server.state.status = 400
  await using here = await world(server.url)
  await here.synced()
  expect(server.state.paths.length).toBeLessThan(5)
  expect((await here.meant('Arzt')).waiting).toBeGreaterThan(0)
  server.state.status = 200
  await here.synced()
  expect(await here.meant('Chirurg')).toMatchObject({ waiting: 0, results: [{ key: '1' }] })
})

test('vectors of another length are made anew once, and only if a second answer says the same', async () => {
  await using server = await service()
  await using here = await world(server.url)
  await here.synced()
  const changed = (id: number) => (here.source.notes = [...here.source.notes, { id, title: `Noch ein Meer ${id}` }])
  const lengths = () => here.value('SELECT min(length(vector)) || max(length(vector)) FROM tm_vectors')
  // One answer that is wrong changes nothing, and the text waits.
  let wrong = 1
  server.state.gives = (text, vector) => (text.startsWith('Noch') && wrong-- > 0 ? vector.slice(1) : vector)
  changed(200)
  const before = server.state.texts.length
  await here.synced()
  expect(server.state.texts.length - before).toBeLessThanOrEqual(2)
  expect((await here.meant('Ozean')).waiting).toBeGreaterThan(0)
  await here.synced()
  expect(await here.meant('Ozean')).toMatchObject({ waiting: 0, notice: null })
  expect(lengths()).toBe('44')
  // The model behind the name is another one.
  server.state.gives = (_, vector) => [...vector, 0.5]
  expect((await here.meant('Ozean')).notice).toMatch(/vectors have 4 numbers.* 5\. /)
  changed(201)
  await here.synced()
  expect(lengths()).toBe('55')
  const report = await here.meant('Ozean')
  expect(report).toMatchObject({ waiting: 0, notice: null })
  expect(report.results.map(({ key }) => key)).toContain('201')
})

test('what is no number is no vector', async () => {
  await using server = await service()
  await using here = await world(server.url)
  for (const part of [null, '0.1', true]) {
    server.state.gives = (_, vector) => vector.map(() => part)
    await here.synced()
    expect(await here.meant('Arzt')).toMatchObject({ notice: expect.stringContaining('lacks a vector') })
    expect(here.value('SELECT count(*) FROM tm_vectors')).toBe(0)
  }
  server.state.gives = (_, vector) => vector
  await here.synced()
  expect(await here.meant('Chirurg')).toMatchObject({ waiting: 0, notice: null, results: [{ key: '1' }] })
})
