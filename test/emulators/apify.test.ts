// Owns the proof that the emulator of Apify behaves as the platform and its actors do: runs, their rows, their costs, and
// what actors write when they have nothing.

import { describe, expect, test } from 'vitest'
import {
  type CreatorEmulator,
  instagramEmulator,
  startClock,
  type TikTokOptions,
  tiktokEmulator,
  xEmulator,
} from '../../src/testing/emulators/index.ts'
import { ask, during, failureOf } from './asking.ts'

const TIKTOK = 'apidojo~tiktok-scraper-api'
const PROFILE = { startUrls: ['https://www.tiktok.com/@ada'] }

interface Row {
  readonly id: string
  // Rows are looked into, not modelled.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly [name: string]: any
}

async function start<E extends CreatorEmulator>(starting: Promise<E>) {
  const emulator = await during(starting)
  const headers = { authorization: `Bearer ${emulator.apifyToken}`, 'content-type': 'application/json' }
  const get = (path: string) => ask(`${emulator.url}/v2/${path}`, { headers })
  const run = (actor: string, input: object, query = '') =>
    ask(`${emulator.url}/v2/actors/${actor}/runs?${query}`, { method: 'POST', headers, body: JSON.stringify(input) })
  const rows = async (dataset: string, query = ''): Promise<Row[]> =>
    (await get(`datasets/${dataset}/items?${query}`)).json
  /** What an actor gives for an input. */
  const read = async (actor: string, input: object, query = '') => {
    const { data } = (await run(actor, input, query)).json
    return rows(data.defaultDatasetId)
  }
  return { emulator, world: emulator.world, get, run, rows, read }
}

const tiktok = (options: TikTokOptions = {}) => start(tiktokEmulator({ pins: 'never', ...options }))

describe('runs', () => {
  test('are started with 201, go on by the clock, and end with their rows', async () => {
    const clock = startClock({ at: '2026-11-01T12:00:00Z' })
    const { get, run, rows } = await tiktok({ clock, runMs: 10_000, posts: 20 })
    const started = await run(TIKTOK, { ...PROFILE, maxItems: 20 })
    expect([started.status, started.json.data.status]).toEqual([201, 'READY'])
    const { id, defaultDatasetId } = started.json.data
    const look = async () => (await get(`actor-runs/${id}?waitForFinish=60`)).json.data
    clock.advance(5_000)
    expect(await look()).toMatchObject({ status: 'RUNNING', finishedAt: null })
    expect(await rows(defaultDatasetId)).toHaveLength(10)
    clock.advance(5_000)
    expect(await look()).toMatchObject({ status: 'SUCCEEDED', finishedAt: '2026-11-01T12:00:10.000Z' })
    expect(await rows(defaultDatasetId)).toHaveLength(20)
  })

  test('keep their input, and stand in a list, the oldest first unless asked otherwise', async () => {
    const { get, run } = await tiktok()
    const first = (await run(TIKTOK, { ...PROFILE, maxItems: 3, note: 'one' })).json.data
    await run(TIKTOK, { ...PROFILE, maxItems: 3, note: 'two' })
    const notes = async (query: string) => {
      const { items } = (await get(`actor-runs?${query}`)).json.data
      const inputs = items.map(async ({ defaultKeyValueStoreId }: { defaultKeyValueStoreId: string }) => {
        return (await get(`key-value-stores/${defaultKeyValueStoreId}/records/INPUT`)).json.note
      })
      return Promise.all(inputs)
    }
    expect(await notes('')).toEqual(['one', 'two'])
    expect(await notes('desc=true')).toEqual(['two', 'one'])
    expect(await notes('desc=1&limit=1&offset=1')).toEqual(['one'])
    expect((await get(`acts/${TIKTOK}/runs`)).json.data.total).toBe(2)
    expect((await get(`actor-runs/${first.id}/dataset/items`)).json).toHaveLength(3)
  })

  test('that end badly keep what they have pushed, and it is charged', async () => {
    const { world, get, run, rows } = await tiktok()
    for (const status of ['FAILED', 'TIMED-OUT', 'ABORTED'] as const) {
      world.nextRun({ status, rows: 5 })
      const { id, defaultDatasetId } = (await run(TIKTOK, { ...PROFILE, maxItems: 20 })).json.data
      const { data } = (await get(`actor-runs/${id}`)).json
      expect(data).toMatchObject({
        status,
        usageTotalUsd: 0.0075,
        chargedEventCounts: { 'apify-default-dataset-item': 5 },
      })
      expect(await rows(defaultDatasetId)).toHaveLength(5)
    }
    expect(world.bill()).toEqual({ runs: 3, items: 15, cost: 0.0225 })
  })

  test('are under way although their start was not acknowledged', async () => {
    const { emulator, world, run } = await tiktok()
    emulator.faults.when({ method: 'POST' }, { kind: 'reset', effect: true }, 1)
    expect(await failureOf(run(TIKTOK, { ...PROFILE, maxItems: 3 }))).not.toBe('no failure')
    expect(world.runs()).toMatchObject([{ status: 'SUCCEEDED', items: 3 }])
  })

  test('stop at what they may charge; rows beyond maxItems are not charged', async () => {
    const { world, read } = await tiktok({ surplusRows: 2 })
    expect(await read(TIKTOK, { ...PROFILE, maxItems: 30 }, 'maxItems=10')).toHaveLength(12)
    expect(world.bill()).toMatchObject({ items: 10 })
    expect(await read(TIKTOK, { ...PROFILE, maxItems: 30 }, 'maxTotalChargeUsd=0.0075')).toHaveLength(5)
    expect(world.runs().at(-1)).toMatchObject({ status: 'SUCCEEDED', items: 5, cost: 0.0075 })
  })

  test('show preliminary costs for a while after their end', async () => {
    const clock = startClock({ at: '2026-11-01T12:00:00Z' })
    const { get, run } = await tiktok({ clock, settleMs: 10_000 })
    const { id } = (await run(TIKTOK, { ...PROFILE, maxItems: 10 })).json.data
    const cost = async () => (await get(`actor-runs/${id}`)).json.data.usageTotalUsd
    expect(await cost()).toBe(0.0075)
    clock.advance(10_000)
    expect(await cost()).toBe(0.009)
  })

  test('are deleted with their rows some days after their end, but for the ten newest', async () => {
    const clock = startClock({ at: '2026-11-01T12:00:00Z' })
    const { get, run } = await tiktok({ clock })
    const { id, defaultDatasetId } = (await run(TIKTOK, { ...PROFILE, maxItems: 3 })).json.data
    clock.advance(8 * 86_400_000)
    expect((await get(`actor-runs/${id}`)).status).toBe(200)
    for (let i = 0; i < 10; i++) await run(TIKTOK, { ...PROFILE, maxItems: 1 })
    expect((await get(`actor-runs/${id}`)).json.error.type).toBe('record-not-found')
    expect((await get(`datasets/${defaultDatasetId}/items`)).status).toBe(404)
  })

  test.each([
    ['concurrent-runs-limit-exceeded', { concurrentRuns: 1 }],
    ['actor-memory-limit-exceeded', { memoryMb: 1_024 }],
    ['not-enough-usage-to-run-paid-actor', { spendUsd: 0.001 }],
  ])('are refused with %s, and nothing is started', async (type, rules) => {
    const { world, run } = await tiktok({ ...rules, runMs: 60_000 })
    expect((await run(TIKTOK, { ...PROFILE, maxItems: 5 })).status).toBe(201)
    const refused = await run(TIKTOK, { ...PROFILE, maxItems: 5 })
    expect([refused.status, refused.json.error.type]).toEqual([402, type])
    expect(world.bill().runs).toBe(1)
  })
})

test('a page of rows says how many there are; a cleaned one may be shorter than its limit', async () => {
  const { world, get, run } = await tiktok()
  world.nextRun({ beside: [{}, {}] })
  const { defaultDatasetId } = (await run(TIKTOK, { ...PROFILE, maxItems: 8 })).json.data
  const page = await get(`datasets/${defaultDatasetId}/items?offset=0&limit=4&clean=true`)
  expect(page.json).toHaveLength(2)
  const headers = ['Offset', 'Limit', 'Count', 'Total'].map((name) => page.headers.get(`x-apify-pagination-${name}`))
  expect(headers).toEqual(['0', '4', '2', '10'])
})

test('who asks without a token, or with a wrong one, is refused; of a run its id is enough, without its costs', async () => {
  const { emulator, get, run } = await tiktok()
  const { id } = (await run(TIKTOK, { ...PROFILE, maxItems: 1 })).json.data
  expect((await get('users/me')).json.data.username).toBe('ada')
  const types = await Promise.all(
    ['', '?token=wrong'].map(async (query) => (await ask(`${emulator.url}/v2/users/me${query}`)).json.error.type),
  )
  expect(types).toEqual(['token-not-provided', 'user-or-token-not-found'])
  const open = (await ask(`${emulator.url}/v2/actor-runs/${id}`)).json.data
  expect([open.status, 'usageTotalUsd' in open]).toEqual(['SUCCEEDED', false])
  expect((await run('nobody~nothing', {})).json.error.type).toBe('record-not-found')
})

test('more than 60 requests in a second to one place are too many', async () => {
  const { get } = await tiktok({ clock: { at: '2026-11-01T12:00:00Z' }, perSecond: 3 })
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await get('actor-runs')).status)
  expect(statuses).toEqual([200, 200, 200, 429, 429])
})

describe('actors with nothing to give', () => {
  test('say so in rows of a run that succeeded and costs nothing', async () => {
    const { world, read } = await tiktok()
    world.nextRun({ sentinel: 'demo' })
    expect(await read(TIKTOK, PROFILE)).toEqual(Array.from({ length: 10 }, () => ({ demo: true })))
    expect(await read(TIKTOK, { startUrls: ['https://www.tiktok.com/@nobody'] })).toEqual([{ noResults: true }])
    expect(world.bill()).toEqual({ runs: 2, items: 0, cost: 0 })
  })

  test('say it in other words, or give no row', async () => {
    const { read } = await start(instagramEmulator())
    expect(await read('apify~instagram-reel-scraper', { username: ['nobody'] })).toMatchObject([{ error: 'not_found' }])
    expect(await read('hpix~ig-reels-scraper', { tags: ['nobody'] })).toEqual([])
  })
})

describe('TikTok', () => {
  test('ids carry their second; what is hidden is absent; the id of a song is no longer exact', async () => {
    const { world, read } = await tiktok()
    const [newest = ''] = world.posts('ada')
    world.hide(newest, 'bookmarks')
    const rows = await read(TIKTOK, { ...PROFILE, maxItems: 5 })
    for (const { id, uploadedAt } of rows) expect(Number(BigInt(id) >> 32n)).toBe(uploadedAt)
    expect(rows.map((row) => 'bookmarks' in row)).toEqual([false, true, true, true, true])
    expect(Number.isSafeInteger(rows[0]?.['song'].id)).toBe(false)
    expect(rows[0]?.['channel']).toMatchObject({ username: 'ada', followers: 4_210, videos: 60 })
  })

  test('shows what is pinned first, once, and only sometimes; one actor says which those are', async () => {
    const { world, read } = await tiktok({ pins: 'sometimes', pinned: 2 })
    const ids = world.posts('ada')
    const pinned = ids.filter((id) => world.post(id).pinned)
    const top = async (actor: string, input: object) => (await read(actor, input)).slice(0, 3)
    const input = { ...PROFILE, maxItems: 30 }
    expect((await top(TIKTOK, input)).map(({ id }) => id)).toEqual([...pinned, ids[0]])
    expect((await top(TIKTOK, input)).map(({ id }) => id)).toEqual(ids.slice(0, 3))
    const told = await top('clockworks~tiktok-scraper', { profiles: ['ada'], resultsPerPage: 30 })
    expect(told.map((row) => row['isPinned'])).toEqual([true, true, false])
  })

  test('single videos are read by address; a sibling refuses that, and fewer than ten', async () => {
    const { world, read, run, get } = await tiktok()
    const [a = '', b = '', c = ''] = world.posts('ada')
    world.remove(b)
    const startUrls = [a, b, c].map((id) => `https://www.tiktok.com/@ada/video/${id}`)
    expect((await read(TIKTOK, { startUrls, maxItems: 3 })).map(({ id }) => id)).toEqual([a, c])
    for (const input of [
      { startUrls, maxItems: 30 },
      { ...PROFILE, maxItems: 9 },
    ]) {
      const { id } = (await run('apidojo~tiktok-scraper', input)).json.data
      expect((await get(`actor-runs/${id}`)).json.data.status).toBe('FAILED')
    }
  })
})

describe('Instagram', () => {
  test('a code is the id in other letters, and addresses reels; pins come first, and nothing says so', async () => {
    const { world, read } = await start(instagramEmulator({ pinned: 3 }))
    const rows = await read('hpix~ig-reels-scraper', { tags: ['https://www.instagram.com/ada/reels/'], reels_count: 5 })
    expect(rows.map(({ id }) => world.post(id).pinned)).toEqual([true, true, true, false, false])
    expect(JSON.stringify(rows)).not.toMatch(/pinned/i)
    const post_urls = rows.map(({ code }) => `https://www.instagram.com/reel/${code}/`)
    expect((await read('hpix~ig-reels-scraper', { post_urls })).map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
  })

  test('media are signed anew each time; likes that are hidden are -1 for one actor', async () => {
    const { world, read } = await start(instagramEmulator({ pinned: 0 }))
    const [newest = ''] = world.posts('ada')
    world.hide(newest, 'like_count')
    const input = { tags: ['ada'], reels_count: 1 }
    const [one] = await read('hpix~ig-reels-scraper', input)
    const [other] = await read('hpix~ig-reels-scraper', input)
    expect(one?.['thumbnail_url']).not.toBe(other?.['thumbnail_url'])
    expect('like_count' in (one ?? {})).toBe(false)
    const [told] = await read('apify~instagram-reel-scraper', { username: ['ada'], resultsLimit: 1 })
    expect(told?.['likesCount']).toBe(-1)
  })
})

describe('X', () => {
  const ACTOR = 'apidojo~tweet-scraper'

  test('texts are escaped, dates are of 2006, and pinned is what the author lists', async () => {
    const { world, read } = await start(xEmulator({ pinned: 1 }))
    const rows = await read(ACTOR, { searchTerms: ['from:ada'], sort: 'Latest', maxItems: 5 })
    const [first] = rows
    expect(first?.['text']).toMatch(/fish &amp; chips/)
    expect(first?.['createdAt']).toMatch(/^\w{3} \w{3} \d\d [\d:]{8} \+0000 \d{4}$/)
    expect(first?.['isPinned']).toBe(false)
    expect(first?.['author'].pinnedTweetIds).toEqual([first?.id])
    expect(rows.slice(1).map(({ id }) => id)).toEqual(world.posts('ada').slice(0, 4))
  })

  test('a big account is a sample in no order', async () => {
    const { world, read } = await start(xEmulator({ order: 'sample', posts: 130 }))
    const ids = (await read(ACTOR, { twitterHandles: ['ada'] })).map(({ id }) => id)
    expect(ids).toHaveLength(100)
    expect(ids).not.toEqual(world.posts('ada').filter((id) => ids.includes(id)))
  })
})
