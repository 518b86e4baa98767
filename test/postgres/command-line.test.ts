// Owns the proof that the program works on a server as it does on a file, from `connect` to `status`.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from '../cli/program.ts'
import { PASSWORD } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

withPostgres('the program on PostgreSQL', () => {
  let database: PostgresDatabase
  let here: Place
  let github: Awaited<ReturnType<typeof githubEmulator>>
  const ends: (() => void | Promise<void>)[] = []
  const run = (...args: string[]) => here.run(args, { env: { TIDEMARK_DATABASE: database.url('?schema=mirror') } })

  beforeAll(async () => {
    database = await PostgresDatabase.empty()
    here = place({ onTestFinished: (finish) => void ends.push(finish) })
    github = await githubEmulator({ stars: 250, limits: false })
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github?.close()
    await database?.destroy()
  })

  test('connects, syncs, and shows what it has', async () => {
    const nothing = await run('status')
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toContain('database_missing')

    expect(await run(...connectGitHub(github))).toMatchObject({ code: 0 })
    const sync = await run('sync', '--json')
    expect(sync.json).toMatchObject({ runs: [{ status: 'succeeded', streams: [{ counts: { inserted: 250 } }] }] })

    const records = await run('records', 'me/stars', '--limit', '3', '--json')
    expect(records.json).toHaveLength(3)
    const [first] = records.json as { _key: string }[]
    const history = await run('history', 'me/stars', first?._key ?? '', '--json')
    expect(history.json).toMatchObject({ versions: [{ op: 'insert', page: 1 }] })

    const sql = await run('sql', 'select count(*) as n, max(seq) as seq from changes', '--json')
    expect(sql.json).toEqual([{ n: 250, seq: 250 }])
    expect((await run('sql', 'select * from tm_secrets')).code).toBe(2)

    const tables = await run('tables', '--json')
    expect(tables.json.tables[0]).toMatchObject({
      table: 'github_stars',
      rows: 250,
      columns: expect.arrayContaining(['language']),
    })
    expect((await run('sql', 'select langauge from github_stars')).stderr).toContain(
      'hint: Did you mean language? Columns of',
    )
    expect((await run('sql', 'select * from github_star')).stderr).toContain(
      'hint: Did you mean github_stars? There are: ',
    )

    const status = await run('status', '--json')
    expect(status.code).toBe(0)
    expect(JSON.stringify(status.json)).toContain('"me"')
    expect(await database.query(`SELECT count(*)::int AS n FROM mirror.github_stars`)).toEqual([{ n: 250 }])
  })

  test('of two that sync the same connection one does', async () => {
    const both = await Promise.all([run('sync', '--mode', 'full', '--json'), run('sync', '--mode', 'full', '--json')])
    expect(Math.min(...both.map(({ code }) => code ?? -1))).toBe(0)
    const codes = both.flatMap(({ json }) =>
      (json as { runs: { status: string; error: { code: string } | null }[] }).runs.map(
        ({ status, error }) => error?.code ?? status,
      ),
    )
    expect(codes).toContain('succeeded')
    const [row] = await database.query(`SELECT (max(seq) - count(*))::int AS holes FROM mirror.changes`)
    expect(row).toEqual({ holes: 0 })
    expect(await database.query(`SELECT 1 FROM mirror.runs WHERE status NOT IN ('succeeded')`)).toEqual([])
  })

  test('never says the password', async () => {
    const wrong = await here.run(['status'], {
      env: { TIDEMARK_DATABASE: database.url().replace(/:[^:@]*@/, ':wrong-word@'), TIDEMARK_DEBUG: '1' },
    })
    expect(wrong.code).not.toBe(0)
    expect(wrong.stderr).toContain('database_refused')
    const doctor = await run('doctor', '--json')
    for (const { stdout, stderr } of [wrong, doctor]) {
      for (const secret of ['wrong-word', PASSWORD, encodeURIComponent(PASSWORD)])
        expect(stdout + stderr).not.toContain(secret)
    }
  })
})
