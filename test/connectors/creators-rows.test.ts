// Owns the proof of what is made of the rows of actors: other forms, texts, dates, and answers that no Apify gives.

import { describe, expect, test } from 'vitest'
import { BOUND, connected } from './creators-world.ts'

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

  test.each([
    '09/10/2024',
    '2024-09-29 21:01:51',
    '2024-09-29T21:01:51',
    'Sep 29, 2024',
    '2024',
    'Sun Feb 30 21:01:51 +0000 2024',
    'Sun Foo 12 21:01:51 +0000 2024',
    '2024-02-30T00:00:00Z',
    1_727_643_711,
    { sec: 1 },
  ])(
    'a date of X that is in no documented form is null and stays in the raw row; nothing is guessed: %j',
    async (date) => {
      await using there = await connected('x', { emulator: { posts: 12, pinned: 0 } })
      const { emulator, world, mine, keys, one } = there
      const [key = ''] = world.posts('ada')
      const find = `("id":"${key}"(?:(?!"id":).)*?"createdAt":)"[^"]*"`
      emulator.faults.when({ path: '/v2/datasets/*' }, { kind: 'rewrite', find, replace: `$1${JSON.stringify(date)}` })
      expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
      expect(keys()).toEqual(world.posts('ada').toSorted())
      expect(one(key)).toMatchObject({ created_at: null })
      expect(JSON.parse(String(one(key)?.['_raw']))).toMatchObject({ createdAt: date })
    },
  )

  test('X says that a pinned post is none; the author’s list tells', async () => {
    await using there = await connected('x', { emulator: { posts: 12, pinned: 1 } })
    const { world, mine, one } = there
    await mine.sync()
    const pinned = world.posts('ada').find((id) => world.post(id).pinned) as string
    expect(one(pinned)).toMatchObject({ is_pinned: 1 })
  })

  test('what a post quotes is no post of the profile, and its counts are no change of the one that quotes it', async () => {
    await using there = await connected('x', { emulator: { posts: 40, pinned: 0 } })
    const { world, mine, mirror, keys } = there
    for (let i = 0; i < 3; i++) expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toEqual(world.posts('ada').toSorted())
    const quotes = mirror.sql('select _key, quote_id, author_user_name name from x_posts where is_quote')
    expect(quotes.length).toBeGreaterThan(2)
    for (const { quote_id, name } of quotes) expect([/^\d+$/.test(String(quote_id)), name]).toEqual([true, 'ada'])
    expect(mirror.value('select count(*) from x_posts_versions')).toBe(40)
    expect(mirror.value('select followers from x_account')).toBe(4_210)
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

test.each(['tiktok', 'x', 'instagram'] as const)(
  '%s: rows beyond those that were asked for are posts, and cost what the vendor says',
  async (name) => {
    await using there = await connected(name, { emulator: { posts: 50, surplusRows: 7 } })
    const { world, mine, keys } = there
    const first = await mine.sync()
    expect(first).toMatchObject({ status: 'succeeded', billedItems: world.bill().items })
    expect(first.cost).toBeCloseTo(world.bill().cost)
    expect(keys()).toEqual(world.posts('ada').toSorted())
    world.publish('ada', 3)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toEqual(world.posts('ada').toSorted())
  },
)

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
