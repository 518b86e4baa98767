import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

test('the first sync reads to the end, and the mirror is the world', async () => {
  await using github = await githubEmulator({ stars: 616 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const run = await me.sync()
  expect(run).toMatchObject({ status: 'succeeded', error: null, mode: 'auto' })
  expect(run.streams[0]?.passes).toMatchObject([{ pass: 'newestFirst', ended: 'exhausted', pages: 7 }])
  expect(run.streams[0]?.counts).toMatchObject({ fetched: 616, inserted: 616, snapshots: 616 })
  const stored = mirror.sql('select _key, full_name, starred_at, stargazers_count from github_stars order by _key')
  const world = github.world.stars('ada').map(({ starred_at, repo }) => ({
    _key: String(repo['id']),
    full_name: repo['full_name'],
    starred_at,
    stargazers_count: repo['stargazers_count'],
  }))
  expect(stored).toEqual(world.sort((a, b) => (a._key < b._key ? -1 : 1)))
})

test('a sync without news makes one request and changes nothing', async () => {
  await using github = await githubEmulator({ stars: 616 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const before = mirror.value('select max(seq) from changes')
  const run = await me.sync()
  expect(run.requests).toBe(1)
  expect(run.streams[0]?.passes).toMatchObject([{ ended: 'met-anchored', pages: 1, requests: 1 }])
  expect(run.streams[0]?.counts).toMatchObject({
    fetched: 100,
    inserted: 0,
    updated: 0,
    unchanged: 100,
    superseded: 0,
    snapshots: 100,
  })
  expect(mirror.value('select max(seq) from changes')).toBe(before)
  expect(mirror.value('select count(*) from github_stars_versions')).toBe(616)
})

test('new stars and changed metrics come with the first page', async () => {
  await using github = await githubEmulator({ stars: 300 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  github.world.star('ada', 5)
  const changed = github.world.starIds('ada')[10]!
  github.world.setMetrics(changed, { stars: 123_456 })
  const run = await me.sync()
  expect(run.requests).toBe(1)
  expect(run.streams[0]?.counts).toMatchObject({ inserted: 5, updated: 1 })
  expect(mirror.value(`select stargazers_count from github_stars where _key = '${changed}'`)).toBe(123_456)
  expect(mirror.value(`select count(*) from github_stars_versions where _key = '${changed}'`)).toBe(2)
  expect(mirror.value(`select count(*) from github_stars_snapshots where _key = '${changed}'`)).toBe(2)
})

test('a walk that broke off is a gap, and the next run finishes it first', async () => {
  await using github = await githubEmulator({ stars: 616 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const cut = await me.sync({ maxRequests: 4 })
  expect(cut).toMatchObject({ status: 'incomplete', error: { code: 'requests_spent' } })
  expect(mirror.value('select count(*) from github_stars')).toBe(300)
  expect(mirror.value('select count(*) from gaps')).toBe(1)
  // News arrives on top of the gap; stopping at the first known record would leave it open for ever.
  github.world.star('ada', 2)
  const run = await me.sync()
  expect(run.status).toBe('succeeded')
  expect(run.streams[0]?.passes.map(({ ended }) => ended)).toEqual(['exhausted', 'met-anchored'])
  expect(mirror.value('select count(*) from github_stars')).toBe(618)
  expect(mirror.value('select count(*) from gaps')).toBe(0)
})

test('records that share their time over a page boundary are all read', async () => {
  await using github = await githubEmulator({ stars: 250 })
  github.world.tie('ada', 90, 26)
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  expect(mirror.value('select count(*) from github_stars')).toBe(250)
  github.world.star('ada', 1)
  github.world.tie('ada', 0, 30)
  const run = await me.sync()
  expect(run.streams[0]?.counts.inserted).toBe(1)
  expect(mirror.value('select count(*) from github_stars')).toBe(251)
})

test('a star taken back while pages are turned shifts nobody out of the mirror', async () => {
  await using github = await githubEmulator({ stars: 616 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  github.faults.when(
    ({ query }) => {
      if (query.get('page') !== '4') return false
      github.world.unstarAt('ada', 5)
      return false
    },
    { kind: 'reset' },
  )
  await me.sync()
  const keys = new Set(mirror.sql('select _key from github_stars').map(({ _key }) => _key))
  const missing = github.world.starIds('ada').filter((id) => !keys.has(String(id)))
  expect(missing).toEqual([])
})
