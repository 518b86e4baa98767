import { expect, test } from 'vitest'
import { OLD_FROM_MS } from '../../src/engine/passes/jobs/newest-walk.ts'
import { JOB_WAIT_MAX_MS } from '../../src/engine/passes/jobs/upstream-run.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, vendorPosts } from '../support/paid-vendor.ts'
import { wrongClock } from '../support/wrong-clock.ts'

const DAY_MS = 86_400_000

/** A vendor of 20 posts, which are stored; a day later one more has come. */
async function synced(connector = vendorPosts()) {
  const clock = wrongClock(0)
  const vendor = await paidVendor()
  const mirror = await openMirror({ clock })
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(connector, { id: 'posts', options })
  const now = () => Math.floor(clock.now() / 1_000)
  vendor.add(20, now() - 20 * 86_400)
  await posts.sync()
  await clock.sleep(DAY_MS)
  vendor.add(1, now())
  const stored = () => mirror.value('select count(*) from vendor_posts')
  const coverage = () => mirror.value('select coverage from streams')
  const gaps = async () => (await mirror.tidemark.audit()).findings.filter(({ finding }) => finding === 'gap')
  /** A sync that is cancelled as soon as its upstream run is started. */
  const cutShort = async () => {
    const stop = new AbortController()
    vendor.onStart = () => stop.abort()
    expect(await posts.sync({ signal: stop.signal })).toMatchObject({ status: 'cancelled' })
    vendor.onStart = undefined
  }
  return {
    ...{ clock, vendor, posts, now, stored, coverage, gaps, cutShort },
    [Symbol.asyncDispose]: async () => (await mirror[Symbol.asyncDispose](), vendor[Symbol.asyncDispose]()),
  }
}

test('what an earlier sync has started shortly before is enough', async () => {
  await using world = await synced()
  const { vendor, posts, clock, cutShort } = world
  await cutShort()
  await clock.sleep(OLD_FROM_MS - 10_000)
  const starts = vendor.starts
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(vendor.starts).toBe(starts)
  expect(world.stored()).toBe(21)
})

test.each(['estimate', 'total', 'nothing'] as const)(
  'behind what an earlier sync has started long before, what has come since is read; %s tells how many there are',
  async (tells) => {
    await using world = await synced()
    const { vendor, posts, clock, now, cutShort } = world
    vendor.tells = tells
    await cutShort()
    await clock.sleep(OLD_FROM_MS + 10_000)
    vendor.add(2, now())
    const billed = vendor.billed
    const run = await posts.sync()
    expect(run).toMatchObject({
      status: 'succeeded',
      streams: [{ passes: [{ ended: 'met-anchored' }, { ended: 'met-anchored' }] }],
    })
    expect(world.stored()).toBe(23)
    expect(vendor.billed - billed).toBeLessThanOrEqual((tells === 'nothing' ? 4 : 2) * (2 + 10) + 3)
    expect(world.coverage()).toBe('complete')
  },
)

test('a clock that was set back meanwhile makes no old run a new one', async () => {
  await using world = await synced()
  const { vendor, posts, clock, now, cutShort } = world
  await cutShort()
  vendor.add(2, now())
  clock.wrongBy = -3_600_000
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(world.stored()).toBe(23)
})

test('what has come since is a gap where the money does not reach for another run', async () => {
  await using world = await synced()
  const { vendor, posts, clock, now, cutShort } = world
  await cutShort()
  const started = clock.now()
  await clock.sleep(2 * DAY_MS)
  vendor.add(2, now())
  const poor = await posts.sync({ maxCost: 0 })
  expect(poor).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' } })
  expect(world.stored()).toBe(21)
  expect(world.coverage()).toBe('gap')
  const [gap] = await world.gaps()
  expect(gap?.message).toContain(`what has come since ${new Date(started).toISOString().slice(0, 16)}`)
  expect(await posts.plan()).toMatchObject({
    streams: [{ passes: [{ why: expect.stringContaining('finished first') }] }],
  })
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(world.stored()).toBe(23)
  expect(world.coverage()).toBe('complete')
  expect(await world.gaps()).toEqual([])
})

test('an order to list everything pays once for everything, and then for what has come since', async () => {
  await using world = await synced()
  const { vendor, posts, clock, now } = world
  const stop = new AbortController()
  vendor.onStart = () => stop.abort()
  expect(await posts.sync({ mode: 'full', signal: stop.signal })).toMatchObject({ status: 'cancelled' })
  vendor.onStart = undefined
  await clock.sleep(OLD_FROM_MS + 10_000)
  vendor.add(1, now())
  const starts = vendor.starts
  expect(await posts.sync({ mode: 'full' })).toMatchObject({ status: 'succeeded' })
  expect(world.stored()).toBe(22)
  expect(vendor.starts - starts).toBe(1)
  expect(vendor.runs.at(-1)?.rows.length).toBeLessThan(12)
})

test('a run that takes longer than ours waits is waited for by the next one, which looks for what has come since', async () => {
  await using world = await synced()
  const { vendor, posts, clock, now } = world
  vendor.polls = 60
  const began = clock.mono()
  expect(await posts.sync()).toMatchObject({ status: 'incomplete', error: { code: 'job_unfinished' }, cost: null })
  expect(clock.mono() - began).toBeGreaterThan(JOB_WAIT_MAX_MS - 60_000)
  expect(vendor.runs.at(-1)?.polls).toBeLessThan(60)
  vendor.polls = 0
  vendor.add(1, now())
  const starts = vendor.starts
  const rows = () => vendor.runs.slice(-2).reduce((sum, run) => sum + run.rows.length, 0)
  const next = await posts.sync()
  expect(next).toMatchObject({ status: 'succeeded', billedItems: rows() })
  expect(vendor.starts - starts).toBe(1)
  expect(world.stored()).toBe(22)
})

test('an outage that tells of a total of 0 closes no walk', async () => {
  await using vendor = await paidVendor()
  await using mirror = await openMirror({ clock: testClock() })
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(vendorPosts(), { id: 'posts', options })
  vendor.tells = 'total'
  vendor.add(40, 1_700_000_000)
  const all = vendor.posts
  vendor.onStart = (_response, run) => {
    if (vendor.runs.length !== 2) return
    vendor.posts = []
    Object.assign(run, { rows: [], cost: 0 })
  }
  expect(await posts.sync()).toMatchObject({ status: 'incomplete' })
  vendor.posts = all
  expect(await posts.sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.value('select count(*) from vendor_posts')).toBe(40)
})
