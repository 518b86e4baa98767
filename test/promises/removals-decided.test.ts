import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

/** A mirror of 150 stars, of which 30 are gone: their removal is held by the run that is returned. */
async function held() {
  const github = await githubEmulator({ stars: 150 })
  const mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  const run = await me.sync({ mode: 'full' })
  return {
    github,
    mirror,
    me,
    run,
    live: () => mirror.value('select count(*) from github_stars'),
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await github[Symbol.asyncDispose]()
    },
  }
}

test('held removals are listed with their reason, and approving them removes them', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  expect(await tidemark.removals()).toMatchObject([
    {
      run: world.run.id,
      connection: 'me',
      stream: 'stars',
      held: 30,
      removed: 0,
      reason: expect.stringContaining('30 of 150'),
    },
  ])
  const decided = await tidemark.decideRemovals('approve', world.run.id)
  expect(decided).toEqual({
    run: world.run.id,
    verdict: 'approve',
    streams: [{ connection: 'me', stream: 'stars', records: 30 }],
  })
  expect(world.live()).toBe(120)
  expect(world.mirror.value('select count(*) from held_removals')).toBe(0)
  expect(
    world.mirror.sql('select distinct _removed_reason as reason from github_stars_all where _removed_at is not null'),
  ).toEqual([{ reason: 'approved' }])
  const told = await tidemark.run(world.run.id)
  expect(told.streams[0]?.counts).toMatchObject({ held: 0, removed: 30 })
  expect(await tidemark.removals()).toMatchObject([{ run: world.run.id, held: 0, removed: 30, reason: null }])
})

test('what was approved is undone by the same run id, with its content, and stays', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  const before = world.mirror.sql('select _key, _raw from github_stars order by _key')
  await tidemark.decideRemovals('approve', world.run.id)
  await tidemark.decideRemovals('undo', world.run.id)
  expect(world.mirror.sql('select _key, _raw from github_stars order by _key')).toEqual(before)
  for (let i = 0; i < 3; i++) {
    const run = await world.me.sync({ mode: 'full' })
    expect(run.streams[0]?.counts).toMatchObject({ removed: 0, held: 0 })
  }
  expect(world.live()).toBe(150)
  expect(world.mirror.value('select count(*) from kept_records')).toBe(30)
  const [first] = world.mirror.sql('select _key from kept_records limit 1')
  const history = await world.me.history('stars', String(first?.['_key']))
  expect(history.map(({ op }) => op)).toEqual(['insert', 'remove', 'restore'])
})

test('what was rejected stays, is not held again, and is the source’s again once it is listed', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  await tidemark.decideRemovals('reject', world.run.id)
  const again = await world.me.sync({ mode: 'full' })
  expect(again.status).toBe('succeeded')
  expect(again.streams[0]?.counts).toMatchObject({ removed: 0, held: 0 })
  expect(world.live()).toBe(150)
  expect(world.mirror.value("select coverage_note from streams where stream = 'stars'")).toContain(
    '30 records are kept',
  )
})

test('a removal that stands can be undone though no person approved it', async () => {
  await using github = await githubEmulator({ stars: 50 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const gone = github.world.unstarAt('ada', 7)
  const run = await me.sync({ mode: 'full' })
  expect(run.streams[0]?.counts.removed).toBe(1)
  const { streams } = await mirror.tidemark.decideRemovals('undo', run.id)
  expect(streams).toEqual([{ connection: 'me', stream: 'stars', records: 1 }])
  expect(mirror.sql(`select _removed_at from github_stars_all where _key = '${gone}'`)).toEqual([{ _removed_at: null }])
  await expect(mirror.tidemark.decideRemovals('undo', run.id)).rejects.toMatchObject({ code: 'removals_unknown' })
})

test('held removals stay in the coverage of the runs that follow, until somebody decides', async () => {
  await using world = await held()
  const note = () => world.mirror.value("select coverage_note from streams where stream = 'stars'")
  await world.me.sync()
  expect(note()).toContain('30 removals are held')
  await world.mirror.tidemark.decideRemovals('approve', world.run.id)
  await world.me.sync()
  expect(note()).toBe('')
})

test('a run without removals to decide on is refused with the id of one that has some', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  const [first] = (await tidemark.runs()).slice(-1)
  await expect(tidemark.decideRemovals('approve', first?.id ?? '')).rejects.toMatchObject({
    code: 'removals_unknown',
    hint: expect.stringContaining(world.run.id),
  })
  await expect(tidemark.decideRemovals('approve', 'nothing')).rejects.toMatchObject({ code: 'run_unknown' })
})

test('what a decision leaves is told at once, and what another run holds is left alone', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  const note = () => world.mirror.value("select coverage_note from streams where stream = 'stars'")
  expect(note()).toContain('30 removals are held')
  await tidemark.decideRemovals('reject', world.run.id)
  expect(note()).toBe('30 records are kept by your decision, though the source no longer lists them')
  await tidemark.decideRemovals('approve', world.run.id).catch(() => {})
  expect(world.live()).toBe(150)
})
