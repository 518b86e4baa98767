// Owns the proof that schedules are kept on a server as they are on a file, where the two differ: several processes that
// serve one database, one of them killed in the middle of a run, and a server that restarts under them. Real processes,
// a real server; what is due is made so in the table.

import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { connectGitHub, type Place, place } from '../cli/program.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

const story = () => {
  let server: PostgresServer
  let database: PostgresDatabase
  let github: GitHubEmulator
  let here: Place
  const serving = new Map<number, { child: ChildProcess; ended: Promise<{ code: number | null }> }>()
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    server = await PostgresServer.start()
    database = await PostgresDatabase.empty(server)
    github = await githubEmulator({ stars: 120, limits: false })
    here = place({ onTestFinished: (finish) => void ends.push(finish) })
    for (const args of [connectGitHub(github), ['sync'], ['schedule', 'me', 'every 1h']]) {
      const { code, stderr } = await here.ask([...args, '--database', database.url()])
      if (code !== 0) throw new Error(stderr)
    }
    await Promise.all([serve(), serve()])
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await github?.close()
    await server?.end()
  })

  async function serve(): Promise<void> {
    const started = here.start(['serve', '--port', '0'], { env: { TIDEMARK_DATABASE: database.url() } })
    await started.saw(/127\.0\.0\.1/)
    serving.set(Number(started.child.pid), started)
  }

  const makeDue = () =>
    database.query('UPDATE tm_schedules SET next_at = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1')
  const statuses = async () =>
    (await database.query('SELECT status FROM runs ORDER BY started_at')).map(({ status }) => String(status))
  const isDue = async () => {
    const [row] = await database.query(
      'SELECT next_at < extract(epoch FROM clock_timestamp()) * 1000 AS due FROM tm_schedules',
    )
    return row?.['due'] === true
  }
  const comesTrue = async (holds: () => Promise<boolean>) => {
    for (let tries = 0; tries < 1_200; tries++) {
      if (await holds()) return
      await delay(100)
    }
    throw new Error(`it did not come to hold within two minutes: ${(await statuses()).join(' ')}`)
  }

  test('of two that serve one database one runs what is due, each time', async () => {
    for (let round = 1; round <= 3; round++) {
      await makeDue()
      await comesTrue(async () => !(await isDue()))
    }
    expect(await statuses()).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
  })

  test('one that is killed in the middle of a run has it gone on with by the other', async () => {
    github.faults.when({ path: '/user/starred' }, { kind: 'hang' }, 1)
    await makeDue()
    await comesTrue(async () => github.faults.served()['hang'] === 1)
    const [lease] = await database.query(
      `SELECT holder::json->>'pid' AS pid FROM tm_leases WHERE resource LIKE 'connection:%' AND holder IS NOT NULL`,
    )
    const pid = Number(lease?.['pid'])
    serving.get(pid)?.child.kill('SIGKILL')
    await serving.get(pid)?.ended
    expect(serving.delete(pid)).toBe(true)
    await comesTrue(async () => !(await isDue()))
    expect((await statuses()).slice(-2)).toEqual(['failed', 'succeeded'])
  })

  test('a server that restarts is served again, by who was there before', async () => {
    const before = await statuses()
    await server.stop('INT')
    // Long enough for the loop to have looked in vain.
    await delay(1_500)
    await server.resume()
    await makeDue()
    await comesTrue(async () => !(await isDue()))
    expect(await statuses()).toEqual([...before, 'succeeded'])
    const [{ child, ended } = {}] = serving.values()
    child?.kill('SIGTERM')
    expect((await ended)?.code).toBe(0)
  })
}

withPostgres('serve on PostgreSQL', story, { inOrder: true })
