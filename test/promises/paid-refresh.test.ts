import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, vendorPosts } from '../support/paid-vendor.ts'

const DAY_MS = 86_400_000
const PRICE = { price: { item: 0.01 } }

/** So many posts of the last days, which are stored, and a day later have more views. */
async function grown(count: number, connector = vendorPosts({ batch: 10, ...PRICE })) {
  const vendor = await paidVendor()
  const clock = testClock()
  const mirror = await openMirror({ clock })
  vendor.add(count, Math.floor(clock.now() / 1_000) - count * 86_400)
  const posts = await mirror.tidemark.connect(connector, {
    id: 'posts',
    options: { baseUrl: vendor.url, allowPrivateNetwork: true },
  })
  await posts.sync()
  await clock.sleep(DAY_MS)
  for (const [i, post] of vendor.posts.entries()) post.views = 1_000 - i
  const refreshes = () => vendor.runs.filter(({ input }) => input.keys)
  const asked = () => refreshes().flatMap(({ input }) => input.keys ?? [])
  const snapshots = (run: string) => mirror.value(`select count(*) from vendor_posts_snapshots where _run = '${run}'`)
  return {
    vendor,
    mirror,
    posts,
    refreshes,
    asked,
    snapshots,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await vendor[Symbol.asyncDispose]()
    },
  }
}

test('what a run upstream has shown is not asked for again, and everything else is, once', async () => {
  await using world = await grown(35)
  const { vendor, mirror, posts } = world
  const plan = await posts.plan()
  const run = await posts.sync()
  expect(run).toMatchObject({ status: 'succeeded', requests: plan.requests })
  expect(run.cost).toBeCloseTo(plan.cost ?? 0)
  expect(world.snapshots(run.id)).toBe(35)
  expect(mirror.value('select min(views) from vendor_posts')).toBe(966)
  const shown = vendor.runs.findLast(({ input }) => input.newest)?.rows.map(({ id }) => id) ?? []
  expect(world.asked().filter((key) => shown.includes(key))).toEqual([])
  expect(world.asked().length + shown.length).toBe(35)
})

test('a post that is not returned is not available, and has no snapshot', async () => {
  await using world = await grown(20)
  const { vendor, mirror, posts } = world
  const gone = vendor.posts.splice(15, 1)[0]?.id
  const run = await posts.sync()
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(mirror.sql('select _key from vendor_posts where _unavailable_since is not null')).toEqual([{ _key: gone }])
  expect(world.snapshots(run.id)).toBe(19)
})

test('with little money the fastest growing come first, and a later run goes on', async () => {
  await using world = await grown(40)
  const { posts, mirror } = world
  const run = await posts.sync({ maxCost: 0.2 })
  expect(run).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' } })
  expect(run.cost).toBeLessThanOrEqual(0.2)
  expect(run.cost).toBeGreaterThan(0.15)
  expect(mirror.value('select count(*) from vendor_posts where views > 0')).toBe(run.billedItems)
  await posts.sync()
  expect(mirror.value('select count(*) from vendor_posts where views > 0')).toBe(40)
})

const reset = (response: ServerResponse) => (response.socket?.destroy(), true)

test('a refresh whose start was not acknowledged is found, and started once', async () => {
  await using world = await grown(30)
  const { vendor, posts, mirror } = world
  vendor.onStart = (response, { input }) => (input.keys ? reset(response) : undefined)
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(vendor.starts).toBe(vendor.runs.length)
  expect(new Set(world.asked()).size).toBe(world.asked().length)
  expect(mirror.value('select count(*) from vendor_posts where views > 0')).toBe(30)
})

test('a refresh that broke off is read by the next run, and not asked for again', async () => {
  await using world = await grown(30)
  const { vendor, posts, mirror } = world
  vendor.polls = 60
  const first = await posts.sync({ mode: 'refresh' })
  expect(first).toMatchObject({ status: 'incomplete', error: { code: 'job_unfinished' } })
  expect(world.refreshes()).toHaveLength(1)
  vendor.polls = 0
  const next = await posts.sync({ mode: 'refresh' })
  expect(next).toMatchObject({ status: 'succeeded' })
  expect(new Set(world.asked()).size).toBe(30)
  expect(world.asked()).toHaveLength(30)
  expect(world.snapshots(next.id)).toBe(30)
  expect(mirror.value("select count(*) from tm_intents where state <> 'read'")).toBe(0)
})

test('rows of a refresh that failed are stored, and what it lacks stays as it is', async () => {
  await using world = await grown(20)
  const { vendor, posts, mirror } = world
  vendor.ends = 'FAILED'
  const failed = await posts.sync({ mode: 'refresh' })
  expect(failed).toMatchObject({ status: 'incomplete', error: { code: 'job_failed' } })
  expect(mirror.value('select count(*) from vendor_posts where views > 0')).toBe(5)
  expect(mirror.value('select count(*) from vendor_posts where _unavailable_since is not null')).toBe(0)
  vendor.ends = 'SUCCEEDED'
  expect(await posts.sync({ mode: 'refresh' })).toMatchObject({ status: 'succeeded' })
  expect(mirror.value('select count(*) from vendor_posts where views > 0')).toBe(20)
})

test('a refresh that an earlier sync has started marks nothing that the listing has shown since', async () => {
  await using world = await grown(20)
  const { vendor, mirror, posts } = world
  const [away] = vendor.posts.splice(8, 1)
  const stop = new AbortController()
  vendor.onStart = (_response, { input }) => {
    if (input.keys) stop.abort()
  }
  expect(await posts.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled' })
  vendor.onStart = undefined
  const [started] = world.refreshes()
  expect(started?.input.keys).toContain(away?.id)
  expect(started?.rows.map(({ id }) => id)).not.toContain(away?.id)
  vendor.posts.unshift(away!)
  vendor.pinned = [away!.id]
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(world.refreshes()[0]).toBe(started)
  expect(mirror.sql('select _key from vendor_posts where _unavailable_since is not null')).toEqual([])
})
