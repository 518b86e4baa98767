// Owns the proof that posts of creators are mirrored as the services have them: at the price of what is new, past what is
// pinned, each with one snapshot a run, and with what becomes of them afterwards.

import { describe, expect, test } from 'vitest'
import { testClock } from '../../src/testing/test-clock.ts'
import { connected, NAMES, type ServiceName } from './creators-world.ts'

/** What a first sync, and a later one, may bill at most for listing posts, in rows. */
const BOUND = {
  first: (posts: number) => 4 * posts + 20,
  later: (name: ServiceName, found: number) => (name === 'tiktok' ? 2 : 4) * (found + 10) + 3,
}

describe.each(NAMES)('%s', (name) => {
  test('all posts are read by a first sync; a later one pays for what is new, and refreshes the rest in one run', async () => {
    await using there = await connected(name, { emulator: { pinned: 3, pins: 'always' } })
    const { world, mine, keys, runs, snapshots } = there
    const first = await mine.sync()
    expect(first).toMatchObject({ status: 'succeeded', notes: [], error: null })
    expect(keys()).toEqual(world.posts('ada').toSorted())
    const { items, cost } = world.bill()
    expect(first).toMatchObject({ billedItems: items, cost })
    expect(items).toBeLessThanOrEqual(BOUND.first(60))
    expect(snapshots(first.id)).toEqual(keys())

    for (const found of [4, 0, 1]) {
      const before = runs().length
      const ids = world.publish('ada', found)
      world.grow('ada')
      const next = await mine.sync()
      expect(next).toMatchObject({ status: 'succeeded', notes: [] })
      expect(next.streams.find(({ stream }) => stream === there.stream)?.counts).toMatchObject({ inserted: ids.length })
      expect(keys()).toEqual(world.posts('ada').toSorted())
      const later = runs().slice(before)
      const listed = later.filter(({ isRefresh }) => !isRefresh).reduce((sum, run) => sum + run.items, 0)
      expect(listed).toBeLessThanOrEqual(BOUND.later(name, found))
      expect(later.filter(({ isRefresh }) => isRefresh)).toHaveLength(1)
      expect(snapshots(next.id)).toEqual(keys())
    }
  })

  test('a post that is gone is unavailable, not removed, and gets no snapshot until it is there again', async () => {
    await using there = await connected(name)
    const { world, mine, one, snapshots } = there
    await mine.sync()
    const gone = world.removeAt('ada', 20)
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(one(gone)).toMatchObject({ _removed_at: null, _unavailable_since: expect.any(String) })
    expect(snapshots(run.id)).not.toContain(gone)
    world.restore(gone)
    const next = await mine.sync()
    expect(one(gone)).toMatchObject({ _unavailable_since: null })
    expect(snapshots(next.id)).toContain(gone)
  })

  test('a post that was pinned or published since, whatever is old above it, is found', async () => {
    await using there = await connected(name, { emulator: { pinned: 0, pins: 'always' } })
    const { world, mine, keys } = there
    await mine.sync()
    for (const place of [-1, -9, -20]) world.pin(world.posts('ada').at(place) as string)
    world.publish('ada', 2)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    const [newest = ''] = world.publish('ada', 1)
    world.pin(newest)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toEqual(world.posts('ada').toSorted())
  })

  test('the profile has its own numbers, else the sums over its posts', async () => {
    await using there = await connected(name)
    const { world, mine, account, mirror, table } = there
    const views = { instagram: 'play_count', tiktok: 'views', x: 'view_count' }[name]
    const total = () => mirror.value(`select sum(${views}) from ${table}`)
    await mine.sync()
    const at = {
      instagram: 'https://www.instagram.com/ada',
      tiktok: 'https://www.tiktok.com/@ada',
      x: 'https://x.com/ada',
    }
    expect(account()).toMatchObject({
      _key: 'ada',
      profile_url: at[name],
      followers: 4_210,
      videos: 60,
      views: total(),
    })
    world.grow('ada')
    await mine.sync()
    expect(account()).toMatchObject({ followers: world.followers('ada'), views: total() })
    expect(mirror.value(`select count(*) from ${name}_account_snapshots`)).toBe(2)
  })

  test.each([
    ['demo', 'demo_rows', /free plan/, /paid plans/],
    ['noResults', 'no_results', /found nothing/, /private, renamed or gone/],
  ] as const)(
    'a run that succeeded with %s is an error with a hint, and no empty profile',
    async (sentinel, code, says, hint) => {
      await using there = await connected(name)
      const { world, mine, keys } = there
      await mine.sync()
      const before = keys()
      world.nextRun({ sentinel })
      const run = await mine.sync()
      expect(run).toMatchObject({
        status: 'failed',
        error: { code, message: expect.stringMatching(says), hint: expect.stringMatching(hint) },
      })
      expect(run).toMatchObject({ billedItems: 0 })
      expect(keys()).toEqual(before)
      expect(there.mirror.value(`select count(*) from ${there.table} where _unavailable_since is not null`)).toBe(0)
      expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    },
  )

  test.each([{}, { maxCost: 0.5 }])(
    'a name that nobody has is an error and no empty profile, with %o',
    async (order) => {
      await using there = await connected(name, { options: { username: 'adaa' } })
      const { mine, mirror } = there
      const run = await mine.sync(order)
      expect(run).toMatchObject({ status: 'failed', billedItems: 0, error: { code: 'no_results' } })
      expect(run.error?.hint).toMatch(/private, renamed or gone/)
      expect(mirror.value(`select count(*) from ${name}_account_all`)).toBe(0)
      expect(await mine.sync(order)).toMatchObject({ status: 'failed', error: { code: 'no_results' } })
    },
  )

  test('money for not even one row is too little money, not a profile without posts', async () => {
    await using there = await connected(name)
    const run = await there.mine.sync({ maxCost: 0.0001 })
    expect(run).toMatchObject({ status: 'incomplete', error: { code: 'cost_spent' } })
    expect(run.error?.hint).toBeDefined()
    expect(there.mirror.value(`select count(*) from ${name}_account_all`)).toBe(0)
    expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test.each(['FAILED', 'TIMED-OUT', 'ABORTED'] as const)(
    'of a run that ended %s what there is is stored, and the next sync reads the rest',
    async (status) => {
      await using there = await connected(name, { emulator: { pinned: 0 } })
      const { world, mine, keys } = there
      world.nextRun({ status, rows: 7 })
      expect(await mine.sync()).toMatchObject({ status: 'incomplete', error: { code: 'job_failed' } })
      expect(keys()).toEqual(world.posts('ada').slice(0, 7).toSorted())
      expect(there.account()).toMatchObject({ followers: 4_210, views: null })
      expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
      expect(keys()).toEqual(world.posts('ada').toSorted())
    },
  )

  test('a run whose start was not acknowledged is found and adopted, never started twice', async () => {
    await using calm = await connected(name, { emulator: { posts: 15 } })
    await calm.mine.sync()
    await using there = await connected(name, { emulator: { posts: 15 } })
    const { emulator, world, mine, keys } = there
    emulator.faults.when({ method: 'POST' }, { kind: 'reset', effect: true }, 1)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded', billedItems: world.bill().items })
    expect(keys()).toHaveLength(15)
    const intents = world.runs().map(({ input }) => input['tidemarkIntent'])
    expect(new Set(intents).size).toBe(intents.length)
    expect(world.bill()).toEqual(calm.world.bill())
  })

  test('a run that nobody could be asked about is found among thousands of others, whatever started since', async () => {
    await using there = await connected(name, { emulator: { posts: 15, retentionMs: 1e12 } })
    const { emulator, world, mine, keys } = there
    emulator.faults.when({ method: 'POST' }, { kind: 'reset', effect: true }, 1)
    emulator.faults.when({ path: '/v2/actor-runs' }, { kind: 'status', status: 403 })
    expect((await mine.sync()).status).not.toBe('succeeded')
    emulator.faults.clear()
    const { platform } = world
    const [actor] = platform.actors
    if (!actor) throw new Error('no actor')
    there.clock.skip(3_600_000)
    emulator.clock.advance(3_600_000)
    const options = { timeoutSecs: 60, memoryMbytes: 128 }
    for (let i = 0; i < 1_200; i++) platform.start({ ...actor, run: () => [] }, {}, options)
    const asked = emulator.log.all({}).length
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toHaveLength(15)
    expect(emulator.log.all({}).length - asked).toBeLessThan(40)
    const intents = world.runs().flatMap(({ input }) => input['tidemarkIntent'] ?? [])
    expect(new Set(intents).size).toBe(intents.length)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('--max-cost is the cap of every run, ends the sync cleanly, and a later one goes on', async () => {
    await using there = await connected(name)
    const { emulator, world, mine, keys } = there
    const run = await mine.sync({ maxCost: 0.012 })
    expect(run).toMatchObject({ status: 'incomplete' })
    expect(world.bill().cost).toBeLessThanOrEqual(0.012)
    const starts = emulator.log.all({}).filter(({ method }) => method === 'POST')
    expect(starts.every(({ query }) => /maxTotalChargeUsd=0\.0/.test(query))).toBe(true)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toEqual(world.posts('ada').toSorted())
  })

  test('ids are exact, and metrics that a row lacks are null', async () => {
    await using there = await connected(name, { emulator: { posts: 12, pinned: 0 } })
    const { world, mine, one } = there
    const [key = ''] = world.posts('ada')
    const metric = {
      instagram: ['like_count', 'like_count'],
      tiktok: ['likes', 'likes'],
      x: ['likeCount', 'like_count'],
    }[name]
    world.hide(key, metric[0] as string)
    await mine.sync()
    expect(BigInt(key)).toBeGreaterThan(2n ** 53n)
    expect(one(key)).toMatchObject({ id: key, [metric[1] as string]: null })
  })

  test.each([
    ['usage_spent', 'failed', 402, 'not-enough-usage-to-run-paid-actor'],
    ['usage_spent', 'failed', 402, 'limit-reached'],
    ['forbidden', 'failed', 403, 'insufficient-permissions'],
    ['token_rejected', 'paused', 401, 'user-or-token-not-found'],
    ['not_found', 'failed', 404, 'record-not-found'],
    ['request_refused', 'failed', 400, 'invalid-input'],
  ])('%s: the run is %s where Apify says %i %s, and nothing was started', async (code, status, http, type) => {
    await using there = await connected(name)
    const { emulator, world, mine } = there
    const body = JSON.stringify({ error: { type, message: 'It says why' } })
    emulator.faults.when({ method: 'POST' }, { kind: 'status', status: http, body })
    expect(await mine.sync()).toMatchObject({
      status,
      error: { code, message: expect.stringContaining('It says why') },
    })
    expect(world.bill().runs).toBe(0)
  })
})

test.concurrent.each(['concurrent-runs-limit-exceeded', 'actor-memory-limit-exceeded'])(
  '%s is waited for',
  async (type) => {
    await using there = await connected('x', { emulator: { posts: 12 } })
    const { emulator, mine, keys } = there
    const body = JSON.stringify({ error: { type, message: 'Too many' } })
    emulator.faults.when({ method: 'POST' }, { kind: 'status', status: 402, body }, 1)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toHaveLength(12)
  },
)

describe('refreshing what is known', () => {
  /** What is asked of known videos is in `startUrls`, with addresses of videos. */
  const isRefresh = ({ body }: { readonly body: string }) => body.includes('/video/')

  test('a run whose start was not acknowledged is found and adopted', async () => {
    await using there = await connected('tiktok')
    const { emulator, world, mine, runs, keys, snapshots } = there
    await mine.sync()
    emulator.faults.when(isRefresh, { kind: 'reset', effect: true }, 1)
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(runs().filter((one) => one.isRefresh)).toHaveLength(1)
    expect(snapshots(run.id)).toEqual(keys())
    expect(world.posts('ada')).toHaveLength(keys().length)
  })

  test('a run that fails tells nothing of the posts that it lacks', async () => {
    await using there = await connected('tiktok')
    const { world, mine, mirror, snapshots, keys } = there
    await mine.sync()
    // The first of the two lists what is new.
    world.nextRun({})
    world.nextRun({ status: 'FAILED', rows: 5 })
    const run = await mine.sync()
    expect(run).toMatchObject({ status: 'incomplete', error: { code: 'job_failed' } })
    expect(mirror.value('select count(*) from tiktok_videos where _unavailable_since is not null')).toBe(0)
    expect(snapshots(run.id).length).toBeLessThan(keys().length)
    const next = await mine.sync()
    expect(next).toMatchObject({ status: 'succeeded' })
    expect(snapshots(next.id)).toEqual(keys())
  })

  test('rows that could not be fetched are fetched by the next sync, which starts no other run for them', async () => {
    await using there = await connected('tiktok')
    const { emulator, mine, runs, snapshots, keys } = there
    await mine.sync()
    emulator.faults.when({ path: '/v2/datasets/*', after: 1 }, { kind: 'html' })
    expect(await mine.sync()).toMatchObject({ status: 'failed' })
    emulator.faults.clear()
    const before = runs().filter(({ isRefresh: one }) => one).length
    const next = await mine.sync()
    expect(next).toMatchObject({ status: 'succeeded' })
    expect(runs().filter(({ isRefresh: one }) => one).length - before).toBeLessThanOrEqual(1)
    expect(runs().at(-1)?.items ?? 0).toBeLessThan(20)
    expect(snapshots(next.id)).toEqual(keys())
  })

  test('with money for some, those are refreshed that the money allows; the rest is stale', async () => {
    await using there = await connected('tiktok', { emulator: { pins: 'never' } })
    const { world, mine, runs, snapshots } = there
    await mine.sync()
    const before = world.bill().cost
    const run = await mine.sync({ maxCost: 0.1 })
    expect(run).toMatchObject({ status: 'incomplete' })
    expect(world.bill().cost - before).toBeLessThanOrEqual(0.1 + 1e-9)
    const refreshed = runs().at(-1)
    expect(refreshed?.isRefresh).toBe(true)
    expect(refreshed?.items).toBeGreaterThan(5)
    expect(run.streams.find(({ stream }) => stream === 'videos')?.counts.stale).toBe(60 - snapshots(run.id).length)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('--mode refresh reads what is known, and looks for nothing new', async () => {
    await using there = await connected('tiktok')
    const { mine, runs, snapshots, keys, world } = there
    await mine.sync()
    world.publish('ada', 2)
    const before = runs().length
    const run = await mine.sync({ mode: 'refresh' })
    expect(run).toMatchObject({ status: 'succeeded' })
    expect(runs().slice(before)).toMatchObject([{ isRefresh: true, items: 60 }])
    expect(snapshots(run.id)).toEqual(keys())
  })
})

describe('actors of other forms', () => {
  test.each([
    ['instagram', 'apify~instagram-reel-scraper'],
    ['instagram', 'apify/instagram-reel-scraper'],
    ['tiktok', 'clockworks~tiktok-scraper'],
    ['tiktok', 'GdWCkxBtKWOsKjdch'],
    ['x', '61RPP7dywgiy0JPD0'],
  ] as const)('%s: %s gives the same records', async (name, actor) => {
    // The same world, whatever second it is made in.
    const emulator = { clock: { at: Math.floor(Date.now() / 1_000) * 1_000 } }
    await using usual = await connected(name, { emulator })
    await using other = await connected(name, { emulator, options: { actor } })
    const { world } = other
    const metrics = {
      instagram: 'play_count, view_count, like_count, comment_count',
      tiktok: 'views, likes, comments, shares, bookmarks',
      x: 'view_count',
    }
    for (const there of [usual, other]) expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(other.keys()).toEqual(world.posts('ada').toSorted())
    const rows = ({ mirror, table }: typeof usual) =>
      mirror.sql(`select _key, ${metrics[name]} from ${table} order by 1`)
    expect(rows(other)).toEqual(rows(usual))
    world.publish('ada', 2)
    expect(await other.mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(other.keys()).toEqual(world.posts('ada').toSorted())
  })

  test('rows of an unknown form are a mistake of the options', async () => {
    await using there = await connected('tiktok')
    there.world.nextRun({ instead: [{ some: 'thing' }, { other: 1 }] })
    const run = await there.mine.sync()
    expect(run).toMatchObject({
      status: 'failed',
      error: { code: 'rows_unknown', message: expect.stringContaining('some') },
    })
    expect(there.keys()).toEqual([])
  })

  test('an actor that reads no single posts refreshes nothing, and says so', async () => {
    await using there = await connected('tiktok', { options: { actor: 'apidojo~tiktok-scraper' } })
    await there.mine.sync()
    there.world.publish('ada', 1)
    expect(await there.mine.sync()).toMatchObject({
      error: { code: 'options_invalid', hint: expect.stringContaining('apidojo~tiktok-scraper-api') },
    })
    expect(there.keys()).toHaveLength(61)
  })
})

test('likes that are hidden are null, also for an actor that says -1', async () => {
  const options = { actor: 'apify~instagram-reel-scraper' }
  await using there = await connected('instagram', { emulator: { posts: 12, pinned: 0 }, options })
  const [key = ''] = there.world.posts('ada')
  there.world.hide(key, 'like_count')
  await there.mine.sync()
  expect(there.one(key)).toMatchObject({ like_count: null, play_count: there.world.post(key).metrics['play_count'] })
})

test('a run that Apify has deleted is given up, and the next sync starts another', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 12 }, time: testClock() })
  const { emulator, mine, keys } = there
  const body = JSON.stringify({ error: { type: 'record-not-found', message: 'Actor run was not found' } })
  emulator.faults.when({ path: '/v2/actor-runs/*' }, { kind: 'status', status: 404, body })
  emulator.faults.when({ path: '/v2/datasets/*' }, { kind: 'status', status: 404, body })
  expect(await mine.sync()).toMatchObject({
    status: 'incomplete',
    error: { code: 'job_failed', message: expect.stringContaining('knows no upstream run'), hint: expect.any(String) },
  })
  emulator.faults.clear()
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(keys()).toHaveLength(12)
})

test('too many requests are waited for', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 12 } })
  const body = JSON.stringify({ error: { type: 'rate-limit-exceeded', message: 'Slow down' } })
  there.emulator.faults.when({ path: '/v2/*' }, { kind: 'status', status: 429, body }, 1)
  expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
})

test('posts are refreshed at the addresses that they were served with, whatever the profile is called now', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 40 } })
  const { world, mine, mirror } = there
  await mine.sync()
  await mine.sync()
  const { input } = world.runs().at(-1) ?? { input: {} }
  const known = new Set(mirror.sql('select url from tiktok_videos').map(({ url }) => url))
  const { startUrls: asked = [] } = input as { startUrls?: string[] }
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter((address) => !known.has(address))).toEqual([])
})

describe('texts and dates', () => {
  test('of X are without escapes, each undone once, and in ISO 8601', async () => {
    await using there = await connected('x', { emulator: { posts: 12, pinned: 0 } })
    const { world, mine, one } = there
    const [key = '', other = ''] = world.posts('ada')
    world.edit(key, 'fish & chips &lt; 1 < 2 > 0')
    world.edit(other, 'plain')
    await mine.sync()
    const at = new Date(world.post(key).at * 1_000).toISOString()
    expect(one(key)).toMatchObject({ text: 'fish & chips &lt; 1 < 2 > 0', created_at: at, is_pinned: 0 })
    expect(one(other)).toMatchObject({ text: 'plain' })
  })

  test.each([
    ['x', '"createdAt":)"[^"]*"', 'created_at'],
    ['instagram', '"taken_at":)\\d+', 'taken_at'],
  ] as const)(
    'a post of %s without a readable date stands where its id says that it was made',
    async (name, date, at) => {
      await using there = await connected(name, { emulator: { pinned: 0 } })
      const { emulator, world, mine, keys, runs, one } = there
      await mine.sync()
      const before = runs().length
      const [, undated = ''] = world.publish('ada', 3)
      const find = `("id":"${undated}"(?:(?!"id":).)*?${date}`
      emulator.faults.when(
        { path: '/v2/datasets/*' },
        { kind: 'rewrite', find, replace: name === 'x' ? '$1"soon"' : '$1null' },
      )
      expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
      expect(keys()).toEqual(world.posts('ada').toSorted())
      expect(one(undated)).toMatchObject({ [at]: null })
      const listed = runs()
        .slice(before)
        .filter(({ isRefresh }) => !isRefresh)
      expect(listed.reduce((sum, { items }) => sum + items, 0)).toBeLessThanOrEqual(BOUND.later(name, 3))
    },
  )

  test('X says that a pinned post is none; the author’s list tells', async () => {
    await using there = await connected('x', { emulator: { posts: 12, pinned: 1 } })
    const { world, mine, one } = there
    await mine.sync()
    const pinned = world.posts('ada').find((id) => world.post(id).pinned) as string
    expect(one(pinned)).toMatchObject({ is_pinned: 1 })
  })

  test('a sample in no order is read to its end, and nothing in it is taken for known ground', async () => {
    await using there = await connected('x', { emulator: { posts: 90, order: 'sample' } })
    const { world, mine, keys } = there
    await mine.sync()
    expect(keys()).toEqual(world.posts('ada').toSorted())
    world.publish('ada', 3)
    await mine.sync()
    expect(keys()).toEqual(world.posts('ada').toSorted())
  })
})

test('more rows than one answer holds are read page by page', async () => {
  await using there = await connected('x', { emulator: { posts: 1_150 } })
  expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(there.keys()).toEqual(there.world.posts('ada').toSorted())
})

describe('answers that no Apify gives', () => {
  const ITEMS = { path: '/v2/datasets/*' }
  test.each([
    ['a web page for rows', ITEMS, { kind: 'html' }],
    ['half of the rows', ITEMS, { kind: 'truncate' }],
    ['an object for rows', ITEMS, { kind: 'body', body: '{"data":[]}' }],
    ['no run', { path: '/v2/actor-runs/*' }, { kind: 'body', body: '{}' }],
    [
      'an unknown status',
      { path: '/v2/actor-runs/*' },
      { kind: 'rewrite', find: '"status":"\\w+"', replace: '"status":"DREAMING"' },
    ],
    [
      'a cost that is no number',
      { path: '/v2/actor-runs/*' },
      { kind: 'rewrite', find: '"usageTotalUsd":[0-9.e-]+', replace: '"usageTotalUsd":"much"' },
    ],
    ['rows that are no objects', ITEMS, { kind: 'body', body: '[1,"two",null,[]]' }],
    ['ids of all sorts', ITEMS, { kind: 'rewrite', find: '"id":"\\d+"', replace: '"id":{"a":1}' }],
  ] as const)('%s remove nothing, and cost no more than the search for what is new', async (_, match, fault) => {
    await using there = await connected('tiktok', { emulator: { posts: 12 } })
    const { emulator, world, mine, keys } = there
    await mine.sync()
    const before = keys()
    emulator.faults.when(match, fault)
    const { runs } = world.bill()
    const run = await mine.sync()
    expect(['failed', 'incomplete', 'succeeded']).toContain(run.status)
    expect(world.bill().runs - runs).toBeLessThanOrEqual(3)
    emulator.faults.clear()
    there.clock.skip(3_600_000)
    await mine.sync()
    // Rows without a key stay in quarantine.
    const isSetAside = Number(there.mirror.value('select count(*) from quarantine')) > 0
    expect(await mine.sync()).toMatchObject({ status: isSetAside ? 'incomplete' : 'succeeded' })
    expect(keys()).toEqual(before)
  })
})

test('a wrong token is told when it is connected, with where to get one', async () => {
  const refused = await connected('tiktok', { options: { apifyToken: 'apify_api_wrong' } }).then(
    async (there) => {
      const run = await there.mine.sync()
      await there[Symbol.asyncDispose]()
      return run.error
    },
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ code: 'token_rejected', hint: expect.stringContaining('console.apify.com') })
})

test('an actor that is not there is told when it is connected; one that is, or may be, is taken', async () => {
  await using there = await connected('tiktok')
  const { url: baseUrl, apifyToken, faults } = there.emulator
  const checked = async (actor: string) => {
    const options = { username: 'ada', apifyToken, actor, baseUrl, allowPrivateNetwork: true }
    const other = await there.mirror.tidemark.connect('tiktok', { id: 'other', options })
    const { outcome, error } = await other.check()
    return [outcome, error?.code]
  }
  expect(await checked('foo~bar')).toEqual(['wrong', 'not_found'])
  expect(await checked('clockworks/tiktok-scraper')).toEqual(['ok', undefined])
  faults.when({ path: '/v2/actors/foo~bar' }, { kind: 'status', status: 403 })
  expect(await checked('foo~bar')).toEqual(['ok', undefined])
})

test.each([
  ['instagram', 'https://www.instagram.com/ada/reels/?hl=en'],
  ['instagram', ' @ada '],
  ['tiktok', 'https://www.tiktok.com/@ada?lang=en'],
  ['x', 'x.com/ada'],
  ['x', 'https://mobile.twitter.com/ada/status/12'],
] as const)('%s: a profile is known by %j, too', async (name, username) => {
  await using there = await connected(name, { options: { username }, emulator: { posts: 5 } })
  expect(await there.mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(there.account()).toMatchObject({ username: 'ada' })
})

test.each(['https://example.com/ada', 'ada lovelace', 'https://www.tiktok.com/', 'a/b'])(
  '%j is not a username',
  async (username) => {
    await expect(connected('tiktok', { options: { username } })).rejects.toMatchObject({
      code: 'options_invalid',
      message: expect.stringContaining('username: is not a username on TikTok') as string,
    })
  },
)

test.each([403, 404])('a token that is shown no account (%i) is good if it is shown its runs', async (status) => {
  await using there = await connected('tiktok')
  const { emulator, mirror, mine } = there
  emulator.faults.when({ path: '/v2/users/me' }, { kind: 'status', status })
  const { url: baseUrl, apifyToken } = emulator
  const options = { username: 'ada', apifyToken, baseUrl, allowPrivateNetwork: true }
  await mirror.tidemark.connect('tiktok', { id: 'mine', options, check: true })
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
})

test.each([
  // A run for six of the newest, and one by address for the others.
  ['tiktok', {}, 0.006 + 6 * 0.0003 + 54 * 0.0063],
  // Nobody publishes its price; the first run, of 60 posts, has shown it.
  ['tiktok', { actor: 'clockworks~tiktok-scraper' }, 0.005 + 60 * 0.004],
  ['x', {}, 60 * 0.0004],
] as const)('%s with the options %j is planned at the price of its actor', async (name, options, cost) => {
  await using there = await connected(name, { options })
  await there.mine.sync()
  expect((await there.mine.plan({ streams: [there.stream] })).cost).toBeCloseTo(cost, 6)
})
