// Owns the proof that what paid runs deliver is counted and kept, whatever the vendor tells of its bill and whenever our
// process is killed.

import { describe, expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import type { Job } from '../../src/index.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { mortal } from '../support/mortal-store.ts'
import { paidVendor, type Vendor, vendorJob, vendorPosts } from '../support/paid-vendor.ts'

const DAY_MS = 86_400_000
const KEY = new Uint8Array(32).fill(7)

async function connected(vendor: Vendor, connector = vendorPosts(), clock = testClock()) {
  const mirror = await openMirror({ clock, key: KEY })
  const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(connector, { id: 'posts', options })
  const add = (count: number) => vendor.add(count, Math.floor(clock.now() / 1_000) - count)
  return Object.assign(mirror, { posts, clock, add, stored: () => mirror.value('select count(*) from vendor_posts') })
}

type Billed = NonNullable<Awaited<ReturnType<Job<unknown>['poll']>>['billed']>

/** A vendor that tells so much of its bill. */
function telling(tells: (billed: Billed) => Billed): Partial<Job<unknown>> {
  const { poll } = vendorJob()
  return {
    async poll(request) {
      const state = await poll(request)
      return state.billed ? { ...state, billed: tells(state.billed) } : state
    },
  }
}

describe.each([
  ['no number of rows', ({ cost }: Billed) => ({ cost })],
  ['no rows, whatever it delivers', ({ cost }: Billed) => ({ items: 0, cost })],
  ['half of the rows', ({ items, cost }: Billed) => ({ items: Math.floor((items ?? 0) / 2), cost })],
] as const)('a vendor that tells %s', (_, tells) => {
  test.each([undefined, 5])('bills the rows that it delivers, under a cap of %s', async (maxCost) => {
    await using vendor = await paidVendor()
    await using mirror = await connected(vendor, vendorPosts({ batch: 50, ...telling(tells) }))
    mirror.add(30)
    for (const news of [0, 2]) {
      mirror.add(news)
      const [items, runs] = [vendor.billed, vendor.runs.length]
      const run = await mirror.posts.sync(maxCost === undefined ? {} : { maxCost })
      const cost = vendor.runs.slice(runs).reduce((sum, one) => sum + one.cost, 0)
      expect(run).toMatchObject({
        status: 'succeeded',
        billedItems: vendor.billed - items,
        cost: expect.closeTo(cost),
      })
      await mirror.clock.sleep(DAY_MS)
    }
    expect(mirror.stored()).toBe(32)
  })
})

describe('a vendor that bills less than nothing', () => {
  test.each([
    ['a cost', (billed: Billed) => ({ ...billed, cost: -5 }), 'a cost of -5', false],
    ['rows', (billed: Billed) => ({ ...billed, items: -3 }), '-3 rows', true],
  ] as const)('%s: is not believed, and named', async (_what, tells, words, isTold) => {
    await using vendor = await paidVendor()
    await using mirror = await connected(vendor, vendorPosts({ batch: 50, ...telling(tells) }))
    mirror.add(8)
    const run = await mirror.posts.sync()
    expect(run).toMatchObject({ status: 'succeeded', error: null, billedItems: vendor.billed })
    expect(run.notes.filter((note) => note.includes(`the vendor bills ${words}`)).length).toBeGreaterThan(0)
    // Without a price list, what is not told is not known.
    const cost = isTold ? vendor.runs.reduce((sum, one) => sum + one.cost, 0) : -1
    expect(run.cost ?? -1).toBeCloseTo(cost)
    expect(mirror.stored()).toBe(8)
  })

  test('after its end lowers no bill that was counted', async () => {
    await using vendor = await paidVendor()
    let polls = 0
    const later = telling((billed) => (++polls === 1 ? billed : { items: -1, cost: -1 }))
    await using mirror = await connected(vendor, vendorPosts({ batch: 50, ...later }))
    mirror.add(8)
    const run = await mirror.posts.sync()
    expect(polls).toBeGreaterThan(1)
    expect(run).toMatchObject({ status: 'succeeded', billedItems: vendor.billed })
    expect(run.cost).toBeCloseTo(vendor.runs.reduce((sum, one) => sum + one.cost, 0))
  })
})

describe('of what a cap has cut', () => {
  /** A vendor that tells half of its figures until ten seconds after they were asked for first. */
  const late = (clock: { mono(): number }) => {
    const ended = new Map<string, number>()
    const { poll } = vendorJob()
    return {
      async poll(request) {
        const { billed, ...state } = await poll(request)
        if (!billed) return state
        const since = ended.get(request.id) ?? clock.mono()
        ended.set(request.id, since)
        const half = clock.mono() - since < 10_000 ? 0.5 : 1
        return {
          ...state,
          billed: { items: Math.floor((billed.items ?? 0) * half), cost: (billed.cost ?? 0) * half },
        }
      },
    } satisfies Partial<Job<unknown>>
  }

  test.each([
    ['only the cost', () => telling(({ cost }) => ({ cost }))],
    ['nothing', () => telling(() => ({}))],
    ['preliminary figures', late],
  ] as const)('nothing is taken for the end, where the vendor tells %s', async (_, tells) => {
    await using vendor = await paidVendor()
    const clock = testClock()
    await using mirror = await connected(vendor, vendorPosts(tells(clock)), clock)
    mirror.add(30)
    const run = await mirror.posts.sync({ maxCost: 0.05 })
    expect(run).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' }, billedItems: 5 })
    expect(run.cost).toBe(tells === late ? 0.05 : run.cost)
    expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.stored()).toBe(30)
  })

  test.each([{}, { maxCost: 5 }])(
    'preliminary figures are asked for again, so that the bill is the final one: %j',
    async (order) => {
      await using vendor = await paidVendor()
      const clock = testClock()
      await using mirror = await connected(vendor, vendorPosts({ batch: 50, ...late(clock) }), clock)
      mirror.add(30)
      for (const news of [0, 2]) {
        mirror.add(news)
        const [items, runs] = [vendor.billed, vendor.runs.length]
        const run = await mirror.posts.sync(order)
        const cost = vendor.runs.slice(runs).reduce((sum, one) => sum + one.cost, 0)
        expect(run).toMatchObject({ billedItems: vendor.billed - items, cost: expect.closeTo(cost) })
        await mirror.clock.sleep(DAY_MS)
      }
    },
  )
})

describe('a bill that tells too little for five seconds after the end of a run', () => {
  /** A vendor that tells this share of its costs until then. */
  const late = (clock: { mono(): number }, share = 0) => {
    const ended = new Map<string, number>()
    const { poll } = vendorJob()
    return {
      async poll(request) {
        const { billed, ...state } = await poll(request)
        if (!billed) return state
        const since = ended.get(request.id) ?? clock.mono()
        ended.set(request.id, since)
        return { ...state, billed: { cost: (billed.cost ?? 0) * (clock.mono() - since < 5_000 ? share : 1) } }
      },
    } satisfies Partial<Job<unknown>>
  }
  const costOf = ({ runs }: Vendor) => runs.reduce((sum, { cost }) => sum + cost, 0)

  test.each([
    ['a cap of the order', 0],
    ['a cap of the order', 0.6],
    ['a budget', 0],
    ['a budget', 0.6],
  ])('spends no more than %s allows, where it tells %d of the costs, and is counted', async (bound, share) => {
    await using vendor = await paidVendor()
    const clock = testClock()
    await using mirror = await connected(vendor, vendorPosts({ batch: 5, ...late(clock, share) }), clock)
    mirror.add(30)
    const isBudget = bound === 'a budget'
    if (isBudget) await mirror.tidemark.setBudget('posts', { cost: '0.25/day' })
    for (let i = 0; i < 3; i++) {
      const before = costOf(vendor)
      const run = await mirror.posts.sync(isBudget ? {} : { maxCost: 0.25 })
      expect(run.cost ?? 0).toBeCloseTo(costOf(vendor) - before)
      expect(costOf(vendor) - (isBudget ? 0 : before)).toBeLessThanOrEqual(0.25 + 1e-9)
      await clock.sleep(60_000)
    }
    expect(costOf(vendor)).toBeGreaterThan(0)
  })

  test('is asked for again where nothing bounds it, and one that is plausible is not waited for', async () => {
    await using vendor = await paidVendor()
    const clock = testClock()
    await using mirror = await connected(vendor, vendorPosts(late(clock)), clock)
    mirror.add(8)
    expect((await mirror.posts.sync()).cost).toBeCloseTo(costOf(vendor))
    await using other = await paidVendor()
    const calm = testClock()
    await using plain = await connected(other, vendorPosts(telling(({ cost }) => ({ cost }))), calm)
    plain.add(8)
    const began = calm.mono()
    await plain.posts.sync()
    expect(calm.mono() - began).toBeLessThan(10_000)
  })
})

test.each(['a cap of the order', 'a budget'])(
  'a bill of all that was asked for is final: under %s it is not waited for',
  async (bound) => {
    await using vendor = await paidVendor()
    await using mirror = await connected(vendor)
    mirror.add(60)
    if (bound === 'a budget') await mirror.tidemark.setBudget('posts', { cost: '50/day' })
    await mirror.posts.sync()
    mirror.add(2)
    const runs = vendor.runs.length
    const run = await mirror.posts.sync(bound === 'a budget' ? {} : { maxCost: 5 })
    const cost = vendor.runs.slice(runs).reduce((sum, one) => sum + one.cost, 0)
    expect(run).toMatchObject({ status: 'succeeded', cost: expect.closeTo(cost) })
    // Whoever waits asks once more.
    const inFull = vendor.runs
      .slice(runs)
      .filter(({ input, rows }) => rows.length >= (input.keys?.length ?? input.newest ?? 0))
    const polls = inFull.map((one) => one.polls)
    expect(polls).toEqual(polls.map(() => 1))
    expect(polls).not.toEqual([])
  },
)

test.each(['a cap of the order', 'a budget'])(
  'a bill of all that was delivered is final, though less than was asked for: under %s it is not waited for',
  async (bound) => {
    await using vendor = await paidVendor()
    const clock = testClock()
    await using mirror = await connected(vendor, vendorPosts({ batch: 50 }), clock)
    mirror.add(8)
    // The first sync learns what a row costs.
    await mirror.posts.sync()
    if (bound === 'a budget') await mirror.tidemark.setBudget('posts', { cost: '50/day' })
    await clock.sleep(DAY_MS)
    const [began, runs] = [clock.mono(), vendor.runs.length]
    const run = await mirror.posts.sync({ mode: 'full', ...(bound === 'a budget' ? {} : { maxCost: 5 }) })
    const made = vendor.runs.slice(runs)
    expect(made.some(({ input, rows }) => rows.length < (input.newest ?? 0))).toBe(true)
    expect(run.cost).toBeCloseTo(made.reduce((sum, { cost }) => sum + cost, 0))
    expect(clock.mono() - began).toBeLessThan(10_000)
  },
)

/** More rows than one transaction takes. */
const MANY = 1_100

/** Syncs in processes that are killed before one of their checkpoints, until all is done. */
async function killed(
  { file, clock }: Awaited<ReturnType<typeof connected>>,
  connector: ReturnType<typeof vendorPosts>,
  { isDone, before }: { readonly isDone: () => boolean; readonly before: (life: number) => number },
) {
  for (let life = 1; life < 50 && !isDone(); life++) {
    const store = await openSqliteStore({ path: file, clock, create: false })
    const tidemark = await assemble({
      store: mortal(store, before(life), (method) => method === 'checkpoint'),
      clock,
      key: KEY,
      connectors: [connector],
      holder: { id: `life ${life}`, host: 'here', pid: 1, startedAt: 1 },
      isDead: ({ id }) => id !== `life ${life}`,
    })
    const posts = await tidemark.connection('posts')
    await posts.sync().catch(() => undefined)
    await tidemark.close().catch(() => undefined)
    await store.close()
  }
}

test('rows of a first sync that are stored in parts are paid for once, wherever it is killed', async () => {
  await using vendor = await paidVendor()
  vendor.rowsPerPage = 2 * MANY
  const connector = vendorPosts()
  await using mirror = await connected(vendor, connector)
  mirror.add(MANY)
  await killed(mirror, connector, { isDone: () => mirror.stored() === MANY, before: () => 2 })
  expect(vendor.runs.filter(({ rows }) => rows.length >= MANY)).toHaveLength(1)
  expect(await mirror.posts.sync()).toMatchObject({ status: 'succeeded' })
})

test('rows of a refresh that are stored in parts are paid for once, wherever it is killed', async () => {
  await using vendor = await paidVendor()
  vendor.rowsPerPage = 2 * MANY
  const connector = vendorPosts({ batch: MANY })
  await using mirror = await connected(vendor, connector)
  mirror.add(MANY)
  await mirror.posts.sync()
  await mirror.clock.sleep(DAY_MS)
  for (const post of vendor.posts) post.views = 7
  await killed(mirror, connector, {
    isDone: () => mirror.value('select count(*) from vendor_posts where views = 7') === MANY,
    // The search for what is new comes first.
    before: (life) => life,
  })
  const asked = vendor.runs.flatMap(({ input }) => input.keys ?? [])
  expect(asked.length).toBeGreaterThan(1_000)
  expect(asked).toHaveLength(new Set(asked).size)
})
