// Owns the promise that `--mode full` lists everything, whatever passes the stream has: a stream that is only read from
// its newest record down is walked to its end, over known ground, also when the walk breaks off in between.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { defineConnector, fullPass, newestFirst, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'
import { down, MovingList } from '../support/moving-list.ts'
import {
  connectorOf as connectorOfPages,
  items as itemsOf,
  PagedSource,
  order as placeOf,
  reads,
} from '../support/paged-source.ts'

const PAGE_SIZE = 5

interface Note {
  readonly id: string
  readonly at: number
  text: string
}

type Paging = 'offset' | 'keyset'
type Totals = 'none' | 'page' | 'asked'

/** A list of notes, newest first; its tokens are page numbers, or the time of the last note. */
async function notesServer(notes: Note[], totals: Totals) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
    asked.push(pathname === '/count' ? 'count' : (searchParams.get('page') ?? searchParams.get('below') ?? 'top'))
    const below = Number(searchParams.get('below') ?? Number.POSITIVE_INFINITY)
    const page = Number(searchParams.get('page') ?? 1)
    const left = notes.filter(({ at }) => at < below).slice((page - 1) * PAGE_SIZE)
    const items = left.slice(0, PAGE_SIZE)
    const next = left.length > PAGE_SIZE ? { page: page + 1, below: items.at(-1)?.at } : undefined
    response.setHeader('content-type', 'application/json')
    const total = totals === 'page' || pathname === '/count' ? { total: notes.length } : {}
    response.end(JSON.stringify({ items, next, ...total }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.dispose]: () => server.close() }
}

function connectorOf(paging: Paging, totals: Totals) {
  const name = paging === 'offset' ? 'page' : 'below'
  const pass = newestFirst({
    pageSize: PAGE_SIZE,
    paging,
    order: ({ at }: { at: number }) => at,
    read: async ({ http, page }) => {
      const { body } = await http.get('/notes', { query: { [name]: page as number | undefined } })
      const { items, next, total } = body as { items: unknown; next?: Record<string, number>; total?: number }
      return { records: rows(items, 'items'), next: next?.[name], total }
    },
    ...(totals === 'asked'
      ? { total: async ({ http }) => ((await http.get('/count')).body as { total: number }).total }
      : {}),
  })
  const schema = z.object({ id: z.string(), at: z.int(), text: z.string() })
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    { notes: stream({ schema, key: ({ id }) => id, passes: [pass] }) },
  )
}

const CASES = (['offset', 'keyset'] as const).flatMap((paging) =>
  (['none', 'page', 'asked'] as const).flatMap((totals) =>
    paging === 'keyset' && totals === 'asked' ? [] : [[paging, totals] as const],
  ),
)

describe.each(CASES)('newest first, tokens: %s, total: %s', (paging, totals) => {
  async function world() {
    const notes = Array.from({ length: 30 }, (_, i): Note => ({ id: `n${30 - i}`, at: 30 - i, text: 'old' }))
    const server = await notesServer(notes, totals)
    const mirror = await openMirror()
    const options = { baseUrl: server.url, allowPrivateNetwork: true }
    const mine = await mirror.tidemark.connect(connectorOf(paging, totals), { id: 'mine', options })
    await mine.sync()
    server.asked.length = 0
    const changed = () => mirror.sql("SELECT _key FROM notes_notes WHERE text = 'new'").map(({ _key }) => _key)
    return { notes, server, mirror, mine, changed }
  }

  test('an ordered full read goes over known ground to the end, as planned', async () => {
    const { notes, server, mirror, mine, changed } = await world()
    notes[20]!.text = 'new'
    expect((await mine.sync()).status).toBe('succeeded')
    expect(changed()).toEqual([])
    server.asked.length = 0
    const plan = await mine.plan({ mode: 'full' })
    expect(plan.streams[0]?.passes).toMatchObject([
      { pass: 'newestFirst', why: 'ordered: everything is listed, known ground included' },
    ])
    const run = await mine.sync({ mode: 'full' })
    expect(run).toMatchObject({ status: 'succeeded', requests: plan.requests })
    expect(run.streams[0]?.passes).toMatchObject([{ pass: 'newestFirst', ended: 'exhausted' }])
    expect(changed()).toEqual(['n10'])
    expect(mirror.value('SELECT last_full_at IS NOT NULL FROM streams')).toBe(1)
    // It removes nothing.
    notes.splice(25, 1)
    expect((await mine.sync({ mode: 'full' })).streams[0]?.counts).toMatchObject({ removed: 0, held: 0 })
    expect(mirror.value('SELECT count(*) FROM notes_notes')).toBe(30)
    server[Symbol.dispose]()
    await mirror[Symbol.asyncDispose]()
  })

  test('an order that goes on where an earlier one broke off lists once more what that one has listed', async () => {
    const { notes, server, mirror, mine, changed } = await world()
    await mine.sync({ mode: 'full', maxRequests: 3 })
    expect(mirror.value('SELECT count(*) FROM gaps')).toBe(1)
    for (const i of [3, 29]) notes[i]!.text = 'new'
    const plan = await mine.plan({ mode: 'full' })
    const run = await mine.sync({ mode: 'full' })
    expect(run.status).toBe('succeeded')
    expect(run.requests).toBe(plan.requests ?? run.requests)
    expect(run.streams[0]?.passes.map(({ pass }) => pass)).toEqual(plan.streams[0]?.passes.map(({ pass }) => pass))
    expect(new Set(changed())).toEqual(new Set(['n1', 'n27']))
    server[Symbol.dispose]()
    await mirror[Symbol.asyncDispose]()
  })

  test('one that breaks off goes on in the next runs, whatever their mode', async () => {
    const { notes, server, mirror, mine, changed } = await world()
    for (const i of [3, 20, 29]) notes[i]!.text = 'new'
    let { status } = await mine.sync({ mode: 'full', maxRequests: 3 })
    expect(status).toBe('incomplete')
    expect(mirror.value('SELECT count(*) FROM gaps')).toBe(1)
    for (let i = 0; i < 12 && status !== 'succeeded'; i++) {
      // What arrives meanwhile moves the place where the walk stood.
      if (i < 2) notes.unshift({ id: `n${31 + i}`, at: 31 + i, text: 'new' })
      ;({ status } = await mine.sync({ maxRequests: 3, ...(i === 1 ? { mode: 'full' as const } : {}) }))
    }
    expect(status).toBe('succeeded')
    expect(new Set(changed())).toEqual(new Set(['n1', 'n10', 'n27', 'n31', 'n32']))
    expect(mirror.value('SELECT count(*) FROM gaps')).toBe(0)
    server[Symbol.dispose]()
    await mirror[Symbol.asyncDispose]()
  })
})

test.each([{}, { everyRuns: 5 }])(
  'a full pass that goes on where it broke off lists once more what is older (%o)',
  async (rounds) => {
    await using source = new PagedSource({ notes: itemsOf(30) })
    const full = fullPass({ read: reads().list, pageSize: 5, order: placeOf, ...rounds })
    const newest = newestFirst({ read: reads().list, pageSize: 5, order: placeOf })
    const tidemark = await source.open()
    const passes = 'everyRuns' in rounds ? [newest, full] : [full]
    const mine = await tidemark.connect(connectorOfPages({ notes: passes }), { id: 'mine' })
    await mine.sync()
    expect((await mine.sync({ mode: 'full', maxRequests: 3 })).status).toBe('incomplete')
    source.items['notes']![22]!.text = 'new'
    expect((await mine.sync({ mode: 'full' })).status).toBe('succeeded')
    const texts = []
    for await (const { text } of mine.records('notes')) texts.push(text)
    expect(texts).toContain('new')
  },
)

test.each(['newestFirst', 'fullPass'] as const)(
  'what was paid for is not paid for twice, and the run says so: %s',
  async (kind) => {
    await using list = await MovingList.open({
      passes: [kind],
      totals: 'none',
      records: down(30),
      pageSize: 5,
      paid: true,
    })
    await list.sync()
    expect((await list.sync({ mode: 'full', maxCost: 3 })).cost).toBe(3)
    const rest = await list.sync({ mode: 'full' })
    expect(rest.status).toBe('incomplete')
    expect(rest.notes.join()).toMatch(/costs money to (list once more|read)/)
    expect(rest.cost).toBeLessThan(6)
    expect(await list.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded', cost: 6 })
  },
)

test('a walk that one to the end has closed is not gone on with', async () => {
  await using list = await MovingList.open({
    passes: ['newestFirst'],
    totals: 'none',
    records: down(30),
    pageSize: 5,
    paid: true,
  })
  await list.sync({ maxRequests: 1 })
  await list.sync({ mode: 'full', maxRequests: 1 })
  list.asked.length = 0
  expect((await list.sync({ mode: 'full' })).status).toBe('succeeded')
  expect(list.asked).toEqual(['p1', 'p2', 'p3', 'p4', 'p5', 'p6'])
})
