// Owns the proof that nothing depends on hearing that the server has committed: real workers whose way to PostgreSQL breaks off
// again and again after a COMMIT was sent and before its answer comes. Nothing is lost, doubled or paid twice.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { instagramEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { place } from '../cli/program.ts'
import { CuttingProxy } from '../postgres/cutting-proxy.ts'
import { connect } from '../support/accounts.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const ORDERS = 600
const POSTS = 40
/** Answers that are lost, of each worker. */
const LOST = 5
/** How often the answer to the next COMMIT of a worker is lost, in milliseconds. */
const EVERY_MS = 1_000

withPostgres('workers whose commits are not answered', () => {
  let server: PostgresServer
  let database: PostgresDatabase
  beforeAll(async () => {
    server = await PostgresServer.start()
    database = await PostgresDatabase.empty(server)
  })
  afterAll(() => server?.end())

  test('lose nothing, double nothing and pay for nothing twice', async () => {
    await using tiktok = await tiktokShopEmulator({ orders: ORDERS })
    await using apify = await instagramEmulator({ posts: POSTS, runMs: 1_000 })
    const here = place()
    const { accessToken, refreshToken } = tiktok.world.credentials()
    const { appKey, appSecret, shopCipher, url } = tiktok
    const shop = { appKey, appSecret, accessToken, refreshToken, shopCipher, baseUrl: url, authUrl: url }
    const { apifyToken, username } = apify
    const reels = { baseUrl: apify.url, apifyToken, username }
    const allowPrivateNetwork = 'true'
    const own = database.url()
    await connect(here, { connector: 'tiktok-shop', id: 'shop', set: { ...shop, allowPrivateNetwork }, database: own })
    await connect(here, { connector: 'instagram', id: 'reels', set: { ...reels, allowPrivateNetwork }, database: own })
    for (const id of ['shop', 'reels']) await here.ask(['schedule', id, 'every 1h', '--database', own])
    tiktok.faults.when({}, { kind: 'delay', ms: 150 })

    const proxies = await Promise.all([CuttingProxy.to(server.port), CuttingProxy.to(server.port)])
    for (const proxy of proxies) {
      const TIDEMARK_DATABASE = own.replace(`:${server.port}/`, `:${proxy.port}/`)
      const started = here.start(['worker', '--json'], { env: { TIDEMARK_DATABASE } })
      await started.saw(/\n}/)
    }
    const areLost = () => proxies.every((proxy) => proxy.lost >= LOST)
    const through = async () =>
      Number(
        (await database.query(`SELECT count(DISTINCT connection)::int AS n FROM runs WHERE status = 'succeeded'`))[0]?.[
          'n'
        ],
      )
    // What failed would wait for its next try; nothing is due twice once it is through.
    const due = `UPDATE tm_schedules h SET next_at = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1
      WHERE NOT EXISTS (SELECT 1 FROM runs r JOIN tm_connections c ON c.id = r.connection
        WHERE c.no = h.connection_no AND r.status = 'succeeded')`
    const losing = setInterval(() => {
      for (const proxy of proxies) proxy.losesCommit = proxy.lost < LOST
    }, EVERY_MS)
    try {
      const isThrough = async () => {
        await database.query(due)
        return (await through()) === 2 && areLost()
      }
      await expect.poll(isThrough, { timeout: 120_000, interval: 500 }).toBe(true)
    } finally {
      clearInterval(losing)
    }

    const orders = await database.query('SELECT _key, count(*)::int AS n FROM tiktok_shop_orders GROUP BY 1 ORDER BY 1')
    const world = tiktok.world.orders().map(({ id }) => ({ _key: String(id), n: 1 }))
    expect(orders).toEqual(world.toSorted((a, b) => (a._key < b._key ? -1 : 1)))
    const keys = (await database.query('SELECT _key FROM instagram_reels')).map(({ _key }) => String(_key))
    expect(keys.toSorted()).toEqual([...apify.world.posts('ada')].map(String).toSorted())
    const [feed] = await database.query(`SELECT (max(seq) - count(*))::int AS holes,
      (SELECT count(*)::int FROM (SELECT stream, key FROM changes WHERE op = 'insert' GROUP BY 1, 2 HAVING count(*) > 1) AS twice) AS twice
      FROM changes`)
    expect(feed).toEqual({ holes: 0, twice: 0 })
    // Each paid run has an intent, and no intent has two.
    const intents = await database.query('SELECT id FROM tm_intents')
    const paid = apify.world.runs().map(({ input }) => String(input['tidemarkIntent']))
    expect(new Set(paid).size).toBe(paid.length)
    const known = new Set(intents.map(({ id }) => String(id)))
    expect(paid.filter((id) => !known.has(id))).toEqual([])
    for (const proxy of proxies) await proxy.close()
  }, 240_000)
})
