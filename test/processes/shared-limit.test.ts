// Owns the proof that workers on one PostgreSQL keep a limit together: real processes of `tidemark worker`, connections that share
// one quota, and a service that counts what arrives.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { place } from '../cli/program.ts'
import { serve } from '../http/scripted-server.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const WORKERS = 3
const CONNECTIONS = 30
const PAGES = 3
const REQUESTS = 30
const PER_MS = 6_000
/** A request that was allowed arrives a little later; three workers without a common limit make all of theirs in the first second. */
const UNDER_WAY_MS = 2_500

const CONFIG = (url: string) => `
import { defineConfig, defineConnector, fullPass, rows, stream, z } from 'tidemark'
const counted = defineConnector(
  {
    name: 'counted',
    title: 'What is counted',
    options: z.object({ account: z.string() }),
    http: () => ({
      baseUrl: '${url}',
      limits: [{ key: 'counted', requests: ${REQUESTS}, per: '${PER_MS / 1_000}s' }],
    }),
  },
  {
    items: stream({
      title: 'Items',
      schema: z.object({ id: z.string() }),
      key: (item) => item.id,
      passes: [
        fullPass({
          pageSize: 1,
          paging: 'keyset',
          read: async ({ http, page, options }) => {
            const { body } = await http.get('/' + options.account, { query: { page: page ?? 1 } })
            return { records: rows(body.items, 'items'), next: body.next ?? undefined }
          },
        }),
      ],
    }),
  },
)
const options = (account) => ({ account, allowPrivateNetwork: true })
export default defineConfig({
  connectors: [counted],
  connections: Object.fromEntries(Array.from({ length: ${CONNECTIONS} }, (_, i) => [
    'c' + i,
    { connector: 'counted', options: options('c' + i), schedule: 'every 1h' },
  ])),
})
`

withPostgres('workers that share a limit', () => {
  let server: PostgresServer
  let database: PostgresDatabase
  beforeAll(async () => {
    server = await PostgresServer.start()
    database = await PostgresDatabase.empty(server)
  })
  afterAll(() => server?.end())

  test('never exceed it together, and each connection has its turn', async () => {
    const arrived: { readonly at: number; readonly account: string; readonly page: number }[] = []
    await using service = await serve((response, { path }) => {
      const url = new URL(path, 'http://service')
      const [account, page] = [url.pathname.slice(1), Number(url.searchParams.get('page'))]
      arrived.push({ at: performance.now(), account, page })
      const body = { items: [{ id: `${account}-${page}` }], next: page < PAGES ? page + 1 : null }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    const here = place()
    writeFileSync(join(here.folder, 'tidemark.config.ts'), CONFIG(service.url))
    const env = { TIDEMARK_DATABASE: database.url() }
    const rows = async (table: string) =>
      Number((await database.query(`SELECT count(*)::int AS n FROM ${table}`))[0]?.['n'])
    const work = async () => here.start(['worker', '--json'], { env }).saw(/\n}/)
    // The first one makes what is declared.
    await work()
    expect(await rows('tm_schedules')).toBe(CONNECTIONS)
    await Promise.all([work(), work()])
    await expect.poll(() => rows('tm_workers'), { timeout: 20_000 }).toBe(WORKERS)
    await database.query('UPDATE tm_schedules SET next_at = 0')
    const succeeded = async () =>
      Number(
        (await database.query(`SELECT count(DISTINCT connection)::int AS n FROM runs WHERE status = 'succeeded'`))[0]?.[
          'n'
        ],
      )
    await expect.poll(succeeded, { timeout: 120_000, interval: 200 }).toBe(CONNECTIONS)

    const early = arrived.slice(REQUESTS).filter(({ at }, i) => at - arrived[i]!.at < PER_MS - UNDER_WAY_MS)
    expect(early).toEqual([])
    // Each page of each connection, once.
    const pages = arrived.map(({ account, page }) => `${account} ${page}`)
    expect([pages.length, new Set(pages).size]).toEqual([CONNECTIONS * PAGES, CONNECTIONS * PAGES])
    // Nobody is through while many others have not begun.
    const first = arrived.slice(0, REQUESTS).map(({ account }) => account)
    expect(new Set(first).size).toBeGreaterThan(CONNECTIONS / 3)
    const holders = await database.query('SELECT DISTINCT (holder::json->>$$pid$$) AS pid FROM tm_runs')
    expect(holders).toHaveLength(WORKERS)
  }, 180_000)
})
