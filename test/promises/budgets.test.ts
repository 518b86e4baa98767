import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/engine/system.ts'
import { Allowance, defineConnector, newestFirst, openTidemark, rows, stream, z } from '../../src/index.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const HOUR = { perMs: 3_600_000 }

test('a budget of requests is never exceeded, and what it leaves out is a gap that later runs close', async () => {
  await using github = await githubEmulator({ stars: 950 })
  let now = Date.now()
  const clock = { ...systemClock, now: () => now }
  await using mirror = await openMirror({ clock })
  const me = await mirror.github(github)
  await mirror.tidemark.setBudget('me', { requests: { max: 4, ...HOUR } })
  const first = await me.sync()
  expect(first).toMatchObject({ status: 'incomplete', error: { code: 'budget_spent' }, requests: 4 })
  expect(first.streams[0]?.passes[0]?.ended).toBe('budget')
  expect(mirror.value('select count(*) from gaps')).toBe(1)
  expect((await me.sync()).requests).toBe(0)
  expect(github.log.count()).toBe(4)
  expect(await mirror.tidemark.budgets()).toMatchObject([
    { scope: 'connection', name: 'me', requests: { max: 4, per: 'hour', spent: 4 }, cost: null },
  ])
  for (let i = 0; i < 4 && mirror.value('select count(*) from gaps') !== 0; i++) {
    now += 2 * 3_600_000
    await me.sync()
  }
  expect(mirror.value('select count(*) from github_stars')).toBe(950)
  expect(mirror.value('select count(*) from gaps')).toBe(0)
})

test('connections of one connector share its budget, in every process', async () => {
  await using github = await githubEmulator({ stars: 450 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  await mirror.tidemark.connect('github', { id: 'again', options })
  await mirror.tidemark.setBudget('github', { requests: { max: 7, ...HOUR } })
  await using other = await openTidemark({ database: mirror.file, key: new Uint8Array(32).fill(7) })
  const again = await other.connection('again')
  const runs = await Promise.all([me.sync(), again.sync()])
  expect(github.log.count()).toBe(7)
  expect(runs.reduce((sum, { requests }) => sum + requests, 0)).toBe(7)
  expect(runs.map(({ status }) => status)).toContain('incomplete')
})

test('a request that never left this machine is none: not of the run, not of a budget, not of the ledger', async () => {
  await using github = await githubEmulator({ stars: 10 })
  await using mirror = await openMirror()
  const me = await mirror.github(github, { allowPrivateNetwork: false })
  for (const name of ['me', 'github']) await mirror.tidemark.setBudget(name, { requests: { max: 4, ...HOUR } })
  const allowance = new Allowance({ maxRequests: 3 })
  expect(await me.sync({ allowance })).toMatchObject({ requests: 0, error: { code: 'address_refused' } })
  expect(mirror.sql('select requests from runs')).toEqual([{ requests: 0 }])
  expect(mirror.value('select count(*) from requests')).toBe(0)
  expect((await mirror.tidemark.budgets()).map((budget) => budget.requests?.spent)).toEqual([0, 0])
  expect(allowance.left.requests).toBe(3)
  // Where nobody answers, somebody was asked.
  await mirror.github(github, { baseUrl: 'http://127.0.0.1:9/' })
  expect(await me.sync({ allowance: new Allowance({ maxRequests: 1 }) })).toMatchObject({ requests: 1 })
  expect(mirror.sql('select status, outcome from requests')).toEqual([{ status: 0, outcome: 'network_failed' }])
})

test('a budget can be changed in part and taken away; a name that means nothing is refused', async () => {
  await using github = await githubEmulator({ stars: 10 })
  await using mirror = await openMirror()
  await mirror.github(github)
  const { tidemark } = mirror
  await tidemark.setBudget('github', { requests: { max: 7, ...HOUR } })
  await tidemark.setBudget('github', { cost: '2.50/day' })
  expect(await tidemark.budgets()).toMatchObject([{ requests: { max: 7 }, cost: { max: 2.5, per: 'day', spent: 0 } }])
  await tidemark.setBudget('github', { requests: null, cost: 'off' })
  expect(await tidemark.budgets()).toEqual([])
  await expect(tidemark.setBudget('gitlab', { requests: null })).rejects.toMatchObject({ code: 'budget_unknown' })
})

test('what was used before a budget was set counts, as the provider counts it', async () => {
  await using github = await githubEmulator({ stars: 450 })
  let now = Date.now()
  const clock = { ...systemClock, now: () => now }
  await using mirror = await openMirror({ clock })
  const me = await mirror.github(github)
  const { requests } = await me.sync()
  for (const name of ['me', 'github']) {
    await mirror.tidemark.setBudget(name, { requests: { max: requests + 2, ...HOUR } })
    // A new maximum goes on with what was spent, and so does a window that was taken away for a moment.
    await mirror.tidemark.setBudget(name, { requests: { max: requests + 1, ...HOUR } })
    await mirror.tidemark.setBudget(name, { requests: null })
    await mirror.tidemark.setBudget(name, { requests: { max: requests + 1, ...HOUR } })
  }
  const spent = (await mirror.tidemark.budgets()).map((budget) => budget.requests?.spent)
  expect(spent).toEqual([requests, requests])
  expect(await me.sync({ mode: 'full' })).toMatchObject({ requests: 1, error: { code: 'budget_spent' } })
  now += 2 * 3_600_000
  await mirror.tidemark.setBudget('me', { requests: { max: 5, perMs: 60_000 } })
  expect((await mirror.tidemark.budgets())[0]?.requests).toEqual({ max: 5, per: 'minute', spent: 0 })
})

test('money that was spent before a budget was set counts', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(paid, { id: 'posts', options })
  await posts.sync({ maxCost: 0.25 })
  await mirror.tidemark.setBudget('vendor', { cost: { max: 0.4, perMs: 86_400_000 } })
  expect((await mirror.tidemark.budgets())[0]?.cost?.spent).toBeCloseTo(0.3)
  expect(await posts.sync()).toMatchObject({ requests: 1, error: { code: 'budget_spent' } })
})

test('a request that the budget of one refuses is not counted against that of the other', async () => {
  await using github = await githubEmulator({ stars: 450 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await mirror.tidemark.setBudget('me', { requests: { max: 5, ...HOUR } })
  await mirror.tidemark.setBudget('github', { requests: { max: 1, ...HOUR } })
  for (let i = 0; i < 3; i++) await me.sync()
  const spent = (await mirror.tidemark.budgets()).map((budget) => [budget.name, budget.requests?.spent])
  expect(spent).toEqual([
    ['me', 1],
    ['github', 1],
  ])
})

/** A vendor with 50 posts, ten on a page, that charges 0.10 a page and honours the cap that it is given. */
async function vendor({ before }: { before?: (asked: number) => Promise<'answer' | 'refuse'> } = {}) {
  const asked: (string | null)[] = []
  const serve = async (request: IncomingMessage, answer: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://vendor')
    const page = Number(searchParams.get('page') ?? 0)
    asked.push(searchParams.get('cap'))
    if ((await before?.(asked.length)) === 'refuse') {
      answer.writeHead(400).end()
      return
    }
    answer.setHeader('content-type', 'application/json')
    const posts = Array.from({ length: 10 }, (_, i) => ({ id: `p${page * 10 + i}`, at: 1_000 - page * 10 - i }))
    answer.end(JSON.stringify({ posts, next: page < 4 ? page + 1 : null, charged: 0.1 }))
  }
  const server = createServer((request, answer) => void serve(request, answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, [Symbol.dispose]: () => server.close() }
}

interface Answer {
  readonly posts: unknown
  readonly next: number | null
  readonly charged: number
}

const paid = defineConnector(
  { name: 'vendor', title: 'Posts that cost', options: z.object({}), http: () => ({ baseUrl: 'http://127.0.0.1' }) },
  {
    posts: stream({
      schema: z.object({ id: z.string(), at: z.number() }),
      key: (post) => post.id,
      passes: [
        newestFirst({
          paid: true,
          pageSize: 10,
          order: (post) => post.at,
          read: async ({ http, page, costLeft }) => {
            const cap = costLeft === undefined ? undefined : costLeft.toFixed(2)
            const { posts, next, charged } = (await http.get('/posts', { query: { page: page as number, cap } }))
              .body as Answer
            const records = rows(posts, 'posts')
            return { records, next: next ?? undefined, billed: { items: records.length, cost: charged } }
          },
        }),
      ],
    }),
  },
)

test('a cap on cost reaches the vendor, stops the run before the next page, and loses nothing', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const posts = await mirror.tidemark.connect(paid, {
    id: 'posts',
    options: { baseUrl: source.url, allowPrivateNetwork: true },
  })
  const first = await posts.sync({ maxCost: 0.25 })
  expect(source.asked).toEqual(['0.25', '0.15', '0.05'])
  expect(first).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' }, billedItems: 30, requests: 3 })
  expect(first.cost).toBeCloseTo(0.3)
  expect(first.streams[0]?.passes[0]?.ended).toBe('budget')
  const second = await posts.sync()
  expect(second).toMatchObject({ status: 'succeeded' })
  expect(mirror.value('select count(*) from vendor_posts')).toBe(50)
  expect(mirror.value('select sum(billed_items) from requests')).toBe(first.billedItems + second.billedItems)
})

test('a plan tells what pages have cost until now, and what money is not enough for', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(paid, { id: 'posts', options })
  const unknown = await posts.plan({ allowance: new Allowance({ maxCost: 1 }) })
  expect(unknown).toMatchObject({ paid: true, requests: null, cost: null, stop: null })
  await posts.sync()
  const plan = await posts.plan()
  const { requests, cost } = await posts.sync()
  expect(plan).toMatchObject({ paid: true, requests, stop: null })
  expect(plan.cost).toBeCloseTo(cost ?? 0)
  await mirror.tidemark.setBudget('vendor', { cost: { max: 0.6, perMs: 86_400_000 } })
  const none = await posts.plan()
  expect(none).toMatchObject({ requests: 0, fits: 0, stop: { code: 'budget_spent' } })
  expect(await posts.sync()).toMatchObject({ requests: 0, error: { code: 'budget_spent' } })
})

test('a budget of money is shared by runs, and nothing paid is asked for beyond it', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const posts = await mirror.tidemark.connect(paid, {
    id: 'posts',
    options: { baseUrl: source.url, allowPrivateNetwork: true },
  })
  await mirror.tidemark.setBudget('vendor', { cost: { max: 0.2, perMs: 86_400_000 } })
  const first = await posts.sync()
  expect(first).toMatchObject({ status: 'incomplete', error: { code: 'budget_spent' }, billedItems: 20 })
  expect(source.asked).toEqual(['0.20', '0.10'])
  const second = await posts.sync()
  expect(second).toMatchObject({ status: 'incomplete', requests: 0, cost: null })
  expect(source.asked).toHaveLength(2)
})

test('two connections that ask at once do not spend the same money', async () => {
  const second = Promise.withResolvers<void>()
  using source = await vendor({
    before: async (asked) => {
      if (asked === 1) await second.promise
      return 'answer'
    },
  })
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const one = await mirror.tidemark.connect(paid, { id: 'one', options })
  const other = await mirror.tidemark.connect(paid, { id: 'other', options })
  await mirror.tidemark.setBudget('vendor', { cost: { max: 0.1, perMs: 86_400_000 } })
  const first = one.sync()
  while (source.asked.length === 0) await new Promise(setImmediate)
  const refused = await other.sync()
  second.resolve()
  expect(refused).toMatchObject({ status: 'incomplete', requests: 0, error: { code: 'budget_spent' } })
  expect((await first).cost).toBeCloseTo(0.1)
  expect(source.asked).toEqual(['0.10'])
})

test('runs that share an allowance never use more than it, and what one does not use is there for the other', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const one = await mirror.tidemark.connect(paid, { id: 'one', options })
  const other = await mirror.tidemark.connect(paid, { id: 'other', options })
  const allowance = new Allowance({ maxCost: 0.7 })
  const runs = await Promise.all([one.sync({ allowance }), other.sync({ allowance })])
  expect(runs.reduce((sum, { cost }) => sum + (cost ?? 0), 0)).toBeCloseTo(0.7)
  expect(runs.map(({ error }) => error?.code ?? null)).toContain('cost_spent')
  // Each page is asked for under a cap of all that is left, so that two of them never stand on the same money.
  expect(source.asked).toEqual(['0.70', '0.60', '0.50', '0.40', '0.30', '0.20', '0.10'])
  expect(allowance.left.cost).toBe(0)
  expect(await one.sync({ allowance })).toMatchObject({ requests: 0, error: { code: 'cost_spent' } })
})

test('requests of an allowance are shared, and one that a budget refuses is left for the others', async () => {
  await using github = await githubEmulator({ stars: 450 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
  const again = await mirror.tidemark.connect('github', { id: 'again', options })
  await mirror.tidemark.setBudget('me', { requests: { max: 2, ...HOUR } })
  const allowance = new Allowance({ maxRequests: 5 })
  const runs = await Promise.all([me.sync({ allowance }), again.sync({ allowance })])
  expect(runs.map(({ requests }) => requests)).toEqual([2, 3])
  expect(github.log.count()).toBe(5)
  expect(allowance.left.requests).toBe(0)
})

test('a page whose answer is lost keeps its money from the runs that wait for it', async () => {
  const second = Promise.withResolvers<void>()
  using source = await vendor({
    before: async (asked) => {
      if (asked === 1) await second.promise
      return asked === 1 ? 'refuse' : 'answer'
    },
  })
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const one = await mirror.tidemark.connect(paid, { id: 'one', options })
  const other = await mirror.tidemark.connect(paid, { id: 'other', options })
  const allowance = new Allowance({ maxCost: 0.2 })
  const first = one.sync({ allowance })
  while (source.asked.length === 0) await new Promise(setImmediate)
  const waiting = other.sync({ allowance })
  second.resolve()
  expect((await first).status).toBe('failed')
  expect(await waiting).toMatchObject({ requests: 0, error: { code: 'cost_spent' } })
  expect(source.asked).toEqual(['0.20'])
})

test('a paid page whose answer is lost counts as all that it was allowed to cost', async () => {
  using source = await vendor({ before: async (asked) => (asked === 1 ? 'refuse' : 'answer') })
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(paid, { id: 'posts', options })
  await mirror.tidemark.setBudget('vendor', { cost: { max: 0.2, perMs: 86_400_000 } })
  expect((await posts.sync()).status).toBe('failed')
  expect(await posts.sync()).toMatchObject({ requests: 0, error: { code: 'budget_spent' } })
  expect(source.asked).toEqual(['0.20'])
})

test('a paid page that was never asked for costs nothing', async () => {
  using source = await vendor()
  await using mirror = await openMirror()
  const options = { baseUrl: source.url, allowPrivateNetwork: true }
  const posts = await mirror.tidemark.connect(paid, { id: 'posts', options })
  await mirror.tidemark.setBudget('vendor', { cost: { max: 1, perMs: 86_400_000 }, requests: { max: 1, ...HOUR } })
  expect((await posts.sync()).error?.code).toBe('budget_spent')
  const [budget] = await mirror.tidemark.budgets()
  expect(budget?.cost?.spent).toBeCloseTo(0.1)
})

test.each([
  ['that carries a page', {}, { requests: 1, billedItems: 10 }, 0.1],
  ['before a page is asked for', { maxCost: 1 }, { requests: 0, billedItems: 0 }, 0],
] as const)(
  'a run has cost what it has cost, also when the answer to a checkpoint %s is lost',
  async (_, caps, used, cost) => {
    using source = await vendor()
    await using mirror = await openMirror()
    const options = { baseUrl: source.url, allowPrivateNetwork: true }
    const posts = await mirror.tidemark.connect(paid, { id: 'posts', options })
    const { store } = mirror.tidemark
    const checkpoint = store.checkpoint.bind(store)
    let lost = false
    store.checkpoint = async (batch) => {
      const result = await checkpoint(batch)
      if (lost || batch.cost === undefined) return result
      lost = true
      throw new Error('the connection broke after COMMIT')
    }
    const run = await posts.sync(caps)
    expect(lost).toBe(true)
    expect(run).toMatchObject(used)
    expect(run.cost).toBeCloseTo(cost)
  },
)

test('a run that was free has no cost', async () => {
  await using github = await githubEmulator({ stars: 10 })
  await using mirror = await openMirror()
  expect((await (await mirror.github(github)).sync({ maxCost: 1 })).cost).toBeNull()
})
