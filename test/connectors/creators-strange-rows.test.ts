// Owns the proof that rows of paid runs that are none of what was asked for are not stored as such, and prove nothing: rows
// without content, of other accounts, of posts that nobody asked for, and bills that nobody can have charged.

import { describe, expect, test } from 'vitest'
import { connected } from './creators-world.ts'

type There = Awaited<ReturnType<typeof connected>>

const unavailable = ({ mirror, table }: There) =>
  mirror.value(`select count(*) from ${table}_all where _unavailable_since is not null`)

/** Rows of the creator `bob`, as an actor gives them. */
function rowsOfAnother({ world }: There, count: number) {
  world.addCreator('bob', { posts: count, pinned: 0, followers: 3 })
  const [actor] = world.platform.actors
  const made = actor?.run({ startUrls: ['https://www.tiktok.com/@bob'], maxItems: count }, 1)
  if (!Array.isArray(made) || made.length !== count) throw new Error('no rows of bob')
  return made as Readonly<Record<string, unknown>>[]
}

describe('a refresh', () => {
  test('of which rows without content are a part marks nothing as unavailable, and says so', async () => {
    await using there = await connected('tiktok')
    const { world, mine, snapshots } = there
    await mine.sync()
    world.nextRun({})
    world.nextRun({ rows: 10, beside: Array.from({ length: 42 }, () => ({ demo: true })) })
    const run = await mine.sync()
    expect(run).toMatchObject({
      status: 'incomplete',
      error: { code: 'job_failed', message: expect.stringContaining('rows without content') },
    })
    expect(snapshots(run.id).length).toBeGreaterThanOrEqual(10)
    expect(unavailable(there)).toBe(0)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('does not store rows that nobody asked for, and takes nothing of what it lacks for gone', async () => {
    await using there = await connected('tiktok')
    const { world, mine, keys } = there
    await mine.sync()
    const before = keys()
    world.nextRun({})
    world.nextRun({ instead: rowsOfAnother(there, 50) })
    const run = await mine.sync()
    expect(run.status).toBe('incomplete')
    expect(run.notes).toContainEqual(expect.stringContaining('50 rows that nobody asked for'))
    expect(keys()).toEqual(before)
    expect(unavailable(there)).toBe(0)
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  })

  test('of which one row says that nothing was found tells of one post that is gone', async () => {
    await using there = await connected('tiktok')
    const { world, mine } = there
    await mine.sync()
    world.removeAt('ada', 20)
    world.nextRun({})
    world.nextRun({ beside: [{ noResults: true }] })
    expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
    expect(unavailable(there)).toBe(1)
  })
})

test('rows of another profile only are an error, and nothing of them is stored', async () => {
  await using there = await connected('tiktok')
  const { world, mine, keys, account } = there
  await mine.sync()
  const before = [keys(), account()?.['followers']]
  world.nextRun({ instead: rowsOfAnother(there, 12) })
  expect(await mine.sync()).toMatchObject({
    status: 'failed',
    error: {
      code: 'other_account',
      message: expect.stringContaining('@bob'),
      hint: expect.stringContaining('renamed'),
    },
  })
  expect([keys(), account()?.['followers']]).toEqual(before)
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
})

test('the profile is told by the newest row that tells it', async () => {
  await using there = await connected('instagram', { emulator: { posts: 12, pinned: 0 } })
  const { world, mine, account, emulator } = there
  await mine.sync()
  const { name, id, followers } = account() ?? {}
  expect([name, id, followers]).not.toContain(null)
  const [newest = ''] = world.publish('ada', 1)
  const { platform } = world
  const rowsOf = platform.rowsOf.bind(platform)
  platform.rowsOf = (run) => rowsOf(run).map((row) => (row['id'] === newest ? { ...row, raw_data: null } : row))
  emulator.clock.advance(1_000)
  expect(await mine.sync()).toMatchObject({ status: 'succeeded' })
  expect(account()).toMatchObject({ name, id, followers })
})

test('rows with which an actor of X fills up are no posts', async () => {
  await using there = await connected('x')
  const { world, mine, keys } = there
  const filler = { type: 'mock_tweet', id: -1, text: 'A reminder', createdAt: 'Sun Sep 29 21:01:51 +0000 2024' }
  world.nextRun({ instead: [filler, filler] })
  expect(await mine.sync()).toMatchObject({ status: 'failed', error: { code: 'no_results' } })
  expect(keys()).toEqual([])
})

test('a cost that nobody can have charged counts as not told, and is named', async () => {
  await using there = await connected('tiktok', { emulator: { posts: 12 } })
  const { emulator, mine, keys } = there
  emulator.faults.when(
    { path: '/v2/actor-runs/*' },
    { kind: 'rewrite', find: '"usageTotalUsd":[0-9.e-]+', replace: '"usageTotalUsd":1e300' },
  )
  const run = await mine.sync()
  expect(run).toMatchObject({ status: 'succeeded' })
  expect(run.notes).toContainEqual(expect.stringContaining('a cost of 1e+300'))
  expect(run.cost ?? 0).toBeLessThan(1)
  expect(keys()).toHaveLength(12)
})
