// Owns the promise that records are found by what they mean: whatever words they have for it, as they are now, by the
// embedder that is used now; and that an embedder which fails takes nothing else with it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { assemble, type Seams } from '../../src/assemble.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import type { Embedder } from '../../src/embedders/embedder.ts'
import { staticEmbedder } from '../../src/embedders/static.ts'
import { openMirror } from '../support/mirror.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

interface Note {
  readonly id: number
  readonly title: string
  readonly body?: string | null | undefined
  readonly likes?: number | null | undefined
}

const NOTES: readonly Note[] = [
  { id: 1, title: 'Repairing a flat bicycle tyre', body: 'Find the hole in the rubber, and patch it.' },
  { id: 2, title: 'Sourdough for beginners', body: 'Flour, water, salt and patience make a loaf.' },
  { id: 3, title: 'The physician of the village', body: 'A novel about medicine in the mountains.' },
  { id: 4, title: 'Taxes for small companies', body: 'Which forms the revenue office wants each quarter.' },
]

function notesOf(source: { notes: readonly Note[] }, text: { title: string; body?: string[] } | null) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string(), body: z.string().nullish(), likes: z.int().nullish() }),
        key: ({ id }) => String(id),
        ...(text ? { text: text as never } : {}),
        passes: [
          fullPass<unknown, Note>({
            pageSize: 5_000,
            read: async () => ({ records: [...source.notes], total: source.notes.length }),
          }),
        ],
      }),
    },
  )
}

const TEXT = { title: 'title', body: ['body'] }

async function world(notes: readonly Note[], seams: Seams = {}) {
  const source = { notes }
  const mirror = await openMirror(seams)
  const { tidemark } = mirror
  await tidemark.connect(notesOf(source, TEXT), { id: 'me' })
  const synced = async () => {
    const run = await (await tidemark.connection('me')).sync()
    await tidemark.settled()
    return run
  }
  const found = async (text: string, query: object = {}) =>
    (await tidemark.search(text, { semantic: true, ...query })).results.map(({ key }) => key)
  const first = await synced()
  return Object.assign(mirror, { source, first, synced, found })
}

/** The embedder that is built in, which tells what it was given and fails when it is told to. */
function watched(id = 'watched'): Embedder & { readonly given: string[]; failure: Error | null } {
  const builtIn = staticEmbedder()
  return {
    id,
    atOnce: builtIn.atOnce,
    given: [],
    failure: null,
    async embed(texts) {
      if (this.failure) throw this.failure
      this.given.push(...texts)
      return builtIn.embed(texts)
    },
  }
}

test('records are found by what they mean, beside those that have the words', async () => {
  await using here = await world(NOTES)
  expect((await here.tidemark.search('fix a puncture')).results).toEqual([])
  const report = await here.tidemark.search('fix a puncture', { semantic: true })
  expect(report).toMatchObject({ waiting: 0, notice: null })
  expect(report.results[0]).toMatchObject({
    connection: 'me',
    stream: 'notes',
    key: '1',
    title: 'Repairing a flat bicycle tyre',
    snippet: expect.stringContaining('Find the hole'),
    score: expect.any(Number),
  })
  expect((await here.found('doctor'))[0]).toBe('3')
  expect((await here.found('baking bread'))[0]).toBe('2')
  // Both what has the word and what means it.
  expect((await here.found('revenue'))[0]).toBe('4')
  expect(await here.found('doctor', { limit: 1 })).toEqual(['3'])
  expect(await here.found('doctor', { since: '1h' })).toContain('3')
  await expect(here.found('doctor', { connection: 'nobody' })).rejects.toMatchObject({ code: 'connection_unknown' })
})

test('a text of words that the embedder does not know is looked for by its words, and that is said', async () => {
  await using here = await world([...NOTES, { id: 9, title: 'Ünïcödé 東京都' }])
  const report = await here.tidemark.search('東京', { semantic: true })
  expect(report.results.map(({ key }) => key)).toEqual(['9'])
  expect(report.notice).toContain('Only words were looked for')
  expect((await here.tidemark.search('東京')).notice).toBeNull()
})

test('vectors follow what changes, leaves and comes back', async () => {
  await using here = await world(NOTES)
  expect((await here.found('doctor'))[0]).toBe('3')
  here.source.notes = [
    ...NOTES.filter(({ id }) => id !== 3),
    { id: 5, title: 'Surgeons and nurses' },
    { id: 4, title: 'How whales sing', body: 'Songs in the ocean' },
  ].filter(({ id }, at, all) => all.findLastIndex((one) => one.id === id) === at)
  await here.synced()
  await here.synced()
  expect((await here.found('doctor'))[0]).toBe('5')
  expect(await here.found('doctor')).not.toContain('3')
  expect((await here.found('doctor', { removed: true }))[0]).toBe('3')
  expect((await here.found('marine mammals'))[0]).toBe('4')
  here.source.notes = [...here.source.notes, ...NOTES.filter(({ id }) => id === 3)]
  await here.synced()
  expect((await here.found('doctor', { limit: 2 })).toSorted()).toEqual(['3', '5'])
  await here.tidemark.purge('me')
  expect(await here.found('doctor')).toEqual([])
})

test('a text that is still the same is not embedded again, whatever else changes', async () => {
  const embedder = watched()
  await using here = await world(
    NOTES.map((note) => ({ ...note, likes: 1 })),
    { embedder },
  )
  expect(embedder.given).toHaveLength(4)
  here.source.notes = NOTES.map((note) => ({ ...note, likes: 2, ...(note.id === 2 ? { title: 'A loaf' } : {}) }))
  await here.synced()
  expect(here.value('SELECT sum(likes) FROM notes_notes')).toBe(8)
  expect(embedder.given.slice(4)).toEqual([expect.stringMatching(/^A loaf\n/)])
  // Neither where the feed begins anew.
  await here.tidemark.connect(notesOf(here.source, TEXT), { id: 'other' })
  await (await here.tidemark.connection('other')).sync()
  await here.tidemark.settled()
  await here.tidemark.purge('other')
  await here.synced()
  expect(embedder.given).toHaveLength(4 + 1 + 4)
  expect((await here.tidemark.search('doctor', { semantic: true })).waiting).toBe(0)
})

test('another embedder makes all vectors anew, goes on where it was cut, and says what waits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-semantic-'))
  const source = { notes: Array.from({ length: 6_000 }, (_, i) => ({ id: i + 1, title: `whale number ${i + 1}` })) }
  const opened = (embedder: Embedder) =>
    assemble({
      database: join(folder, 'mirror.db'),
      key: new Uint8Array(32).fill(7),
      connectors: [notesOf(source, TEXT)],
      embedder,
    })
  const first = await opened(watched('first'))
  await (await first.connect('notes', { id: 'me', options: {} })).sync()
  await first.settled()
  await first.close()
  const second = watched('second')
  const waits: number[] = []
  // What the other embedder made is not compared with what this one makes.
  const looking = await opened(second)
  expect(await looking.search('marine mammals', { semantic: true })).toMatchObject({ results: [], waiting: 6_000 })
  await looking.close()
  for (let i = 0; i < 12 && waits.at(-1) !== 0; i++) {
    const tidemark = await opened(second)
    await (await tidemark.connection('me')).sync()
    waits.push((await tidemark.search('marine mammals', { semantic: true })).waiting)
    await tidemark.close()
  }
  expect(waits.at(-1)).toBe(0)
  expect(waits.length).toBeGreaterThan(1)
  expect(second.given.filter((text) => text.startsWith('whale'))).toHaveLength(6_000)
  const tidemark = await opened(second)
  expect((await tidemark.search('marine mammals', { semantic: true, limit: 200 })).results).toHaveLength(200)
  await tidemark.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an embedder that fails fails no run and no search, and goes on when it works', async () => {
  const embedder = watched()
  embedder.failure = new Error('The embedder is away.')
  await using here = await world(NOTES, { embedder })
  expect(here.first.status).toBe('succeeded')
  const report = await here.tidemark.search('sourdough', { semantic: true })
  expect(report.results).toMatchObject([{ key: '2' }])
  expect(report.waiting).toBeGreaterThan(0)
  expect(report.notice).toContain('Only words were looked for')
  expect((await here.tidemark.search('sourdough')).waiting).toBe(0)
  embedder.failure = null
  await here.synced()
  expect((await here.found('doctor'))[0]).toBe('3')
})

test('a stream that declares no text any more is found by no meaning', async () => {
  await using here = await world(NOTES)
  await here.tidemark.connect(notesOf(here.source, null), { id: 'me' })
  await here.synced()
  expect(await here.found('doctor')).toEqual([])
  expect(here.value('SELECT count(*) FROM tm_vectors')).toBe(0)
})

withPostgres('on PostgreSQL', () => {
  test('records are found by what they mean, as they are now', async () => {
    const database = await PostgresDatabase.open()
    const source = { notes: NOTES }
    const connectors = [notesOf(source, TEXT)]
    const tidemark = await assemble({ database: database.url(), key: new Uint8Array(32).fill(7), connectors })
    const me = await tidemark.connect('notes', { id: 'me', options: {} })
    const found = async () => (await tidemark.search('doctor', { semantic: true })).results[0]?.key
    await me.sync()
    await tidemark.settled()
    expect(await found()).toBe('3')
    source.notes = [...NOTES.filter(({ id }) => id !== 3), { id: 3, title: 'Whales' }, { id: 5, title: 'A surgeon' }]
    await me.sync()
    await tidemark.settled()
    expect(await found()).toBe('5')
    await tidemark.close()
    await database.drop()
  })
})
