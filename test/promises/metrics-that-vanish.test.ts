// Owns the promise that a metric which a source stops to tell is null, never 0, and that somebody hears of it.

import { expect, test } from 'vitest'
import { connected } from '../connectors/creators-world.ts'

const GONE = /^reels: the source tells no play_count any more: 12 records had one, and it is null now$/

test('a number that no row has any more is null, in the record, its snapshot and what is made of it, and is told once', async () => {
  await using there = await connected('instagram', { emulator: { posts: 12 } })
  const { world, mine, mirror, account } = there
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(account()?.['views']).toBeGreaterThan(0)
  for (const id of world.posts('ada')) world.hide(id, 'play_count')
  const run = await mine.sync()
  expect(run.status).toBe('succeeded')
  expect(run.notes).toContainEqual(expect.stringMatching(GONE))
  expect(mirror.value('select count(play_count) from instagram_reels')).toBe(0)
  const shown = `select count(*) n, count(play_count) plays, count(like_count) likes from instagram_reels_snapshots where _run = '${run.id}'`
  expect({ ...mirror.sql(shown)[0] }).toEqual({ n: 12, plays: 0, likes: 12 })
  expect(account()?.['views']).toBeNull()
  expect(mirror.value("select coverage_note from streams where stream = 'reels'")).toContain(
    'tells no play_count any more',
  )
  expect((await mine.sync()).notes).toEqual([])
})

test('a number that single records hide is theirs to hide', async () => {
  await using there = await connected('instagram', { emulator: { posts: 12 } })
  const { world, mine, mirror } = there
  await mine.sync()
  for (const id of world.posts('ada').slice(0, 8)) world.hide(id, 'like_count')
  expect(await mine.sync()).toMatchObject({ status: 'succeeded', notes: [] })
  expect(mirror.value('select count(like_count) from instagram_reels')).toBe(4)
})
