// The promise: every known record that a run has not shown is read again by key, once; what is not returned is marked and
// not removed; what requests do not suffice for is said.

import { expect, test } from 'vitest'
import { exitCode } from '../../src/model/run.ts'
import { PostSource, postsWith, viewsOf } from '../support/post-source.ts'

const COUNT = 23

async function synced(source: PostSource, connector = postsWith()) {
  const mirror = await source.open()
  const feed = await mirror.tidemark.connect(connector, { id: 'feed', options: {} })
  const first = await feed.sync()
  expect(first.status).toBe('succeeded')
  source.asked.splice(0)
  return { mirror, feed }
}

test('a run reads all that it has not listed by key, and takes one snapshot of each record', async () => {
  await using source = new PostSource(COUNT)
  const { mirror, feed } = await synced(source)
  source.pass(1)
  const added = source.publish()
  const plan = await feed.plan()
  const report = await feed.sync()
  expect(report).toMatchObject({ status: 'succeeded', notes: [] })
  expect(report.streams[0]?.passes.map(({ pass, ended }) => [pass, ended])).toEqual([
    ['newestFirst', 'met-anchored'],
    ['refresh', 'exhausted'],
  ])
  expect(report.streams[0]?.counts).toMatchObject({
    fetched: COUNT + 1,
    snapshots: COUNT + 1,
    unavailable: 0,
    stale: 0,
  })
  // Five are listed, the new one among them; the others are asked for by four.
  expect(source.asked.map((path) => path.split(',').length)).toEqual([1, 4, 4, 4, 4, 3])
  expect(plan.requests).toBe(report.requests)
  expect(await viewsOf(feed)).toEqual(new Map(source.posts.map(({ id, views }) => [id, views])))
  const twice = 'SELECT _key FROM feed_posts_snapshots GROUP BY _key, _run HAVING count(*) > 1'
  expect(mirror.sql(twice)).toEqual([])
  const [{ n } = {}] = mirror.sql(`SELECT count(*) AS n FROM feed_posts_snapshots WHERE _run = '${report.id}'`)
  expect(n).toBe(COUNT + 1)
  expect((await viewsOf(feed)).get(added.id)).toBe(added.views)
})

test('what is not returned is unavailable, without a snapshot, until it is returned again', async () => {
  await using source = new PostSource(COUNT)
  const { mirror, feed } = await synced(source)
  source.away.add('p003')
  source.pass(1)
  const report = await feed.sync()
  expect(report.status).toBe('succeeded')
  expect(report.streams[0]?.counts).toMatchObject({ unavailable: 1, removed: 0, snapshots: COUNT - 1 })
  const since = "SELECT _unavailable_since AS since FROM feed_posts WHERE _key = 'p003'"
  const [{ since: first } = {}] = mirror.sql(since)
  expect(first).toEqual(expect.any(String))
  const snapshots = `SELECT count(*) AS n FROM feed_posts_snapshots WHERE _key = 'p003'`
  expect(mirror.sql(snapshots)).toEqual([{ n: 1 }])
  // It stands since the first time.
  source.pass(1)
  expect((await feed.sync()).streams[0]?.counts).toMatchObject({ unavailable: 0 })
  expect(mirror.sql(since)).toEqual([{ since: first }])
  source.away.clear()
  await feed.sync()
  expect(mirror.sql(since)).toEqual([{ since: null }])
})

test('what is listed again is available, though its content is the same', async () => {
  await using source = new PostSource(COUNT, () => 0)
  const { mirror, feed } = await synced(source)
  source.away.add('p017')
  await feed.sync()
  const count = 'SELECT count(*) AS n FROM feed_posts WHERE _unavailable_since IS NOT NULL'
  expect(mirror.sql(count)).toEqual([{ n: 1 }])
  // The five below it on the way to the top are gone: it is on the first page now.
  source.posts = source.posts.slice(0, 18)
  await feed.sync()
  expect(mirror.sql(`${count} AND _key = 'p017'`)).toEqual([{ n: 0 }])
})

test('mode refresh reads nothing but what is known', async () => {
  await using source = new PostSource(COUNT)
  const { mirror, feed } = await synced(source)
  source.pass(1)
  source.publish()
  const before = mirror.sql('SELECT runs_since_full, last_success_at FROM streams')[0]
  const report = await feed.sync({ mode: 'refresh' })
  expect(report).toMatchObject({ status: 'succeeded', mode: 'refresh' })
  expect(report.streams[0]?.passes.map(({ pass }) => pass)).toEqual(['refresh'])
  expect(new Set(source.takeKeys()).size).toBe(COUNT)
  expect((await viewsOf(feed)).size).toBe(COUNT)
  // A full pass is due after runs that find records.
  expect(mirror.sql('SELECT runs_since_full, last_success_at FROM streams')[0]).toEqual(before)
})

test('mode refresh is refused where no stream is read by key', async () => {
  await using source = new PostSource(COUNT)
  const { tidemark } = await source.open()
  const { service } = postsWith()
  const { posts } = postsWith().streams
  const passes = posts.passes.filter(({ kind }) => kind !== 'refresh')
  const connector = { service, streams: { posts: { ...posts, passes } } } as ReturnType<typeof postsWith>
  const feed = await tidemark.connect(connector, { id: 'feed', options: {} })
  await expect(feed.sync({ mode: 'refresh' })).rejects.toMatchObject({ code: 'refresh_unsupported' })
})

test('within a budget those come first that grow fastest, and the rest is said to be stale', async () => {
  await using source = new PostSource(40, (i) => (i % 10 === 3 ? 5_000 : 1))
  const { mirror, feed } = await synced(source)
  source.pass(1)
  expect((await feed.sync()).status).toBe('succeeded')
  source.pass(1)
  source.asked.splice(0)
  const report = await feed.sync({ maxRequests: 2 })
  expect(report).toMatchObject({ status: 'incomplete', error: { code: 'requests_spent' } })
  expect(exitCode([report.status])).toBe(3)
  // One request lists the newest five, one refreshes the four that grow.
  expect([...source.takeKeys()].sort()).toEqual(['p003', 'p013', 'p023', 'p033'])
  const counts = report.streams[0]?.counts
  expect(counts).toMatchObject({ stale: 40 - 5 - 4, snapshots: 9 })
  const [row] = mirror.sql('SELECT coverage, coverage_note AS note FROM streams')
  expect(row).toMatchObject({
    coverage: 'stale',
    note: expect.stringMatching(/^31 records are stale.* \d{4}-\d\d-\d\dT/),
  })
  expect(report.notes.some((note) => note.includes('31 records are stale'))).toBe(true)
  // With more than the fastest ones take, the others come as time goes by.
  const seen = new Set<string>()
  for (let i = 0; i < 10; i++) {
    source.pass(1)
    await feed.sync({ maxRequests: 3 })
    for (const key of source.takeKeys()) seen.add(key)
  }
  expect(seen.size).toBe(35)
  source.pass(1)
  expect((await feed.sync()).status).toBe('succeeded')
  expect(mirror.sql('SELECT coverage FROM streams')[0]).toEqual({ coverage: 'complete' })
})

test.each([0, 6])(
  'a budget that ends before the refresh leaves all stale that was not listed (%i new)',
  async (added) => {
    await using source = new PostSource(COUNT)
    const { feed } = await synced(source)
    for (let i = 0; i < added; i++) source.publish()
    // With six, the listing itself needs another page.
    const report = await feed.sync({ maxRequests: 1 })
    expect(report.status).toBe('incomplete')
    expect(report.streams[0]?.passes.map(({ pass }) => pass)).toContain(added > 0 ? 'newestFirst' : 'refresh')
    expect(report.streams[0]?.counts.stale).toBe(added > 0 ? COUNT : COUNT - 5)
  },
)

test('a key that breaks the answer keeps no other from being read, and comes last next time', async () => {
  await using source = new PostSource(COUNT, (i) => (i === 0 ? 5_000 : 10))
  const { feed } = await synced(source)
  source.pass(1)
  await feed.sync()
  source.poison.add('p000')
  source.pass(1)
  const report = await feed.sync()
  expect(report.status).toBe('incomplete')
  expect(report.notes.join()).toMatch(/record "p000" could not be read by key/)
  expect(report.streams[0]?.counts).toMatchObject({ stale: 1, unavailable: 0, snapshots: COUNT - 1 })
  source.pass(1)
  source.asked.splice(0)
  await feed.sync({ maxRequests: 4 })
  expect(source.takeKeys()).not.toContain('p000')
})

test('a source that answers none by key fails the run', async () => {
  await using source = new PostSource(COUNT)
  const { feed } = await synced(source)
  source.onKeys = () => ({ status: 500, body: {} })
  expect((await feed.sync()).status).toBe('failed')
})

test('an answer that was cut short says nothing of what it lacks', async () => {
  await using source = new PostSource(COUNT)
  const cut = postsWith({
    read: async ({ http, keys }) => {
      const { body } = await http.get('/by-id', { query: { ids: keys.join() } })
      const posts = (body as { posts: unknown[] }).posts.slice(0, 2)
      return { records: posts, partial: posts.length < keys.length }
    },
  })
  const { mirror, feed } = await synced(source, cut)
  const report = await feed.sync()
  expect(report.status).toBe('incomplete')
  expect(report.streams[0]?.counts.unavailable).toBe(0)
  expect(report.streams[0]?.counts.stale).toBeGreaterThan(0)
  expect(mirror.sql('SELECT 1 FROM feed_posts WHERE _unavailable_since IS NOT NULL')).toEqual([])
})

test('a row that can be told by nothing may be any that lacks', async () => {
  await using source = new PostSource(COUNT)
  const { feed } = await synced(source)
  source.away.add('p002')
  source.onKeys = (keys) => {
    if (!keys.includes('p002')) return undefined
    const posts = source.posts
      .filter(({ id }) => keys.includes(id))
      .map((post) => (post.id === 'p002' ? { at: 1 } : post))
    return { status: 200, body: { posts } }
  }
  expect((await feed.sync()).streams[0]?.counts).toMatchObject({ unavailable: 0, quarantined: 1, stale: 1 })
})

test('where absence means removal, what two requests lack is removed', async () => {
  await using source = new PostSource(COUNT)
  const { feed } = await synced(source, postsWith({ absent: 'removed' }))
  source.away.add('p004')
  let hidden = 1
  // One is lacking in one answer only.
  source.onKeys = (keys) => {
    if (!keys.includes('p006') || hidden-- <= 0) return undefined
    const posts = source.posts.filter(({ id }) => keys.includes(id) && id !== 'p006' && id !== 'p004')
    return { status: 200, body: { posts } }
  }
  const report = await feed.sync()
  expect(report.streams[0]?.counts).toMatchObject({ removed: 1, held: 0 })
  const keys = await viewsOf(feed)
  expect([keys.has('p004'), keys.has('p006')]).toEqual([false, true])
  const explained = await feed.explain('posts', 'p004')
  expect(explained.versions.at(-1)?.rule.name).toBe('not_returned')
})

test('removals that are too many to believe wait for a person', async () => {
  await using source = new PostSource(60)
  const { mirror, feed } = await synced(source, postsWith({ absent: 'removed' }))
  for (const { id } of source.posts.slice(0, 30)) source.away.add(id)
  const report = await feed.sync()
  expect(report.streams[0]?.counts).toMatchObject({ removed: 0, held: 30, unavailable: 30 })
  expect(report.status).toBe('incomplete')
  await mirror.tidemark.decideRemovals('approve', report.id)
  expect((await viewsOf(feed)).size).toBe(30)
})
