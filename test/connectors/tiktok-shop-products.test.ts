// Owns the proof that the products of a shop are mirrored although their list has no order that anybody documents, and changes
// while it is read; and that a filter of orders, or a scope that was not granted, concerns its own stream.

import { expect, test } from 'vitest'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

async function productsOf(shop: TikTokShopEmulator) {
  const mirror = await openMirror()
  const me = await mirror.shop(shop)
  const stored = async () => {
    const found = new Map<string, Record<string, unknown>>()
    for await (const row of me.records('products')) found.set(row._key, row)
    return found
  }
  return Object.assign(mirror, { me, stored })
}

test('reads all products, then those that changed, in one request', async () => {
  await using shop = await tiktokShopEmulator({ orders: 3, products: 250 })
  await using here = await productsOf(shop)
  const first = await here.me.sync()
  expect(first).toMatchObject({ status: 'succeeded' })
  expect(first.streams[1]).toMatchObject({
    stream: 'products',
    counts: { inserted: 250 },
    passes: [{ pass: 'byCursor', ended: 'exhausted', pages: 3, requests: 3 }],
  })
  const truth = shop.world.products()
  const stored = await here.stored()
  expect([...stored.keys()].toSorted()).toEqual(truth.map(({ id }) => String(id)).toSorted())
  const { id, title, status, update_time } = truth[7] as Record<string, unknown>
  expect(stored.get(String(id))).toMatchObject({ id, title, status, update_time, sales_regions: ['US'] })
  const [row] = (await here.tidemark.status({ connection: 'shop' })).flatMap(({ streams }) =>
    streams.filter(({ stream }) => stream === 'products'),
  )
  expect(row?.coverage).toEqual({ kind: 'complete', note: '' })

  shop.world.touchProduct(String(id))
  const second = await here.me.sync({ streams: ['products'] })
  expect(second).toMatchObject({ status: 'succeeded', streams: [{ counts: { updated: 1 }, passes: [{ pages: 1 }] }] })
  expect((await here.stored()).get(String(id))?.['skus']).toEqual(shop.world.products()[7]?.['skus'])
  await here.tidemark.settled()
  expect((await here.tidemark.search(String(title), { limit: 50 })).results.map(({ stream }) => stream)).toContain(
    'products',
  )
})

test('passes no product over when others change while pages are turned', async () => {
  await using shop = await tiktokShopEmulator({ orders: 0, products: 250 })
  await using here = await productsOf(shop)
  const ids = shop.world.products().map(({ id }) => String(id))
  // Those of the first page, which is the newest: were they to leave the window, others would move up to it.
  const moved = ids.slice(-100, -60)
  let isMoved = false
  const run = await here.me.sync({
    streams: ['products'],
    onProgress: () => {
      if (isMoved) return
      isMoved = true
      for (const id of moved) shop.world.touchProduct(id)
    },
  })
  expect(run).toMatchObject({ status: 'succeeded', streams: [{ passes: [{ ended: 'exhausted' }] }] })
  expect([...(await here.stored()).keys()].toSorted()).toEqual(ids.toSorted())
  const next = await here.me.sync({ streams: ['products'] })
  expect(next.status).toBe('succeeded')
  const stored = await here.stored()
  for (const { id, update_time } of shop.world.products()) {
    expect(stored.get(String(id))?.['update_time']).toBe(update_time)
  }
})

test('a filter of orders leaves products alone, and a scope that is missing leaves orders alone', async () => {
  await using shop = await tiktokShopEmulator({ orders: 5, products: 5 })
  await using here = await productsOf(shop)
  const open = await here.me.sync({ where: { status: ['open'] } })
  expect(open.streams.map(({ stream }) => stream)).toEqual(['orders'])
  await here.me.sync({ streams: ['orders'] })
  const { access: accessToken, refresh: refreshToken } = shop.world.tokens.authorize(shop.world.shopIds(), [
    'seller.authorization.info',
    'seller.order.info',
  ]).pair
  await here.shop(shop, { accessToken, refreshToken })
  shop.world.create(2)
  const run = await here.me.sync()
  expect(run).toMatchObject({
    status: 'failed',
    error: { code: 'scope_missing', verdict: 'stop' },
    streams: [{ counts: { inserted: 2 }, passes: [{ ended: 'exhausted' }] }, { counts: { inserted: 0 } }],
  })
  expect([run.error?.message, run.error?.hint].map((said) => said?.includes('seller.product.basic'))).toEqual([
    true,
    true,
  ])
  const [status] = await here.tidemark.status({ connection: 'shop' })
  expect(status?.streams.map(({ stream, coverage }) => [stream, coverage.kind])).toEqual([
    ['orders', 'complete'],
    ['products', 'unavailable'],
  ])
})

test('of a range that breaks off nothing counts as read', async () => {
  await using shop = await tiktokShopEmulator({ orders: 0, products: 150 })
  await using here = await productsOf(shop)
  // The first page rises, as it happens.
  for (const { id } of shop.world.products().slice(-100)) shop.world.touchProduct(String(id))
  const run = await here.me.sync({ streams: ['products'], since: '2020-01-01', maxRequests: 1 })
  expect(run).toMatchObject({ status: 'incomplete', streams: [{ counts: { inserted: 100 } }] })
  expect(run.notes.join()).toContain('what changed from 2020-01-01T00:00:00Z up to')
})
