// Owns the promise that nothing read before stands for what is read now: when an option of a connection or a release of
// its connector changes what a stream's passes read, or how its contents are ordered, the stream is read anew.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { PageRequest } from '../../src/connector/page.ts'
import { byCursor, defineConnector, fullPass, newestFirst, openTidemark, rows, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const PAGE_SIZE = 5

interface Note {
  readonly id: string
  at: number
  text: string
}

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

/** Notes of two boards, oldest first; `cap`: how many the listing shows; `down`: a page with this note fails. */
async function source() {
  const made = (board: string, from: number) =>
    Array.from(
      { length: 20 },
      (_, i): Note => ({ id: `${board}${i}`, at: 1_700_000_000 + from + i * 60, text: 'first' }),
    )
  const world = {
    boards: { one: made('one', 90_000), two: made('two', 0) } as Record<string, Note[]>,
    cap: 1_000,
    down: '',
    asked: 0,
  }
  const server = createServer((request, response) => {
    world.asked++
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://x')
    const [, board = '', kind] = pathname.split('/')
    const page = Number(query.get('page') ?? 0)
    const since = Number(query.get('since') ?? 0)
    const until = Number(query.get('until') ?? Number.POSITIVE_INFINITY)
    const all = (world.boards[board] ?? []).toSorted((a, b) => a.at - b.at)
    const listed =
      kind === 'window' ? all.filter(({ at }) => at >= since && at < until) : all.toReversed().slice(0, world.cap)
    const items = listed.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
    if (items.some(({ id }) => id === world.down)) response.statusCode = 404
    const next = (page + 1) * PAGE_SIZE < listed.length ? page + 1 : undefined
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ items, next, total: listed.length }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(async () => server.close())
  return Object.assign(world, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

interface Asking extends Pick<PageRequest<{ board: string }>, 'http' | 'options'> {
  readonly page?: unknown
  readonly since?: number | undefined
  readonly until?: number
}

type Kind = 'byCursor' | 'newestFirst' | 'fullPass'

/** A release of a connector. */
function release(
  kinds: readonly Kind[],
  { cap, more = {} }: { readonly cap?: number; readonly more?: object } = {},
): ReturnType<typeof defineConnector> {
  const order = ({ at }: { at: number }) => at
  const read =
    (kind: string) =>
    async ({ http, options, ...asked }: Asking) => {
      const { page, since, until } = asked
      const answer = await http.get(`/${options.board}/${kind}`, { query: { page: page as number, since, until } })
      const body = answer.body as { items: unknown; next?: number; total: number }
      return { records: rows(body.items, 'items'), next: body.next, total: body.total }
    }
  const listing = { read: read('list'), pageSize: PAGE_SIZE, order, ...(cap === undefined ? {} : { listing: { cap } }) }
  const passes = {
    byCursor: byCursor({ read: read('window'), pageSize: PAGE_SIZE, order, unitMs: 1_000, overlap: '1m' }),
    newestFirst: newestFirst(listing),
    fullPass: fullPass({ ...listing, ...(kinds.length > 1 ? { everyRuns: 50 } : {}) }),
  }
  return defineConnector(
    {
      name: 'notes',
      title: 'Notes',
      options: z.object({ board: z.string() }),
      http: () => ({ baseUrl: 'http://127.0.0.1' }),
    },
    {
      notes: stream({
        schema: z.object({ id: z.string(), at: z.int(), text: z.string() }),
        key: ({ id }) => id,
        passes: kinds.map((kind) => passes[kind]),
        ...more,
      }),
    },
  ) as never
}

async function mirrorOf(url: string, first: ReturnType<typeof release>) {
  const mirror = await openMirror()
  ended.push(() => mirror[Symbol.asyncDispose]())
  const given = (board: string) => ({ id: 'mine', options: { board, baseUrl: url, allowPrivateNetwork: true } })
  const connection = await mirror.tidemark.connect(first, given('one'))
  const next = async (connector: ReturnType<typeof release>) => {
    const key = new Uint8Array(32).fill(7)
    const tidemark = await openTidemark({ database: mirror.file, connectors: [connector], key })
    ended.push(() => tidemark.close())
    return tidemark.connection('mine')
  }
  return {
    connection,
    next,
    board: (name: string) => mirror.tidemark.connect(first, given(name)),
    live: (board: string) => mirror.value(`select count(*) from notes_notes where _key like '${board}%'`),
    texts: () => mirror.sql('select distinct text from notes_notes').map(({ text }) => text),
    file: mirror.file,
    coverage: () => mirror.value('select coverage from streams'),
  }
}

const MIXES: readonly (readonly Kind[])[] = [
  ['byCursor'],
  ['newestFirst'],
  ['byCursor', 'fullPass'],
  ['newestFirst', 'fullPass'],
]

describe.each(MIXES.map((kinds) => [kinds.join(' and '), kinds] as const))('%s', (_, kinds) => {
  test('another value of an option reads everything again, once', async () => {
    const world = await source()
    const mirror = await mirrorOf(world.url, release(kinds))
    await mirror.connection.sync()
    expect(mirror.live('one')).toBe(20)
    const changed = await mirror.board('two')
    expect((await changed.plan()).streams[0]?.passes[0]).toMatchObject({
      why: 'what decides what is read has changed (an option, the connector): everything is read again',
    })
    expect((await changed.sync()).status).toBe('succeeded')
    expect(mirror.live('two')).toBe(20)
    const before = world.asked
    expect((await changed.sync()).status).toBe('succeeded')
    expect(world.asked - before).toBeLessThanOrEqual(2)
  })

  test('and goes on with it where a budget has broken it off', async () => {
    const world = await source()
    const mirror = await mirrorOf(world.url, release(kinds))
    await mirror.connection.sync()
    const changed = await mirror.board('two')
    expect((await changed.sync({ maxRequests: 2 })).status).toBe('incomplete')
    expect(mirror.coverage()).toBe('gap')
    for (let i = 0; i < 6; i++) await changed.sync({ maxRequests: 3 })
    expect(mirror.live('two')).toBe(20)
    expect(mirror.coverage()).toBe('complete')
  })
})

test.each([[{ cap: 100 }], [{}]])('a listing that reaches further is read to its end: %j', async (wider) => {
  const world = await source()
  world.cap = 10
  const mirror = await mirrorOf(world.url, release(['newestFirst'], { cap: 10 }))
  await mirror.connection.sync()
  expect(mirror.live('one')).toBe(10)
  world.cap = 100
  const wide = await mirror.next(release(['newestFirst'], wider))
  expect((await wide.sync()).status).toBe('succeeded')
  expect(mirror.live('one')).toBe(20)
})

test('a raised version of the state forgets the ground of a listing, unless a migration says that it still holds', async () => {
  const world = await source()
  const mirror = await mirrorOf(world.url, release(['newestFirst']))
  await mirror.connection.sync()
  const pages = async (version: number, more: object = {}) => {
    const connection = await mirror.next(release(['newestFirst'], { more: { state: { version, ...more } } }))
    const before = world.asked
    await connection.sync()
    return world.asked - before
  }
  expect(await pages(2)).toBeGreaterThanOrEqual(4)
  expect(await pages(2)).toBe(1)
  expect(await pages(3, { migrate: (cursor: number) => cursor })).toBe(1)
})

const GONE: readonly (readonly [before: Kind, after: Kind])[] = [
  ['fullPass', 'newestFirst'],
  ['byCursor', 'newestFirst'],
  ['byCursor', 'fullPass'],
  ['newestFirst', 'fullPass'],
  ['newestFirst', 'byCursor'],
  ['fullPass', 'byCursor'],
]

test.each(GONE)('an open %s whose pass is gone is closed by a %s', async (before, after) => {
  const world = await source()
  const mirror = await mirrorOf(world.url, release([before]))
  world.down = 'one7'
  await mirror.connection.sync()
  expect(mirror.coverage()).toBe('gap')
  const connection = await mirror.next(release([after]))
  expect((await connection.sync()).status).toBe('failed')
  expect(mirror.coverage()).toBe('gap')
  world.down = ''
  for (let i = 0; i < 2; i++) await connection.sync()
  expect(mirror.live('one')).toBe(20)
  expect(mirror.coverage()).toBe('complete')
  const asked = world.asked
  await connection.sync()
  expect(world.asked - asked).toBeLessThanOrEqual(after === 'fullPass' ? 5 : 2)
})

describe.each(MIXES.slice(0, 2))('contents of %s', (kind) => {
  const orders: readonly (readonly [string, object, object])[] = [
    ['a version is added', {}, { version: ({ at }: Note) => at }],
    ['a version goes', { version: ({ at }: Note) => at * 1_000_000 }, {}],
    [
      'a version has another unit, and the state another version',
      { version: ({ at }: Note) => at * 1_000 },
      { version: ({ at }: Note) => at, state: { version: 2 } },
    ],
  ]
  test.each(orders)('%s: what is newer is newer', async (_, before, after) => {
    const world = await source()
    const mirror = await mirrorOf(world.url, release([kind], { more: before }))
    await mirror.connection.sync()
    const connection = await mirror.next(release([kind], { more: after }))
    for (const [i, note] of (world.boards['one'] ?? []).entries()) {
      note.text = 'second'
      note.at = 1_700_200_000 + i * 60
    }
    await connection.sync()
    expect(mirror.texts()).toEqual(['second'])
  })
})

test('a release without a full pass waits for no second witness any more', async () => {
  const world = await source()
  const mirror = await mirrorOf(world.url, release(['newestFirst', 'fullPass']))
  await mirror.connection.sync()
  world.boards['one']?.splice(3, 1)
  await mirror.connection.sync({ mode: 'full' })
  const unconfirmed = async (of = mirror.connection) => (await of.status()).streams[0]?.unconfirmed
  expect(await unconfirmed()).toBe(1)
  const later = await mirror.next(release(['newestFirst']))
  expect((await later.sync()).status).toBe('succeeded')
  expect([await unconfirmed(later), mirror.live('one')]).toEqual([0, 20])
})

test('where the service is reached is no part of what is read', async () => {
  const [first, second] = [await source(), await source()]
  const mirror = await mirrorOf(first.url, release(['newestFirst']))
  await mirror.connection.sync()
  const options = { board: 'one', baseUrl: second.url, allowPrivateNetwork: true }
  const moved = await mirror.next(release(['newestFirst']))
  expect(moved.id).toBe('mine')
  const key = new Uint8Array(32).fill(7)
  const tidemark = await openTidemark({ database: mirror.file, connectors: [], key })
  ended.push(() => tidemark.close())
  const connection = await tidemark.connect(release(['newestFirst']), { id: 'mine', options } as never)
  await connection.sync()
  expect(second.asked).toBe(1)
})

describe('a capped full pass reads no more than its newest records', () => {
  test('and does not stand for a pass that reads all', async () => {
    const world = await source()
    world.cap = 5
    const mirror = await mirrorOf(world.url, release(['byCursor', 'fullPass'], { cap: 5 }))
    await mirror.connection.sync()
    for (const note of world.boards['one'] ?? []) note.text = 'second'
    expect((await mirror.connection.plan({ mode: 'full' })).streams[0]?.passes.map(({ pass }) => pass)).toEqual(
      (await mirror.connection.sync({ mode: 'full' })).streams[0]?.passes.map(({ pass }) => pass),
    )
    expect(mirror.texts()).toEqual(['second'])
  })

  test('and stands for a listing that reaches no further', async () => {
    const world = await source()
    world.cap = 5
    const mirror = await mirrorOf(world.url, release(['newestFirst', 'fullPass'], { cap: 5 }))
    await mirror.connection.sync()
    const { streams } = await mirror.connection.sync({ mode: 'full' })
    expect(streams[0]?.passes.map(({ pass }) => pass)).toEqual(['fullPass'])
  })

  test('and closes no walk of a pass that is gone and read all', async () => {
    const world = await source()
    const mirror = await mirrorOf(world.url, release(['byCursor']))
    await mirror.connection.sync({ maxRequests: 2 })
    world.cap = 5
    const capped = await mirror.next(release(['fullPass'], { cap: 5 }))
    for (let i = 0; i < 2; i++) {
      expect(await capped.sync()).toMatchObject({ status: 'incomplete' })
      expect(mirror.coverage()).toBe('gap')
    }
    const whole = await mirror.next(release(['byCursor', 'fullPass'], { cap: 5 }))
    expect(await whole.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.live('one')).toBe(20)
  })

  test('and closes one of a listing that reached no further', async () => {
    const world = await source()
    world.cap = 10
    const mirror = await mirrorOf(world.url, release(['newestFirst'], { cap: 10 }))
    await mirror.connection.sync({ maxRequests: 1 })
    const full = await mirror.next(release(['fullPass'], { cap: 10 }))
    expect(await full.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.live('one')).toBe(10)
  })
})
