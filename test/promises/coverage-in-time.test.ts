// Owns the promise that what was read is told in the source's own time: as far as it was read, with every gap where it is.

import { expect, onTestFinished, test } from 'vitest'
import { readIntervals } from '../../src/engine/history/read-intervals.ts'
import { githubEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const walk = (pass: 'byCursor' | 'newestFirst', position: object) => ({
  ...{ walk: 1, pass, openedAt: 9_000_000, closedAt: null, ended: null, pages: 1, records: 1, note: 'n' },
  position: position as never,
})
const bySeconds = { passes: [{ kind: 'byCursor', unitMs: 1_000 }] } as never
const known = { stream: bySeconds, cursor: undefined, openWalks: [], lastSuccessAt: null }

test('what lies before the cursor was read, but for the windows of open walks', () => {
  expect(readIntervals(known)).toBeUndefined()
  expect(readIntervals({ ...known, cursor: 50 })).toEqual([{ kind: 'read', from: null, to: 50_000, note: '' }])
  const holes = [walk('byCursor', { since: 30, until: 35, isHole: true }), walk('byCursor', { since: 10, until: 20 })]
  expect(readIntervals({ ...known, cursor: 50, openWalks: holes })).toEqual([
    { kind: 'read', from: null, to: 10_000, note: '' },
    { kind: 'gap', from: 10_000, to: 20_000, note: 'n' },
    { kind: 'read', from: 20_000, to: 30_000, note: '' },
    { kind: 'gap', from: 30_000, to: 35_000, note: 'n' },
    { kind: 'read', from: 35_000, to: 50_000, note: '' },
  ])
  // Nothing was read of the first window yet; two that overlap are told once.
  const first = [walk('byCursor', { since: null, until: 20 }), walk('byCursor', { since: 15, until: 18 })]
  expect(readIntervals({ ...known, openWalks: first })).toEqual([{ kind: 'gap', from: null, to: 20_000, note: 'n' }])
})

test('an order that is no time is told of as none', () => {
  const byNumber = { passes: [{ kind: 'byCursor' }] } as never
  expect(readIntervals({ ...known, stream: byNumber, cursor: 50 })).toBeUndefined()
  const listing = { passes: [{ kind: 'newestFirst' }] } as never
  const at = (oldest: unknown) =>
    readIntervals({ ...known, stream: listing, openWalks: [walk('newestFirst', { tail: [], oldest })] })
  expect(at(77)).toBeUndefined()
  expect(at('1970-01-01T00:01:40Z')).toEqual([
    { kind: 'gap', from: null, to: 100_000, note: 'n' },
    { kind: 'read', from: 100_000, to: 9_000_000, note: '' },
  ])
})

test('a window that broke off is a gap from there on, and closed by the next sync', async () => {
  const emulator = await tiktokShopEmulator({ orders: 200 })
  const mirror = await openMirror()
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await emulator.close()
  })
  const shop = await mirror.shop(emulator)
  await shop.sync({ streams: ['orders'], maxRequests: 2 })
  const of = async () => (await mirror.tidemark.coverage('shop')).find(({ stream }) => stream === 'orders')?.intervals
  const place = (name: string) =>
    Number(mirror.value(`SELECT json_extract(position, '$.${name}') FROM tm_walks WHERE closed_at IS NULL`)) * 1_000
  const broken = await of()
  expect(broken?.map(({ kind, from, to }) => [kind, from && Date.parse(from), Date.parse(to)])).toEqual([
    ['read', null, place('since')],
    ['gap', place('since'), place('until')],
  ])
  await shop.sync({ streams: ['orders'] })
  const newest = Number(mirror.value('SELECT max(update_time) FROM tiktok_shop_orders')) * 1_000
  const read = await of()
  expect(read).toMatchObject([{ kind: 'read', from: null, note: '' }])
  expect(Date.parse(read?.[0]?.to ?? '')).toBeGreaterThanOrEqual(newest)
})

test('the first walk through a listing that broke off has read its newest times', async () => {
  const github = await githubEmulator({ stars: 250, limits: false })
  const mirror = await openMirror()
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
  const me = await mirror.github(github)
  await me.sync({ maxRequests: 2 })
  const oldest = Date.parse(String(mirror.value('SELECT min(starred_at) FROM github_stars')))
  const [gap, read] = (await mirror.tidemark.coverage('me'))[0]?.intervals ?? []
  expect([gap?.kind, gap?.from, Date.parse(gap?.to ?? ''), read?.kind, Date.parse(read?.from ?? '')]).toEqual([
    ...['gap', null, oldest],
    ...['read', oldest],
  ])
})
