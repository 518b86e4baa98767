// Owns the promise that everything can be explained: each version names the page that brought it, and each page the very
// requests that it was read with, also when the next page was read ahead.

import { expect, test } from 'vitest'
import { requestsFor } from '../../src/engine/history/explain.ts'
import {
  githubEmulator,
  redditEmulator,
  stalkerEmulator,
  tiktokShopEmulator,
} from '../../src/testing/emulators/index.ts'
import { loginOf } from '../connectors/reddit-world.ts'
import { openMirror } from '../support/mirror.ts'

test('a listing: the request of a version is the one that showed it', async () => {
  const github = await githubEmulator({ stars: 350, limits: false })
  try {
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    const ids = github.world.starIds('ada')
    for (const place of [0, 99, 100, 199, 200, 349]) {
      const explained = await me.explain('stars', String(ids[place]))
      const [version] = explained.versions
      const page = Math.floor(place / 100) + 1
      expect(version).toMatchObject({ op: 'insert', page, rule: { name: 'first_seen' } })
      const listing = version!.requests.filter(({ url }) => url.includes('per_page=100'))
      expect(listing.map(({ url }) => new URL(url, 'http://x').searchParams.get('page') ?? '1')).toEqual([String(page)])
    }
  } finally {
    await github.close()
  }
})

test('a window of changes: every page has requests of its own', async () => {
  const shop = await tiktokShopEmulator({ orders: 330 })
  try {
    await using mirror = await openMirror()
    const mine = await mirror.shop(shop)
    await mine.sync()
    const pages = new Map<number, string[]>()
    for await (const { _key } of mine.records('orders')) {
      const [version] = (await mine.explain('orders', _key)).versions
      expect(version!.page).not.toBeNull()
      const asked = version!.requests.map(({ at, url, outcome }) => `${at} ${url} ${outcome}`)
      expect(asked.length).toBeGreaterThan(0)
      pages.set(version!.page!, asked)
    }
    expect(pages.size).toBeGreaterThan(2)
    expect(new Set([...pages.values()].map((asked) => JSON.stringify(asked))).size).toBe(pages.size)
    const whole = mirror.sql('select page, count(*) as n from requests where page is not null group by page')
    for (const { page, n } of whole) expect(pages.get(page as number)?.length ?? n).toBe(n)
  } finally {
    await shop.close()
  }
})

test('what the ledger no longer keeps is explained without it', async () => {
  const github = await githubEmulator({ stars: 3, limits: false })
  try {
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    const order = { project: 'default', what: 'requests', before: Number.MAX_SAFE_INTEGER, limit: 99 } as const
    expect(await mirror.tidemark.store.history.prune(order)).toBeGreaterThan(0)
    const [version] = (await me.explain('stars', String(github.world.starIds('ada')[0]))).versions
    expect(version).toMatchObject({
      requests: [],
      page: 1,
      source: { connector: 'github', passes: [{ pass: 'newestFirst' }] },
    })
  } finally {
    await github.close()
  }
})

test('a removal is explained by the answer about that very record, or by the listing that lacked it before', async () => {
  const github = await githubEmulator({ stars: 40, limits: false })
  try {
    await using mirror = await openMirror()
    const me = await mirror.github(github)
    await me.sync()
    const ids = github.world.starIds('ada')
    const gone = [ids[5]!, ids[9]!, ids[17]!]
    for (const id of gone) github.world.unstarAt('ada', github.world.starIds('ada').indexOf(id))
    const { id: run } = await me.sync({ mode: 'full' })
    for (const id of gone) {
      const { versions } = await me.explain('stars', String(id))
      const [seen, removed] = versions
      expect(seen!.witness).toBeNull()
      expect(removed).toMatchObject({ op: 'remove', run, witness: { kind: 'asked', run } })
      const name = (seen!.changes.find(({ field }) => field === 'full_name')?.after ?? '') as string
      expect(removed!.requests.map(({ url, status }) => [url, status])).toEqual([[`/user/starred/${name}`, 404]])
    }
    const order = { project: 'default', what: 'requests', before: Number.MAX_SAFE_INTEGER, limit: 999 } as const
    await mirror.tidemark.store.history.prune(order)
    const last = (await me.explain('stars', String(gone[0]))).versions.at(-1)
    expect(last).toMatchObject({ requests: [], witness: { kind: 'not_kept' } })
  } finally {
    await github.close()
  }
})

test('a witness that was asked for many at once is named, too', async () => {
  const reddit = await redditEmulator({ saved: 230 })
  try {
    await using mirror = await openMirror()
    const me = await mirror.tidemark.connect('reddit', { id: 'me', options: loginOf(reddit) })
    await me.sync()
    const gone = [200, 150, 100, 50, 4].map((place) => reddit.world.unsaveAt('ada', place))
    const { id: run } = await me.sync({ mode: 'full' })
    for (const key of gone) {
      const removed = (await me.explain('saved', key)).versions.at(-1)
      expect(removed).toMatchObject({ op: 'remove', run, witness: { kind: 'asked', run } })
      expect(removed?.requests).toMatchObject([{ method: 'GET', status: 200, outcome: 'ok' }])
      expect(removed?.requests[0]?.url).toMatch(new RegExp(`^/api/info\\?id=[\\w,]*${key}`))
    }
  } finally {
    await reddit.close()
  }
})

test('a page that another stream has read is explained by the request of that stream', async () => {
  const portal = await stalkerEmulator({ titles: 200 })
  try {
    await using mirror = await openMirror()
    const tv = await mirror.portal(portal)
    await tv.sync({ maxRequests: 5 })
    await tv.sync()
    for (const stream of ['movies', 'series']) {
      for await (const { _key } of tv.records(stream)) {
        const [version] = (await tv.explain(stream, _key)).versions
        const listed = version!.requests.filter(({ url, outcome }) => outcome === 'ok' && /get_ordered_list/.test(url))
        expect(listed, `${stream} ${_key}`).toHaveLength(1)
      }
    }
  } finally {
    await portal.close()
  }
})

test('an address names a record as a whole part of it, and the longest name counts', () => {
  const requests = [
    { url: '/user/starred/wren/kiln' },
    { url: '/user/starred/wren/kiln-queue' },
    { url: '/orders?ids=12,13&sign=%E2%80%A6' },
    { url: '/orders?ids=112' },
  ]
  const named = (...values: unknown[]) => requestsFor(values, requests).map(({ url }) => url)
  expect(named('9', 'wren/kiln', 'user')).toEqual(['/user/starred/wren/kiln'])
  expect(named('12', 13, null)).toEqual(['/orders?ids=12,13&sign=%E2%80%A6'])
  expect(named('nobody')).toEqual([])
})
