// Owns the proof that on a server, too, nobody waits for a process that is dead on this host: killed in the middle of a
// page, or while its server was away. Real processes and a real server; the next run refuses to wait.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openTidemark } from '../../src/open.ts'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const ENTRY = join(import.meta.dirname, 'sync-entry.ts')
const ORDERS = 900
const KEY = new Uint8Array(32).fill(7)

withPostgres('a process that is dead', () => {
  let server: PostgresServer
  const children = new Set<ChildProcess>()
  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    children.clear()
  })
  afterAll(() => server?.end())

  function start(database: PostgresDatabase) {
    const child = spawn(process.execPath, ['--no-warnings', ENTRY, database.url()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    return { child, said: text(child.stdout).then((all) => JSON.parse(all || '{"status":"silent"}') as object) }
  }

  async function connected(tiktok: TikTokShopEmulator): Promise<PostgresDatabase> {
    const database = await PostgresDatabase.empty(server)
    const { accessToken, refreshToken } = tiktok.world.credentials()
    const { appKey, appSecret, shopCipher, url } = tiktok
    const options = { appKey, appSecret, accessToken, refreshToken, shopCipher, baseUrl: url, authUrl: url }
    await using tidemark = await openTidemark({ database: database.url(), key: KEY })
    await tidemark.connect('tiktok-shop', { id: 'shop', options: { ...options, allowPrivateNetwork: true } })
    return database
  }

  /** Starts a first sync and does `act` to it while the source answers its fourth page. */
  async function inTheMiddle(tiktok: TikTokShopEmulator, act: () => Promise<void>): Promise<void> {
    let searches = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    tiktok.faults.when(
      ({ path }) => {
        if (path.endsWith('/orders/search') && ++searches === 4) void act().then(resolve)
        return false
      },
      { kind: 'reset' },
    )
    await promise
  }

  test.each(['the server stays', 'the server crashes'] as const)(
    'gives way at once when %s',
    async (which) => {
      await using tiktok = await tiktokShopEmulator({ orders: ORDERS })
      const database = await connected(tiktok)
      const { child } = start(database)
      await inTheMiddle(tiktok, async () => {
        if (which === 'the server crashes') await server.stop()
        child.kill('SIGKILL')
        await once(child, 'exit')
        if (which === 'the server crashes') await server.resume()
      })
      const [before] = await database.query('SELECT count(*)::int AS n FROM tiktok_shop_orders')
      expect(Number(before?.['n'])).toBeGreaterThan(0)
      expect(await start(database).said).toMatchObject({ status: 'succeeded' })
      const [row] =
        await database.query(`SELECT count(*)::int AS n, (SELECT (max(seq) - count(*))::int FROM changes) AS holes
      FROM tiktok_shop_orders`)
      expect(row).toEqual({ n: ORDERS, holes: 0 })
    },
    60_000,
  )
})
