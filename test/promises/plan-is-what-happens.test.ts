import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection.ts'
import { Allowance, type Caps, defineConnector, fullPass, type PageRequest, rows, stream, z } from '../../src/index.ts'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

/** Plans and then does it, in a world that stands still; returns both by pass. */
async function planned(connection: Connection, mode: 'auto' | 'full' = 'auto', caps?: Caps) {
  const allowance = caps && new Allowance(caps)
  const plan = await connection.plan({ mode, allowance })
  const run = await connection.sync({ mode, ...(allowance ? { allowance } : {}) })
  const expected = plan.streams.map((of) => [of.stream, of.passes.map(({ pass, requests }) => [pass, requests])])
  const happened = run.streams.map((of) => [of.stream, of.passes.map(({ pass, requests }) => [pass, requests])])
  return { plan, run, expected, happened }
}

test('a plan costs no request and changes nothing', async () => {
  await using github = await githubEmulator({ stars: 250 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.plan()
  await me.sync()
  const seen = () => ({
    log: github.log.count(),
    runs: mirror.sql('select * from runs'),
    buckets: mirror.sql('select * from tm_buckets'),
  })
  const before = seen()
  await me.plan({ mode: 'full' })
  expect(seen()).toEqual(before)
})

for (const stars of [0, 1, 99, 100, 101, 250, 300]) {
  test(`with ${stars} stars, what was planned is what happens, run after run`, async () => {
    await using github = await githubEmulator({ stars })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    const first = await planned(me)
    expect(first.plan.requests).toBeNull()
    // Ten runs, among them the full pass that is due every tenth.
    for (let i = 0; i < 10; i++) {
      const { expected, happened, plan, run } = await planned(me)
      expect(happened).toEqual(expected)
      expect(run.requests).toBe(plan.requests)
    }
    const full = await planned(me, 'full')
    expect(full.happened).toEqual(full.expected)
    expect(full.run.requests).toBe(full.plan.requests)
  })
}

test('what a full pass will have to confirm is planned as such', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github, { token: undefined, user: 'ada' })
  await me.sync()
  github.world.unstarAt('ada', 20)
  await me.sync({ mode: 'full' })
  const { expected, happened, plan } = await planned(me)
  expect(happened).toEqual(expected)
  expect(plan.streams[0]?.passes[0]?.why).toContain('second witness')
})

test('removals that wait for a person stand in the plan', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  await me.sync({ mode: 'full' })
  expect((await me.plan()).streams[0]).toMatchObject({ removalsHeld: 30 })
})

test('a plan tells what budgets leave', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await mirror.tidemark.setBudget('me', { requests: { max: 10, perMs: 3_600_000 } })
  const { requests } = await me.sync()
  expect((await me.plan()).budgets).toMatchObject([
    { scope: 'connection', name: 'me', requests: { max: 10, per: 'hour', spent: requests } },
  ])
})

test('a shop that stands still is read as planned', async () => {
  await using shop = await tiktokShopEmulator({ orders: 300 })
  await using mirror = await openMirror()
  const connection = await mirror.shop(shop)
  await connection.sync()
  await connection.sync()
  for (let i = 0; i < 3; i++) {
    const { expected, happened } = await planned(connection)
    expect(happened).toEqual(expected)
  }
})

for (const [options, lookups] of [
  [{ shopCipher: undefined }, 1],
  [{}, 0],
] as const) {
  test(`a shop is planned with the ${lookups} requests that find its cipher`, async () => {
    await using shop = await tiktokShopEmulator({ orders: 30 })
    await using mirror = await openMirror()
    const connection = await mirror.shop(shop, options)
    await connection.sync()
    for (let i = 0; i < 3; i++) {
      const { expected, happened, plan, run } = await planned(connection)
      expect(happened).toEqual(expected)
      // One for the orders, one for the products.
      expect([plan.requests, run.requests]).toEqual([2 + lookups, 2 + lookups])
    }
  })
}

test('of a listing that ends at a cap, no more pages are planned, and the question for its total', async () => {
  await using github = await githubEmulator({ stars: 25 })
  await using mirror = await openMirror()
  const read = async ({ http, page = 1 }: PageRequest<unknown>) => ({
    records: rows((await http.get(`/users/ada/starred?per_page=10&page=${Number(page)}`)).body, 'stars'),
    ...(page === 1 ? { next: 2 } : {}),
  })
  const total = async ({ http }: PageRequest<unknown>) => {
    await http.get('/users/ada/starred?per_page=1')
    return 25
  }
  const newest = defineConnector(
    { name: 'newest', title: 'Newest', options: z.object({}), http: () => ({ baseUrl: 'http://localhost' }) },
    {
      stars: stream({
        schema: z.object({ id: z.int() }),
        key: ({ id }) => id,
        passes: [fullPass({ read, pageSize: 10, listing: { cap: 20 }, total, everyRuns: 1 })],
      }),
    },
  )
  const options = { baseUrl: github.url, allowPrivateNetwork: true }
  const own = await mirror.tidemark.connect(newest, { id: 'own', options })
  await own.sync()
  for (let i = 0; i < 5; i++) github.world.star('ada')
  await own.sync()
  expect(mirror.value('select count(*) from newest_stars')).toBe(25)
  const { expected, happened } = await planned(own)
  expect([expected, happened]).toEqual([[['stars', [['fullPass', 3]]]], [['stars', [['fullPass', 3]]]]])
})

describe('a walk that broke off', () => {
  for (const requests of [1, 2, 3, 5, 9, 10]) {
    test(`of a full pass, after ${requests} requests: what is left of it is planned`, async () => {
      await using github = await githubEmulator({ stars: 850 })
      await using mirror = await openMirror()
      const me = await mirror.github(github)
      await me.sync()
      expect((await me.sync({ mode: 'full', maxRequests: requests })).requests).toBe(requests)
      const { expected, happened, plan, run } = await planned(me)
      expect(happened).toEqual(expected)
      expect(run).toMatchObject({ requests: plan.requests, status: 'succeeded' })
      const again = await planned(me)
      expect(again.happened).toEqual(again.expected)
    })
  }

  test('twice: the pages that were read again are not counted twice', async () => {
    await using github = await githubEmulator({ stars: 850 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    await me.sync({ mode: 'full', maxRequests: 4 })
    const cut = await planned(me, 'auto', { maxRequests: 4 })
    expect(cut.plan).toMatchObject({ requests: 4, fits: 4, stop: { code: 'requests_spent' } })
    expect(cut.happened).toEqual(cut.expected)
    const { expected, happened, run } = await planned(me)
    expect(happened).toEqual(expected)
    expect(run.status).toBe('succeeded')
  })

  for (const requests of [2, 3, 6, 9]) {
    test(`of the first read, after ${requests} requests: what is left of it is planned`, async () => {
      await using github = await githubEmulator({ stars: 850 })
      await using mirror = await openMirror()
      const me = await mirror.github(github)
      await me.sync({ maxRequests: requests })
      const { expected, happened, plan, run } = await planned(me)
      expect(happened).toEqual(expected)
      expect(run).toMatchObject({ requests: plan.requests, status: 'succeeded' })
    })
  }

  test('before its first page has no known length', async () => {
    await using github = await githubEmulator({ stars: 850 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync({ maxRequests: 1 })
    const { plan, run } = await planned(me)
    expect([plan.requests, run.status]).toEqual([null, 'succeeded'])
  })

  test('of what was new has no known end', async () => {
    await using github = await githubEmulator({ stars: 250 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    for (let i = 0; i < 320; i++) github.world.star('ada')
    await me.sync({ maxRequests: 3 })
    expect((await me.plan()).requests).toBeNull()
  })
})

describe('what ends a run before its time', () => {
  const HOUR = { perMs: 3_600_000 }

  test('a budget: as much as fits is planned and done', async () => {
    await using github = await githubEmulator({ stars: 850 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    const spent = Number(mirror.value('select count(*) from requests'))
    await mirror.tidemark.setBudget('github', { requests: { max: spent + 4, ...HOUR } })
    const { expected, happened, plan, run } = await planned(me, 'full')
    expect(plan).toMatchObject({ requests: 4, fits: 4, stop: { code: 'budget_spent', needs: 10 } })
    expect(happened).toEqual(expected)
    expect(run).toMatchObject({ requests: 4, error: { code: plan.stop?.code } })
    const none = await planned(me)
    expect(none.plan).toMatchObject({ requests: 0, fits: 0, stop: { code: 'budget_spent' } })
    expect(none.happened).toEqual(none.expected)
  })

  test('an allowance: as much as it has is planned and done, of a first read at most', async () => {
    await using github = await githubEmulator({ stars: 850 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    expect(await me.plan({ allowance: new Allowance({ maxRequests: 4 }) })).toMatchObject({
      requests: null,
      fits: 4,
      stop: null,
    })
    await me.sync()
    const { expected, happened, plan, run } = await planned(me, 'full', { maxRequests: 7 })
    expect(happened).toEqual(expected)
    expect([plan.requests, run.requests, run.error?.code]).toEqual([7, 7, plan.stop?.code])
  })

  test('a limit that the source says is spent', async () => {
    await using github = await githubEmulator({ stars: 450, limits: { authenticated: 6 } })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    expect(await me.sync()).toMatchObject({ status: 'succeeded', requests: 6 })
    const { expected, happened, plan, run } = await planned(me, 'full')
    expect(plan).toMatchObject({ requests: 0, fits: 0, stop: { code: 'rate_limited', until: expect.any(String) } })
    expect(happened).toEqual(expected)
    expect(run).toMatchObject({ requests: 0, error: { code: 'rate_limited' } })
  })

  test('a limit that all processes count together', async () => {
    await using github = await githubEmulator({ stars: 450, limits: false })
    await using mirror = await openMirror()
    const me = await mirror.github(github, { token: undefined, user: 'ada' })
    const { store } = mirror.tidemark
    const { requests } = await me.sync()
    const limit = { key: 'github:anonymous', capacity: 60, perMs: 3_601_000, now: await store.now() }
    await store.limits.reserve({ ...limit, want: 60 - requests - 3 })
    const { expected, happened, plan, run } = await planned(me, 'full')
    expect(plan).toMatchObject({ requests: 3, fits: 3, stop: { code: 'rate_limited', verdict: 'wait', needs: 6 } })
    expect(happened).toEqual(expected)
    expect(run).toMatchObject({ requests: 3, error: { code: 'rate_limited' } })
  })

  test('a block that is over within a minute is waited for', async () => {
    await using github = await githubEmulator({ stars: 150 })
    await using mirror = await openMirror()
    const me = await mirror.github(github, { token: undefined, user: 'ada' })
    await me.sync()
    const { store } = mirror.tidemark
    const now = await store.now()
    await store.limits.block({ key: 'github:anonymous', until: now + 30_000, now })
    const { requests, stop, waitMs } = await me.plan()
    expect({ requests, stop }).toEqual({ requests: 1, stop: null })
    expect(waitMs).toBeGreaterThan(20_000)
    expect(waitMs).toBeLessThanOrEqual(30_000)
  })

  test('a pause', async () => {
    await using github = await githubEmulator({ stars: 50 })
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    await me.pause()
    expect(await me.plan()).toMatchObject({
      paused: ['user'],
      requests: 0,
      streams: [],
      stop: { code: 'connection_paused', hint: expect.stringContaining('tidemark resume me') },
    })
  })
})
