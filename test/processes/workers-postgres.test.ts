// Owns the proof that workers are many and one at once: real processes of `tidemark worker` on a real PostgreSQL, told to
// stop, killed, stopped in the middle and awakened, cancelled from elsewhere. Whatever happens to one of them, its run
// goes on with another, and the mirror is the world: nothing lost, nothing doubled.

import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TikTokShopEmulator, tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { type Place, place } from '../cli/program.ts'
import { DEEP } from '../support/depth.ts'
import { lacks } from '../support/on-posix.ts'
import { PostgresServer } from '../support/postgres.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

/** Those that take long run in `npm run test:deep`. */
const DEEPLY = DEEP ? [1] : []

const ORDERS = 900
const BIN = new URL('../../bin/tidemark.js', import.meta.url).pathname
/** A space of process ids of its own: nobody outside can see that such a process is dead, as on another machine. */
const ELSEWHERE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
const NO_ELSEWHERE = spawnSync(ELSEWHERE[0]!, [...ELSEWHERE.slice(1), 'true']).status !== 0

const stories = () => {
  let server: PostgresServer
  let database: PostgresDatabase
  let tiktok: TikTokShopEmulator
  let here: Place
  const workers = new Set<ChildProcess>()
  const ends: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  beforeEach(async () => {
    database = await PostgresDatabase.empty(server)
    tiktok = await tiktokShopEmulator({ orders: ORDERS })
    here = place({ onTestFinished: (finish) => void ends.push(finish) })
    const { accessToken, refreshToken } = tiktok.world.credentials()
    const { appKey, appSecret, shopCipher, url } = tiktok
    const options = { appKey, appSecret, accessToken, refreshToken, shopCipher, baseUrl: url, authUrl: url }
    const set = Object.entries({ ...options, allowPrivateNetwork: 'true' }).flatMap(([name, value]) => [
      '--set',
      `${name}=${value}`,
    ])
    await said(['connect', 'tiktok-shop', '--id', 'shop', '--no-check', ...set])
    await said(['schedule', 'shop/orders', 'every 1h'])
  })
  afterEach(async () => {
    for (const worker of workers) worker.kill('SIGKILL')
    workers.clear()
    for (const end of ends.splice(0)) await end()
    await tiktok.close()
    await database.destroy()
  })
  afterAll(() => server?.end())

  async function said(args: readonly string[]) {
    const outcome = await here.ask([...args, '--database', database.url()])
    if (outcome.code !== 0) throw new Error(outcome.stderr)
    return outcome
  }

  /** Starts a worker, and waits until it works. */
  async function work(...before: readonly string[]): Promise<ChildProcess> {
    const line = [...before, process.execPath, BIN, 'worker', '--json']
    const env = { ...here.env, TIDEMARK_DATABASE: database.url() }
    const worker = spawn(line[0] ?? '', line.slice(1), { cwd: here.folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
    workers.add(worker)
    await once(worker.stdout, 'data')
    return worker
  }

  const makeDue = () =>
    database.query('UPDATE tm_schedules SET next_at = floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1')
  const statuses = async () =>
    (await database.query('SELECT status FROM runs ORDER BY started_at')).map(({ status }) => String(status))
  const stored = async () =>
    Number((await database.query('SELECT count(*)::int AS n FROM tiktok_shop_orders'))[0]?.['n'])

  async function comesTrue(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 1_200; tries++) {
      if (await holds()) return
      await delay(100)
    }
    throw new Error(`it did not come to hold within two minutes: ${(await statuses()).join(' ')}`)
  }

  /** Makes the sync due that the one worker there is begins, and resolves in the middle of it: its fourth page hangs. */
  async function inTheMiddle(ms = 5_000): Promise<void> {
    let searches = 0
    const isFourth = ({ path }: { path: string }) => path.endsWith('/orders/search') && ++searches === 4
    tiktok.faults.when(isFourth, { kind: 'delay', ms })
    await makeDue()
    await comesTrue(async () => searches >= 4 && (await stored()) > 0)
    expect(await statuses()).toEqual(['running'])
  }

  /** The mirror is the world: every order once, with its last status and time, and one change for each. */
  async function expectWorld(): Promise<void> {
    const rows = await database.query(
      'SELECT _key, status, update_time::text FROM tiktok_shop_orders ORDER BY _key COLLATE "C"',
    )
    const world = tiktok.world
      .orders()
      .map(({ id, status, update_time }) => ({ _key: String(id), status, update_time: String(update_time) }))
    expect(rows).toEqual(world.sort((a, b) => (a._key < b._key ? -1 : 1)))
    const [feed] = await database.query('SELECT count(*)::int AS n, (max(seq) - count(*))::int AS holes FROM changes')
    expect(feed).toEqual({ n: ORDERS, holes: 0 })
  }

  const isDone = async () => (await statuses()).at(-1) === 'succeeded'

  test('one that is told to stop ends its run at the next page, and another goes on from there', async () => {
    const one = await work()
    await inTheMiddle(1_000)
    const other = await work()
    one.kill('SIGTERM')
    const [code] = (await once(one, 'exit')) as [number]
    await comesTrue(isDone)
    expect([code, await statuses()]).toEqual([0, ['cancelled', 'succeeded']])
    const { json } = await said(['workers', '--json'])
    expect(json.workers.map(({ pid }: { pid: number }) => pid)).toEqual([other.pid])
    expect(json.limits.length).toBeGreaterThan(0)
    await expectWorld()
    other.kill('SIGTERM')
    expect((await once(other, 'exit'))[0]).toBe(0)
  })

  test('one that is killed has its run gone on with by another', async () => {
    const one = await work()
    await inTheMiddle()
    await work()
    one.kill('SIGKILL')
    await comesTrue(isDone)
    expect(await statuses()).toEqual(['failed', 'succeeded'])
    await expectWorld()
  })

  test.skipIf(NO_ELSEWHERE).each(DEEPLY)(
    `one that is killed on another machine has its run gone on with when its lease has ended${lacks('namespaces of processes')}`,
    async () => {
      const one = await work(...ELSEWHERE)
      await inTheMiddle()
      await work()
      one.kill('SIGKILL')
      await comesTrue(isDone)
      expect(await statuses()).toEqual(['failed', 'succeeded'])
      await expectWorld()
    },
  )

  test.each(DEEPLY)('a run that nothing makes due again goes on, too', async () => {
    const one = await work()
    await inTheMiddle()
    await said(['schedule', 'shop/orders', 'off'])
    await work()
    one.kill('SIGKILL')
    await comesTrue(isDone)
    expect(await statuses()).toEqual(['failed', 'succeeded'])
    await expectWorld()
  })

  test('one that stood still past its lease wakes up, and writes nothing of the run that it has lost', async () => {
    const zombie = await work()
    await inTheMiddle()
    zombie.kill('SIGSTOP')
    const other = await work()
    await comesTrue(isDone)
    expect(await statuses()).toEqual(['failed', 'succeeded'])
    const before = await settledDigest()
    zombie.kill('SIGCONT')
    // As long as the page that it waited for, a heartbeat and a look for what is due take, and more.
    await delay(4_000)
    expect(await digest()).toBe(before)
    await expectWorld()
    // It is as good as new.
    other.kill('SIGKILL')
    await makeDue()
    await comesTrue(async () => (await statuses()).length === 3 && (await isDone()))
    await expectWorld()
  })

  test('a server that crashes in the middle of a run is worked on again, by who was there before', async () => {
    const [one, other] = [await work(), await work()]
    await inTheMiddle()
    await server.stop()
    await delay(2_000)
    await server.resume()
    // What was under way may have failed, and waits for its next try.
    await comesTrue(async () => {
      if ((await statuses()).at(-1) === 'failed') await makeDue()
      return isDone()
    })
    await expectWorld()
    expect([one.exitCode, other.exitCode]).toEqual([null, null])
    // Both work as before.
    one.kill('SIGTERM')
    expect((await once(one, 'exit'))[0]).toBe(0)
    const runs = (await statuses()).length
    await makeDue()
    await comesTrue(async () => (await statuses()).length > runs && (await isDone()))
    await expectWorld()
  })

  test('a run is cancelled from another process, and stays so', async () => {
    await work()
    await work()
    await inTheMiddle()
    const [run] = await database.query('SELECT id FROM runs')
    await said(['cancel', String(run?.['id'])])
    await comesTrue(async () => (await statuses())[0] !== 'running')
    // Nobody takes it up: what a person has stopped is not due before its time.
    await delay(3_000)
    expect(await statuses()).toEqual(['cancelled'])
    const [schedule] = await database.query(
      'SELECT next_at > extract(epoch FROM now()) * 1000 AS later FROM tm_schedules',
    )
    expect(schedule).toEqual({ later: true })
  })

  test('of several, one runs what is due, each time', async () => {
    await Promise.all([work(), work(), work()])
    for (let round = 1; round <= 3; round++) {
      await makeDue()
      await comesTrue(async () => (await statuses()).filter((status) => status === 'succeeded').length === round)
    }
    await delay(2_500)
    expect(await statuses()).toEqual(['succeeded', 'succeeded', 'succeeded'])
    await expectWorld()
  })

  test('a file has no worker alone', async () => {
    const { code, stderr } = await here.ask(['worker'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('needs PostgreSQL')])
  })

  /** The same, when what follows the runs of other workers is done: under load, that takes a while. */
  async function settledDigest(): Promise<string> {
    for (let before = await digest(); ; ) {
      await delay(1_500)
      const now = await digest()
      if (now === before) return now
      before = now
    }
  }

  /** All that is stored of records and runs. Not leases, and not the buckets of limits, which are filled before a request. */
  async function digest(): Promise<string> {
    const tables = await database.query(
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'tm\\_%' AND relname NOT IN ('tm_leases', 'tm_buckets', 'tm_workers') ORDER BY 1`,
    )
    const rows = []
    for (const { relname } of tables) {
      rows.push(relname, await database.query(`SELECT to_jsonb(t)::text AS row FROM "${String(relname)}" t ORDER BY 1`))
    }
    return hash('sha256', JSON.stringify(rows), 'hex')
  }
}

withPostgres('workers on PostgreSQL', stories, { inOrder: true })
