// Owns the proof that a mirror moves to a server and back as it is: what it holds, how it goes on, and what is refused.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type TestContext, test } from 'vitest'
import { openTidemark } from '../../src/index.ts'
import { githubEmulator, stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, place } from '../cli/program.ts'
import { connectShop } from '../cli/sync-world.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const CHILD = join(import.meta.dirname, 'moving-child.ts')

/** What people see of a mirror, each by its command. */
const LOOKS = [
  ['records', 'me/stars', '--order', 'full_name'],
  ['records', 'me/stars', '--removed'],
  ['records', 'shop/orders', '--order', '_key'],
  ['records', 'tv/movies', '--order', '_key'],
  ['connections'],
  ['runs'],
  ['changes', '--limit', '1000'],
  ['schedule', 'me'],
  ['budget'],
  ['token', 'list'],
  ['webhook', 'list'],
  ['projects'],
  ['catalog', 'tv'],
  ['audit-log'],
  ['sql', 'select run, at, method, url, status from requests order by run, at, url'],
  ['sql', 'select _key, _run, _at, stargazers_count from github_stars_snapshots order by _run, _key'],
  ['sql', 'select _key, _day, stargazers_count from github_stars_daily order by _day, _key'],
  ['sql', 'select * from github_stars_versions order by _key, _ordinal'],
  [
    'sql',
    'select connection, stream, last_run_at, runs_since_full, total_records, coverage from streams order by 1, 2',
  ],
] as const

/** A mirror of three services, with two runs each and everything that a person adds. */
async function world(ending: TestContext) {
  const here = place(ending)
  const github = await githubEmulator({ stars: 130, limits: false })
  const tv = await stalkerEmulator({ titles: 60, channels: 4 })
  ending.onTestFinished(async () => {
    await github.close()
    await tv.close()
  })
  const env = { TIDEMARK_KEY: KEY }
  const ask = async (args: readonly string[], database?: string) => {
    const on = database === undefined ? [] : ['--database', database]
    return here.ask([...args, ...on, '--json'], { env })
  }
  const must = async (args: readonly string[], database?: string) => {
    const { code, json, stderr } = await ask(args, database)
    expect([args[0], code, stderr]).toEqual([args[0], 0, expect.anything()])
    return json
  }
  await must(connectGitHub(github))
  const set = Object.entries({ portalUrl: tv.portalUrl, mac: tv.mac, allowPrivateNetwork: 'true' })
  await must(['connect', 'stalker', '--id', 'tv', ...set.flatMap(([name, value]) => ['--set', `${name}=${value}`])])
  const shop = await connectShop(ending, {
    ...here,
    ask: (args, more) => here.ask(args, { env: { ...env, ...more?.env } }),
  })
  await must(['sync'])
  github.world.unstarAt('ada', 3)
  github.world.drift('ada', 20)
  await ask(['sync', 'me', '--mode', 'full'])
  await ask(['sync', 'me', '--mode', 'full'])
  await must(['schedule', 'me', 'every 15m'])
  await must(['budget', 'me', '--requests', '5000/hour'])
  await must(['token', 'create', '--scopes', 'read'])
  await must(['blend', 'create', 'best', '--from', 'me/stars:full_name', '--rule', 'stargazers_count=max'])
  await must(['set', 'best/records', 'a/b', 'language=Basic']).catch(() => undefined)
  const file = join(here.folder, 'tidemark.db')
  const reader = (await must(['changes', '--limit', '40'])).cursor as string
  const looks = async (database: string) => {
    const seen: unknown[] = []
    for (const args of LOOKS) seen.push([args.join(' '), (await ask(args, database)).json])
    return seen
  }
  const asked = () => [github, tv, shop].map(({ log }) => log.count())
  return { here, github, shop, tv, env, ask, must, file, reader, looks, asked }
}

async function destination(ending: TestContext) {
  const database = await PostgresDatabase.empty()
  ending.onTestFinished(() => database.destroy())
  return { database, url: database.url('?schema=mirror') }
}

withPostgres('a mirror moves', () => {
  test('to a server and back, and shows the same in each', async (ending) => {
    const { must, file, looks, here, reader, ask } = await world(ending)
    const { url } = await destination(ending)
    const before = await looks(file)
    const there = await must(['migrate', '--to', url])
    expect(there).toMatchObject({ resumed: false, rows: expect.any(Number) })
    expect(await looks(url)).toEqual(before)
    const onServer = (await must(['search', 'the'], url)).results as unknown[]
    expect(onServer).toHaveLength(((await must(['search', 'the'], file)).results as unknown[]).length)
    expect((await must(['doctor', '--port', '9'], url)).checks).toBeDefined()

    const back = join(here.folder, 'back.db')
    const home = await must(['migrate', '--to', back], url)
    expect(await looks(back)).toEqual(before)
    const digests = (moved: { tables: { table: string; rows: number; digest: string }[] }) =>
      moved.tables.filter(({ table }) => !['tm_leases', 'tm_consumers', 'tm_deeds'].includes(table))
    expect(digests(home)).toEqual(digests(there))
    expect((await must(['changes', '--after', reader, '--limit', '5'], back)).changes[0].seq).toBe(41)
    expect((await ask(['migrate', '--to', url])).json.error.code).toBe('database_not_empty')
  })

  test('and syncs there as it would have here', async (ending) => {
    const { must, file, asked, here, github } = await world(ending)
    const { url, database } = await destination(ending)
    const control = join(here.folder, 'control.db')
    await must(['migrate', '--to', url])
    // Nothing is beside the file: whoever moves it keeps it alone.
    copyFileSync(file, control)
    github.world.star('ada', 2)
    const requests = async (on: string) => {
      const from = asked()
      const { runs } = await must(['sync'], on)
      // A blend is read by this command or by what follows a run, whichever comes first.
      const read = runs.filter(({ connection }: { connection: string }) => connection !== 'best')
      const told = read.map((run: { connection: string; status: string; streams: unknown }) => [
        run.connection,
        run.status,
        run.streams,
      ])
      return { told, asked: asked().map((count, i) => count - (from[i] ?? 0)) }
    }
    const expected = await requests(control)
    expect(await requests(url)).toEqual(expected)
    expect(await database.query('select (max(seq) - count(*))::int as holes from mirror.changes')).toEqual([
      { holes: 0 },
    ])
    const [next] = await database.query(
      `select count(*)::int as twice from (select no from mirror.tm_runs group by no having count(*) > 1) t`,
    )
    expect(next).toEqual({ twice: 0 })
    expect((await must(['records', 'me/stars'], url)).length).toBe(
      (await must(['records', 'me/stars'], control)).length,
    )
  })

  test('goes on after a kill, also when the mirror was used meanwhile', async (ending) => {
    const { must, ask, file, looks, github } = await world(ending)
    const { url } = await destination(ending)
    for (const [doing, at] of [
      ['copy', '2'],
      ['copy', '9'],
      ['copy', '40'],
      ['prove', '5'],
    ] as const) {
      const child = spawn(process.execPath, [CHILD, file, url, doing, at], { stdio: 'inherit' })
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
      expect((await ask(['status'], url)).json.error.code).toBe('migration_unfinished')
      if (at === '9') {
        github.world.star('ada', 3)
        await must(['sync', 'me'])
      }
    }
    const other = await destination(ending)
    expect((await ask(['migrate', '--to', url], other.url)).json.error.code).toBe('database_missing')
    const moved = await must(['migrate', '--to', url])
    expect(moved.resumed).toBe(true)
    expect(await looks(url)).toEqual(await looks(file))
  })

  test('not while it is in use', async (ending) => {
    const here = place(ending)
    const file = join(here.folder, 'tidemark.db')
    const { url, database } = await destination(ending)
    const migrate = async (from: string, to: string) =>
      (await here.ask(['migrate', '--to', to, '--database', from, '--json'])).json
    {
      await using _ = await openTidemark({ database: file, key: Buffer.alloc(32, 7) })
      expect((await migrate(file, url)).error.code).toBe('database_in_use')
    }
    expect((await migrate(file, url)).rows).toBe(1)
    await database.query(`insert into mirror.tm_leases (resource, generation, expires_at, holder) values
      ('connection:1', 1, (extract(epoch from now()) * 1000)::bigint + 20000, '{}')`)
    const back = join(here.folder, 'back.db')
    expect((await migrate(url, back)).error.code).toBe('database_in_use')
    expect((await migrate(url, url)).error.code).toBe('argument_invalid')
    expect((await migrate(file, ':memory:')).error.code).toBe('file_unsupported')
    await database.query('update mirror.tm_leases set expires_at = 0')
    expect((await migrate(url, back)).rows).toBeGreaterThan(1)
  })
})
