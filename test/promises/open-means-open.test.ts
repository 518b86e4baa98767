// Owns the promise that `status=open` and `status=A,B` mean the same of what is stored as of what is synced, on every face
// and both stores.

import { expect, onTestFinished, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { place } from '../cli/program.ts'
import { openMirror } from '../support/mirror.ts'
import { postgresServer } from '../support/postgres.ts'
import { withPostgres } from '../support/with-postgres.ts'

const CLOSED = ['CANCELLED', 'COMPLETED']

async function shopIn(database: string) {
  const shop = await tiktokShopEmulator({ orders: 60, products: 5 })
  onTestFinished(() => shop.close())
  const tidemark = await openTidemark({ database, key: Buffer.alloc(32, 7) })
  onTestFinished(() => tidemark.close())
  const { accessToken, refreshToken } = shop.world.credentials()
  const { appKey, appSecret, shopCipher, url } = shop
  const options = { appKey, appSecret, accessToken, refreshToken, shopCipher, baseUrl: url, authUrl: url }
  const me = await tidemark.connect('tiktok-shop', { id: 'shop', options: { ...options, allowPrivateNetwork: true } })
  expect(await me.sync()).toMatchObject({ status: 'succeeded' })
  const rows = new Map<string, string>()
  for await (const { _key, status } of me.records('orders')) rows.set(_key, String(status))
  const having = (isMeant: (status: string) => boolean) =>
    [...rows].flatMap(([key, status]) => (isMeant(status) ? [key] : [])).toSorted()
  return { tidemark, me, having }
}

async function meant(database: string) {
  const { tidemark, me, having } = await shopIn(database)
  const open = having((status) => !CLOSED.includes(status))
  const closed = having((status) => CLOSED.includes(status))
  expect(Math.min(open.length, closed.length)).toBeGreaterThan(3)
  const asked = async (where: Record<string, string>, more: object = {}) => {
    const found: string[] = []
    for await (const { _key } of me.records('orders', { where, ...more })) found.push(_key)
    return found.toSorted()
  }
  expect(await asked({ status: 'open' })).toEqual(open)
  expect(await asked({ status: 'open' }, { order: 'update_time:desc' })).toEqual(open)
  expect(await asked({ status: 'open' }, { asOf: '1d' })).toEqual([])
  expect(await asked({ status: CLOSED.join(', ') })).toEqual(closed)
  expect(await asked({ 'status!': 'open' })).toEqual(closed)
  expect(await asked({ status: 'COMPLETED' })).toEqual(having((status) => status === 'COMPLETED'))
  // Anywhere else they are what they are.
  expect(await asked({ currency: 'open' })).toEqual([])
  expect(await me.outline('orders', { where: { status: 'open' } })).toMatchObject({ total: open.length })
  return { tidemark, open }
}

test('in the library, over HTTP and on the command line, in SQLite', async () => {
  await using mirror = await openMirror()
  const { tidemark, open } = await meant(mirror.file)
  const closing = new AbortController()
  const server = await listen(createApp({ api: { tidemark: () => tidemark, closing: closing.signal } }), { port: 0 })
  onTestFinished(async () => {
    closing.abort()
    await server.close()
  })
  const { token } = await tidemark.createToken({ scopes: ['read'] })
  const address = `${server.url}/api/connections/shop/streams/orders/records?limit=100&where=status%3Dopen`
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
  const { records } = (await answer.json()) as { records: { _key: string }[] }
  expect(records.map(({ _key }) => _key).toSorted()).toEqual(open)
  const here = place()
  const asked = await here.ask([
    'records',
    'shop/orders',
    '--where',
    'status=open',
    '--database',
    mirror.file,
    '--json',
  ])
  expect(asked.json.map(({ _key }: { _key: string }) => _key).toSorted()).toEqual(open)
})

withPostgres('in PostgreSQL', () => {
  test('as well', async () => {
    const server = await postgresServer()
    expect((await meant(server.url(await server.createDatabase()))).open.length).toBeGreaterThan(3)
  })
})
