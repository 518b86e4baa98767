// The promise of honest coverage (P7): what is not complete is not called so, by any face, in any run, until it is.

import { expect, test } from 'vitest'
import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'

const BAD = JSON.stringify([{ starred_at: '2026-01-01T00:00:00Z', repo: { id: 77 } }])

async function synced(github: GitHubEmulator, mirror: Mirror, token?: string) {
  const me = await mirror.github(github, token === undefined ? {} : { token: undefined, user: 'ada' })
  await me.sync()
  return me
}

/** What SQL, the library and the audit say of the stream. */
async function told(mirror: Mirror) {
  const { tidemark } = mirror
  const [status] = await tidemark.status()
  const [view] = mirror.sql('select coverage as kind, coverage_note as note from streams')
  const { findings } = await tidemark.audit()
  const problems = findings.filter(({ severity }) => severity === 'problem').map(({ finding }) => finding)
  expect(view).toEqual(status?.streams[0]?.coverage)
  return { ...status?.streams[0]?.coverage, problems }
}

test('held removals: no face says complete and no run succeeds, also one without news, until a person decides', async () => {
  await using github = await githubEmulator({ stars: 150 })
  await using mirror = await openMirror()
  const me = await synced(github, mirror)
  expect(await told(mirror)).toEqual({ kind: 'complete', note: '', problems: [] })
  for (let i = 0; i < 30; i++) github.world.unstarAt('ada', 0)
  const run = await me.sync({ mode: 'full' })
  const held = { kind: 'held', note: '30 removals are held for you: tidemark removals', problems: ['removals_held'] }
  expect([run.status, await told(mirror)]).toEqual(['incomplete', held])
  const news = await me.sync()
  expect([news.status, news.notes]).toEqual(['incomplete', [`stars: ${held.note}`]])
  expect(await told(mirror)).toEqual(held)
  await mirror.tidemark.decideRemovals('reject', run.id)
  expect(await told(mirror)).toEqual({
    kind: 'complete',
    note: expect.stringContaining('30 records are kept'),
    problems: [],
  })
  expect((await me.sync()).status).toBe('succeeded')
})

test('a record in quarantine: no face says complete and no run succeeds, until it can be read', async () => {
  await using github = await githubEmulator({ stars: 20 })
  await using mirror = await openMirror()
  const me = await synced(github, mirror)
  github.faults.when({ path: '/user/starred' }, { kind: 'body', body: BAD }, 1)
  const run = await me.sync()
  const note = '1 record could not be read: tidemark quarantine'
  expect([run.status, run.notes.filter((one) => one.includes('could not'))]).toEqual(['incomplete', [`stars: ${note}`]])
  // Nothing of it is on the page that the next run reads.
  const next = await me.sync()
  expect([next.status, next.streams[0]?.counts.quarantined, next.notes]).toEqual(['incomplete', 0, [`stars: ${note}`]])
  expect(await told(mirror)).toEqual({ kind: 'quarantined', note, problems: ['quarantine'] })
})

test('what a full pass missed is said with its number, by the run and the stream, with its keys, until the next confirms', async () => {
  await using github = await githubEmulator({ stars: 50 })
  await using mirror = await openMirror()
  const me = await synced(github, mirror, 'none')
  const gone = [7, 20, 33].map((at) => String(github.world.unstarAt('ada', at))).sort()
  const run = await me.sync({ mode: 'full' })
  const note = '3 not listed any more; the next run confirms'
  expect([run.status, run.notes, run.streams[0]?.counts]).toEqual([
    'succeeded',
    [`stars: ${note}`],
    expect.objectContaining({ unconfirmed: 3, removed: 0, held: 0 }),
  ])
  expect(await told(mirror)).toEqual({ kind: 'complete', note, problems: [] })
  expect((await mirror.tidemark.status())[0]?.streams[0]).toMatchObject({ unconfirmed: 3, held: 0, quarantined: 0 })
  const [row] = await mirror.tidemark.removals()
  expect(row).toMatchObject({ run: run.id, unconfirmed: 3, held: 0, removed: 0 })
  expect(row && (await mirror.tidemark.unconfirmed(row))).toEqual(gone)
  expect(mirror.sql('select _key from unconfirmed_removals order by 1').map(({ _key }) => _key)).toEqual(gone)
  // One of them comes back, and is found by whoever reads it first.
  github.world.starRepo('ada', Number(gone[0]))
  const next = await me.sync()
  expect([next.status, next.notes, next.streams[0]?.counts]).toMatchObject([
    'succeeded',
    [],
    { removed: 2, unconfirmed: 0 },
  ])
  expect(await told(mirror)).toEqual({ kind: 'complete', note: '', problems: [] })
  expect(await mirror.tidemark.removals()).toMatchObject([{ removed: 2, unconfirmed: 0 }])
})

test('a stream that its source refuses is unavailable, whatever was read of it before', async () => {
  await using github = await githubEmulator({ stars: 20 })
  await using mirror = await openMirror()
  const me = await synced(github, mirror)
  github.faults.when({ path: '/user/starred' }, { kind: 'status', status: 404 })
  expect((await me.sync()).status).toBe('failed')
  expect(await told(mirror)).toMatchObject({
    kind: 'unavailable',
    note: expect.stringContaining('(404)'),
    problems: ['run_failed', 'unavailable'],
  })
  github.faults.clear()
  expect((await me.sync()).status).toBe('succeeded')
  expect(await told(mirror)).toEqual({ kind: 'complete', note: '', problems: [] })
})
