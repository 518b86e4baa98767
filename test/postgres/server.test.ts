// Owns the proofs that need a server of their own. It may go away in the middle of a run: what was acknowledged is there
// when it is back, and the mirror becomes the world all the same. And it may speak TLS only.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import { systemClock } from '../../src/engine/system.ts'
import { openPostgresStore } from '../../src/store/postgres.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { fixedClock } from '../conformance/fixed-clock.ts'
import { selfSigned } from '../http/self-signed.ts'
import { NO_POSTGRES, PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const STARS = 616
const KEY = new Uint8Array(32).fill(7)

const TLS = selfSigned('localhost', new Date(Date.UTC(2099, 0, 1)))
let server: PostgresServer
beforeAll(async () => {
  if (NO_POSTGRES === undefined) server = await PostgresServer.start(TLS)
})
afterAll(() => server?.end())

withPostgres('a server that speaks TLS', () => {
  it('is trusted by a certificate that the URL names, and by no other', async () => {
    const certificate = join(server.folder, 'root.pem')
    writeFileSync(certificate, TLS.cert)
    const database = await PostgresDatabase.empty(server)
    const connect = (query: string) =>
      openPostgresStore({ url: database.url(query).replace('127.0.0.1', 'localhost'), clock: fixedClock() })
    const store = await connect(`?sslmode=verify-full&sslrootcert=${certificate}`)
    const encrypted = await database.query(`SELECT 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
      WHERE ssl AND application_name = 'tidemark' AND datname = current_database()`)
    expect(encrypted).not.toEqual([])
    await store.close()
    await expect(connect('?sslmode=verify-full')).rejects.toMatchObject({
      code: 'database_unreachable',
      message: /certificate/,
    })
    await database.destroy()
  })
})

withPostgres('a server that goes away in the middle of a run', () => {
  /** A mirror of an account on a database of its own; `onPage` hears of every page that is stored. */
  async function mirror(onPage: (page: number) => void, patient: boolean) {
    const database = await PostgresDatabase.empty(server)
    const clock = patient ? systemClock : { ...systemClock, sleep: async () => {} }
    const store = await openPostgresStore({ url: database.url(), clock })
    const logger = {
      event: (_: string, name: string, values: Readonly<Record<string, unknown>>) =>
        name === 'page.stored' && onPage(Number(values['page'])),
    }
    const tidemark = await assemble({ store, key: KEY, logger })
    const github = await githubEmulator({ stars: STARS, limits: false })
    const options = { token: 'token-of-ada', baseUrl: github.url, allowPrivateNetwork: true }
    const me = await tidemark.connect('github', { id: 'me', options })
    const end = async () => {
      await github.close()
      await tidemark.close()
      await store.close()
    }
    return { database, me, end }
  }

  async function expectWhole(database: PostgresDatabase): Promise<void> {
    const one = async (sql: string) => Object.values((await database.query(sql))[0] ?? {})[0]
    expect(await one('SELECT count(*)::int FROM github_stars')).toBe(STARS)
    expect(await one('SELECT count(*)::int FROM github_stars_versions')).toBe(STARS)
    expect(await one('SELECT (max(seq) - count(*))::int FROM changes')).toBe(0)
    expect(await one('SELECT count(*)::int FROM changes')).toBe(STARS)
    expect(await one(`SELECT count(*)::int FROM gaps`)).toBe(0)
  }

  it('and comes back soon, costs nothing but the wait', async () => {
    let back: Promise<void> | undefined
    const { database, me, end } = await mirror((page) => {
      if (page === 3) back ??= server.stop().then(() => server.resume())
    }, true)
    const report = await me.sync().catch((error: unknown) => error as Error)
    expect(back).toBeDefined()
    await back
    // A page that was on its way may have failed the run; then the next one goes on from there.
    const { status, error } = report instanceof Error ? { status: 'threw', error: report } : report
    expect([status, (error as { code?: string } | null)?.code ?? null]).toBeOneOf([
      ['succeeded', null],
      ['failed', 'database_unreachable'],
      ['threw', 'database_unreachable'],
    ])
    expect(await me.sync({ whenActive: 'refuse' })).toMatchObject({ status: 'succeeded' })
    await expectWhole(database)
    await end()
  })

  it('and stays away, fails the run, and the next one goes on', async () => {
    let gone: Promise<void> | undefined
    const { database, me, end } = await mirror((page) => {
      if (page === 3) gone ??= server.stop()
    }, false)
    const report = await me.sync().catch((error: unknown) => error)
    await gone
    expect(report instanceof Error ? report : (report as { error: unknown }).error).toMatchObject({
      code: 'database_unreachable',
    })
    await server.resume()
    const [row] = await database.query('SELECT count(*)::int AS n FROM github_stars')
    expect(Number(row?.['n'])).toBeGreaterThanOrEqual(300)
    // Its lease is known to be nobody's, although it could not be given back.
    expect(await me.sync({ whenActive: 'refuse' })).toMatchObject({ status: 'succeeded' })
    const runs = await database.query('SELECT status, error_code FROM runs ORDER BY started_at')
    expect(runs.at(-1)).toEqual({ status: 'succeeded', error_code: null })
    expect(runs[0]).toMatchObject({ status: 'failed' })
    await expectWhole(database)
    await end()
  })

  it('and stays away, gets the lease back from who lives on, for whoever wants it', async () => {
    let gone: Promise<void> | undefined
    const { database, me, end } = await mirror((page) => {
      if (page === 3) gone ??= server.stop()
    }, false)
    await me.sync().catch(() => {})
    await gone
    await server.resume()
    const other = await assemble({ database: database.url(), key: KEY })
    const theirs = await other.connection('me')
    const held = `SELECT 1 FROM tm_leases WHERE resource LIKE 'connection:%' AND holder IS NOT NULL`
    for (let tries = 0; (await database.query(held)).length > 0 && tries < 1_200; tries++) await delay(100)
    expect(await theirs.sync({ whenActive: 'refuse' })).toMatchObject({ status: 'succeeded' })
    await expectWhole(database)
    await other.close()
    await end()
  })
})
