// Owns the proof that the TikTok Shop emulator's world lives as orders do, and that what makes syncing hard is there:
// ties, rows that move while they are read, changes that are seen late, lost and doubled webhooks.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { signWebhook, type TikTokShopOptions } from '../../src/testing/emulators/index.ts'
import { admin } from './asking.ts'
import { askShop, readOrders, shopApp, start as startShop } from './shop.ts'

const ASC = { page_size: '100', sort_field: 'update_time', sort_order: 'ASC' }

const start = (options: TikTokShopOptions = {}) => startShop({ orders: 300, ...options })

const idsOf = (pages: readonly (readonly { id: string }[])[]) => pages.flat().map((order) => order.id)

describe('an order', () => {
  test('has ids beyond 2^53 as strings, money as decimal text, times in whole seconds', async () => {
    const emulator = await start()
    const orders = emulator.world.orders() as {
      id: string
      payment: Record<string, string>
      line_items: { id: string; sale_price: string }[]
      create_time: number
      update_time: number
    }[]
    expect(new Set(orders.map((order) => order.id)).size).toBe(300)
    for (const order of orders) {
      expect(order.id).toMatch(/^\d{18}$/)
      expect(Number.isSafeInteger(Number(order.id))).toBe(false)
      expect(Number.isInteger(order.create_time) && order.create_time <= order.update_time).toBe(true)
      const { currency, ...amounts } = order.payment
      expect(currency).toBe('USD')
      for (const amount of Object.values(amounts)) expect(amount).toMatch(/^(0|\d+\.\d\d)$/)
      const cents = (text: string | undefined) => Math.round(Number(text) * 100)
      const goods = order.line_items.reduce((sum, line) => sum + cents(line.sale_price), 0)
      expect(cents(amounts['sub_total'])).toBe(goods - cents(amounts['seller_discount']))
    }
    expect(orders.some((order) => order.line_items.length > 1)).toBe(true)
  })

  test('on hold has no address; before payment no time of payment', async () => {
    const emulator = await start()
    const [id = ''] = emulator.world.create(1)
    expect(emulator.world.order(id)).not.toHaveProperty('paid_time')
    expect(emulator.world.order(id)).toHaveProperty('recipient_address')
    emulator.world.setStatus(id, 'ON_HOLD')
    expect(emulator.world.order(id)).not.toHaveProperty('recipient_address')
    expect(emulator.world.order(id)).toMatchObject({ paid_time: emulator.clock.seconds(), is_on_hold_order: true })
  })

  test('is about 700 bytes when compact', async () => {
    const emulator = await start({ detail: 'compact' })
    const sizes = emulator.world.orders().map((order) => JSON.stringify(order).length)
    const mean = sizes.reduce((a, b) => a + b) / sizes.length
    expect(mean).toBeGreaterThan(600)
    expect(mean).toBeLessThan(800)
    expect((await readOrders(emulator, ASC)).flat()).toEqual(emulator.world.orders())
  })
})

describe('life', () => {
  test('the past is lived: every status is there, and the same seed gives the same past', async () => {
    const emulator = await start({ orders: 2000 })
    const statuses = new Map<string, number>()
    for (const { status } of emulator.world.orderList()) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    for (const status of ['IN_TRANSIT', 'DELIVERED', 'COMPLETED', 'CANCELLED', 'AWAITING_COLLECTION']) {
      expect(statuses.get(status), status).toBeGreaterThan(3)
    }
    const again = await start({ orders: 2000, clock: { at: '2026-05-20T23:00:00Z' } })
    expect(again.world.orders()).toEqual(emulator.world.orders())
    const other = await start({ orders: 2000, seed: 2 })
    expect(other.world.orders()).not.toEqual(emulator.world.orders())
  })

  test('time brings orders, changes and ends; updates are dated when they happen', async () => {
    const emulator = await start({ tokens: { accessSeconds: 90 * 86_400 } })
    const before = new Map(emulator.world.orderList().map((order) => [order.id, order]))
    const from = emulator.clock.seconds()
    emulator.world.advance(20 * 86_400)
    const after = emulator.world.orderList()
    const until = emulator.clock.seconds()
    const arrived = after.filter((order) => !before.has(order.id))
    expect(arrived.length).toBeGreaterThan(20 * 24 * 30 * 0.9)
    expect(arrived.length).toBeLessThan(20 * 24 * 30 * 1.15)
    for (const order of after) {
      const old = before.get(order.id)
      if (JSON.stringify(old) === JSON.stringify(order)) continue
      expect(order.update_time).toBeGreaterThan(from - 86_400)
      expect(order.update_time).toBeLessThanOrEqual(until)
    }
    const open = after.filter((order) => before.has(order.id) && !['COMPLETED', 'CANCELLED'].includes(order.status))
    expect(open).toEqual([])
    expect(idsOf(await readOrders(emulator, ASC))).toEqual(after.map((order) => order.id))
  })

  test('status is not monotonic, and money changes without it', async () => {
    const emulator = await start({ orders: 0, ordersPerHour: 10 })
    const seen = new Map<string, { status: string; total_amount: string }>()
    const found = { back: 0, refunds: 0, cancelledAfterPacking: 0 }
    for (let hour = 0; hour < 24 * 30; hour++) {
      emulator.world.advance(3600)
      for (const order of emulator.world.orderList()) {
        const old = seen.get(order.id)
        if (old?.status === 'AWAITING_COLLECTION' && order.status === 'AWAITING_SHIPMENT') found.back++
        if (old?.status === 'AWAITING_COLLECTION' && order.status === 'CANCELLED') found.cancelledAfterPacking++
        if (old?.status === order.status && old.total_amount !== order.total_amount) found.refunds++
        seen.set(order.id, order)
      }
      if (found.back && found.refunds && found.cancelledAfterPacking) break
    }
    expect(Object.values(found).every((count) => count > 0)).toBe(true)
  })

  test('goes on by itself when asked to', async () => {
    const emulator = await start({ ordersPerHour: 100 })
    emulator.clock.advance(3_600_000)
    const pages = await readOrders(emulator, ASC)
    expect(pages.flat().length).toBeGreaterThan(350)
    const still = await start()
    still.clock.advance(3_600_000)
    expect((await readOrders(still, ASC)).flat()).toHaveLength(300)
  })
})

describe('what makes it hard', () => {
  test('more orders with one time of update than a page holds; ids decide their order', async () => {
    const emulator = await start()
    emulator.world.tie(150)
    const pages = await readOrders(emulator, ASC)
    const now = emulator.clock.seconds()
    const tied = pages.flat().filter((order) => order.update_time === now)
    expect(tied).toHaveLength(150)
    expect(tied.map((order) => order.id)).toEqual(tied.map((order) => order.id).sort())
    expect(new Set(idsOf(pages)).size).toBe(300)
    expect(pages[1]?.at(-1)?.update_time).toBe(pages[2]?.[0]?.update_time)
  })

  test('a row that is updated between two pages leaves the window, and the offset skips another row', async () => {
    const emulator = await start()
    const before = emulator.world.orderList().map((order) => order.id)
    const until = emulator.clock.seconds()
    const passed: string[] = []
    const pages = await readOrders(emulator, ASC, { update_time_lt: until }, (page) => {
      if (page === 1) passed.push(...emulator.world.touchOldest(3))
    })
    expect(passed).toEqual(before.slice(0, 3))
    expect(before.filter((id) => !idsOf(pages).includes(id))).toEqual(before.slice(100, 103))
    expect(
      emulator.world
        .orderList()
        .map((order) => order.id)
        .slice(-3)
        .sort(),
    ).toEqual([...passed].sort())
  })

  test('with keyset tokens nothing is skipped', async () => {
    const emulator = await start({ paging: 'keyset' })
    const before = emulator.world.orderList().map((order) => order.id)
    const until = emulator.clock.seconds()
    const pages = await readOrders(emulator, ASC, { update_time_lt: until }, () => emulator.world.touchOldest(3))
    expect(idsOf(pages)).toEqual(before)
    const down = await readOrders(emulator, { ...ASC, sort_order: 'DESC' })
    expect(idsOf(down)).toEqual(
      emulator.world
        .orderList()
        .map((order) => order.id)
        .toReversed(),
    )
  })

  test('the hook changes the world behind a reader in another process', async () => {
    const emulator = await start()
    const change = { every: true, name: 'touchOldest', args: [1] }
    expect((await admin(emulator, 'POST', 'pages', change)).status).toBe(200)
    const until = emulator.clock.seconds()
    const pages = await readOrders(emulator, ASC, { update_time_lt: until })
    expect(idsOf(pages)).toHaveLength(298)
  })

  test('the search sees changes late; by id they are there at once', async () => {
    const emulator = await start()
    emulator.world.setLateness(60)
    const [oldest] = emulator.world.orderList()
    const id = oldest?.id ?? ''
    const [born = ''] = emulator.world.create(1)
    emulator.world.setStatus(id, 'CANCELLED')
    const found = async () => (await readOrders(emulator, ASC)).flat()
    const seen = async () => (await found()).find((order) => order.id === id)
    expect(await seen()).toMatchObject({ status: oldest?.status, update_time: oldest?.update_time })
    expect(await found()).toHaveLength(300)
    const query = { shop_cipher: emulator.shopCipher, ids: `${id},${born}` }
    const byId = (await askShop(shopApp(emulator), { path: '/order/202309/orders', query })).json.data.orders
    expect(byId.map((order: { status: string }) => order.status)).toEqual(['CANCELLED', 'UNPAID'])
    expect(emulator.world.orderList().find((order) => order.id === id)?.status).toBe('CANCELLED')
    expect(emulator.world.visibleOrders()).toHaveLength(300)

    const changedAt = emulator.clock.seconds()
    emulator.clock.advance(59_000)
    expect(await seen()).toMatchObject({ status: oldest?.status })
    emulator.clock.advance(1000)
    expect(await seen()).toMatchObject({ status: 'CANCELLED', update_time: changedAt })
    expect(await found()).toEqual(emulator.world.orders())
    expect(emulator.world.visibleOrders()).toEqual(emulator.world.orderList())
  })

  test('only a share of the changes may be late', async () => {
    const emulator = await start()
    emulator.world.setLateness(3600, 0.5)
    emulator.world.create(200)
    const visible = emulator.world.visibleOrders().length
    expect(visible).toBeGreaterThan(360)
    expect(visible).toBeLessThan(440)
  })

  test('shops are worlds of their own', async () => {
    const emulator = await start({ shops: 2 })
    const [first = '', second = ''] = emulator.world.shopIds()
    expect(emulator.world.orderList(second)).not.toEqual(emulator.world.orderList(first))
    emulator.world.create(5, second)
    expect([emulator.world.orders(first).length, emulator.world.orders(second).length]).toEqual([300, 305])
    expect(() => emulator.world.orders('7')).toThrow(/no shop/)
    expect(() => emulator.world.touch('7')).toThrow(/no order/)
  })
})

describe('webhooks', () => {
  interface Received {
    readonly authorization: string
    readonly body: string
  }
  async function receiver() {
    const received: Received[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => (body += part))
      request.on('end', () => {
        received.push({ authorization: request.headers.authorization ?? '', body })
        response.writeHead(200).end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/shop`
    const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
    return { url, received, close }
  }

  test('tell of changes, signed over the raw body, with CANCEL for CANCELLED', async () => {
    const emulator = await start()
    const { url, received, close } = await receiver()
    emulator.world.create(1)
    expect(emulator.webhooks.pending).toEqual([])
    emulator.webhooks.start()
    const [id = ''] = emulator.world.create(1)
    emulator.world.setStatus(id, 'CANCELLED')
    expect(await emulator.webhooks.deliver(url)).toEqual([200, 200])
    await close()
    const bodies = received.map((one) => JSON.parse(one.body))
    expect(bodies[1]).toEqual({
      type: 1,
      tts_notification_id: expect.stringMatching(/^\d{19}$/),
      shop_id: emulator.shopId,
      timestamp: emulator.clock.seconds(),
      data: { is_on_hold_order: false, order_id: id, order_status: 'CANCEL', update_time: emulator.clock.seconds() },
    })
    expect(bodies[0].data.order_status).toBe('UNPAID')
    const { appKey, appSecret } = emulator
    expect(received.map((one) => one.authorization)).toEqual(
      received.map((one) => signWebhook(appKey, appSecret, one.body)),
    )
    expect(await emulator.webhooks.deliver(url)).toEqual([])
  })

  test('are sent by themselves to an address, again until they are taken', async () => {
    const emulator = await start()
    const { url, received, close } = await receiver()
    emulator.webhooks.sendTo(url)
    emulator.world.create(2)
    while (received.length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    emulator.webhooks.stop()
    await close()
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ type: 1, data: { order_id: expect.any(String) } })
  })

  test('are lost, doubled and out of order when told so', async () => {
    const emulator = await start()
    const { url, received, close } = await receiver()
    emulator.webhooks.start()
    emulator.world.create(40)
    const all = emulator.webhooks.pending.map((webhook) => webhook.body)
    await emulator.webhooks.deliver(url, { drop: 0.3, duplicate: 0.3, reorder: true })
    await close()
    const bodies = received.map((one) => one.body)
    const distinct = new Set(bodies)
    expect(distinct.size).toBeLessThan(38)
    expect(distinct.size).toBeGreaterThan(15)
    expect(bodies.length).toBeGreaterThan(distinct.size)
    expect([...distinct]).not.toEqual(all.filter((body) => distinct.has(body)))
    expect([...distinct].every((body) => all.includes(body))).toBe(true)
    emulator.webhooks.stop()
    emulator.world.create(1)
    expect(emulator.webhooks.pending).toEqual([])
    emulator.webhooks.start()
    emulator.world.create(1)
    expect(await emulator.webhooks.deliver(url)).toEqual([0])
  })
})
