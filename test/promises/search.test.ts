// Owns the promise that what was mirrored is found by its words: a little after each run, as it is now, whatever was changed,
// removed or declared meanwhile; and that nothing people type breaks it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { assemble } from '../../src/assemble.ts'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'

interface Note {
  readonly id: number
  readonly title: string | null
  readonly body?: string | null | undefined
}

const TEXT = { title: 'title', body: ['body'] }

function notesOf(source: { notes: readonly Note[] }, text: object | null = TEXT) {
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1:1' }) },
    {
      notes: stream({
        schema: z.object({ id: z.int(), title: z.string().nullable(), body: z.string().nullish() }),
        key: ({ id }) => String(id),
        ...(text ? { text: text as never } : {}),
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

async function world(notes: readonly Note[]) {
  const source = { notes }
  const mirror = await openMirror()
  const { tidemark } = mirror
  const me = await tidemark.connect(notesOf(source), { id: 'me' })
  const synced = async () => {
    const run = await me.sync()
    await tidemark.settled()
    return run
  }
  const found = async (text: string, query: object = {}) =>
    (await tidemark.search(text, query)).results.map(({ key }) => key)
  await synced()
  return Object.assign(mirror, { source, me, synced, found })
}

test('records are found by all of the words, with title and snippet', async () => {
  await using here = await world([
    { id: 1, title: 'A typed store', body: 'It keeps everything in one SQLite file. Müller wrote about it.' },
    { id: 2, title: 'SQLite tips', body: 'typed columns' },
    { id: 3, title: null, body: 'a note without a title' },
  ])
  const report = await here.tidemark.search('sqlite typed')
  expect(report.waiting).toBe(0)
  expect(report.results).toMatchObject([
    { connection: 'me', stream: 'notes', key: '2', title: 'SQLite tips', score: expect.any(Number) },
    { key: '1', title: 'A typed store', snippet: expect.stringContaining('SQLite file') },
  ])
  expect(await here.found('muller')).toEqual(['1'])
  expect((await here.tidemark.search('without')).results).toMatchObject([{ key: '3', title: 'a note without a title' }])
  expect(await here.found('sqlite', { limit: 1 })).toHaveLength(1)
  expect(await here.found('sqlite', { connection: 'me' })).toHaveLength(2)
  await expect(here.tidemark.search('sqlite', { connection: 'nobody' })).rejects.toMatchObject({
    code: 'connection_unknown',
  })
})

test('the index follows what changes, leaves and comes back', async () => {
  await using here = await world([
    { id: 1, title: 'first' },
    { id: 2, title: 'second' },
    { id: 3, title: 'third' },
  ])
  here.source.notes = [
    { id: 1, title: 'renamed' },
    { id: 2, title: 'second' },
    { id: 4, title: 'fourth' },
  ]
  await here.synced()
  await here.synced()
  expect(await here.found('first')).toEqual([])
  expect(await here.found('renamed')).toEqual(['1'])
  expect(await here.found('fourth')).toEqual(['4'])
  expect(await here.found('third')).toEqual([])
  expect(await here.found('third', { removed: true })).toEqual(['3'])
  here.source.notes = [...here.source.notes, { id: 3, title: 'third' }]
  await here.synced()
  expect(await here.found('third')).toEqual(['3'])
  expect(await here.found('third', { since: '1h' })).toEqual(['3'])
  await here.tidemark.purge('me')
  expect(await here.found('third')).toEqual([])
})

test('a stream that declares other text is indexed anew, and one without is not searched', async () => {
  await using here = await world([{ id: 1, title: 'alpha', body: 'beta' }])
  await here.tidemark.connect(notesOf(here.source, { title: 'body' }), { id: 'me' })
  await (await here.tidemark.connection('me')).sync()
  await here.tidemark.settled()
  expect([await here.found('alpha'), await here.found('beta')]).toEqual([[], ['1']])
  await expect(
    here.tidemark.connect(notesOf(here.source, { title: 'nothing' }), { id: 'other' }),
  ).rejects.toMatchObject({ code: 'connector_invalid', message: expect.stringContaining('text "nothing"') })
})

test('an index that was cut goes on where it stood, and lets others run meanwhile', async () => {
  const source = { notes: Array.from({ length: 6_000 }, (_, i) => ({ id: i + 1, title: `note ${i + 1}` })) }
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-search-'))
  const opened = () =>
    assemble({ database: join(folder, 'mirror.db'), key: new Uint8Array(32).fill(7), connectors: [notesOf(source)] })
  const waits: number[] = []
  for (let i = 0; i < 12 && waits.at(-1) !== 0; i++) {
    const tidemark = await opened()
    const me = await tidemark.connect('notes', { id: 'me', options: {} })
    await me.sync()
    waits.push((await tidemark.search('note')).waiting)
    // It ends behind each sync.
    await tidemark.close()
  }
  expect(waits.at(-1)).toBe(0)
  expect(waits.slice(1)).toEqual(waits.slice(1).toSorted((a, b) => b - a))
  const tidemark = await opened()
  expect((await tidemark.search('note', { limit: 200 })).results).toHaveLength(200)
  let turns = 0
  const turn = setInterval(() => turns++, 1)
  await tidemark.connect(notesOf(source, { title: 'title' }), { id: 'me' })
  await (await tidemark.connection('me')).sync()
  await tidemark.settled()
  clearInterval(turn)
  expect(turns).toBeGreaterThan(6_000 / 250)
  await tidemark.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a stream that declares no text any more is not searched', async () => {
  await using here = await world([{ id: 1, title: 'alpha' }])
  await here.tidemark.connect(notesOf(here.source, null), { id: 'me' })
  await (await here.tidemark.connection('me')).sync()
  await here.tidemark.settled()
  expect(await here.found('alpha')).toEqual([])
})

test('a record of very many long words is found by the first of them', async () => {
  const words = Array.from({ length: 30_000 }, (_, i) => `ωordword${String(i).repeat(6)}`)
  await using here = await world([
    { id: 1, title: 'long', body: words.join(' ') },
    { id: 2, title: 'short' },
  ])
  expect(await here.found('long')).toEqual(['1'])
  expect(await here.found('short')).toEqual(['2'])
})

test('what is not indexed yet is told', async () => {
  await using here = await world([{ id: 1, title: 'alpha' }])
  await here.tidemark.store.feed.saveConsumer('default', {
    ...(await here.tidemark.store.feed.bounds('default')),
    name: 'follower:search',
    seq: 0,
    at: 0,
  })
  expect((await here.tidemark.search('alpha')).waiting).toBe(1)
})

test('whatever people type is answered, or refused with a hint', async () => {
  await using here = await world([{ id: 1, title: 'alpha "quoted" (and) OR* not', body: '東京 100%' }])
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (text) => {
      const answer = await here.found(text).catch((error: unknown) => error)
      const isRefused = answer instanceof TidemarkError && answer.hint !== null
      expect([text, Array.isArray(answer) || isRefused]).toEqual([text, true])
    }),
    { numRuns: 200 },
  )
  expect(await here.found('"quoted" OR')).toEqual(['1'])
})
