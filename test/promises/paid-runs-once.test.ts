import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { ConnectorError, type Job } from '../../src/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, type Vendor, vendorJob, vendorPosts } from '../support/paid-vendor.ts'

const DAY_MS = 86_400_000

async function connected(vendor: Vendor, connector = vendorPosts(), clock = testClock()) {
  const mirror = await openMirror({ clock })
  const now = () => Math.floor(clock.now() / 1_000)
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(connector, { id: 'posts', options })
  const stored = () => mirror.value('select count(*) from vendor_posts')
  const states = () => mirror.sql('select state from tm_intents order by at, id').map(({ state }) => state)
  return Object.assign(mirror, { posts, clock, now, stored, states })
}

/** A vendor with so many posts of the last days, which are stored. */
async function synced(count: number, connector = vendorPosts(), clock = testClock()) {
  const vendor = await paidVendor()
  const mirror = await connected(vendor, connector, clock)
  vendor.add(count, mirror.now() - count * 86_400)
  await mirror.posts.sync()
  await mirror.clock.sleep(DAY_MS)
  return {
    vendor,
    mirror,
    [Symbol.asyncDispose]: async () => (await mirror[Symbol.asyncDispose](), vendor[Symbol.asyncDispose]()),
  }
}

test('a first sync reads all, the next one little more than what is new', async () => {
  await using world = await synced(30)
  const { vendor, mirror } = world
  expect(mirror.stored()).toBe(30)
  const [first] = await mirror.tidemark.runs()
  expect(first).toMatchObject({ status: 'succeeded', billedItems: vendor.billed })
  expect(first?.cost).toBeCloseTo(vendor.billed * vendor.price)
  vendor.add(2, mirror.now())
  const next = await mirror.posts.sync()
  expect(next).toMatchObject({ status: 'succeeded', streams: [{ passes: [{ ended: 'met-anchored' }] }] })
  expect(mirror.stored()).toBe(32)
  expect(next.billedItems).toBeLessThan(12)
  expect(mirror.states()).toEqual(vendor.runs.map(() => 'read'))
  expect(
    mirror.value('select sum(n) from (select count(*) - 1 as n from vendor_posts_snapshots group by _key, _run)'),
  ).toBeFalsy()
})

const reset = (response: ServerResponse) => void response.socket?.destroy()
const send = (status: number, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(body)

test.each([
  ['a reset', reset],
  ['a 500', send(500, '{}')],
  ['a 201 without an id', send(201, '{}')],
  ['half a body', send(201, '{"id":')],
])('a run whose start ends in %s is found, and started once', async (_, answer) => {
  await using world = await synced(5)
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  const before = vendor.runs.length
  vendor.onStart = (response) => (answer(response), true)
  const run = await mirror.posts.sync()
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(vendor.runs.length - before).toBe(1)
  expect(vendor.starts).toBe(vendor.runs.length)
  expect(mirror.stored()).toBe(6)
})

test.each([
  ['ahead', 2],
  ['behind', -4],
])('a run is found by the vendor’s clock, where ours is three days %s', async (_, days) => {
  const started = new Map<string, number>()
  const { find } = vendorJob()
  const connector = vendorPosts({
    async find(request) {
      const id = await find(request)
      const at = started.get(id ?? '') ?? 0
      return at < request.since || at > request.until ? undefined : id
    },
  })
  await using world = await synced(5, connector, testClock(Date.now() + days * DAY_MS))
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  vendor.tellsTime = true
  vendor.onStart = (response, { id }) => (started.set(id, Date.now()), reset(response), true)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(vendor.starts).toBe(vendor.runs.length)
  expect(vendor.runs.length - 1).toBeLessThanOrEqual(2)
})

test('a run that the vendor does not list long after its start was not started, and is started anew', async () => {
  await using world = await synced(5)
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  vendor.refuses = (response) => {
    vendor.refuses = undefined
    reset(response)
  }
  const starts = vendor.starts
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(vendor.starts - starts).toBe(2)
  expect(new Set(mirror.states().slice(-2))).toEqual(new Set(['lost', 'read']))
})

test('a start that the vendor refuses is looked for by nobody', async () => {
  await using world = await synced(5)
  const { vendor, mirror } = world
  vendor.refuses = send(403, '{}')
  const asked = vendor.seen.length
  expect(await mirror.posts.sync()).toMatchObject({ status: 'failed', error: { code: 'forbidden' }, billedItems: 0 })
  expect(vendor.seen.slice(asked).map(({ path }) => path)).toEqual(['/runs'])
  expect(mirror.states().at(-1)).toBe('refused')
  vendor.refuses = undefined
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
})

test('what nobody could be asked about is asked for by the next run', async () => {
  await using world = await synced(5, vendorPosts(onceDown()))
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  vendor.onStart = (response) => (reset(response), true)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
  expect(vendor.runs.at(-1)?.polls).toBe(0)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded', billedItems: vendor.runs.at(-1)?.rows.length })
  expect(vendor.starts).toBe(vendor.runs.length)
})

/** The first look for a run fails. */
function onceDown(): Partial<Job<unknown>> {
  const { find } = vendorJob()
  let isFirst = true
  return {
    find: async (request) => {
      if (!isFirst) return find(request)
      isFirst = false
      throw new ConnectorError('server_error', 'The vendor is down.', { verdict: 'stop' })
    },
  }
}

test('rows that could not be fetched are fetched by the next run, from where they broke off', async () => {
  let fails = 0
  const { read } = vendorJob()
  const connector = vendorPosts({
    read: async (request) => {
      if (request.page === 4 && fails-- > 0) throw new ConnectorError('server_error', 'Down.', { verdict: 'stop' })
      return read(request)
    },
  })
  await using world = await synced(40, connector)
  const { vendor, mirror } = world
  vendor.rowsPerPage = 2
  vendor.add(3, mirror.now())
  fails = 1
  expect(await mirror.posts.sync()).toMatchObject({ status: 'failed' })
  const asked = vendor.seen.length
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded', billedItems: 0 })
  expect(vendor.seen.slice(asked).some(({ path }) => path.endsWith('/rows'))).toBe(false)
  expect(vendor.starts).toBe(vendor.runs.length)
  expect(mirror.stored()).toBe(43)
  const costs = (await mirror.tidemark.runs()).map(({ cost }) => cost ?? 0)
  expect(costs.reduce((sum, cost) => sum + cost)).toBeCloseTo(vendor.billed * vendor.price)
})

test('rows of a run that failed are stored, and stop no later one', async () => {
  await using world = await synced(30)
  const { vendor, mirror } = world
  vendor.add(8, mirror.now())
  vendor.ends = 'FAILED'
  const failed = await mirror.posts.sync()
  expect(failed).toMatchObject({ status: 'incomplete', error: { code: 'job_failed' } })
  expect(failed.billedItems).toBe(vendor.runs.at(-1)?.rows.length)
  expect(mirror.states().at(-1)).toBe('failed')
  expect(mirror.stored()).toBeGreaterThan(30)
  vendor.ends = 'SUCCEEDED'
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.stored()).toBe(38)
})

test('a cap is passed on, and what it cuts proves nothing', async () => {
  await using vendor = await paidVendor()
  await using mirror = await connected(vendor)
  vendor.add(30, mirror.now() - 30 * 86_400)
  const capped = await mirror.posts.sync({ maxCost: 0.05 })
  expect(capped).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' }, cost: 0.05, billedItems: 5 })
  expect(vendor.runs).toMatchObject([{ cap: 0.05 }])
  expect(mirror.stored()).toBe(5)
  // With what a row costs, it is known that this is not enough.
  expect(await mirror.posts.sync({ maxCost: 0 })).toMatchObject({ requests: 0, error: { code: 'cost_spent' } })
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.stored()).toBe(30)
})

test('a run that may cost more than is left is not started', async () => {
  await using world = await synced(30, vendorPosts({ price: { item: 0.01 } }))
  const { vendor, mirror } = world
  const starts = vendor.starts
  const stopped = await mirror.posts.sync({ maxCost: 0.02 })
  expect(stopped).toMatchObject({ status: 'incomplete', requests: 0, error: { code: 'cost_spent' } })
  expect(stopped.error?.message).toMatch(/asks for \d+ rows, which may cost/)
  expect(vendor.starts).toBe(starts)
})

test('the plan tells what a run will ask for and cost', async () => {
  await using world = await synced(30, vendorPosts({ price: { start: 0.05, item: 0.01 } }))
  const { vendor, mirror } = world
  const plan = await mirror.posts.plan()
  expect(plan).toMatchObject({ paid: true, stop: null })
  const run = await mirror.posts.sync()
  expect(run).toMatchObject({ status: 'succeeded', requests: plan.requests })
  expect(plan.cost).toBeCloseTo(0.05 + (vendor.runs.at(-1)?.input.newest ?? 0) * 0.01)
  const poor = await mirror.posts.plan({ maxCost: 0.02 })
  expect(poor).toMatchObject({ fits: 0, requests: 0, stop: { code: 'cost_spent' } })
})

test('a cancelled run leaves what it waits for to the next one', async () => {
  await using world = await synced(5)
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  vendor.polls = 3
  const stop = new AbortController()
  vendor.onStart = () => stop.abort()
  expect(await mirror.posts.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled' })
  vendor.onStart = undefined
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(vendor.starts).toBe(vendor.runs.length)
  expect(mirror.stored()).toBe(6)
})

test('what was started for another profile is paid for, and not stored', async () => {
  await using world = await synced(5)
  const { vendor, mirror } = world
  vendor.add(1, mirror.now())
  vendor.polls = 60
  await mirror.posts.sync()
  vendor.polls = 0
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true, profile: 'grace' }
  const posts = await mirror.tidemark.connect(vendorPosts(), { id: 'posts', options })
  const run = await posts.sync()
  expect(run).toMatchObject({
    status: 'succeeded',
    cost: expect.closeTo(vendor.runs.slice(-2).reduce((sum, { cost }) => sum + cost, 0)),
  })
  expect(mirror.states()).toContain('dropped')
})

test.each(['estimate', 'total', 'nothing'] as const)(
  'pinned posts that nobody marks stop no run; %s tells how many there are',
  async (tells) => {
    const vendor = await paidVendor()
    vendor.tells = tells
    await using mirror = await connected(vendor, vendorPosts({ pins: 3 }))
    vendor.add(50, mirror.now() - 50 * 86_400)
    vendor.pinned = ['p3', 'p7', 'p20']
    await mirror.posts.sync()
    expect(mirror.stored()).toBe(50)
    for (const news of [0, 1, 5, 17, 2]) {
      await mirror.clock.sleep(DAY_MS)
      vendor.add(news, mirror.now())
      const run = await mirror.posts.sync()
      expect(run).toMatchObject({ status: 'succeeded' })
      expect(run.billedItems).toBeLessThanOrEqual((tells === 'nothing' ? 4 : 2) * (news + 10) + 3)
    }
    expect(mirror.stored()).toBe(75)
    await vendor[Symbol.asyncDispose]()
  },
)
