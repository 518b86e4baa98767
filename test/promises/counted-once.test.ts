// The promise: what a run counts of records are records: one that was read twice, or could not be read twice, counts once.

import { expect, test } from 'vitest'
import { type Post, PostSource, postsWith } from '../support/post-source.ts'

const COUNT = 12

/** A post as no schema takes it. */
const broken = (post: Post | undefined) => Object.assign(post as object, { views: 'many' })

test('a record that can not be read is one, in the list and by its key', async () => {
  await using source = new PostSource(COUNT, () => 0)
  const mirror = await source.open()
  const feed = await mirror.tidemark.connect(postsWith(), { id: 'feed', options: {} })
  await feed.sync()
  broken(source.posts.at(-1))
  broken(source.posts[0])
  const report = await feed.sync()
  // The first is listed, and asked for by its key, too: nothing that could be read has shown it.
  expect(source.takeKeys()).toContain('p011')
  expect(report.streams[0]?.counts).toMatchObject({ quarantined: 2, snapshots: COUNT - 2 })
})

test('rows without a key count each, and the same one once', async () => {
  await using source = new PostSource(3, () => 0)
  const [a, b, c] = source.posts
  Object.assign(a as object, { id: null })
  Object.assign(b as object, { id: null })
  const mirror = await source.open()
  const feed = await mirror.tidemark.connect(postsWith(), { id: 'feed', options: {} })
  source.posts = [a, b, c, a].filter((post) => post !== undefined)
  expect((await feed.sync()).streams[0]?.counts).toMatchObject({ quarantined: 2, snapshots: 1 })
})

test('a record that a list shows twice with other numbers has one snapshot', async () => {
  await using source = new PostSource(COUNT, () => 0)
  const [first] = source.posts
  // Last of the list once more, some pages on, with more views.
  source.posts.push({ ...(first as Post), at: (first as Post).at - 60, views: 2_000 })
  const mirror = await source.open()
  const feed = await mirror.tidemark.connect(postsWith(), { id: 'feed', options: {} })
  source.posts.push({ ...(source.posts[11] as Post), at: (first as Post).at - 120, views: 3_000 })
  const report = await feed.sync()
  expect(report.streams[0]?.counts).toMatchObject({ inserted: COUNT, snapshots: COUNT })
  expect(mirror.sql('SELECT count(*) AS n FROM feed_posts_snapshots')).toEqual([{ n: COUNT }])
})
