// Owns the proof of what the TikTok Shop connector takes for a refused login, and what for a token host in trouble.

import { expect, test } from 'vitest'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

const RENEWAL = { path: '/api/v2/token/refresh' }

/** A shop whose access token has run out. */
async function expired(options: Readonly<Record<string, unknown>> = {}) {
  const tiktok = await tiktokShopEmulator({ orders: 5 })
  const mirror = await openMirror({ clock: new ShiftedClock() })
  const shop = await mirror.shop(tiktok, options)
  tiktok.world.expireAccess()
  return {
    tiktok,
    shop,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await tiktok.close()
    },
  }
}

const said = (code: number, message: string) => JSON.stringify({ code, message, data: null })

test.each([
  [{}, 'The token opens 2 shops, and none of them is named.'],
  [{ shopId: '9' }, 'The token opens no shop 9.'],
])('a token of two shops says which there are, and how one is named: %j', async (named, message) => {
  await using world = await expired({ shopCipher: undefined, ...named })
  const { tiktok, shop } = world
  const data = {
    shops: [
      { id: '7', cipher: 'a', name: 'Tea' },
      { id: '8', cipher: 'b' },
    ],
  }
  const body = JSON.stringify({ code: 0, message: 'Success', data })
  tiktok.faults.when({ path: '/authorization/202309/shops' }, { kind: 'body', body })
  expect((await shop.sync()).error).toMatchObject({
    code: 'shop_mismatch',
    message,
    hint: expect.stringMatching(/option shopId.* It opens: 7 \(Tea\), 8$/),
  })
})

test.each([
  ['{"code":0,"data":{"orders":[],"total_count":-1}}', 'succeeded'],
  ['{"code":0,"data":{"orders":null,"total_count":0}}', 'succeeded'],
  ['{"code":0,"data":{"total_count":0}}', 'succeeded'],
  ['{"code":0,"data":{"orders":null}}', 'failed'],
  ['{"code":0,"data":null}', 'failed'],
  ['{"code":0}', 'failed'],
  ['{"code":"0","data":{"orders":[],"total_count":0}}', 'succeeded'],
  ['{"code":"36009999","message":"Internal error","data":{"orders":[],"total_count":0}}', 'failed'],
  ['{"code":null,"message":"Internal error","data":{"orders":[],"total_count":0}}', 'failed'],
  ['{"code":"","data":{"orders":[],"total_count":0}}', 'failed'],
  ['{"code":false,"data":{"orders":[],"total_count":0}}', 'failed'],
  ['{"message":"Internal error","data":{"orders":[],"total_count":0}}', 'failed'],
])('an answer with the code 0 and its list, or a count of 0, is one; any other is none: %s', async (body, status) => {
  await using world = await expired()
  const { tiktok, shop } = world
  tiktok.faults.when({ path: '/order/202309/orders/search' }, { kind: 'body', body }, 20)
  expect((await shop.sync()).status).toBe(status)
})

test.each([
  [200, '{}', 'unexpected_shape'],
  [200, 'null', 'unexpected_shape'],
  [200, '{"code":0,"data":{"access_token":"","refresh_token":""}}', 'unexpected_shape'],
  [200, said(98_001_001, 'Internal error, please retry'), 'request_refused'],
  [423, '{}', 'request_refused'],
  [409, '{}', 'request_refused'],
  [402, '{}', 'request_refused'],
  [413, '{}', 'request_refused'],
  [400, '{"error":"temporarily_unavailable"}', 'server_error'],
])('an answer that refuses no login is tried again by the next sync (%i %s)', async (status, body, code) => {
  await using world = await expired()
  const { tiktok, shop } = world
  tiktok.faults.when(RENEWAL, { kind: 'body', status, body }, 20)
  expect(await shop.sync()).toMatchObject({ status: 'failed', error: { code } })
  tiktok.faults.clear()
  expect(await shop.sync()).toMatchObject({ status: 'succeeded', error: null })
})

test.each([
  [200, said(36_004_001, 'rt has expired')],
  [200, said(36_004_005, 'can not find related auth record')],
  [200, said(36_004_201, 'Invalid app_secret')],
  [200, said(98_001_006, 'The refresh_token is invalid')],
  [200, said(98_001_006, 'Authorization has been cancelled')],
  [200, said(36_009_004, 'Expired refresh token')],
  [200, said(105_002, 'Expired credentials')],
  [400, '{"error":"invalid_grant"}'],
  [401, '{}'],
])('a refused login pauses the connection (%i %s)', async (status, body) => {
  await using world = await expired()
  const { tiktok, shop } = world
  tiktok.faults.when(RENEWAL, { kind: 'body', status, body }, 20)
  expect(await shop.sync()).toMatchObject({ status: 'paused', error: { code: 'login_expired', verdict: 'pause' } })
})
