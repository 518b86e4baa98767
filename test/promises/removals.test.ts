import { expect, test } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'

test('a full pass with a witness by key sets tombstones at once, with reason and last content', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const gone = github.world.unstarAt('ada', 120)
  expect((await me.sync()).streams[0]?.counts.removed).toBe(0)
  const run = await me.sync({ mode: 'full' })
  expect(run.status).toBe('succeeded')
  expect(run.streams[0]?.counts).toMatchObject({ removed: 1, held: 0 })
  expect(mirror.value('select count(*) from github_stars')).toBe(149)
  const [tombstone] = mirror.sql(`select * from github_stars_all where _key = '${gone}'`)
  expect(tombstone).toMatchObject({ _removed_reason: 'not_listed', full_name: expect.stringContaining('/') })
  expect(tombstone?.['_removed_at']).toMatch(/^\d{4}-.*Z$/)
})

test('without a witness by key, a second full pass is the witness', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github, { token: undefined, user: 'ada' })
  await me.sync()
  github.world.unstarAt('ada', 20)
  const first = await me.sync({ mode: 'full' })
  expect([first.status, first.streams[0]?.counts.removed, first.streams[0]?.counts.unconfirmed]).toEqual([
    'succeeded',
    0,
    1,
  ])
  expect(first.notes).toEqual(['stars: 1 not listed any more; the next run confirms'])
  const noted = () => mirror.value('select coverage_note from streams')
  expect(noted()).toBe('1 not listed any more; the next run confirms')
  const second = await me.sync()
  expect(noted()).toBe('')
  expect(second.streams[0]?.passes[0]?.pass).toBe('fullPass')
  expect(second.streams[0]?.counts).toMatchObject({ removed: 1, unconfirmed: 0 })
  expect((await me.sync()).streams[0]?.passes[0]?.pass).toBe('newestFirst')
})

test('every tenth run is a full pass', async () => {
  await using github = await githubEmulator({ stars: 20 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  const passes: (string | undefined)[] = []
  for (let i = 0; i < 20; i++) passes.push((await me.sync()).streams[0]?.passes[0]?.pass)
  expect(passes.flatMap((pass, i) => (pass === 'fullPass' ? [i + 1] : []))).toEqual([10, 20])
})

test('removals too many to believe are held, and a listing that comes back empty removes nothing', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  const run = await me.sync({ mode: 'full' })
  expect(run.status).toBe('incomplete')
  expect(run.streams[0]?.counts).toMatchObject({ removed: 0, held: 30 })
  expect(mirror.value('select count(*) from held_removals')).toBe(30)
  expect(mirror.value('select count(*) from github_stars')).toBe(150)
  github.faults.when({ path: '/user/starred' }, { kind: 'body', body: '[]' })
  for (const mode of ['full', 'auto', 'auto'] as const) {
    expect((await me.sync({ mode })).streams[0]?.counts.removed).toBe(0)
  }
  expect(mirror.value('select count(*) from held_removals')).toBe(150)
  expect(mirror.value('select count(*) from github_stars')).toBe(150)
})

test('a record that comes back is restored, and its history tells', async () => {
  await using github = await githubEmulator({ stars: 30 })
  await using mirror = await openMirror()
  const me = await mirror.github(github)
  await me.sync()
  const id = github.world.unstarAt('ada', 3)
  await me.sync({ mode: 'full' })
  github.world.starRepo('ada', id)
  const run = await me.sync()
  expect(run.streams[0]?.counts).toMatchObject({ restored: 1, inserted: 0 })
  const history = await me.history('stars', String(id))
  expect(history.map(({ op }) => op)).toEqual(['insert', 'remove', 'restore'])
  expect(mirror.value(`select count(*) from github_stars where _key = '${id}'`)).toBe(1)
})
