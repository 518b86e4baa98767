// Owns the proof that posts of creators are mirrored as the services have them: at the price of what is new, past what is
// pinned, each with one snapshot a run, and with what becomes of them afterwards.

import { describe, expect, test } from 'vitest'
import { testClock } from '../../src/testing/test-clock.ts'
import { BOUND, connected, NAMES } from './creators-world.ts'

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
