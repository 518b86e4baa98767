// Owns the promise that a full pass which broke off, and goes on in a later run, calls nothing complete that came in between:
// where the stream has no other pass, what stands above the place at which it goes on is read again.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { defineConnector, fullPass, newestFirst, type PageRequest, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const PAGE_SIZE = 5

interface Note {
  readonly id: string
  readonly at: number
}

type Paging = 'offset' | 'keyset'
/** How the list stands, and what its connector says of it: by time; by time, though it declares no order; by name. */
type Order = 'time' | 'undeclared' | 'name'

const note = (at: number): Note => ({ id: `n${(at * 37) % 1000}`, at })

async function notesServer(notes: Note[], order: Order, tellsTotal: boolean, onRequest = () => {}) {
  const place = ({ id, at }: Note) => (order === 'name' ? id : String(at).padStart(6, '0'))
  const server = createServer((request, response) => {
    onRequest()
    const { searchParams } = new URL(request.url ?? '', 'http://x')
    const below = searchParams.get('below')
    const page = Number(searchParams.get('page') ?? 1)
    const sorted = [...notes].sort((a, b) => (place(a) < place(b) ? 1 : -1))
    const left = sorted.filter((one) => below === null || place(one) < below).slice((page - 1) * PAGE_SIZE)
    const items = left.slice(0, PAGE_SIZE)
    const last = items.at(-1)
    const next = left.length > PAGE_SIZE && last ? { page: page + 1, below: place(last) } : undefined
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ items, next, ...(tellsTotal ? { total: notes.length } : {}) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.dispose]: () => server.close() }
}

function connectorOf(paging: Paging, order: Order, besideNewest = false) {
  const name = paging === 'offset' ? 'page' : 'below'
  const listing = {
    pageSize: PAGE_SIZE,
    paging,
    ...(order === 'time' ? { order: ({ at }: Note) => at } : {}),
    read: async ({ http, page }: PageRequest<unknown>) => {
      const { body } = await http.get('/notes', { query: { [name]: page as string | undefined } })
      const { items, next, total } = body as { items: unknown; next?: Record<string, string>; total?: number }
      return { records: rows(items, 'items'), next: next?.[name], total }
    },
  }
  const passes = [...(besideNewest ? [newestFirst(listing)] : []), fullPass(listing)]
  const schema = z.object({ id: z.string(), at: z.int() })
  return defineConnector(
    { name: 'notes', title: 'Notes', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    { notes: stream({ schema, key: ({ id }) => id, passes }) },
  )
}

const CASES = (['offset', 'keyset'] as const).flatMap((paging) =>
  (['time', 'undeclared', 'name'] as const).flatMap((order) =>
    [true, false].map((total) => [paging, order, total] as const),
  ),
)

describe.each(CASES)('tokens: %s, order: %s, total: %s', (paging, order, total) => {
  async function world() {
    const notes = Array.from({ length: 20 }, (_, i) => note(i + 1))
    const server = await notesServer(notes, order, total)
    const mirror = await openMirror()
    const options = { baseUrl: server.url, allowPrivateNetwork: true }
    const mine = await mirror.tidemark.connect(connectorOf(paging, order), { id: 'mine', options })
    const missing = () => {
      const stored = new Set(mirror.sql('SELECT _key FROM notes_notes').map(({ _key }) => _key))
      return notes.filter(({ id }) => !stored.has(id)).length
    }
    const coverage = () => mirror.value('SELECT coverage FROM streams')
    const close = async () => {
      server[Symbol.dispose]()
      await mirror[Symbol.asyncDispose]()
    }
    let at = 20
    const arrive = (n: number) => {
      for (let i = 0; i < n; i++) notes.push(note(++at))
    }
    return { notes, mirror, mine, missing, coverage, arrive, close }
  }

  test.each([1, 2, 12, 30])('%i records that came while it was broken off are read', async (arrived) => {
    const { mirror, mine, missing, coverage, arrive, close } = await world()
    expect((await mine.sync({ maxRequests: 3 })).status).toBe('incomplete')
    arrive(arrived)
    expect((await mine.sync()).status).toBe('succeeded')
    expect(missing()).toBe(0)
    expect(coverage()).toBe('complete')
    expect((await mirror.tidemark.audit()).findings).toEqual([])
    await close()
  })

  test('with few requests a run, no run says complete that lacks what had come before it', async () => {
    const { mine, missing, coverage, arrive, close } = await world()
    for (let i = 0; i < 12; i++) {
      arrive(i < 4 ? 2 : 0)
      const { status, requests } = await mine.sync({ maxRequests: 3 })
      expect(requests).toBeLessThanOrEqual(3)
      expect(status === 'succeeded' && missing() > 0).toBe(false)
      expect(coverage() === 'complete' && missing() > 0).toBe(false)
    }
    expect(missing()).toBe(0)
    await close()
  })

  test('what is gone is not removed by the run that finds it lacking', async () => {
    const { notes, mirror, mine, close } = await world()
    await mine.sync()
    await mine.sync({ maxRequests: 3 })
    notes.splice(7, 1)
    expect((await mine.sync()).streams[0]?.counts.removed).toBe(0)
    expect(mirror.value('SELECT count(*) FROM notes_notes')).toBe(20)
    await mine.sync()
    await mine.sync()
    expect(mirror.value('SELECT count(*) FROM notes_notes')).toBe(19)
    await close()
  })
})

test('a resumed walk by time costs one look at the top, as planned', async () => {
  const notes = Array.from({ length: 20 }, (_, i) => note(i + 1))
  using server = await notesServer(notes, 'time', true)
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(connectorOf('keyset', 'time'), { id: 'mine', options })
  await mine.sync()
  await mine.sync({ maxRequests: 3 })
  const plan = await mine.plan()
  expect(plan.requests).toBe(2)
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', requests: 2 })
  // A run that ends before the look leaves it to the next one.
  await mine.sync({ maxRequests: 3 })
  expect(await mine.sync({ maxRequests: 1 })).toMatchObject({ status: 'incomplete' })
  expect(await mine.sync({ maxRequests: 1 })).toMatchObject({ status: 'succeeded', requests: 1 })
})

test('a doubt that leaves a resumed walk open keeps nothing new from being read', async () => {
  const notes = Array.from({ length: 40 }, (_, i) => note(i + 1))
  let shrinks = false
  // The oldest ones leave, one with each request: no two pages in a row tell the same total.
  using server = await notesServer(notes, 'time', true, () => void (shrinks && notes.shift()))
  await using mirror = await openMirror()
  const options = { baseUrl: server.url, allowPrivateNetwork: true }
  const mine = await mirror.tidemark.connect(connectorOf('offset', 'time', true), { id: 'mine', options })
  await mine.sync()
  await mine.sync({ mode: 'full', maxRequests: 3 })
  notes.push(note(41))
  shrinks = true
  const { status, streams } = await mine.sync()
  expect(status).toBe('incomplete')
  expect(streams[0]?.passes.map(({ pass, ended }) => [pass, ended])).toContainEqual(['fullPass', 'limit'])
  expect(mirror.sql(`SELECT _key FROM notes_notes WHERE _key = '${note(41).id}'`)).toHaveLength(1)
})
