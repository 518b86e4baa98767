// Owns the proof that what is ordered on a server is carried out by any of its workers, and not by whoever ordered it: one that
// serves alone, workers in processes of their own, one of them killed; and that nothing waits for workers that are not there.

import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Accounts, accounts } from '../support/accounts.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { type Answer, type Serving, serve } from '../support/serving.ts'
import { withPostgres } from '../support/with-postgres.ts'

const ACCOUNTS = 20
const STARS = 120
const LIMIT = { timeout: 60_000, interval: 100 }

const story = () => {
  let server: PostgresServer
  let database: PostgresDatabase
  let world: Accounts
  let serving: Serving
  let workers: { readonly pid: number; readonly kill: () => Promise<unknown> }[] = []
  const ends: (() => void | Promise<void>)[] = []
  const env = () => ({ TIDEMARK_DATABASE: database.url() })

  beforeAll(async () => {
    server = await PostgresServer.start()
    database = await PostgresDatabase.empty(server)
    world = await accounts(ACCOUNTS, STARS, { onTestFinished: (finish) => void ends.push(finish) }, database.url())
    serving = await serve(world.here, undefined, { env: env(), args: ['--no-worker'] })
    workers = await Promise.all([work(), work()])
    const known = async () => (await serving.api('GET', '/api/workers')).json.workers.length
    while ((await known()) < workers.length) await delay(50)
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await world?.github.close()
    await server?.end()
  })

  async function work() {
    const started = world.here.start(['worker', '--json'], { env: env() })
    await started.saw(/\n}/)
    const kill = async () => {
      started.child.kill('SIGKILL')
      return started.ended
    }
    return { pid: Number(started.child.pid), kill }
  }

  const slow = (ms: number) => {
    world.github.faults.clear()
    if (ms > 0) world.github.faults.when({}, { kind: 'delay', ms })
  }
  const runs = async () => (await serving.api('GET', '/api/runs?limit=100')).json.runs as Answer[]
  const holders = async () =>
    (await database.query('SELECT DISTINCT (holder::json->>$$pid$$)::int AS pid FROM tm_runs')).map(({ pid }) =>
      Number(pid),
    )

  test('a worker does it, whoever asks again is told of it, and anybody cancels it', async () => {
    slow(700)
    const first = await serving.api('POST', '/api/connections/g0/runs', { mode: 'full' })
    expect(first).toMatchObject({ status: 202, json: { connection: 'g0' } })
    await expect.poll(async () => (await runs()).map(({ status }) => status), LIMIT).toEqual(['running'])
    const [{ id }] = (await runs()) as [Answer]
    expect(await serving.api('POST', '/api/connections/g0/runs', {})).toMatchObject({ status: 200, json: { id } })
    expect(workers.map(({ pid }) => pid)).toContain((await holders())[0])
    await serving.api('POST', `/api/runs/${id}/cancel`)
    await expect.poll(async () => (await runs()).map(({ status }) => status), LIMIT).toEqual(['cancelled'])
    await expect.poll(async () => database.query('SELECT 1 FROM tm_orders WHERE ended_at IS NULL'), LIMIT).toEqual([])
  })

  test('runs of every connection are done by all workers, each once, although one of them and the server are killed', async () => {
    slow(700)
    const before = (await runs()).length
    const { json } = await serving.api('POST', '/api/runs', {})
    expect(json).toMatchObject({ finished: false, results: [] })
    const ended = async () => (await runs()).filter(({ status }) => status === 'succeeded').length
    await expect.poll(ended, LIMIT).toBeGreaterThan(0)
    expect(new Set((await runs()).map(({ connection }) => connection)).size).toBeLessThan(ACCOUNTS)
    await Promise.all([workers.shift()?.kill(), serving.end('SIGKILL')])
    slow(0)
    const { token } = serving
    serving = await serve(world.here, token, { env: env(), args: ['--no-worker'] })
    const summary = async () => (await serving.api('GET', `/api/runs?batch=${json.batch}`)).json
    await expect.poll(async () => (await summary()).finished, LIMIT).toBe(true)
    expect(await summary()).toMatchObject({
      success: true,
      results: [{ project: 'default', totalRecords: ACCOUNTS * STARS, errors: [] }],
    })
    const all = (await runs()).slice(0, -before)
    for (const name of world.names) {
      const statuses = all.filter(({ connection }) => connection === name).map(({ status }) => status)
      expect([name, statuses[0], statuses.slice(1).every((one) => one === 'failed')]).toEqual([name, 'succeeded', true])
    }
    expect(await holders()).toHaveLength(2)
    expect(await holders()).not.toContain(serving.pid)
  })

  test('where no worker is left, whoever is asked does it', async () => {
    await workers.shift()?.kill()
    const { status, json } = await serving.api('POST', '/api/runs', { mode: 'full', wait: true })
    expect([status, json.success]).toEqual([200, true])
    const one = await serving.api('POST', '/api/connections/g1/runs', {})
    expect(one.status).toBe(202)
    expect(await holders()).toContain(serving.pid)
  })
}

withPostgres('what is ordered on PostgreSQL', story, { inOrder: true })
