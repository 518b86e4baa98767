import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Connector } from '../../src/connector/connector.ts'
import shopConnector from '../../src/connectors/tiktok-shop.ts'
import { checkSecrets } from '../../src/engine/health/check-secrets.ts'
import { openConnection, renewCredentials } from '../../src/engine/runs/connection.ts'
import { thisHolder } from '../../src/engine/runs/process.ts'
import { systemChance, systemClock } from '../../src/engine/system.ts'
import { createHttp } from '../../src/http/client.ts'
import { createLimiter } from '../../src/http/limiter.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import { silentLogger } from '../../src/model/ports.ts'
import { openTidemark } from '../../src/open.ts'
import { openVault } from '../../src/secrets/vault.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'

const key = new Uint8Array(32).fill(7)
const connector = shopConnector as unknown as Connector

/** A connected shop in a file, and as many engines on it as are asked for, each with everything of its own. */
async function shopWith(shop: TikTokShopEmulator) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-renewal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'mirror.db')
  const { accessToken, refreshToken } = shop.world.credentials()
  await using tidemark = await openTidemark({ database: file, key })
  await tidemark.connect('tiktok-shop', {
    id: 'shop',
    options: {
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      shopCipher: shop.shopCipher,
      accessToken,
      refreshToken,
      baseUrl: shop.url,
      authUrl: shop.url,
      allowPrivateNetwork: true,
    },
  })
  return async () => {
    const store = await openSqliteStore({ path: file, clock: systemClock })
    const transport = nodeTransport()
    onTestFinished(async () => {
      await transport.close()
      await store.close()
    })
    const holder = thisHolder(systemChance.id(Date.now()))
    const vault = openVault({ store, key: () => key, clock: systemClock })
    const ports = { store, vault, clock: systemClock, holder, isDead: () => false }
    const row = await store.connections.find('default', 'shop')
    if (!row) throw new Error('the shop is not connected')
    const opened = await openConnection(ports, connector, row)
    const http = createHttp({
      settings: opened.settings,
      baseUrl: shop.url,
      allowPrivateNetwork: true,
      transport,
      clock: systemClock,
      chance: systemChance,
      limiter: createLimiter({ store, clock: systemClock }),
      logger: silentLogger,
      signal: new AbortController().signal,
      record: () => {},
    })
    return { opened, store, renew: () => renewCredentials(ports, opened, http), vault }
  }
}

test('of engines that renew at once, one asks the source, and all use what it got', async () => {
  await using shop = await tiktokShopEmulator({ orders: 1, tokens: { reuse: 'revoke' } })
  const engine = await shopWith(shop)
  const engines = await Promise.all([engine(), engine(), engine(), engine()])
  await Promise.all(engines.map(({ renew }) => renew()))
  expect(shop.log.count({ path: '/api/v2/token/refresh' })).toBe(1)
  const tokens = new Set(engines.map(({ opened }) => opened.options['refreshToken']))
  expect([...tokens]).toEqual([shop.world.credentials().refreshToken])
})

test('what a renewal gave is stored before anybody uses it, and opens with the key alone', async () => {
  await using shop = await tiktokShopEmulator({ orders: 1, tokens: { reuse: 'revoke' } })
  const engine = await shopWith(shop)
  const first = await engine()
  const before = first.opened.options['refreshToken']
  await first.renew()
  const later = await engine()
  expect(later.opened.options['refreshToken']).toBe(shop.world.credentials().refreshToken)
  expect(later.opened.options['refreshToken']).not.toBe(before)
  await later.renew()
  expect(shop.log.count({ path: '/api/v2/token/refresh' })).toBe(2)
})

test('an engine whose login was renewed by another takes that over without asking', async () => {
  await using shop = await tiktokShopEmulator({ orders: 1, tokens: { reuse: 'revoke' } })
  const engine = await shopWith(shop)
  const [early, late] = [await engine(), await engine()]
  await early.renew()
  await late.renew()
  expect(shop.log.count({ path: '/api/v2/token/refresh' })).toBe(1)
  expect(late.opened.options['accessToken']).toBe(early.opened.options['accessToken'])
})

test('when the renewed access ends is kept beside the secrets, and told of each', async () => {
  await using shop = await tiktokShopEmulator({ orders: 1 })
  const { store, renew, vault } = await (await shopWith(shop))()
  const ends = async () =>
    Object.fromEntries((await checkSecrets({ store, vault })).map(({ name, expiresAt }) => [name, expiresAt]))
  expect(await ends()).toEqual({ accessToken: null, appSecret: null, refreshToken: null })
  await renew()
  const { accessToken = null, refreshToken = null, appSecret } = await ends()
  expect(accessToken).toBeGreaterThan(Date.now())
  expect(refreshToken).toBeGreaterThan(Number(accessToken))
  expect(appSecret).toBeNull()
})
