// Owns the promise that money which was set aside for an upstream run comes back once: whoever takes over the run of a
// process that was killed gives back no more than it, wherever it was killed.

import { copyFileSync, existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Job } from '../../src/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'
import { paidVendor, vendorJob, vendorPosts } from '../support/paid-vendor.ts'

type Calls = 'start' | 'find' | 'poll' | 'read'

/** When the database is copied, as a killed process leaves it: at the call of this name with this number. */
const KILLS: readonly [call: Calls, number: number][] = [
  ['start', 1],
  ['poll', 1],
  ['poll', 2],
  ['read', 1],
  ['read', 2],
  ['poll', 3],
]

test.each(KILLS)(
  'killed at call %s %i, a process leaves a budget that what follows does not overdraw',
  async (call, number) => {
    await using vendor = await paidVendor()
    const clock = testClock()
    await using mirror = await openMirror({ clock })
    vendor.tells = 'total'
    vendor.polls = 1
    vendor.rowsPerPage = 3
    let copy = ''
    const counted = new Map<string, number>()
    const at = <T>(name: Calls, act: () => Promise<T>) => {
      const n = (counted.get(name) ?? 0) + 1
      counted.set(name, n)
      if (copy === '' && name === call && n === number) {
        copy = `${mirror.file}.killed`
        for (const end of ['', '-wal']) if (existsSync(mirror.file + end)) copyFileSync(mirror.file + end, copy + end)
      }
      return act()
    }
    const { start, find, poll, read } = vendorJob()
    const job: Partial<Job<unknown>> = {
      start: (request) => at('start', async () => start(request)),
      find: (request) => at('find', async () => find(request)),
      poll: (request) => at('poll', async () => poll(request)),
      read: (request) => at('read', async () => read(request)),
    }
    const connector = vendorPosts(job)
    vendor.add(8, 1_700_000_000)
    const options = { baseUrl: vendor.url, allowPrivateNetwork: true }
    const me = await mirror.tidemark.connect(connector, { id: 'posts', options })
    await mirror.tidemark.setBudget('posts', { cost: '0.5/day' })
    await me.sync()
    expect(copy).not.toBe('')
    // The vendor as it was then: what the copied process had started, if it had.
    const started = call === 'start' ? 0 : 1
    vendor.runs.splice(started)
    await using killed = await openMirror({ clock, connectors: [connector], database: copy })
    await clock.sleep(60_000)
    const again = await killed.tidemark.connection('posts')
    for (let i = 0; i < 4; i++) {
      await again.sync()
      await clock.sleep(60_000)
      const [budget] = await killed.tidemark.budgets('posts')
      const charged = vendor.runs.reduce((sum, run) => sum + run.cost, 0)
      expect(budget?.cost?.spent).toBeGreaterThanOrEqual(charged - 1e-9)
      expect(charged).toBeLessThanOrEqual(0.5 + 1e-9)
    }
    const costs = (await killed.tidemark.runs()).map(({ cost }) => cost ?? 0)
    expect(costs.reduce((sum, cost) => sum + cost)).toBeCloseTo(vendor.runs.reduce((sum, run) => sum + run.cost, 0))
  },
)
