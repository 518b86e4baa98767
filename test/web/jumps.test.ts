// Owns the proof of ways to get somewhere at once: a sync that is begun, wherever, leads to its run; streams and saved views are
// found in the palette; and an order that a webhook brings stands in an open table within two seconds.

import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

/** How much slower than a machine of its own one may be that runs other tests at the same time. */
const MACHINE = 5

async function say(page: Page, words: string, choice: string) {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').waitFor()
  await page.keyboard.type(words)
  await page.getByRole('option', { name: choice }).first().waitFor()
}

test('a sync that is begun in the palette, or on the page of a connection, leads to its run', async () => {
  const { link, connected, tidemark } = await apiWorld({ stars: 40 })
  await connected()
  const { page } = await open(link)
  await say(page, 'sync me', 'Sync me')
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.searchParams.has('run'))
  await tidemark.settled()
  const [first] = await tidemark.runs()
  expect(new URL(page.url()).searchParams.get('run')).toBe(first?.id)
  await page.goto(new URL('/connections/me', page.url()).href)
  await page.getByRole('button', { name: 'Sync', exact: true }).click()
  await page.waitForURL((url) => url.searchParams.has('run'))
  await expect.poll(async () => (await tidemark.runs()).length).toBe(2)
  const [second] = await tidemark.runs()
  expect(new URL(page.url()).searchParams.get('run')).toBe(second?.id)
})

test('streams and saved views are found in the palette', async () => {
  const { link, connected, synced } = await apiWorld({ stars: 40 })
  await connected()
  await synced()
  const { page } = await open(link, '/runs?status=succeeded')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view…' }).click()
  await page.getByLabel('Name').fill('What went well')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.goto(new URL('/settings', page.url()).href)
  await say(page, 'went well', 'What went well')
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === '/runs' && url.searchParams.get('status') === 'succeeded')
  await say(page, 'stars', 'me / stars')
  await page.getByRole('option', { name: 'me / stars' }).click()
  await page.waitForURL((url) => url.pathname === '/connections/me/streams/stars')
})

test('an order that a webhook brings stands in an open table within two seconds', async () => {
  const { link, tidemark, mirror, server, streams } = await apiWorld()
  const emulator = await tiktokShopEmulator({ orders: 30 })
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await emulator.close()
  })
  const shop = await mirror.shop(emulator)
  await shop.sync()
  void tidemark.start({ signal: stop.signal })
  const { page } = await open(link, '/connections/shop/streams/orders')
  await page.getByRole('row').nth(2).waitFor()
  await expect.poll(() => streams.open).toBe(1)
  const [connection] = await tidemark.listConnections()
  emulator.webhooks.start()
  const [order = ''] = emulator.world.create(1)
  expect(await emulator.webhooks.deliver(server.url + (connection?.webhookUrl ?? ''))).toEqual([200])
  await page
    .getByText(order)
    .first()
    .waitFor({ timeout: 2_000 * MACHINE })
  expect(mirror.value(`SELECT count(*) FROM tiktok_shop_orders WHERE id = '${order}'`)).toBe(1)
})
