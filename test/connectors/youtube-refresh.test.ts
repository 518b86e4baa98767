// Owns the proof that the numbers of all known videos are read in every run, 50 at a time, and that a video which YouTube no
// longer returns is neither removed nor made up.

import { describe, expect, test } from 'vitest'
import { connected } from './youtube-world.ts'

describe('known videos', () => {
  test('are read 50 at a time, each once in a run, and get one snapshot', async () => {
    await using given = await connected({ videos: 170 })
    const { world, sync, asked, mirror, one } = given
    await sync()
    const count = world.listed('@ada').length
    const last = world.listed('@ada').at(-1) as string
    world.drift('@ada', count)
    world.publish('@ada', 2)
    expect(await sync()).toMatchObject({ status: 'succeeded', notes: [], counts: { inserted: 2, unavailable: 0 } })
    // 48 of them stand on the page of the new ones.
    expect(asked()).toEqual({ channels: 1, playlistItems: 1, videos: 1 + Math.ceil((count - 48) / 50) })
    expect(one(last)?.['view_count']).toBe(world.video(last)?.views)
    expect(mirror.sql('select count(*) n from youtube_videos_snapshots group by _run order by 1')).toEqual([
      { n: count },
      { n: count + 2 },
    ])
  })

  test('are read alone with --mode refresh', async () => {
    await using given = await connected({ videos: 120 })
    const { world, sync, asked, keys } = given
    await sync()
    world.publish('@ada')
    expect(await sync({ mode: 'refresh' })).toMatchObject({ status: 'succeeded', counts: { inserted: 0 } })
    expect(asked()).toEqual({ channels: 0, playlistItems: 0, videos: Math.ceil(keys().length / 50) })
  })

  test.each(['private', 'deleted'] as const)('that are %s keep what was seen, and say since when', async (state) => {
    await using given = await connected({ videos: 120 })
    const { world, sync, one, mirror } = given
    await sync()
    const [high, low] = [world.listed('@ada')[3] as string, world.listed('@ada').at(-1) as string]
    const before = [high, low].map(one)
    for (const key of [high, low]) world.setState(key, state)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { unavailable: 2, removed: 0 } })
    for (const [i, key] of [high, low].entries()) {
      const now = one(key)
      expect(now).toMatchObject({ _removed_at: null, _unavailable_since: expect.any(String) })
      expect([now?.['title'], now?.['view_count']]).toEqual([before[i]?.['title'], before[i]?.['view_count']])
      expect(mirror.value(`select count(*) from youtube_videos_snapshots where _key = '${key}'`)).toBe(1)
    }
    for (const key of [high, low]) world.setState(key, 'public')
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    for (const key of [high, low]) expect(one(key)).toMatchObject({ _unavailable_since: null })
  })

  test('that are unlisted are no longer listed, and read all the same', async () => {
    await using given = await connected({ videos: 60 })
    const { world, sync, one } = given
    await sync()
    const [key = ''] = world.listed('@ada')
    world.setState(key, 'unlisted')
    const { views = 0 } = world.video(key) ?? {}
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { unavailable: 0 } })
    expect(one(key)).toMatchObject({ privacy_status: 'unlisted', view_count: views, _unavailable_since: null })
  })

  test('of which the quota leaves some unread are stale; the next day all are read', async () => {
    await using given = await connected({ videos: 170, unitsPerDay: 9, clock: { at: '2026-11-20T17:00:00Z' } })
    const { site, sync, clock, keys } = given
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    clock.skip(24 * 3_600_000)
    site.clock.advance(24 * 3_600_000)
    given.world.spend(6)
    const run = await sync()
    expect(run).toMatchObject({ status: 'incomplete', error: { code: 'rate_limited' } })
    expect(run.counts?.stale).toBe(keys().length - 50)
    clock.skip(24 * 3_600_000)
    site.clock.advance(24 * 3_600_000)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { stale: 0 } })
  })

  test.each([
    ['{"kind":"youtube#videoListResponse"}', 'unexpected_shape'],
    ['<html></html>', 'unexpected_html'],
  ])('are not gone because the answer is %s', async (body, code) => {
    await using given = await connected({ videos: 120 })
    const { site, sync } = given
    await sync()
    site.faults.when({ path: '/youtube/v3/videos' }, { kind: 'body', body })
    expect(await sync({ mode: 'refresh' })).toMatchObject({ error: { code }, counts: { unavailable: 0 } })
  })
})

test('the channel is asked for once in a run, whichever stream comes first', async () => {
  await using given = await connected({ videos: 60 })
  const both = { streams: ['videos', 'channel'] }
  await given.sync(both)
  expect(given.asked()['channels']).toBe(1)
  // Now the channel comes first: the run before did not reach it.
  await given.sync({ ...both, maxRequests: 1 })
  await given.sync(both)
  expect(given.asked()['channels']).toBe(1)
  given.world.drift('@ada', 60)
  await given.sync(both)
  expect(given.mirror.value('select view_count from youtube_channel')).toBeGreaterThan(
    Number(given.mirror.value('select min(view_count) from youtube_channel_snapshots')),
  )
})

test('nothing is ever searched for', async () => {
  await using given = await connected({ videos: 60 })
  await given.sync()
  await given.sync()
  expect(Object.keys(given.site.stats().perPath).toSorted()).toEqual([
    'GET /youtube/v3/channels',
    'GET /youtube/v3/playlistItems',
    'GET /youtube/v3/videos',
  ])
})
