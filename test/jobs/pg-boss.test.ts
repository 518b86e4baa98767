// Runs the job engine's suite against pg-boss, over leases in a real PostgreSQL, and proves what is pg-boss's own here:
// two mirrors of one database share no jobs, what a dead process had is free again, and its queue decides nothing.

import { expect, it } from 'vitest'
import { holdLeases } from '../../src/engine/schedules/keep.ts'
import { systemClock } from '../../src/engine/system.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { openJobs } from '../../src/jobs/open.ts'
import { type Clock, silentLogger } from '../../src/model/ports.ts'
import type { Holder } from '../../src/store/store.ts'
import { until } from '../cli/program.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'
import { jobsSuite, type TestJobs } from './jobs-suite.ts'

/** Stands still once it is told to, as the process that goes by it. */
class MortalClock implements Clock {
  isDead = false
  readonly #revived = Promise.withResolvers<void>()
  now = () => systemClock.now()
  mono = () => systemClock.mono()

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.sleep(ms, signal)
    if (this.isDead) await this.#revived.promise
  }

  revive(): void {
    this.isDead = false
    this.#revived.resolve()
  }
}

class SharedTestJobs implements TestJobs {
  readonly database: PostgresDatabase
  readonly #opened = new Map<Jobs, { readonly holder: Holder; readonly clock: MortalClock }>()
  readonly #dead = new Set<string>()

  constructor(database: PostgresDatabase) {
    this.database = database
  }

  async connect(query = ''): Promise<Jobs> {
    const holder: Holder = { id: `holder-${this.#opened.size}`, host: 'host', pid: 4_711, startedAt: 0 }
    const clock = new MortalClock()
    const isDead = ({ id }: Holder) => this.#dead.has(id)
    const store = await this.database.connect(systemClock, query)
    const hold = holdLeases({ store, clock, holder, isDead })
    const jobs = await openJobs(this.database.url(query), { clock, logger: silentLogger, hold })
    this.#opened.set(jobs, { holder, clock })
    return jobs
  }

  async kill(jobs: Jobs): Promise<void> {
    const { holder, clock } = this.#opened.get(jobs)!
    clock.isDead = true
    this.#dead.add(holder.id)
  }

  async drop(): Promise<void> {
    for (const { clock } of this.#opened.values()) clock.revive()
    await Promise.all([...this.#opened.keys()].map((jobs) => jobs.stop(100)))
    await this.database.destroy()
  }
}

const open = async () => new SharedTestJobs(await PostgresDatabase.empty())

withPostgres('pg-boss', () => {
  jobsSuite('pg-boss', open)

  it('shares no jobs between two mirrors of one database', async () => {
    const both = await open()
    const one = await both.connect()
    const other = await both.connect('?schema=other')
    const seen: string[] = []
    other.work(async () => void seen.push('the other'), { together: 1 })
    expect(await one.submit({ key: 'a', data: null })).toBe('taken')
    expect(await other.submit({ key: 'a', data: null })).toBe('taken')
    one.work(async () => void seen.push('the one'), { together: 1 })
    await until(() => seen.length === 2)
    expect(seen.toSorted()).toEqual(['the one', 'the other'])
    await both.drop()
  })

  it('does nothing twice although the queue is tampered with', async () => {
    const world = await open()
    const [one, other] = [await world.connect(), await world.connect()]
    let [now, most, done] = [0, 0, 0]
    const { promise: finish, resolve } = Promise.withResolvers<void>()
    const handle = async () => {
      most = Math.max(most, ++now)
      await finish
      now--
      done++
    }
    for (const jobs of [one, other]) jobs.work(handle, { together: 4 })
    await one.submit({ key: 'a', data: null })
    await until(() => now === 1)
    // What pg-boss believes to be over is not.
    await world.database.query(`UPDATE tidemark_jobs.job SET state = 'failed'`)
    await new Promise((wait) => setTimeout(wait, 2_100))
    expect(await other.submit({ key: 'a', data: null })).toBe('taken')
    const isOver = `SELECT count(*)::int AS n FROM tidemark_jobs.job WHERE state = 'completed'`
    await expect.poll(async () => (await world.database.query(isOver))[0]?.['n'], { timeout: 20_000 }).toBe(1)
    expect([now, most]).toEqual([1, 1])
    resolve()
    await until(() => done === 1)
    await world.drop()
  })
})
