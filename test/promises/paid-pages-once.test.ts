import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { byCursor, defineConnector, fullPass, newestFirst, rows, stream, z } from '../../src/index.ts'
import { type Answerer, type Scripted, serve } from '../http/scripted-server.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

const COUNT = 30

/** Ten posts a page, newest first, each page for 1. */
function page(after: number, more: object = {}): string {
  const posts = Array.from({ length: 10 }, (_, i) => ({ id: `p${COUNT - after - i}`, at: COUNT - after - i }))
  return JSON.stringify({ posts, next: after + 10 < COUNT ? after + 10 : null, cost: 1, ...more })
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

/** What a request is answered with whose outcome nobody knows. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'a reset': (response) => response.socket?.destroy(),
  'half a body': (response) => {
    response.writeHead(200, { 'content-length': 5_000 }).write('{"posts":[', () => response.destroy())
  },
  'a 500': (response) => send(response, 500, '{}'),
  'a 503 that asks to wait': (response) => send(response, 503, '{}', { 'retry-after': '1' }),
  'a 408': (response) => send(response, 408, '{}'),
  HTML: (response) => send(response, 200, '<html>', { 'content-type': 'text/html' }),
  'broken JSON': (response) => send(response, 200, '{"posts":['),
  'an empty body': (response) => send(response, 200, ''),
  'no list': (response) => send(response, 200, '{"cost":1}'),
  'a 202': (response) => send(response, 202, '{}'),
  'a 202 that asks to wait': (response) => send(response, 202, '{}', { 'retry-after': '1' }),
  'a 204': (response) => response.writeHead(204).end(),
}

/** A vendor whose page 2 meets `fault` when it is asked for the first time. */
async function vendor(fault: Answerer): Promise<Scripted & { readonly asked: () => number[] }> {
  let isFaulty = true
  const server = await serve((response, seen) => {
    const after = Number(new URL(seen.path, 'http://vendor').searchParams.get('after'))
    if (after !== 10 || !isFaulty) return send(response, 200, page(after))
    isFaulty = false
    return fault(response, seen)
  })
  const asked = () => server.seen.map(({ path }) => Number(new URL(path, 'http://vendor').searchParams.get('after')))
  return Object.assign(server, { asked })
}

type Method = 'get' | 'post'

function postsBy(method: Method, kind: 'fullPass' | 'newestFirst' | 'byCursor') {
  const read = async ({ http, page: after }: { http: Record<Method, Function>; page: unknown }) => {
    const { body } = await http[method]('/posts', { query: { after: after ?? 0 } })
    const records = rows(body?.posts, 'posts')
    const { next, cost, billed = { items: records.length, cost } } = body
    return { records, next: next ?? undefined, ...(billed === 'nothing said' ? {} : { billed }) }
  }
  const reading = { read: read as never, pageSize: 10, paid: true }
  const order = (post: { at: number }) => post.at
  const passes = {
    fullPass: () => fullPass({ ...reading, paging: 'keyset' }),
    newestFirst: () => newestFirst({ ...reading, order, paging: 'keyset' }),
    byCursor: () => byCursor({ ...reading, order: (post: { at: number }) => COUNT - post.at, overlap: 0 }),
  }
  return defineConnector(
    { name: 'vendor', title: 'Posts that cost', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
    {
      posts: stream({
        schema: z.object({ id: z.string(), at: z.number() }),
        key: (post) => post.id,
        passes: [passes[kind]() as never],
      }),
    },
  )
}

async function connected(source: Scripted, connector = postsBy('get', 'fullPass')) {
  const mirror = await openMirror({ clock: sleeplessClock() })
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(connector, { id: 'posts', options })
  return Object.assign(mirror, { posts })
}

test.each(Object.keys(FAULTS).flatMap((fault) => (['get', 'post'] as const).map((method) => [fault, method] as const)))(
  'a paid page that meets %s is asked for once, by %s, and counts as paid',
  async (fault, method) => {
    await using source = await vendor((response) => FAULTS[fault]!(response))
    await using mirror = await connected(source, postsBy(method, 'fullPass'))
    await mirror.tidemark.setBudget('posts', { cost: { max: 3, perMs: 86_400_000 } })
    expect(await mirror.posts.sync()).toMatchObject({ status: 'failed', cost: 3 })
    expect(source.asked()).toEqual([0, 10])
    expect(await mirror.posts.sync()).toMatchObject({ requests: 0, error: { code: 'budget_spent' } })
    // What is unknown is still spent when the budget is set anew.
    await mirror.tidemark.setBudget('posts', { cost: null })
    await mirror.tidemark.setBudget('posts', { cost: { max: 3, perMs: 86_400_000 } })
    expect((await mirror.tidemark.budgets())[0]?.cost?.spent).toBe(3)
  },
)

test.each(['newestFirst', 'byCursor'] as const)('a page of a paid %s is asked for once in a run', async (kind) => {
  await using source = await vendor(FAULTS['a reset']!)
  await using mirror = await connected(source, postsBy('get', kind))
  expect((await mirror.posts.sync()).status).toBe('failed')
  expect(source.asked().filter((after) => after === 10)).toHaveLength(1)
})

test('a page without a cap whose outcome is unknown counts like the dearest page of its run', async () => {
  await using source = await vendor(FAULTS['a reset']!)
  await using mirror = await connected(source)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'failed', cost: 2 })
})

test('a page that is lost before any price is known is told, and counts nothing', async () => {
  let isFirst = true
  await using source = await serve((response, { path }) => {
    if (isFirst) response.socket?.destroy()
    else send(response, 200, page(Number(new URL(path, 'http://vendor').searchParams.get('after'))))
    isFirst = false
  })
  await using mirror = await connected(source)
  const lost = await mirror.posts.sync()
  expect(lost).toMatchObject({ status: 'failed', cost: 0 })
  expect(lost.notes.join()).toContain('a page may have been charged for whose answer was lost')
  expect((await mirror.posts.sync()).notes.join()).not.toContain('charged for')
  // Under a cap, all that was set aside for it counts.
  isFirst = true
  const capped = await mirror.posts.sync({ maxCost: 3 })
  expect(capped).toMatchObject({ status: 'failed', cost: 3 })
  expect(capped.notes.join()).not.toContain('charged for')
})

test('a page that was under way when the process was killed counts in the cost of its run', async () => {
  const costs: unknown[] = []
  await using source = await vendor((response) => {
    costs.push(mirror.value('select cost from runs'))
    return FAULTS['a reset']!(response)
  })
  await using mirror = await connected(source)
  await mirror.posts.sync()
  expect(costs).toEqual([2])
})

test('a full pass that goes on in a later run pays for no stored page again', async () => {
  await using source = await vendor(FAULTS['a reset']!)
  await using mirror = await connected(source)
  await mirror.posts.sync()
  const resumed = await mirror.posts.sync()
  expect(source.asked()).toEqual([0, 10, 10, 20])
  expect(resumed).toMatchObject({ status: 'incomplete', cost: 2 })
  expect(resumed.notes.join()).toContain('the next run reads it')
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded', cost: 3 })
})

test('a refusal costs nothing: it is asked again, and its money is there for the next run', async () => {
  await using limited = await vendor((response) => send(response, 429, '{}', { 'retry-after': '1' }))
  await using mirror = await connected(limited)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded', cost: 3 })
  await using closed = await vendor((response) => send(response, 401, '{}'))
  await using other = await connected(closed)
  await other.tidemark.setBudget('posts', { cost: { max: 3, perMs: 86_400_000 } })
  expect(await other.posts.sync()).toMatchObject({ status: 'paused', cost: 1 })
  expect((await other.tidemark.budgets())[0]?.cost?.spent).toBe(1)
})

test('where nobody can be reached, nothing is paid', async () => {
  const source = await vendor(() => {})
  await source[Symbol.asyncDispose]()
  await using mirror = await connected(source)
  await mirror.tidemark.setBudget('posts', { cost: { max: 3, perMs: 86_400_000 } })
  const { error, requests, cost } = await mirror.posts.sync()
  expect({ code: error?.code, requests, cost }).toEqual({ code: 'network_failed', requests: 5, cost: 0 })
  expect((await mirror.tidemark.budgets())[0]?.cost?.spent).toBe(0)
})

test('a listing that no run may pay for is read in parts once, and then asks for what it needs', async () => {
  await using source = await vendor((response) => send(response, 200, page(10)))
  await using mirror = await connected(source)
  const runs = []
  for (let i = 0; i < 6; i++) runs.push(await mirror.posts.sync({ maxCost: 1 }))
  expect(source.asked()).toEqual([0, 10, 20])
  expect(mirror.value('select count(*) from vendor_posts')).toBe(COUNT)
  for (const { status, notes } of runs.slice(2)) {
    expect(status).toBe('incomplete')
    expect(notes.join()).toContain('allow 3 pages, up to 3 in cost')
  }
  expect(await mirror.posts.sync({ maxCost: 3 })).toMatchObject({ status: 'succeeded', cost: 3 })
  expect(await mirror.posts.sync({ maxCost: 1 })).toMatchObject({ status: 'incomplete', cost: 1 })
})

const A_DAY = { perMs: 86_400_000 }

test.each(['fullPass', 'newestFirst'] as const)(
  'a page that is being paid for when the sync is stopped is stored, and never paid for again: %s',
  async (kind) => {
    const stop = new AbortController()
    await using source = await vendor((response) => {
      stop.abort()
      send(response, 200, page(10))
    })
    await using mirror = await connected(source, postsBy('get', kind))
    await mirror.tidemark.setBudget('posts', { cost: { max: 50, ...A_DAY } })
    expect(await mirror.posts.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled', cost: 2 })
    expect(mirror.value('select count(*) from vendor_posts')).toBe(20)
    expect((await mirror.tidemark.budgets())[0]?.cost?.spent).toBe(2)
    await mirror.posts.sync()
    expect(source.asked().filter((after) => after === 10)).toHaveLength(1)
  },
)

test.each(['fullPass', 'newestFirst'] as const)(
  'a page that is being paid for when the mirror is closed is stored, and its run has ended: %s',
  async (kind) => {
    let closed: Promise<void> | undefined
    await using source = await vendor((response) => {
      closed = mirror.tidemark.close()
      setImmediate(() => send(response, 200, page(10)))
    })
    await using mirror = await connected(source, postsBy('get', kind))
    expect(await mirror.posts.sync()).toMatchObject({ status: 'cancelled', cost: 2 })
    await closed
    expect(mirror.value('select count(*) from vendor_posts')).toBe(20)
    expect(mirror.value('select status from runs')).toBe('cancelled')
    expect(mirror.value('select count(*) from tm_leases where holder is not null')).toBe(0)
    await expect(mirror.posts.sync()).rejects.toMatchObject({ code: 'closed' })
  },
)

test('a mirror that is closed cancels its runs and waits for no free page', async () => {
  let closed: Promise<void> | undefined
  await using source = await serve((response, { path }) => {
    if (!path.includes('after=10')) return send(response, 200, page(0))
    // Never answered.
    closed = mirror.tidemark.close()
  })
  const { service, streams } = postsBy('get', 'fullPass')
  const { paid: _, ...free } = streams.posts.passes[0]!
  const connector = { service, streams: { posts: { ...streams.posts, passes: [free as never] } } }
  await using mirror = await connected(source, connector)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'cancelled' })
  await closed
  expect(mirror.value('select status from runs')).toBe('cancelled')
})

test('a sync that is stopped does not ask again for a page that the vendor has refused, and nothing is spent', async () => {
  const stop = new AbortController()
  await using source = await vendor((response) => {
    stop.abort()
    send(response, 429, '{}', { 'retry-after': '1' })
  })
  await using mirror = await connected(source)
  await mirror.tidemark.setBudget('posts', { cost: { max: 50, ...A_DAY } })
  expect(await mirror.posts.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled', cost: 1 })
  expect(source.asked()).toEqual([0, 10])
  expect((await mirror.tidemark.budgets())[0]?.cost?.spent).toBe(1)
})

const WRONGLY_BILLED = [
  ['nothing said', 'does not say what was billed'],
  [null, 'does not say what was billed'],
  [3, 'items billed'],
  [{}, 'items billed'],
  [{ cost: 1 }, 'items billed'],
  [{ items: -1, cost: 1 }, 'items billed'],
  [{ items: 1.5, cost: 1 }, 'items billed'],
  [{ items: 1 }, 'cost billed'],
  [{ items: 1, cost: '1' }, 'cost billed'],
  [{ items: 1, cost: -1 }, 'cost billed'],
  [{ items: 1, cost: 1e300 }, 'cost billed'],
] as const

test.each(WRONGLY_BILLED)(
  'a page that was billed as %j is refused by name, and counts as spent',
  async (billed, said) => {
    await using source = await vendor((response) => send(response, 200, page(10, { billed })))
    await using mirror = await connected(source)
    const run = await mirror.posts.sync({ maxCost: 5 })
    expect(run).toMatchObject({ status: 'failed', cost: 5, billedItems: 10, error: { code: 'connector_invalid' } })
    expect(run.error?.message).toContain(said)
    expect(source.asked()).toEqual([0, 10])
  },
)
