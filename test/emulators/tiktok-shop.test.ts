// Owns the proof that the TikTok Shop emulator answers as the Open API does: refusals, shops, searches, reads by id.

import { describe, expect, test } from 'vitest'
import { askShop, DETAIL, ORDER_SEARCH, readOrders, SHOPS, started } from './shop.ts'

describe('refusals', () => {
  test('have one envelope, and a code that decides', async () => {
    const { emulator, app, search } = await started({ shops: 2 })
    const foreign = emulator.world.tokens.authorize([emulator.world.shopIds()[1] ?? '']).pair.access
    const narrow = emulator.world.tokens.authorize(emulator.world.shopIds(), ['seller.authorization.info']).pair.access
    const cases: [number, number, Promise<{ status: number; json: { code: number } }>][] = [
      [404, 36009009, askShop(app, { path: '/order/nothing' })],
      [400, 36009014, askShop(app, { path: '/order/202212/orders/search', body: {} })],
      [405, 36009010, askShop(app, { path: ORDER_SEARCH })],
      [400, 106013, askShop(app, { path: ORDER_SEARCH, body: {} })],
      [403, 101000, search({ shop_cipher: 'ROW_unknown' })],
      [403, 101000, search({}, {}, { token: foreign })],
      [403, 105005, search({}, {}, { token: narrow })],
      [400, 36009004, search({ page_size: '0' })],
      [400, 36009004, search({ page_size: '101' })],
      [400, 36009004, search({ sort_field: 'id' })],
      [400, 36009004, search({ sort_order: 'UP' })],
      [400, 36009004, search({}, { order_status: 'SHIPPED' })],
      [400, 36009004, search({}, { update_time_ge: '1700000000' })],
      [400, 36009023, search({}, ['not an object'])],
    ]
    const messages = new Set<string>()
    for (const [status, code, asked] of cases) {
      const { status: was, json } = (await asked) as { status: number; json: Record<string, unknown> }
      expect([was, json['code']]).toEqual([status, code])
      expect(Object.keys(json).sort()).toEqual(['code', 'data', 'message', 'request_id'])
      expect(json['data']).toBeNull()
      if (code === 36009004) messages.add(String(json['message']))
    }
    expect(messages.size).toBe(5)
  })

  test('come with HTTP 200 where that is asked for, and a bad signature under the other code', async () => {
    const { search } = await started({ errorsAsOk: true, signCode: 36009004 })
    const missing = await search({ shop_cipher: '' })
    expect([missing.status, missing.json.code]).toEqual([200, 106013])
    const sign = await search({}, {}, { spoil: (query) => query.set('sign', '0') })
    expect([sign.status, sign.json.code]).toEqual([200, 36009004])
  })

  test('a rate limit is 429 with 36009002, with or without Retry-After, per app and shop', async () => {
    const { emulator, search } = await started({ shops: 2, rate: { perSecond: 1, burst: 2, retryAfter: true } })
    const codes = [(await search()).json.code, (await search()).json.code]
    const limited = await search()
    expect(codes).toEqual([0, 0])
    expect([limited.status, limited.json.code, limited.headers.get('retry-after')]).toEqual([429, 36009002, '1'])
    expect((await search({ shop_cipher: emulator.world.shops[1]?.cipher ?? '' })).json.code).toBe(0)
    emulator.clock.advance(1000)
    expect((await search()).json.code).toBe(0)
    const silent = await started({ rate: { perSecond: 1, burst: 1 } })
    await silent.search()
    expect((await silent.search()).headers.get('retry-after')).toBeNull()
  })

  test('faults speak TikTok Shop', async () => {
    const { emulator, search } = await started()
    emulator.faults.next({ kind: 'status', status: 401 })
    emulator.faults.next({ kind: 'status', status: 429, retryAfter: 3 })
    emulator.faults.next({ kind: 'status', status: 500 })
    expect((await search()).json.code).toBe(105002)
    const limited = await search()
    expect([limited.json.code, limited.headers.get('retry-after')]).toEqual([36009002, '3'])
    expect((await search()).json.code).toBe(36009003)
    expect((await search()).json.code).toBe(0)
  })
})

describe('the authorized shops', () => {
  test('are those of the token, without any cipher in the question', async () => {
    const { emulator, app } = await started({ shops: 2, region: 'GB' })
    const all = (await askShop(app, { path: SHOPS })).json.data.shops
    expect(all.map((shop: { id: string }) => shop.id)).toEqual(emulator.world.shopIds())
    expect(all[0]).toEqual({
      cipher: emulator.shopCipher,
      code: expect.any(String),
      id: emulator.shopId,
      name: expect.any(String),
      region: 'GB',
      seller_type: 'LOCAL',
    })
    const one = emulator.world.tokens.authorize([emulator.world.shopIds()[1] ?? '']).pair.access
    expect((await askShop(app, { path: SHOPS, token: one })).json.data.shops).toHaveLength(1)
  })
})

describe('the order search', () => {
  test('covers the world page by page, 20 rows by default, 100 at most', async () => {
    const { emulator, search } = await started({ orders: 250 })
    const first = (await search()).json
    expect(first.data.orders).toHaveLength(20)
    expect(first.data.total_count).toBe(250)
    expect(first).toMatchObject({ code: 0, message: 'Success', request_id: expect.stringMatching(/^20260520120000/) })
    const pages = await readOrders(emulator, { page_size: '100', sort_field: 'update_time', sort_order: 'ASC' })
    expect(pages.map((page) => page.length)).toEqual([100, 100, 50])
    expect(pages.flat()).toEqual(emulator.world.orders())
  })

  test('the last page says so with an empty token, also when it is full', async () => {
    const { search } = await started({ orders: 40 })
    const first = (await search({ page_size: '40' })).json.data
    expect([first.orders.length, first.next_page_token]).toEqual([40, ''])
    const empty = (await search({}, { create_time_ge: 1_999_999_999 })).json.data
    expect(empty).toEqual({ orders: [], next_page_token: '', total_count: 0 })
  })

  test('sorts by creation, newest first, unless told otherwise', async () => {
    const { search } = await started({ orders: 60 })
    const times = async (query: Record<string, string>, field: 'create_time' | 'update_time') =>
      (await search({ page_size: '60', ...query })).json.data.orders.map(
        (order: Record<string, number>) => order[field],
      )
    const up = (values: number[]) => [...values].sort((a, b) => a - b)
    const created = await times({}, 'create_time')
    expect(created).toEqual(up(created).toReversed())
    expect(await times({ sort_order: 'ASC' }, 'create_time')).toEqual(up(created))
    const updated = await times({ sort_field: 'update_time', sort_order: 'ASC' }, 'update_time')
    expect(updated).toEqual(up(updated))
    expect(await times({ sort_field: 'update_time' }, 'update_time')).toEqual(up(updated).toReversed())
  })

  test('filters by time, lower bound inclusive, upper bound exclusive', async () => {
    const { emulator, search } = await started({ orders: 60 })
    const orders = emulator.world.orderList()
    const [from, until] = [orders[10]?.update_time ?? 0, orders[40]?.update_time ?? 0]
    const found = async (body: unknown) =>
      (await search({ page_size: '100', sort_field: 'update_time', sort_order: 'ASC' }, body)).json.data
    const inside = await found({ update_time_ge: from, update_time_lt: until })
    const ids = orders
      .filter((order) => order.update_time >= from && order.update_time < until)
      .map((order) => order.id)
    expect(inside.orders.map((order: { id: string }) => order.id)).toEqual(ids)
    expect(inside.total_count).toBe(ids.length)
    expect(ids[0]).toBe(orders[10]?.id)
    expect(ids).not.toContain(orders[40]?.id)
    const byCreation = await found({ create_time_lt: from })
    expect(byCreation.total_count).toBe(orders.filter((order) => order.create_time < from).length)
    const created = orders[30]?.create_time ?? 0
    const before = await found({ create_time_lt: created })
    expect(before.total_count).toBe(orders.filter((order) => order.create_time < created).length)
    const from30 = await found({ create_time_ge: created })
    expect(from30.total_count).toBe(60 - before.total_count)
  })

  test('filters by status and buyer, together with a time, over pages', async () => {
    const { emulator } = await started({ orders: 400 })
    const orders = emulator.world.orderList().filter((order) => order.status === 'COMPLETED')
    const from = orders[20]?.create_time ?? 0
    const wanted = orders.filter((order) => order.create_time >= from).map((order) => order.id)
    const body = { order_status: 'COMPLETED', create_time_ge: from }
    const pages = await readOrders(emulator, { page_size: '30', sort_field: 'update_time', sort_order: 'ASC' }, body)
    expect(wanted.length).toBeGreaterThan(60)
    expect(pages.flat().map((order) => order.id)).toEqual(wanted)
    emulator.world.setStatus(wanted[0] ?? '', 'CANCELLED')
    const fewer = await readOrders(emulator, { sort_field: 'update_time', sort_order: 'ASC' }, body)
    expect(fewer.flat().map((order) => order.id)).toEqual(wanted.slice(1))
    const { user_id } = emulator.world.order(wanted[0] ?? '') ?? {}
    const own = await readOrders(emulator, {}, { buyer_user_id: user_id })
    expect(own.flat().map((order) => order.id)).toContain(wanted[0])
    expect(own.flat().length).toBeLessThan(5)
  })

  test('shows times of update to come only to those who ask so far', async () => {
    const { emulator, search } = await started({ orders: 3 })
    const now = emulator.clock.seconds()
    emulator.world.redate(emulator.world.orderList()[0]?.id ?? '', now + 86_400)
    const found = async (body: unknown) => (await search({ sort_field: 'update_time' }, body)).json.data.total_count
    expect(await found({})).toBe(3)
    expect(await found({ update_time_ge: 0 })).toBe(2)
    expect(await found({ update_time_ge: now + 1, update_time_lt: now + 86_401 })).toBe(1)
  })

  test('can be made endless by a fault', async () => {
    const { emulator, search } = await started()
    const token = '"next_page_token":"[^"]*"'
    emulator.faults.when({ path: ORDER_SEARCH }, { kind: 'rewrite', find: token, replace: '"next_page_token":"again"' })
    expect((await search({ page_size: '100' })).json.data.next_page_token).toBe('again')
  })

  test('ignores fields that it doesn’t know, such as the old names of the bounds', async () => {
    const { search } = await started()
    const { total_count } = (await search({}, { create_time_from: 1_999_999_999, create_time_to: 1 })).json.data
    expect(total_count).toBe(50)
  })

  test('has page tokens that need escaping and belong to their search', async () => {
    const { emulator, search } = await started({ orders: 250 })
    const { next_page_token } = (await search()).json.data
    expect(next_page_token).toMatch(/^\+\/\+\//)
    expect((await search({ page_token: next_page_token })).json.code).toBe(0)
    for (const token of [next_page_token.replaceAll('+', ' '), 'abc', `${next_page_token}x`]) {
      expect((await search({ page_token: token })).json.message).toMatch(/page_token/)
    }
    expect((await search({ page_token: next_page_token }, { order_status: 'UNPAID' })).json.code).toBe(36009004)
    expect((await search({ page_token: next_page_token, sort_order: 'ASC' })).json.code).toBe(36009004)
    const brief = await started({ pageTokenSeconds: 60 })
    const token = (await brief.search()).json.data.next_page_token
    brief.emulator.clock.advance(60_000)
    expect((await brief.search({ page_token: token })).json.code).toBe(0)
    brief.emulator.clock.advance(1)
    expect((await brief.search({ page_token: token })).json.code).toBe(36009004)
    expect(emulator.pages.served).toBe(2)
  })
})

describe('orders by id', () => {
  test.each([DETAIL, '/order/202507/orders'])('%s gives up to 50, and leaves out what isn’t there', async (path) => {
    const { emulator, detail } = await started({ orders: 60 })
    const ids = emulator.world.orderList().map((order) => order.id)
    const two = await detail([ids[5] ?? '', '576000000000000000', ids[3] ?? ''], path)
    expect(two.json.data.orders).toEqual([emulator.world.order(ids[5] ?? ''), emulator.world.order(ids[3] ?? '')])
    expect((await detail(ids.slice(0, 50), path)).json.data.orders).toHaveLength(50)
    const many = await detail(ids.slice(0, 51), path)
    expect([many.status, many.json.code]).toEqual([400, 36009004])
    expect((await detail([], path)).json.code).toBe(36009004)
  })
})

describe('products', () => {
  test('are searched and paged, with inclusive upper bounds', async () => {
    const { emulator, app } = await started()
    const path = '/product/202309/products/search'
    const search = async (query: Record<string, string>, body: unknown = {}) =>
      (await askShop(app, { path, query: { shop_cipher: emulator.shopCipher, ...query }, body })).json.data
    const first = await search({ page_size: '25' })
    const second = await search({ page_size: '25', page_token: first.next_page_token })
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    const truth = emulator.world.products() as { id: string; update_time: number }[]
    expect([...first.products, ...second.products].sort(byId)).toEqual([...truth].sort(byId))
    expect([second.next_page_token, first.total_count]).toEqual(['', 40])
    emulator.world.touchProduct(truth[7]?.id ?? '')
    const now = emulator.clock.seconds()
    const touched = await search({}, { status: 'ALL', update_time_ge: now, update_time_le: now })
    expect(touched.products.map((product: { id: string }) => product.id)).toEqual([truth[7]?.id])
    expect(touched.products).toEqual(emulator.world.products().filter((product) => product['id'] === truth[7]?.id))
  })
})
