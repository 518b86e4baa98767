// Owns the promise of uploads: a file is read to its end before anything is written; a newer one is the whole list, an older
// one changes nothing; nothing is removed without proof, and nothing that is richer is overwritten.

import { expect, test } from 'vitest'
import { assemble } from '../../src/assemble.ts'
import type { UploadReport } from '../../src/operations/upload.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { day, exported, type Like, liked, likes } from '../support/exported-likes.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'
import { Killed, mortal } from '../support/mortal-store.ts'
import { PostgresDatabase } from '../support/postgres-database.ts'
import { withPostgres } from '../support/with-postgres.ts'

type Given = readonly Like[] | null | undefined | Uint8Array

async function opened() {
  const mirror = await openMirror()
  const connection = await mirror.tidemark.connect(likes, { id: 'me' })
  const upload = (given: Given, dryRun = false) =>
    connection.upload('likes', given instanceof Uint8Array ? given : exported(given), { name: 'likes.json', dryRun })
  return { mirror, connection, upload, [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose]() }
}

const live = (mirror: Mirror) =>
  mirror.sql('SELECT _key FROM exported_likes ORDER BY CAST(_key AS INTEGER)').map(({ _key }) => Number(_key))
const countsOf = ({ streams }: UploadReport) => streams[0]?.counts
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('a first file is stored whole, and is a run of its own', async () => {
  await using it = await opened()
  const report = await it.upload(liked(3, 2, 1))
  expect(report).toMatchObject({ status: 'succeeded', mode: 'upload', dryRun: false, error: null, notes: [] })
  expect(report.streams[0]).toMatchObject({
    passes: [{ pass: 'upload', ended: 'exhausted' }],
    counts: { inserted: 3, snapshots: 0 },
  })
  expect(live(it.mirror)).toEqual([1, 2, 3])
  expect(await it.mirror.tidemark.runs()).toMatchObject([{ id: report.id, mode: 'upload' }])
  expect(await it.connection.status()).toMatchObject({ streams: [{ coverage: { kind: 'complete' } }, {}] })
})

test('a newer file adds, changes and removes', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  const report = await it.upload([
    ...liked(10),
    { id: 9, date: '2026-01-09 10:00:00', title: 'renamed' },
    ...liked(8, 6, 5, 4, 3, 2, 1),
  ])
  expect(countsOf(report)).toMatchObject({ inserted: 1, updated: 1, removed: 1, unchanged: 7, held: 0 })
  expect(report.status).toBe('succeeded')
  expect(live(it.mirror)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10])
  expect(it.mirror.sql('SELECT _key, _removed_reason FROM exported_likes_all WHERE _removed_at IS NOT NULL')).toEqual([
    { _key: '7', _removed_reason: 'not_in_upload' },
  ])
})

test('the same file again changes nothing', async () => {
  await using it = await opened()
  await it.upload(liked(3, 2, 1))
  expect(countsOf(await it.upload(liked(3, 2, 1)))).toMatchObject({ inserted: 0, updated: 0, removed: 0, unchanged: 3 })
})

test('a file with the same greatest date that lacks a record is later than the last', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  await it.upload(liked(9, 8, 7, 6, 5, 4, 3, 2))
  expect(live(it.mirror)).toEqual(range(2, 9))
  expect(countsOf(await it.upload(liked(...range(1, 9))))).toMatchObject({ restored: 0, superseded: 1 })
  expect(live(it.mirror)).toEqual(range(2, 9))
})

test('an older file neither removes nor restores nor changes anything', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  await it.upload(liked(10, 9, 8, 7, 6, 5, 4, 3, 2))
  const before = it.mirror.sql('SELECT * FROM exported_likes_all ORDER BY _key')
  const report = await it.upload([
    ...liked(1, 2, 3, 4),
    { id: 5, date: '2026-01-05 10:00:00', title: 'older title' },
    ...liked(6),
  ])
  expect(report).toMatchObject({ status: 'succeeded', notes: [expect.stringContaining('older')] })
  expect(countsOf(report)).toMatchObject({
    inserted: 0,
    removed: 0,
    restored: 0,
    updated: 0,
    unchanged: 4,
    superseded: 2,
  })
  expect(it.mirror.sql('SELECT * FROM exported_likes_all ORDER BY _key')).toEqual(before)
})

test('what an older file has and the newer one never had is not added', async () => {
  await using it = await opened()
  await it.upload(liked(5, 4, 3))
  expect(countsOf(await it.upload(liked(4, 3, 2, 1)))).toMatchObject({ inserted: 0, superseded: 2, unchanged: 2 })
  expect(live(it.mirror)).toEqual([3, 4, 5])
})

test('a record that comes back in a newer file is restored', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  await it.upload(liked(...range(2, 10)))
  const report = await it.upload([...liked(...range(2, 10)), { id: 1, date: '2026-01-11 10:00:00', title: 'video 1' }])
  expect(countsOf(report)).toMatchObject({ restored: 1, inserted: 0, removed: 0 })
  expect(live(it.mirror)).toEqual(range(1, 10))
})

test('a file without its section changes nothing', async () => {
  await using it = await opened()
  await it.upload(liked(3, 2, 1))
  const report = await it.upload(undefined)
  expect(report).toMatchObject({ status: 'incomplete', error: { code: 'section_missing' } })
  expect(live(it.mirror)).toEqual([1, 2, 3])
  expect(await it.connection.status()).toMatchObject({ streams: [{ coverage: { kind: 'complete' } }, {}] })
})

test.each([
  ['cut short', (whole: Uint8Array) => whole.subarray(0, whole.length - 20)],
  ['no JSON at all', () => Buffer.from('<html>sign in</html>')],
])('a file that is %s changes nothing', async (_what, damage) => {
  await using it = await opened()
  await it.upload(liked(3, 2, 1))
  const report = await it.upload(damage(exported(liked(9, 8))))
  expect(report).toMatchObject({ status: 'failed', error: { code: 'upload_unreadable' } })
  expect(live(it.mirror)).toEqual([1, 2, 3])
  expect((await it.connection.status()).streams[0]?.coverage.kind).toBe('complete')
})

test('an empty list removes nothing: all of it waits for a person', async () => {
  await using it = await opened()
  await it.upload(liked(3, 2, 1))
  for (const empty of [[], null]) {
    const report = await it.upload(empty)
    expect(report).toMatchObject({ status: 'incomplete' })
    expect(countsOf(report)).toMatchObject({ removed: 0, held: 3 })
    expect(live(it.mirror)).toEqual([1, 2, 3])
  }
  const [held] = await it.mirror.tidemark.removals()
  await it.mirror.tidemark.decideRemovals('approve', held!.run)
  expect(live(it.mirror)).toEqual([])
})

test('too many removals are held, and nothing else of the file', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  const report = await it.upload(liked(10, 9, 8))
  expect(countsOf(report)).toMatchObject({ inserted: 1, removed: 0, held: 7 })
  expect(report.status).toBe('incomplete')
  expect(live(it.mirror)).toEqual(range(1, 10))
  // The right file lets go of them.
  expect(countsOf(await it.upload(liked(...range(1, 11))))).toMatchObject({ held: 0, removed: 0, inserted: 1 })
  expect((await it.connection.status()).streams[0]).toMatchObject({ held: 0, coverage: { kind: 'complete' } })
})

test('a file that has nothing in common with what is stored removes nothing', async () => {
  await using it = await opened()
  await it.upload(liked(1, 2))
  for (const [file, inserted] of [
    [liked(20, 21), 2],
    // Neither what it has brought itself, nor what a later one of the same account adds, makes it the right one.
    [liked(20, 21), 0],
    [liked(20, 21, 22), 1],
  ] as const) {
    const dry = await it.upload(file, true)
    expect(dry.diff).toMatchObject({ removed: [], held: ['1', '2'], known: 0 })
    const report = await it.upload(file)
    expect(countsOf(report)).toMatchObject({ inserted, removed: 0, held: 2 })
    expect(report.notes.join()).toContain('another account')
    expect(live(it.mirror)).toEqual(expect.arrayContaining([1, 2]))
  }
  const [held] = await it.mirror.tidemark.removals()
  await it.mirror.tidemark.decideRemovals('approve', held!.run)
  // Nor is one that has nothing in common with the others.
  expect(countsOf(await it.upload(liked(30)))).toMatchObject({ removed: 0, held: 3 })
  expect(countsOf(await it.upload(liked(20, 22, 30, 31)))).toMatchObject({ removed: 1, held: 0 })
  expect(live(it.mirror)).toEqual([20, 22, 30, 31])
})

test('what a file adds makes what it lacks no smaller part of what was there', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  // Two people have liked the same video: of another account, with one record in common.
  const other = [...liked(9), ...Array.from({ length: 300 }, (_, n) => ({ id: 100 + n, date: day(12) }))]
  const dry = await it.upload(other, true)
  expect(dry.diff).toMatchObject({ removed: [], heldReason: '8 of 9 records would go, more than half' })
  expect(countsOf(await it.upload(other))).toMatchObject({ inserted: 300, removed: 0, held: 8 })
  // Nor does what it has added itself when it is uploaded again.
  expect(countsOf(await it.upload(other))).toMatchObject({ inserted: 0, removed: 0, held: 8 })
})

test('a file that shows a record twice is not known by that, nor by what an attempt that broke off has stored', async () => {
  const stored = liked(1, 2, 3)
  const foreign = [
    ...liked(...range(20, 28)),
    ...Array.from({ length: 1_500 }, (_, n) => ({ id: 100 + n, date: day(9) })),
  ]
  await using whole = await opened()
  await whole.upload(stored)
  expect(countsOf(await whole.upload([...foreign, ...liked(20)]))).toMatchObject({ removed: 0, held: 3 })

  await using broken = await opened()
  await broken.upload(stored)
  const stop = new AbortController()
  const onProgress = () => stop.abort()
  const options = { name: 'likes.json', signal: stop.signal, onProgress }
  const first = await broken.connection.upload('likes', exported(foreign), options)
  expect(first.status).toBe('cancelled')
  expect(live(broken.mirror).length).toBeGreaterThan(3)
  expect(countsOf(await broken.upload(foreign))).toMatchObject({ removed: 0, held: 3 })
})

test('a row without a key is set aside, and its file removes nothing', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  const rows = [...liked(...range(3, 10)), { id: null, date: '2026-01-02 10:00:00' }]
  const trial = await it.connection.upload('likes', exported(rows), { name: 'likes.json', dryRun: true })
  expect(trial.diff?.unreadable).toEqual([
    { key: null, code: expect.any(String), message: expect.any(String), raw: expect.stringContaining('10:00:00') },
  ])
  const report = await it.upload(rows)
  expect(countsOf(report)).toMatchObject({ inserted: 1, removed: 0, held: 0, quarantined: 1 })
  expect(live(it.mirror)).toEqual(range(1, 10))
  expect((await it.connection.status()).streams[0]?.coverage.kind).toBe('quarantined')
})

test('fields that only the stored record has stay', async () => {
  await using it = await opened()
  await it.upload([{ id: 1, date: '2026-01-01 10:00:00', title: 'rich', more: { tags: ['a'], n: 1 } }, ...liked(2)])
  expect(countsOf(await it.upload([{ id: 1, date: '2026-01-01 10:00:00' }, ...liked(2, 3)]))).toMatchObject({
    unchanged: 2,
    updated: 0,
    inserted: 1,
  })
  expect(
    countsOf(await it.upload([{ id: 1, date: '2026-01-05 10:00:00', title: null, more: { n: 2 } }, ...liked(2, 3)])),
  ).toMatchObject({ updated: 1 })
  expect(it.mirror.sql("SELECT date, title, _raw FROM exported_likes WHERE _key = '1'")).toEqual([
    {
      date: '2026-01-05 10:00:00',
      title: 'rich',
      _raw: '{"id":1,"date":"2026-01-05 10:00:00","title":"rich","more":{"tags":["a"],"n":2}}',
    },
  ])
})

test('a dry run tells what the upload then does, and changes nothing', async () => {
  await using it = await opened()
  const files: Given[] = [
    liked(...range(1, 9)),
    [...liked(...range(3, 10)), { id: 2, date: '2026-01-02 10:00:00', title: 'renamed' }],
    liked(...range(1, 5)),
    liked(10, 11),
    [],
    undefined,
    [...liked(11, 10, 9), { id: null }],
  ]
  for (const file of files) {
    const before = it.mirror.sql('SELECT * FROM exported_likes_all ORDER BY _key')
    const runs = (await it.mirror.tidemark.runs()).length
    const dry = await it.upload(file, true)
    expect(dry).toMatchObject({ id: null, dryRun: true })
    expect(it.mirror.sql('SELECT * FROM exported_likes_all ORDER BY _key')).toEqual(before)
    expect((await it.mirror.tidemark.runs()).length).toBe(runs)
    const real = await it.upload(file)
    expect({ ...countsOf(dry), snapshots: 0 }).toEqual({ ...countsOf(real), snapshots: 0 })
    expect(dry.error?.code).toBe(real.error?.code)
  }
})

test('a dry run tells of a record with several rows what the upload then does', async () => {
  await using it = await opened()
  await it.upload(liked(1, 2))
  const of = (id: number, title: string | null, n = 3) => ({ id, date: day(n), title })
  const far = Array.from({ length: 1_200 }, (_, n) => ({ id: 100 + n, date: day(3) }))
  const files: Given[] = [
    // In one part of the file: new and changed, stored and changed, changed and back.
    [of(3, 'a'), of(3, 'b'), of(1, 'video 1'), of(1, 'other'), of(2, 'other', 2), of(2, 'video 2', 2)],
    // In several parts, with what was shown before, and with less than that.
    [of(4, 'a'), of(3, 'b'), ...far, of(4, 'b'), of(4, 'a'), of(3, null), of(1, 'once more'), of(1, 'once more')],
    // Once more, with what has been removed.
    [of(4, 'x', 4), ...liked(1, 2, 3, 4), of(4, 'x', 4), of(100, 'y', 4), of(100, 'z', 4)],
    // Twice the same, in one part and in two.
    [of(4, 'new', 5), of(4, 'new', 5), of(5, 'new', 5), ...far, of(5, 'new', 5)],
  ]
  for (const file of files) {
    const dry = await it.upload(file, true)
    const real = await it.upload(file)
    expect({ ...countsOf(dry), snapshots: 0 }).toEqual({ ...countsOf(real), snapshots: 0 })
  }
})

test('a dry run that is cancelled is no failed one', async () => {
  await using it = await opened()
  const options = { name: 'likes.json', dryRun: true, signal: AbortSignal.abort() }
  const report = await it.connection.upload('likes', exported(liked(1, 2)), options)
  expect(report).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' }, diff: null })
  expect(report.streams[0]?.passes).toMatchObject([{ pass: 'upload', ended: 'cancelled' }])
})

test('a dry run names the keys', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  const { diff } = await it.upload(
    [...liked(...range(2, 8), 10), { id: 9, date: '2026-01-09 10:00:00', title: 'renamed' }],
    true,
  )
  expect(diff).toMatchObject({
    age: 'newer',
    rows: 9,
    newest: '2026-01-10 10:00:00',
    previous: '2026-01-09 10:00:00',
    known: 8,
    inserted: ['10'],
    updated: ['9'],
    removed: ['1'],
    restored: [],
    held: [],
    heldReason: null,
  })
})

test('a sync of a stream that only files feed does nothing, and is done', async () => {
  await using it = await opened()
  expect(await it.connection.sync({ streams: ['likes'] })).toMatchObject({
    status: 'succeeded',
    requests: 0,
    streams: [],
  })
  await it.upload(liked(1))
  expect(await it.connection.sync({ streams: ['likes'] })).toMatchObject({ status: 'succeeded', requests: 0 })
})

test('a removal is explained', async () => {
  await using it = await opened()
  await it.upload(liked(...range(1, 9)))
  await it.upload(liked(...range(2, 10)))
  const { versions } = await it.connection.explain('likes', '1')
  expect(versions.at(-1)).toMatchObject({ op: 'remove', rule: { name: 'not_in_upload' }, source: { mode: 'upload' } })
})

// ── killed ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const clock = testClock()

/** Uploads in a process with this store. Every other process is known to be dead. */
async function uploadIn(store: Store, id: string, given: readonly Like[]): Promise<UploadReport | undefined> {
  const holder = { id, host: 'here', pid: 1, startedAt: 1 }
  const isDead = (other: typeof holder) => other.id !== id
  const key = new Uint8Array(32).fill(7)
  const tidemark = await assemble({ store, clock, key, connectors: [likes], holder, isDead })
  try {
    const connection = await tidemark.connect(likes, { id: 'me' })
    return await connection.upload('likes', exported(given), { name: 'likes.json' })
  } catch (error) {
    if (error instanceof Killed) return undefined
    throw error
  } finally {
    await tidemark.close().catch(() => {})
  }
}

/** What is stored of each record, but for when. */
async function recordsOf(store: Store): Promise<readonly object[]> {
  const row = (await store.streams.list(1)).find(({ stream }) => stream === 'likes')
  const query = { streamNo: row!.no, limit: 1_000 }
  const all = [...(await store.records.list(query)), ...(await store.records.list({ ...query, removed: true }))]
  return all.map(({ _key, _raw, _removed_reason }) => ({ _key, _raw, _removed_reason }))
}

const FIRST = liked(...range(1, 12))
const SECOND = [...liked(...range(3, 12)), { id: 2, date: day(14), title: 'again' }]
const THIRD = [...SECOND, { id: 1, date: day(15), title: 'back' }, ...liked(13)].filter(({ id }) => id !== 3)

/** Gives how often the upload was killed. */
async function killedAnywhere(open: () => Promise<Store>): Promise<number> {
  const whole = await open()
  for (const [i, file] of [FIRST, SECOND, THIRD].entries()) await uploadIn(whole, `w${i}`, file)
  const expected = await recordsOf(whole)
  for (let at = 1; ; at++) {
    const store = await open()
    for (const [i, file] of [FIRST, SECOND].entries()) await uploadIn(store, `w${i}`, file)
    const dying = mortal(store, at, (call) => call === 'checkpoint')
    const isOver = (await uploadIn(dying, 'killed', THIRD)) !== undefined
    const report = await uploadIn(store, 'next', THIRD)
    expect(report).toMatchObject({ status: 'succeeded' })
    expect(await recordsOf(store)).toEqual(expected)
    // What an older file has is older than what was killed, too.
    expect((await uploadIn(store, 'older', SECOND))?.streams[0]?.counts).toMatchObject({ removed: 0, restored: 0 })
    expect(await recordsOf(store)).toEqual(expected)
    if (isOver) return at - 1
  }
}

test('an upload that is killed anywhere is whole once it is done again', async () => {
  const stores: Store[] = []
  const kills = await killedAnywhere(async () => {
    const store = await openSqliteStore({ path: ':memory:', clock })
    stores.push(store)
    return store
  })
  for (const store of stores) await store.close()
  expect(kills).toBeGreaterThan(3)
})

withPostgres('on PostgreSQL', () => {
  test('an upload that is killed anywhere is whole once it is done again, there too', async () => {
    const databases: PostgresDatabase[] = []
    const kills = await killedAnywhere(async () => {
      const database = await PostgresDatabase.open()
      databases.push(database)
      return database.connect(clock)
    })
    for (const database of databases) await database.close()
    expect(kills).toBeGreaterThan(3)
  })
})
