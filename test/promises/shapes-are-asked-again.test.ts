// Owns the promise that an answer without its list is asked for again, five times in all, whoever notices: it is never
// taken for an empty one. What costs money, and what the HTTP client has tried already, is not tried again on top.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  byCursor,
  type Connection,
  defineConnector,
  fullPass,
  newestFirst,
  type PageRequest,
  rows,
  stream,
  z,
} from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

const ROWS = '{"items":[{"id":"a","at":1},{"id":"b","at":2},{"id":"c","at":3}]}'

interface Answer {
  readonly status?: number
  readonly body: string
}

/** Answers one after the other, and the last one for ever; by path where there are several. */
async function source(answers: readonly (string | Answer)[] | Readonly<Record<string, readonly (string | Answer)[]>>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = URL.parse(request.url ?? '', 'http://x')!.pathname
    const list = Array.isArray(answers) ? answers : (answers as Record<string, readonly string[]>)[path]!
    const before = asked.filter((one) => Array.isArray(answers) || one === path).length
    asked.push(path)
    const answer = list[Math.min(before, list.length - 1)]!
    const { status = 200, body } = typeof answer === 'string' ? { body: answer } : answer
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.dispose]: () => server.close() }
}

type Body = { items: { id: string }[] }

const WAYS = {
  'no list, told by rows()': (body: unknown) => ({ records: rows((body as Body | null)?.items, 'items') }),
  'records that are no list': (body: unknown) => ({ records: (body as Body).items }),
  'a slip over what is missing': (body: unknown) => ({ records: (body as Body).items.map((item) => item) }),
} as const

type Way = (typeof WAYS)[keyof typeof WAYS]

function items(way: Way, pass: 'fullPass' | 'newestFirst' | 'byCursor' = 'fullPass', more: object = {}) {
  const read = async ({ http }: Pick<PageRequest<unknown>, 'http'>) => way((await http.get('/items')).body)
  const listing = { read, pageSize: 10, paging: 'keyset' as const, ...more }
  const passes = {
    fullPass: fullPass(listing),
    newestFirst: newestFirst(listing),
    byCursor: byCursor({ read, pageSize: 10, order: (item: { at: number }) => item.at, overlap: '0s' as const }),
  }
  return defineConnector(
    { name: 'items', title: 'Items', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      items: stream({
        schema: z.object({ id: z.string(), at: z.number().default(0) }),
        key: (item) => item.id,
        filters: { id: { values: ['a', 'z'] } },
        byKey: { batch: 10, read: async ({ http }) => way((await http.get('/by-key')).body).records },
        passes: [passes[pass]],
      }),
    },
  )
}

async function connected(
  mirror: Awaited<ReturnType<typeof openMirror>>,
  url: string,
  connector = items(Object.values(WAYS)[0]!),
) {
  const options = { baseUrl: url, allowPrivateNetwork: true }
  return (await mirror.tidemark.connect(connector, { id: 'mine', options })) as Connection
}

/** The heartbeat is quick. */
function open() {
  const clock = sleeplessClock()
  const tick = (ms: number, signal?: AbortSignal) => clock.tick(ms / 20, signal)
  return openMirror({ clock: { ...clock, tick } })
}

test.each(Object.entries(WAYS))(
  '%s: asked for five times, then the run fails and nothing is changed',
  async (_, way) => {
    using server = await source([ROWS, ROWS, '{"items":null}'])
    await using mirror = await open()
    const mine = await connected(mirror, server.url, items(way))
    await mine.sync()
    await mine.sync()
    const run = await mine.sync()
    expect(run.status).toBe('failed')
    expect(server.asked).toHaveLength(2 + 5)
    expect(run.requests).toBe(5)
    expect(mirror.value('select count(*) from items_items')).toBe(3)
  },
)

test.each(Object.entries(WAYS))('%s: what comes at last is read', async (_, way) => {
  using server = await source(['{"items":null}', '{}', ROWS])
  await using mirror = await open()
  const mine = await connected(mirror, server.url, items(way))
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', requests: 3, error: null })
  expect(mirror.value('select count(*) from items_items')).toBe(3)
})

test.each(['fullPass', 'newestFirst', 'byCursor'] as const)(
  'so it is in a %s, and in a filtered read',
  async (pass) => {
    using server = await source({ '/items': ['null', ROWS], '/by-key': ['null', '{"items":[]}'] })
    await using mirror = await open()
    const mine = await connected(mirror, server.url, items(WAYS['no list, told by rows()'], pass))
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(server.asked).toEqual(['/items', '/items'])
    expect(await mine.sync({ where: { id: ['a'] } })).toMatchObject({ status: 'succeeded' })
    expect(mirror.value('select count(*) from items_items')).toBe(3)
  },
)

test('a witness is asked again, too', async () => {
  const fewer = '{"items":[{"id":"a","at":1},{"id":"b","at":2}],"next":null}'
  using server = await source({ '/items': [ROWS, fewer], '/witness': ['null', '{"items":[]}'] })
  await using mirror = await open()
  const witness = async ({ http, keys }: { http: PageRequest<unknown>['http']; keys: readonly string[] }) => {
    const found = rows(((await http.get('/witness')).body as Body | null)?.items, 'items')
    return new Map(keys.map((key) => [key, found.length === 0 ? ('gone' as const) : ('present' as const)]))
  }
  const mine = await connected(mirror, server.url, items(WAYS['no list, told by rows()'], 'fullPass', { witness }))
  await mine.sync()
  expect((await mine.sync()).streams[0]?.counts).toMatchObject({ removed: 1 })
  expect(server.asked.filter((path) => path === '/witness')).toHaveLength(2)
})

test('what the client has tried already is not tried again, nor what costs money or may be sent once only', async () => {
  using broken = await source([{ status: 500, body: '{}' }])
  using empty = await source(['null'])
  await using mirror = await open()
  expect((await (await connected(mirror, broken.url)).sync()).error).toMatchObject({ code: 'server_error' })
  expect(broken.asked).toHaveLength(5)
  const way = WAYS['no list, told by rows()']
  const once = async ({ http }: PageRequest<unknown>) => way((await http.post('/items', { json: {}, once: true })).body)
  for (const more of [{ paid: true }, { read: once }]) {
    const before = empty.asked.length
    await using other = await open()
    const mine = await connected(other, empty.url, items(way, 'fullPass', more))
    expect((await mine.sync()).error).toMatchObject({ code: 'unexpected_shape' })
    expect(empty.asked.length - before).toBe(1)
  }
})
