import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { down, MovingList } from '../support/moving-list.ts'

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

test('a decision is taken back by the other one, in any order, until the source has its say', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  const { id } = world.run
  const decide = async (verdict: 'approve' | 'reject' | 'undo') =>
    (await tidemark.decideRemovals(verdict, id)).streams.map(({ records }) => records)
  const listed = async () => (await tidemark.removals()).map((row) => [row.run, row.held, row.removed, row.kept])
  expect(await decide('reject')).toEqual([30])
  expect(await listed()).toEqual([[id, 0, 0, 30]])
  await expect(decide('undo')).rejects.toMatchObject({ hint: expect.stringContaining(`approve ${id}`) })
  expect(await decide('approve')).toEqual([30])
  expect([await listed(), world.live()]).toEqual([[[id, 0, 30, 0]], 120])
  await expect(decide('reject')).rejects.toMatchObject({ hint: expect.stringContaining(`undo ${id}`) })
  expect(await decide('undo')).toEqual([30])
  expect([await listed(), world.live()]).toEqual([[[id, 0, 0, 30]], 150])
  // Days may pass, and other runs: what the source lists again is no matter of this run any more.
  const [back = ''] = world.mirror.sql('select _key from kept_records').map(({ _key }) => String(_key))
  world.github.world.restar('ada', Number(back))
  await world.me.sync({ mode: 'full' })
  expect(await decide('approve')).toEqual([29])
  expect(world.live()).toBe(121)
  expect(world.mirror.value(`select count(*) from github_stars where _key = '${back}'`)).toBe(1)
  const [gone] = world.mirror.sql('select _key from github_stars_all where _removed_at is not null limit 1')
  const history = await world.me.history('stars', String(gone?.['_key']))
  expect(history.map(({ op }) => op)).toEqual(['insert', 'remove', 'restore', 'remove'])
  expect((await world.me.sync({ mode: 'full' })).streams[0]?.counts).toMatchObject({ removed: 0, held: 0 })
  expect(world.mirror.value("select coverage_note from streams where stream = 'stars'")).toBe('')
})

test('what waits is decided first, and what was kept before is left alone', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  await tidemark.decideRemovals('reject', world.run.id)
  for (let i = 0; i < 30; i++) world.github.world.unstarAt('ada', 0)
  const second = await world.me.sync({ mode: 'full' })
  expect(await tidemark.removals()).toMatchObject([
    { run: second.id, held: 30, kept: 0 },
    { run: world.run.id, held: 0, kept: 30 },
  ])
  await tidemark.decideRemovals('approve', second.id)
  expect([world.live(), world.mirror.value('select count(*) from kept_records')]).toEqual([120, 30])
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

test('an undo changes nothing of the past: the mirror said removed then, and everything that is asked of then says so', async () => {
  await using github = await githubEmulator({ stars: 50 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const later = () => new Promise((resolve) => setTimeout(resolve, 3))
  const metric = { metric: 'stargazers_count', by: 'run' } as const
  const total = () => Number(mirror.value('select sum(stargazers_count) from github_stars'))
  await me.sync()
  const whole = total()
  const gone = String(github.world.unstarAt('ada', 7))
  const run = await me.sync({ mode: 'full' })
  expect(run.streams[0]?.counts.removed).toBe(1)
  const less = total()
  expect(less).toBeLessThan(whole)
  await me.sync({ mode: 'full' })
  await later()
  const then = Date.now()
  await later()
  const before = (await me.metrics('stars', metric)).points
  expect(before.map(({ value }) => value)).toEqual([whole, less, less])

  await mirror.tidemark.decideRemovals('undo', run.id)
  expect((await me.metrics('stars', metric)).points).toEqual(before)
  await me.sync({ mode: 'full' })
  const after = (await me.metrics('stars', metric)).points
  expect(after).toMatchObject([...before, { value: whole }])
  const keys = async (query: object) => {
    const found = []
    for await (const row of me.records('stars', query)) found.push(row['_key'])
    return found
  }
  expect(await keys({ asOf: then })).not.toContain(gone)
  expect(await keys({ asOf: then, removed: true })).toEqual([gone])
  expect(await keys({})).toContain(gone)
  expect((await me.history('stars', gone)).map(({ op, run: by }) => [op, by === run.id])).toEqual([
    ['insert', false],
    ['remove', true],
    ['restore', true],
  ])
  const { versions } = await me.explain('stars', gone)
  expect(versions.map(({ rule }) => rule.name)).toEqual(['first_seen', 'proved_absent', 'removal_undone'])
  // The passes of the run wrote the first two, a person the third.
  expect(versions.map(({ source }) => source !== null)).toEqual([true, true, false])
  expect((await mirror.tidemark.run(run.id)).streams[0]?.counts).toMatchObject({ removed: 1, restored: 1 })
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

test('what a decision leaves is told at once', async () => {
  await using world = await held()
  const { tidemark } = world.mirror
  const note = () => world.mirror.value("select coverage_note from streams where stream = 'stars'")
  expect(note()).toContain('30 removals are held')
  await tidemark.decideRemovals('reject', world.run.id)
  expect(note()).toBe('30 records are kept by your decision, though the source no longer lists them')
  await tidemark.decideRemovals('approve', world.run.id)
  expect([note(), world.live()]).toEqual(['', 120])
})

test('a record that slips past the reader is not held with those that are gone', async () => {
  await using list = await MovingList.open({ pageSize: 2, totals: 'none', passes: ['fullPass'], records: down(12) })
  await list.sync()
  list.records.splice(4, 7)
  // The newest leaves behind the first page: 10 moves up, past the reader.
  list.afterwards = () => {
    list.afterwards = () => {}
    list.records.shift()
  }
  const run = await list.sync()
  expect(run.streams[0]?.counts).toMatchObject({ held: 7, removed: 0 })
  await list.tidemark.decideRemovals('approve', run.id)
  expect(await list.missing()).toEqual([])
})
