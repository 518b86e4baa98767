// A shop behind a proxy with a path of its own: the provider sees its own paths, and signs those.

import { expect, test } from 'vitest'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { pathProxy } from '../support/path-proxy.ts'

test('requests are signed over the path that the provider sees, and tokens are renewed there too', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 150 })
  await using proxy = await pathProxy(tiktok.url, '/tts')
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok, { baseUrl: proxy.url, authUrl: undefined })
  expect(await shop.sync()).toMatchObject({ status: 'succeeded', error: null })
  tiktok.world.expireAccess()
  expect(await shop.sync()).toMatchObject({ status: 'succeeded', error: null })
  expect(mirror.value('SELECT count(*) FROM tiktok_shop_orders')).toBe(150)
})

test('a wrong address for renewals is a mistake of the options, and no end of the login', async () => {
  await using tiktok = await tiktokShopEmulator({ orders: 5 })
  await using proxy = await pathProxy(tiktok.url, '/tts')
  await using mirror = await openMirror()
  const shop = await mirror.shop(tiktok, { authUrl: new URL('/elsewhere', proxy.url).href })
  tiktok.world.expireAccess()
  expect(await shop.sync()).toMatchObject({ status: 'failed', error: { code: 'not_found', verdict: 'stop' } })
})
