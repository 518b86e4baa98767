// Promise: a connection whose connector declares it has, after each complete run, its whole content as one document, as it
// was then; the last five are kept, and what differs between two can be told.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StreamDiff } from '../../src/engine/history/catalogs.ts'
import type { Catalog } from '../../src/index.ts'
import { type StalkerEmulator, type StalkerOptions, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { place } from '../cli/program.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

const TITLES = 60

async function started(options: StalkerOptions = {}, over: Parameters<typeof openMirror>[0] = {}) {
  const portal = await stalkerEmulator({ titles: TITLES, channels: 5, kind: 'xtream', ...options })
  onTestFinished(() => portal.close())
  const events: { readonly name: string; readonly values: Readonly<Record<string, unknown>> }[] = []
  const logger = {
    event: (_: string, name: string, values: object = {}) => void events.push({ name, values: { ...values } }),
  }
  const mirror = await openMirror({ clock: testClock(), logger, ...over })
  onTestFinished(() => mirror[Symbol.asyncDispose]())
  return { portal, mirror, world: portal.world, tv: await mirror.portal(portal), events }
}

/** As whoever downloads it reads it. */
async function documentOf(catalog: Catalog) {
  const text = gunzipSync(Buffer.concat(await gathered(catalog.gzip()))).toString()
  expect((await gathered(catalog.text())).join('')).toBe(text)
  return JSON.parse(text)
}

async function gathered<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

const keysOf = (records: readonly { readonly _key: string }[]) => records.map(({ _key }) => _key).sort()

/** Syncs, and compares the catalog with the portal; gives its number. */
async function publishedBy(options: Parameters<typeof openMirror>[0] = {}): Promise<number> {
  const { tv, world, events } = await started({}, options)
  const run = await tv.sync()
  expect(run).toMatchObject({ status: 'succeeded', notes: [] })
  const document = await documentOf(await tv.catalog())
  const { movies, series, channels } = document.streams
  expect(keysOf(movies)).toEqual(world.ids('movies').sort())
  expect(keysOf(series)).toEqual(world.ids('series').sort())
  expect(channels).toHaveLength(5)
  const [listed] = await tv.catalogs()
  const totals = { movies: movies.length, series: series.length, channels: 5 }
  const stats = { totals, newItemsAdded: TITLES + 5, added: totals }
  expect(document).toMatchObject({ version: '1.0', n: 1, connection: 'tv', connector: 'stalker', run: run.id, stats })
  expect(listed).toMatchObject({ n: 1, run: run.id, at: document.generatedAt, ...stats })
  const published = events.find(({ name }) => name === 'catalog.published')
  expect(published?.values).toMatchObject({ run: run.id, connection: 'tv', catalog: 1, totals, new: TITLES + 5 })
  // The rows are those that `records` gives, and the categories sort them.
  const stored = await gathered(tv.records('movies', { columns: ['_key', 'name', 'hd', 'added'] }))
  const told = new Map(movies.map((row: { _key: string }) => [row._key, row]))
  for (const row of stored) expect(told.get(row['_key'])).toMatchObject(row)
  for (const [category, keys] of Object.entries<string[]>(document.byCategory.movies)) {
    expect(keysOf(movies.filter((row: { category_id: string }) => row.category_id === category))).toEqual(
      keys.toSorted(),
    )
    expect(keysOf(document.categories)).toContain(category)
  }
  return document.n
}

test('SQLite: the document has every record, by category, with its stats', async () => {
  expect(await publishedBy()).toBe(1)
})

withPostgres('PostgreSQL', () => {
  test('the document has every record, by category, with its stats', { timeout: 60_000 }, async () => {
    const server = await postgresServer()
    expect(await publishedBy({ database: server.url(await server.createDatabase()) })).toBe(1)
  })
})

/** What a new cut changes of a title, and nothing else. */
const NAMES = ['name', 'original_name']

describe('two catalogs', () => {
  test('differ in what was added, removed and changed, and in nothing else', async () => {
    const { tv, world } = await started()
    await tv.sync()
    const added = world.add(3, 'movies')
    const changed = world.changeAt('movies', 10)
    const removed = world.removeAt('series', 4)
    await tv.sync({ mode: 'full' })
    await tv.sync({ mode: 'full' })
    const diff = await tv.diffCatalogs(1, 3)
    expect(diff).toMatchObject({ from: 1, to: 3 })
    const { movies, series, channels } = diff.streams
    expect(keysOf(movies!.added)).toEqual(added.sort())
    expect(movies!.removed).toEqual([])
    expect(movies!.changed).toMatchObject([{ _key: changed, after: { name: expect.stringContaining(', cut 1') } }])
    const [{ before, after }] = movies!.changed as [StreamDiff['changed'][number]]
    expect([before, after].map((fields) => Object.keys(fields))).toEqual([NAMES, NAMES])
    expect(series).toEqual({ added: [], removed: [expect.objectContaining({ _key: removed })], changed: [] })
    expect(channels).toEqual({ added: [], removed: [], changed: [] })
    const back = await tv.diffCatalogs(3, 1)
    expect(keysOf(back.streams['movies']!.removed)).toEqual(added)
    expect(keysOf(back.streams['series']!.added)).toEqual([removed])
    expect((await tv.catalogs()).map(({ newItemsAdded }) => newItemsAdded)).toEqual([0, 3, TITLES + 5])
  })

  test('of the same content do not differ', async () => {
    const { tv } = await started()
    await tv.sync()
    await tv.sync()
    const nothing = { added: [], removed: [], changed: [] }
    const streams = { channels: nothing, movies: nothing, series: nothing }
    expect(await tv.diffCatalogs(1, 2)).toEqual({ from: 1, to: 2, streams })
  })

  test('the last five are kept; one that is gone is not there, and says which are', async () => {
    const { tv, world } = await started({ titles: 20 })
    for (let n = 0; n < 7; n++) {
      await tv.sync()
      world.add(1)
    }
    expect((await tv.catalogs()).map(({ n }) => n)).toEqual([7, 6, 5, 4, 3])
    await expect(tv.catalog(2)).rejects.toMatchObject({ code: 'catalog_unknown', hint: 'It has: 7, 6, 5, 4, 3' })
    expect((await documentOf(await tv.catalog(3))).n).toBe(3)
    expect((await documentOf(await tv.catalog())).n).toBe(7)
  })

  test('one that is replaced while it is read ends in an error, never in half a document', async () => {
    const { tv, mirror } = await started({ titles: 20 })
    await tv.sync()
    const catalog = await tv.catalog()
    const first = catalog.gzip()
    for (let n = 0; n < 5; n++) await tv.sync()
    expect(mirror.value('select count(*) from tm_catalog_parts where n = 1')).toBe(0)
    await expect(first.next()).rejects.toMatchObject({ code: 'catalog_unknown' })
    await expect(gathered(catalog.text())).rejects.toMatchObject({ code: 'catalog_unknown' })
  })
})

describe('only a complete run publishes', () => {
  const none = async (portal: StalkerEmulator, sync: () => Promise<{ readonly status: string }>, status: string) => {
    portal.faults.clear()
    expect((await sync()).status).toBe(status)
  }

  test('not one that ends early, nor one that reads a part; the next whole one tells what is new', async () => {
    const { portal, tv, world } = await started()
    await none(portal, () => tv.sync({ maxRequests: 6 }), 'incomplete')
    expect(await tv.catalogs()).toEqual([])
    await expect(tv.catalog()).rejects.toMatchObject({ code: 'catalog_unknown' })
    await none(portal, () => tv.sync(), 'succeeded')
    expect((await tv.catalogs()).map(({ newItemsAdded }) => newItemsAdded)).toEqual([TITLES + 5])
    world.add(40)
    await none(portal, () => tv.sync({ maxRequests: 4 }), 'incomplete')
    await none(portal, () => tv.sync(), 'succeeded')
    expect((await tv.catalogs()).map(({ newItemsAdded }) => newItemsAdded)).toEqual([40, TITLES + 5])
  })

  test('a run of one stream does where the others are complete, and does not where they were never read', async () => {
    const { tv } = await started()
    await tv.sync({ streams: ['movies'] })
    expect(await tv.catalogs()).toEqual([])
    await tv.sync()
    await tv.sync({ streams: ['movies'] })
    expect(await tv.catalogs()).toHaveLength(2)
  })
})

test('the command line lists, shows, writes and compares them', async () => {
  const portal = await stalkerEmulator({ titles: TITLES, channels: 5 })
  onTestFinished(() => portal.close())
  const here = place()
  const set = [
    '--set',
    `portalUrl=${portal.portalUrl}`,
    '--set',
    `mac=${portal.mac}`,
    '--set',
    'allowPrivateNetwork=true',
  ]
  await here.ask(['connect', 'stalker', '--id', 'tv', ...set])
  const before = await here.ask(['catalog', 'tv', '--json'])
  expect(before.json).toEqual({ catalogs: [] })
  await here.ask(['sync'])
  const [added] = portal.world.add(1, 'movies')
  await here.ask(['sync'])
  const list = await here.ask(['catalog', 'tv', 'list', '--json'])
  expect(list.json.catalogs.map(({ n }: { n: number }) => n)).toEqual([2, 1])
  const newest = await here.ask(['catalog', 'tv', 'show', '--json'])
  expect(newest.json).toMatchObject({ n: 2, stats: { newItemsAdded: 1 } })
  expect((await here.ask(['catalog', 'tv', 'show', '1'])).json).toMatchObject({ n: 1 })
  const diff = await here.ask(['catalog', 'tv', 'diff', '1', '2', '--json'])
  expect(diff.json.streams.movies.added.map(({ _key }: { _key: string }) => _key)).toEqual([added])
  const seen = await here.ask(['catalog', 'tv', 'diff', '1', '2'])
  expect(seen.stdout).toMatch(/movies +1 +0 +0/)
  expect(seen.stderr).toContain('Record by record: tidemark catalog tv diff 1 2 --json')
  const file = join(here.folder, 'catalog.json')
  await here.ask(['catalog', 'tv', 'show', '--out', file])
  await here.ask(['catalog', 'tv', 'show', '--out', `${file}.gz`])
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(newest.json)
  expect(gunzipSync(readFileSync(`${file}.gz`)).toString()).toBe(readFileSync(file, 'utf8'))
  const missing = await here.ask(['catalog', 'tv', 'show', '9', '--out', `${file}.9`])
  expect(missing).toMatchObject({ code: 2 })
  expect(missing.stderr).toContain('catalog_unknown')
  expect(existsSync(`${file}.9`)).toBe(false)
  for (const wrong of [['shw'], ['show', 'x'], ['diff', '1'], ['list', '1'], ['show', '1', '2']]) {
    expect(await here.ask(['catalog', 'tv', ...wrong])).toMatchObject({ code: 2 })
  }
})
