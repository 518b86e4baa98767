// Owns the promise that a walk which a release or an option sends back reads all that it stands for: bounds in another
// unit leave nothing out, whichever run comes to them, and nothing that was counted of another listing counts for this one.

import { expect, test } from 'vitest'
import { defineConnector } from '../../src/connector/connector.ts'
import { type Http, rows } from '../../src/connector/page.ts'
import { byCursor, fullPass, openTidemark, stream, z } from '../../src/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { type Item, items, keysOf, order, PAGE_SIZE, PagedSource, reads } from '../support/paged-source.ts'

const SERVICE = { name: 'paged', title: 'Paged', http: () => ({ baseUrl: 'https://paged.example' }) }
const schema = z.object({ id: z.string(), at: z.int(), text: z.string() })
const key = ({ id }: { id: string }) => id

/** Opens a mirror with each release in turn. */
async function releases(source: PagedSource, options: object = {}) {
  const mirror = await openMirror()
  await mirror.tidemark.close()
  const opened: { close(): Promise<void> }[] = []
  return {
    async next(connector: unknown, more = options) {
      await opened.at(-1)?.close()
      const seams = { transport: source.transport, clock: testClock() }
      const tidemark = await openTidemark({ database: mirror.file, key: new Uint8Array(32).fill(7), ...seams })
      opened.push(tidemark)
      return tidemark.connect(connector as never, { id: 'mine', options: more as never })
    },
    value: (sql: string) => mirror.value(sql),
    async [Symbol.asyncDispose]() {
      await opened.at(-1)?.close()
      await mirror[Symbol.asyncDispose]()
    },
  }
}

// ── another unit ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A release whose positions are so many times seconds. */
function inUnits(perSecond: number, version: number, migrate?: (position: number) => number) {
  const { changes } = reads()
  const read = ({ since, until, ...request }: { since?: number; until: number }) =>
    (changes as (request: unknown) => unknown)({
      ...request,
      since: since === undefined ? undefined : since / perSecond,
      until: until / perSecond,
    })
  const pass = byCursor({
    pageSize: PAGE_SIZE,
    order: (item: Item) => order(item) * perSecond,
    unitMs: 1_000 / perSecond,
    overlap: '0s',
    read: read as never,
  })
  const state = { version, ...(migrate ? { migrate } : {}) }
  return defineConnector(
    { ...SERVICE, options: z.object({}) },
    { notes: stream({ schema, key, state, passes: [pass] }) },
  )
}

const FLOORED = inUnits(1, 2, (position) => Math.floor(position / 1_000))

test('the end of a part that is unread, which is exclusive, is carried into a coarser unit with all that it has', async () => {
  await using source = new PagedSource({ notes: items(40) })
  await using world = await releases(source)
  const before = await world.next(inUnits(1_000, 1))
  source.fails = (_, page) => page.some(({ id }) => id === 'k12')
  expect((await before.sync()).status).not.toBe('succeeded')
  source.fails = () => false
  const mine = await world.next(FLOORED)
  expect((await mine.sync()).status).toBe('succeeded')
  expect(await keysOf(mine)).toHaveLength(40)
})

test('a range that broke off, too', async () => {
  const notes = items(40)
  await using source = new PagedSource({ notes })
  await using world = await releases(source)
  const before = await world.next(inUnits(1_000, 1))
  await before.sync()
  for (const note of notes) note.text = 'changed'
  const [since, until] = [notes[5]?.at ?? 0, notes[20]?.at ?? 0]
  // The last one stands within the second in which the range ends.
  await before.sync({ since: new Date(since * 1_000), until: new Date(until * 1_000 + 500), maxRequests: 2 })
  const mine = await world.next(FLOORED)
  await mine.sync()
  const changed: string[] = []
  for await (const { _key, text } of mine.records('notes')) if (text === 'changed') changed.push(_key)
  expect(changed).toContain('k20')
})

// ── another listing ─────────────────────────────────────────────────────────────────────────────────────────────────

type Window = { readonly since?: number; readonly until: number }

/** Pages that answer, tell the total, and have nothing. */
let blanks = 0

const LISTING = {
  pageSize: PAGE_SIZE,
  paging: 'keyset',
  order,
  read: async ({ http, page, options }: { http: Http; page?: unknown; options: { board: string } }) => {
    const query = { page: page as number, size: PAGE_SIZE }
    const { body } = await http.get(`/${options.board}/list`, { query })
    const { found, next, total } = body as { found: unknown; next?: number; total: number }
    if (page !== undefined && blanks-- > 0) return { records: [], total }
    return { records: rows(found, 'found'), next, total }
  },
} as const

const CHANGES = async ({ http, page, since, until, options }: Parameters<typeof LISTING.read>[0] & Window) => {
  const { body } = await http.get(`/${options.board}/changes`, { query: { page: page as number, since, until } })
  const { found, next, total } = body as { found: unknown; next?: number; total: number }
  return { records: rows(found, 'found'), next, total }
}

function boards(passes: readonly unknown[]) {
  const notes = stream({ schema, key, passes: passes as never })
  return defineConnector({ ...SERVICE, options: z.object({ board: z.string() }) }, { notes })
}

test('what a walk has counted of another board stands for nothing of this one', async () => {
  await using source = new PagedSource({ one: items(40, 'a'), two: items(16, 'b') })
  await using world = await releases(source)
  blanks = 0
  let mine = await world.next(boards([fullPass(LISTING as never)]), { board: 'one' })
  expect((await mine.sync({ maxRequests: 4 })).status).toBe('incomplete')
  mine = await world.next(boards([fullPass(LISTING as never)]), { board: 'two' })
  blanks = 1
  await mine.sync()
  expect((await keysOf(mine)).filter((one) => one.startsWith('b'))).toHaveLength(16)
})

test('a walk of another board begins again, also where the first run does not come to it', async () => {
  const changed = byCursor({
    pageSize: PAGE_SIZE,
    order,
    unitMs: 1_000,
    overlap: '0s',
    read: CHANGES as never,
  } as never)
  const both = boards([changed, fullPass({ ...LISTING, everyRuns: 50 } as never)])
  await using source = new PagedSource({ one: items(40, 'a'), two: items(16, 'b') })
  await using world = await releases(source)
  let mine = await world.next(both, { board: 'one' })
  await mine.sync()
  await mine.sync({ mode: 'full', maxRequests: 3 })
  mine = await world.next(both, { board: 'two' })
  const at = source.items['two']?.[3]?.at ?? 0
  await mine.sync({ since: new Date(at * 1_000), until: new Date((at + 60) * 1_000) })
  // Where it stood was a place of the other one.
  expect(world.value("select note from gaps where pass = 'fullPass'")).toBe('')
  expect((await mine.sync()).streams[0]?.counts.removed).toBe(0)
  expect((await keysOf(mine)).filter((one) => one.startsWith('b'))).toHaveLength(16)
})
