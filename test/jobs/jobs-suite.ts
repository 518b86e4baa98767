// Owns the promises of the job engine's port as tests. Every engine runs it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job, Jobs } from '../../src/jobs/jobs.ts'
import { until } from '../cli/program.ts'

/** A database, and job engines on it, as several processes would have. */
export interface TestJobs {
  connect(): Promise<Jobs>
  /** Ends a process without a word: what it does goes on nowhere, and it gives nothing back. */
  kill(jobs: Jobs): Promise<void>
  drop(): Promise<void>
}

const job = (key: string, data: Job['data'] = null): Job => ({ key, data })
const TOGETHER = { together: 4 }
const GRACE_MS = 10_000

/** Something that a test opens when it has seen enough. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

export function jobsSuite(name: string, openJobs: () => Promise<TestJobs>): void {
  describe(`${name} keeps the promises of the job engine`, () => {
    let database: TestJobs
    let jobs: Jobs
    /** Jobs that hang do so until the test is over. */
    let over = gate()
    beforeEach(async () => {
      over = gate()
      database = await openJobs()
      jobs = await database.connect()
    })
    afterEach(async () => {
      over.open()
      await new Promise((resolve) => setImmediate(resolve))
      await database.drop()
    })

    it('gives a job to the worker as it was submitted, once', async () => {
      const seen: Job[] = []
      expect(await jobs.submit(job('a', { connection: 'me', list: [1, null] }))).toBe('taken')
      jobs.work(async (given) => void seen.push(given), TOGETHER)
      await jobs.submit(job('b'))
      await until(() => seen.length === 2)
      await jobs.stop(GRACE_MS)
      expect(seen).toEqual([job('a', { connection: 'me', list: [1, null] }), job('b')])
    })

    it('knows a key that waits or is being done, and takes it again afterwards', async () => {
      const seen: string[] = []
      const { open, opened } = gate()
      await jobs.submit(job('a'))
      expect(await jobs.submit(job('a'))).toBe('known')
      jobs.work(async ({ key }) => {
        seen.push(key)
        await opened
      }, TOGETHER)
      await until(() => seen.length === 1)
      expect(await jobs.submit(job('a'))).toBe('known')
      open()
      await until(() => seen.length === 1)
      // What it did must have ended before the key is new again; nobody announces that.
      for (;;) {
        if ((await jobs.submit(job('a'))) === 'taken') break
        await new Promise((resolve) => setImmediate(resolve))
      }
      await until(() => seen.length === 2)
      await jobs.stop(GRACE_MS)
      expect(seen).toEqual(['a', 'a'])
    })

    it('does so many at a time as it was told, in the order in which they came', async () => {
      const begun: string[] = []
      const gates = new Map<string, ReturnType<typeof gate>>()
      const keys = ['a', 'b', 'c', 'd', 'e']
      for (const key of keys) await jobs.submit(job(key))
      jobs.work(
        async ({ key }) => {
          begun.push(key)
          const held = gate()
          gates.set(key, held)
          await held.opened
        },
        { together: 2 },
      )
      await until(() => begun.length === 2)
      expect(begun.toSorted()).toEqual(['a', 'b'])
      for (const [place, key] of keys.entries()) {
        await until(() => gates.has(key))
        expect(begun.length).toBe(Math.min(keys.length, place + 2))
        gates.get(key)?.open()
        if (place < 3) await until(() => begun.length === place + 3)
      }
      await jobs.stop(GRACE_MS)
      expect(begun.slice(2)).toEqual(['c', 'd', 'e'])
    })

    it('goes on after a job that failed', async () => {
      const seen: string[] = []
      jobs.work(async ({ key }) => {
        seen.push(key)
        if (key === 'bad') throw new Error('on purpose')
      }, TOGETHER)
      await jobs.submit(job('bad'))
      await jobs.submit(job('good'))
      await until(() => seen.includes('good'))
      // A failed job is not tried again by itself: whoever submitted knows when.
      await jobs.stop(GRACE_MS)
      expect(seen.toSorted()).toEqual(['bad', 'good'])
    })

    it('does one job of a key at a time, in all processes together', async () => {
      const rival = await database.connect()
      let [now, most] = [0, 0]
      const done: string[] = []
      const handle = async ({ key }: Job) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 5))
        now--
        done.push(key)
      }
      for (const each of [jobs, rival]) each.work(handle, TOGETHER)
      while (done.length < 20) {
        await Promise.all([jobs.submit(job('a')), rival.submit(job('a'))])
        await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all([jobs.stop(GRACE_MS), rival.stop(GRACE_MS)])
      expect(most).toBe(1)
    })

    it('does a job whose process died, when it is submitted again', async () => {
      const rival = await database.connect()
      let begun = false
      jobs.work(async () => {
        begun = true
        await over.opened
      }, TOGETHER)
      await jobs.submit(job('a'))
      await until(() => begun)
      const seen: string[] = []
      rival.work(async ({ key }) => void seen.push(key), TOGETHER)
      await rival.submit(job('a'))
      await rival.submit(job('b'))
      await until(() => seen.includes('b'))
      expect(seen).toEqual(['b'])
      await database.kill(jobs)
      while (!seen.includes('a')) {
        await rival.submit(job('a'))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await rival.stop(GRACE_MS)
    })

    it('stops: asks what is under way to end, waits for it, and takes nothing more', async () => {
      const seen: string[] = []
      jobs.work(
        async ({ key }, signal) => {
          seen.push(`${key} begins`)
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
          seen.push(`${key} ends`)
        },
        { together: 1 },
      )
      await jobs.submit(job('a'))
      await jobs.submit(job('b'))
      await until(() => seen.length === 1)
      expect(await jobs.stop(GRACE_MS)).toBe(true)
      await jobs.submit(job('c'))
      expect(seen).toEqual(['a begins', 'a ends'])
    })

    it('does not wait for ever for one that does not end', async () => {
      let begun = false
      jobs.work(async () => {
        begun = true
        await over.opened
      }, TOGETHER)
      await jobs.submit(job('a'))
      await until(() => begun)
      expect(await jobs.stop(10)).toBe(false)
    })

    it('stops without ever having worked', async () => {
      await jobs.submit(job('a'))
      expect(await jobs.stop(GRACE_MS)).toBe(true)
    })
  })
}
