// Owns the proof that the program works through a connection pooler in transaction mode, where nothing that a session keeps
// is there in the next transaction.

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from '../cli/program.ts'
import { PoolingProxy } from '../support/pooling-proxy.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const CONNECTIONS = 4

withPostgres(
  'through a pooler in transaction mode',
  () => {
    let database: PostgresDatabase
    let proxy: PoolingProxy
    let here: Place
    let github: Awaited<ReturnType<typeof githubEmulator>>
    const ends: (() => void | Promise<void>)[] = []
    const url = (query = '?schema=mirror') =>
      database.url(query).replace(`:${database.server.port}/`, `:${proxy.port}/`)
    const ask = async (...args: string[]) => here.ask([...args, '--database', url(), '--json'])

    beforeAll(async () => {
      database = await PostgresDatabase.empty()
      proxy = await PoolingProxy.to(database.url(), CONNECTIONS)
      here = place({ onTestFinished: (finish) => void ends.push(finish) })
      github = await githubEmulator({ stars: 250, limits: false })
    })
    afterAll(async () => {
      for (const end of ends) await end()
      await github?.close()
      await proxy?.close()
      await database?.destroy()
    })

    test('connects, syncs, and shows what it has', async () => {
      expect((await ask(...connectGitHub(github))).code).toBe(0)
      const both = await Promise.all([ask('sync'), ask('sync', '--mode', 'full')])
      expect(both.map(({ json }) => json.error ?? null)).toEqual([null, null])
      expect((await ask('sync')).json).toMatchObject({ runs: [{ status: 'succeeded' }] })
      expect((await ask('records', 'me/stars')).json).toHaveLength(250)
      expect((await ask('search', 'a')).code).toBe(0)
      const sql = await ask('sql', 'select count(*) as n, max(seq) as seq from changes')
      expect(sql.json).toEqual([{ n: 250, seq: 250 }])
      expect((await ask('sql', 'select * from tm_secrets')).json.error.code).toBe('sql_refused')
      expect((await ask('status')).code).toBe(0)
      expect((await ask('doctor', '--port', '9')).code).toBe(0)
    })

    test('while each transaction has another connection', () => {
      expect(proxy.given).toBeGreaterThan(100)
      expect(proxy.changed / proxy.given).toBeGreaterThan(0.5)
    })

    test('and leaves nothing in them for others', async () => {
      expect(proxy.named).toBe(0)
      // Each holds one of them.
      const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: url('') }))
      for (const client of clients) {
        await client.connect()
        await client.query('BEGIN')
        const { rows } = await client.query(`SELECT current_setting('search_path') AS path,
          current_setting('lock_timeout') AS lock, (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
          (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
          (SELECT count(*)::int FROM pg_listening_channels()) AS heard`)
        expect(rows).toEqual([{ path: '"$user", public', lock: '0', prepared: 0, locks: 0, heard: 0 }])
      }
      for (const client of clients) await client.end()
    })
  },
  { inOrder: true },
)
