// Owns the proof of what each refusal of TikTok Shop means: its code decides, whatever the HTTP status is, and of the code that
// stands for a dozen causes, its words.

import { expect, test } from 'vitest'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

const SEARCH = { path: '/order/202309/orders/search' }
const ORDERS = { streams: ['orders'] }

async function connected(options: Parameters<typeof tiktokShopEmulator>[0] = {}) {
  const shop = await tiktokShopEmulator({ orders: 150, ...options })
  const mirror = await openMirror({ clock: new ShiftedClock() })
  const me = await mirror.shop(shop)
  return {
    shop,
    mirror,
    me,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await shop.close()
    },
  }
}

function refuse(shop: TikTokShopEmulator, status: number, code: number, message: string, times?: number): void {
  const body = JSON.stringify({ code, message, data: null, request_id: 'r' })
  shop.faults.when(SEARCH, { kind: 'body', status, body, contentType: 'application/json' }, times)
}

test.each([
  [105_005, 'Access denied. The app has no permission.', 'failed', 'scope_missing'],
  [106_001, "Invalid credentials. The 'sign' query parameter is invalid.", 'failed', 'signature_refused'],
  [36_009_004, "Invalid credentials. The 'sign' query parameter is invalid.", 'failed', 'signature_refused'],
  [36_009_004, "Invalid credentials. Invalid 'app_key' query parameter.", 'failed', 'signature_refused'],
  [36_009_004, "Invalid param. The 'page_size' is invalid.", 'failed', 'request_refused'],
  [36_009_004, "Invalid param. The 'page_token' query parameter is invalid.", 'failed', 'request_refused'],
  [106_013, "Missing 'shop_cipher' query parameter.", 'failed', 'shop_mismatch'],
  [101_000, 'The access token does not match the shop.', 'failed', 'shop_mismatch'],
  [36_009_033, 'Access denied. The IP address is not in the allow list.', 'failed', 'address_not_allowed'],
  [36_009_009, 'Invalid path.', 'failed', 'not_found'],
  [36_009_010, 'Invalid method.', 'failed', 'not_found'],
  [36_009_014, 'Invalid version.', 'failed', 'not_found'],
])('code %i, "%s", is told with status 200 as with 4xx', async (code, message, status, told) => {
  for (const http of [200, 400, 401, 403]) {
    await using here = await connected({ orders: 5 })
    refuse(here.shop, http, code, message)
    expect(await here.me.sync(ORDERS), `status ${http}`).toMatchObject({ status, error: { code: told } })
    // Nothing of that is a login that is over: what is mended at the provider needs no person here.
    here.shop.faults.clear()
    expect(await here.me.sync(ORDERS)).toMatchObject({ status: 'succeeded' })
  }
})

test.each([
  ['an internal error', 36_009_003, 'Internal error. Please try again.'],
  ['a timeout', 36_009_007, 'Request timeout. Please try again.'],
  ['a timestamp that was too old', 36_009_004, "Invalid credentials. The 'timestamp' query parameter has expired."],
  ['an access token that is over', 105_002, "Expired credentials. The 'x-tts-access-token' header has expired."],
  ['an access token that is refused', 36_009_004, "Invalid credentials. The 'x-tts-access-token' header is invalid."],
  ['a rate limit', 36_009_002, 'Too many requests.'],
])('%s is asked again within the run', async (_what, code, message) => {
  for (const http of [200, 400]) {
    await using here = await connected({ orders: 5 })
    refuse(here.shop, http, code, message, 1)
    expect(await here.me.sync(ORDERS), `status ${http}`).toMatchObject({ status: 'succeeded', error: null })
  }
})

test('503 without a word about waiting is an outage, and no limit', async () => {
  await using here = await connected({ orders: 5 })
  here.shop.faults.when(SEARCH, { kind: 'status', status: 503 })
  expect(await here.me.sync(ORDERS)).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
})

test('what is asked again is signed again: a timestamp is good for five minutes', async () => {
  await using here = await connected({ orders: 5 })
  here.shop.faults.when(SEARCH, { kind: 'status', status: 429, retryAfter: 3 }, 2)
  expect(await here.me.sync(ORDERS)).toMatchObject({ status: 'succeeded' })
  const asked = here.shop.log.all().filter(({ path }) => path === SEARCH.path)
  const stamps = asked.map(({ query }) => new URLSearchParams(query).get('timestamp'))
  const signs = asked.map(({ query }) => new URLSearchParams(query).get('sign'))
  expect([stamps.length >= 3, new Set(stamps).size >= 3, new Set(signs).size]).toEqual([true, true, stamps.length])
})

test('a page token that the provider no longer knows is not the end of the window: a later run reads it from its beginning', async () => {
  await using here = await connected({ orders: 450 })
  expect(await here.me.sync({ ...ORDERS, maxRequests: 2 })).toMatchObject({ status: 'incomplete' })
  const message = "Invalid param. The 'page_token' query parameter is invalid."
  const body = JSON.stringify({ code: 36_009_004, message, data: null })
  here.shop.faults.when(({ path, query }) => path === SEARCH.path && query.has('page_token'), { kind: 'body', body }, 1)
  for (let i = 0; i < 3; i++) if ((await here.me.sync(ORDERS)).status === 'succeeded') break
  expect(here.mirror.value('select count(*) from tiktok_shop_orders')).toBe(here.shop.world.orders().length)
})

test('flags that come as words are flags, and what an order lacks is null', async () => {
  await using here = await connected({ orders: 5 })
  here.shop.faults.when(SEARCH, { kind: 'rewrite', find: '"is_cod":\\s*false', replace: '"is_cod":"false"' })
  here.shop.faults.when(SEARCH, { kind: 'rewrite', find: '"is_cod":\\s*true', replace: '"is_cod":"true"' })
  expect(await here.me.sync(ORDERS)).toMatchObject({ status: 'succeeded', streams: [{ counts: { quarantined: 0 } }] })
  expect(here.mirror.value('select count(*) from tiktok_shop_orders where is_cod in (0, 1)')).toBe(5)
})
