import { expect, test } from 'vitest'
import { systemClock } from '../../src/engine/system.ts'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

test('the first sync reads every order, ids to the last digit, amounts as text', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 1_234 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  const run = await shop.sync()
  expect(run).toMatchObject({ status: 'succeeded', error: null })
  expect(run.streams[0]?.passes).toMatchObject([{ pass: 'byCursor', ended: 'exhausted' }])
  const stored = mirror.sql('select _key, status, update_time, total_amount from tiktok_shop_orders order by _key')
  const world = tiktok.world.orders().map((order) => ({
    _key: order['id'] as string,
    status: order['status'],
    update_time: order['update_time'],
    total_amount: (order['payment'] as Record<string, unknown>)['total_amount'],
  }))
  expect(stored).toEqual(world.sort((a, b) => (a._key < b._key ? -1 : 1)))
})

test('a record on the boundary of two pages counts once', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 300 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  const run = await shop.sync()
  const counts = { fetched: 300, inserted: 300, updated: 0, unchanged: 0, snapshots: 300 }
  expect(run.streams[0]?.counts).toMatchObject(counts)
  expect(mirror.value("select last_records from streams where stream = 'orders'")).toBe(300)
})

test('a sync without news makes at most two requests; five hundred changed orders at most seven', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 3_000 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  const orders = { streams: ['orders'] }
  await shop.sync(orders)
  const idle = await shop.sync(orders)
  expect(idle.requests).toBeLessThanOrEqual(2)
  expect(idle.streams[0]?.counts).toMatchObject({ inserted: 0, updated: 0 })
  const touched = tiktok.world.touchRandom(500)
  const busy = await shop.sync(orders)
  expect(busy.requests).toBeLessThanOrEqual(7)
  expect(busy.streams[0]?.counts.updated).toBe(new Set(touched).size)
  const versions = mirror.value('select count(*) from tiktok_shop_orders_versions')
  expect(versions).toBe(3_000 + new Set(touched).size)
})

test('a group of equal times larger than a page is read whole', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 50 })
  tiktok.world.tie(270)
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  expect(mirror.value('select count(*) from tiktok_shop_orders')).toBe(tiktok.world.orders().length)
})

test('what changed in the second in which the run began is read, also where our clock is wrong', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 200 })
  const ahead = { ...systemClock, now: () => systemClock.now() + 35_000 }
  await using mirror = await openMirror({ clock: ahead })
  const shop = await mirror.shop(tiktok)
  tiktok.world.touchRandom(400)
  await shop.sync()
  // The run begins with a second of the source's, and its answer still has the date of that second: of its end it says
  // as much as of its beginning.
  tiktok.clock.advance(1_000 - (tiktok.clock.now() % 1_000))
  const [touched] = tiktok.world.touchRandom(1)
  tiktok.world.expireAccess()
  tiktok.faults.when(({ path }) => path.includes('token/refresh'), { kind: 'delay', ms: 300 })
  await shop.sync()
  const time = mirror.value(`select update_time from tiktok_shop_orders where _key = '${touched}'`)
  expect(time).toBe(tiktok.world.orders().find(({ id }) => id === touched)?.['update_time'])
})

test('an order that becomes visible late is caught by the overlap', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 50 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  tiktok.world.setLateness(2)
  const [late] = tiktok.world.create(1)
  tiktok.world.setLateness(0)
  const [prompt] = tiktok.world.create(1)
  await shop.sync()
  expect(mirror.sql('select _key from tiktok_shop_orders').map(({ _key }) => _key)).toContain(prompt)
  await expect
    .poll(
      async () => {
        await shop.sync()
        return mirror.sql(`select _key from tiktok_shop_orders where _key = '${late}'`).length
      },
      { interval: 500 },
    )
    .toBe(1)
})

test('an access token that ran out is renewed, and the rotated ones are kept', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 50 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  for (let i = 0; i < 3; i++) {
    tiktok.world.expireAccess()
    const run = await shop.sync({ streams: ['orders'] })
    expect(run).toMatchObject({ status: 'succeeded', requests: 3 })
  }
})

test('a login that is withdrawn pauses the connection until somebody logs in again', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 50 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  tiktok.world.deauthorize()
  const run = await shop.sync()
  expect(run).toMatchObject({ status: 'paused', error: { verdict: 'pause' } })
  await expect(shop.sync()).rejects.toMatchObject({ code: 'connection_paused' })
  expect(mirror.value('select count(*) from tiktok_shop_orders')).toBe(50)
})

test('a filtered sync reads what matches, by key what no longer does, and moves no cursor', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 300 })
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok)
  await shop.sync()
  const streams = () => mirror.sql('select last_success_at, runs_since_full, coverage from streams')
  const before = streams()
  const open = mirror.sql("select _key from tiktok_shop_orders where status = 'AWAITING_SHIPMENT'")
  const shipped = String(open[0]?.['_key'])
  tiktok.world.setStatus(shipped, 'IN_TRANSIT')
  const run = await shop.sync({ where: { status: ['AWAITING_SHIPMENT'] } })
  expect(run.status).toBe('succeeded')
  expect(run.streams[0]?.counts).toMatchObject({ updated: 1, removed: 0, inserted: 0 })
  expect(mirror.value(`select status from tiktok_shop_orders where _key = '${shipped}'`)).toBe('IN_TRANSIT')
  expect(streams()).toEqual(before)
  await expect(shop.sync({ where: { status: ['LOST'] } })).rejects.toMatchObject({ code: 'where_unknown' })
})

test('a rate limit is waited for and costs no attempt', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 50 })
  const clock = sleeplessClock()
  await using mirror = await openMirror({ clock })
  const shop = await mirror.shop(tiktok)
  tiktok.faults.next({ kind: 'status', status: 429, retryAfter: 3 }, 7)
  const run = await shop.sync({ streams: ['orders'] })
  expect(run.status).toBe('succeeded')
  expect(run.requests).toBe(8)
  expect(clock.waited()).toBeGreaterThanOrEqual(7 * 3_000)
})
