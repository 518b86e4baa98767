// Owns the proof that long reads of a file, done in threads beside the one that serves, answer as they would there, hold nobody
// up, and end with the store.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { TidemarkError } from '../../src/model/errors.ts'
import { readingApart } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

const run = promisify(execFile)

async function world() {
  const github = await githubEmulator({ stars: 60, limits: false })
  const mirror = await openMirror()
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await github.close()
  })
  const me = await mirror.github(github)
  await me.sync()
  await mirror.tidemark.settled()
  const { store } = mirror.tidemark
  const streamNo = (await store.streams.list(me.row.no)).find(({ stream }) => stream === 'stars')?.no ?? 0
  const apart = readingApart({ ...store, close: async () => {} }, mirror.file)
  onTestFinished(() => apart.close())
  return { mirror, store, apart, streamNo, me, github }
}

const order = { column: 'full_name', descending: true } as const

test('they answer as the store itself does, refusals too', async () => {
  const { store, apart, streamNo } = await world()
  const reads: Readonly<Record<string, (one: Store) => Promise<unknown>>> = {
    keys: ({ records }) => records.orderedKeys({ streamNo, order, limit: 7 }),
    places: ({ records }) => records.orderedPlaces({ streamNo, order, limit: 7, behind: { key: '5', value: 'm' } }),
    milestones: ({ records }) => records.milestones({ streamNo, order, every: 10 }),
    filtered: ({ records }) => records.list({ streamNo, where: { 'stargazers_count>': 0 }, limit: 9 }),
    many: ({ records }) => records.list({ streamNo, limit: 500 }),
    before: ({ records }) => records.list({ streamNo, asOf: Date.now(), limit: 3 }),
    one: ({ records }) => records.list({ streamNo, where: { _key: '5' }, limit: 1 }),
    rows: ({ tables }) => tables.countRows('default', 'github_stars'),
    words: ({ texts }) => texts.find({ project: 'default', words: ['a'], limit: 5 } as never),
    snapshots: ({ history }) => history.snapshots({ streamNo, metric: 'stargazers_count', limit: 5 }),
  }
  const outcome = (asked: Promise<unknown>) =>
    asked.then(
      (value) => ({ value }),
      (error: unknown) => {
        const { code, message } = error as TidemarkError
        return { code, message }
      },
    )
  for (const [name, read] of Object.entries(reads))
    expect([name, await outcome(read(apart))]).toEqual([name, await outcome(read(store))])
  const refused = (one: Store) => outcome(one.tables.countRows('default', 'nothing'))
  expect(await refused(apart)).toEqual(await refused(store))
  expect(await refused(apart)).toMatchObject({ code: 'table_unknown' })
})

test('what was stored a moment ago is in the next one', async () => {
  const { apart, streamNo, me, github } = await world()
  const total = async () => (await apart.records.milestones({ streamNo, order, every: 1_000 })).total
  const before = await total()
  github.world.star('ada', 5)
  await me.sync()
  expect(await total()).toBe(before + 5)
})

test('many at once are all answered, while the event loop turns', async () => {
  const { apart, streamNo } = await world()
  const reads = Array.from({ length: 20 }, () => apart.records.milestones({ streamNo, order, every: 10 }))
  const over = new AbortController()
  const all = Promise.all(reads).finally(() => over.abort())
  let turns = 0
  for (; !over.signal.aborted; turns++) await turn()
  expect(new Set((await all).map(({ total }) => total)).size).toBe(1)
  expect(turns).toBeGreaterThan(20)
})

test.each([
  ['in threads', []],
  [
    'where they are asked for, in a process that may start no threads',
    ['--permission', '--allow-fs-read=*', '--allow-fs-write=*'],
  ],
])('they are done %s', async (_where, flags) => {
  const { mirror } = await world()
  const program = join(import.meta.dirname, 'reading-process.ts')
  const { stdout } = await run(process.execPath, ['--no-warnings', ...flags, program, mirror.file])
  expect(stdout.trim().split('\n')).toEqual(['60', '60', 'table_unknown'])
})

test('when the store is closed, those under way end with it', async () => {
  const { apart, streamNo } = await world()
  const ended = Promise.allSettled(
    Array.from({ length: 5 }, () => apart.records.milestones({ streamNo, order, every: 10 })),
  )
  await apart.close()
  const late = apart.records.milestones({ streamNo, order, every: 10 })
  for (const one of [...(await ended), ...(await Promise.allSettled([late]))])
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'closed' } })
})
