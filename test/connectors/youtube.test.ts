// Owns the proof that a channel is mirrored as YouTube has it: its videos by the list of uploads, with numbers that may be
// missing, and the channel itself.

import { describe, expect, test } from 'vitest'
import { connected } from './youtube-world.ts'

type Page = Record<string, unknown>

/** The first page of the uploads, as the site answers it. */
async function firstPage({ apiUrl, apiKey }: { readonly apiUrl: string; readonly apiKey: string }): Promise<Page> {
  const ask = async (path: string) => JSON.parse(await (await fetch(`${apiUrl}/${path}&key=${apiKey}`)).text())
  const { items } = await ask('channels?part=contentDetails&forHandle=@ada')
  const { uploads } = items[0].contentDetails.relatedPlaylists
  return ask(`playlistItems?part=contentDetails,status&maxResults=50&playlistId=${uploads}`)
}

describe('the videos', () => {
  test('are read once, with their numbers; later what is new, in one page', async () => {
    await using given = await connected({ videos: 230 })
    const { world, sync, keys, asked, one, mirror } = given
    expect(await sync()).toMatchObject({ status: 'succeeded', notes: [] })
    expect(keys().toSorted()).toEqual(world.listed('@ada').toSorted())
    expect(asked()).toMatchObject({ channels: 1, playlistItems: 5, videos: 5 })
    expect(mirror.value('select count(*) from youtube_videos_snapshots')).toBe(keys().length)
    const [newest = ''] = world.publish('@ada', 2)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 2 } })
    expect(asked()).toMatchObject({ playlistItems: 1 })
    const { title, views, likes, comments } = world.video(newest) as NonNullable<ReturnType<typeof world.video>>
    expect(one(newest)).toMatchObject({
      title,
      url: `https://www.youtube.com/watch?v=${newest}`,
      view_count: views,
      like_count: likes,
      comment_count: comments,
      duration: expect.stringMatching(/^PT/),
      caption: 0,
      privacy_status: 'public',
      thumbnail_url: expect.stringContaining(newest),
    })
  })

  test.each(['published', 'uploaded'] as const)(
    'that come long after their upload are found (by %s)',
    async (order) => {
      await using given = await connected({ videos: 120, order })
      const { world, sync, one } = given
      await sync()
      const late = world.publishLate('@ada', 6)
      expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
      const { publishedAt } = world.video(late) as NonNullable<ReturnType<typeof world.video>>
      expect(one(late)).toMatchObject({ published_at: new Date(publishedAt * 1_000).toISOString().replace('.000', '') })
    },
  )

  test('are all read while the list shifts under the reader', async () => {
    await using given = await connected({ videos: 170 })
    const { site, world, sync, keys } = given
    site.pages.after(1, () => void world.publish('@ada', 3))
    site.pages.after(2, () => world.setState(world.listed('@ada')[5] as string, 'deleted'))
    const before = world.listed('@ada')
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    await sync()
    const has = new Set(keys())
    expect(
      [...before, ...world.listed('@ada')].filter((key) => !has.has(key) && world.video(key)?.state === 'public'),
    ).toEqual([])
  })

  test.each(['shown', 'left-out'] as const)(
    'that are private at first sight are no records (%s)',
    async (hiddenRows) => {
      await using given = await connected({ videos: 60, hiddenRows })
      const { world, sync, keys } = given
      const [first = '', second = ''] = world.listed('@ada')
      world.setState(first, 'private')
      world.setState(second, 'deleted')
      expect(await sync()).toMatchObject({ status: 'succeeded', counts: { quarantined: 0 } })
      expect(keys().toSorted()).toEqual(world.listed('@ada').toSorted())
      world.setState(first, 'public')
      expect(await sync()).toMatchObject({ counts: { inserted: 1 } })
    },
  )

  test('hide their numbers: nothing is null, never 0', async () => {
    await using given = await connected({ videos: 10 })
    const { world, sync, one } = given
    const [first = '', second = ''] = world.listed('@ada')
    world.hideLikes(first)
    world.turnOffComments(second)
    await sync()
    expect(one(first)).toMatchObject({ like_count: null, view_count: expect.any(Number) })
    expect(one(second)).toMatchObject({ comment_count: null })
  })

  test('have the same times and texts, whichever way YouTube writes them', async () => {
    await using seconds = await connected({ videos: 20, clock: { at: '2026-11-20T10:00:00Z' } })
    await using millis = await connected({ videos: 20, clock: { at: '2026-11-20T10:00:00Z' }, times: 'millis' })
    const read = async ({ sync, mirror }: typeof seconds) => {
      expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 20 } })
      return mirror.sql('select id, title, published_at from youtube_videos order by published_at desc, id')
    }
    expect(await read(millis)).toEqual(await read(seconds))
  })

  test('end where the list ends, and what falls off it stays', async () => {
    await using given = await connected({ videos: 130, listMax: 100, hiddenRows: 'left-out' })
    const { world, sync, keys } = given
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 100 } })
    world.publish('@ada', 3)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 3, unavailable: 0 } })
    expect(keys()).toHaveLength(103)
  })

  test.each([
    ['lacks the token of the next page', (page: Page) => ({ ...page, nextPageToken: undefined })],
    ['has an empty one', (page: Page) => ({ ...page, nextPageToken: '' })],
    ['has no rows, and a next page', (page: Page) => ({ ...page, items: [], nextPageToken: 'CDIQAA' })],
  ])('of a list that %s for a moment are all read', async (_, cut) => {
    await using given = await connected({ videos: 120 })
    const { site, world, sync, keys } = given
    const body = JSON.stringify(cut(await firstPage(site)))
    site.faults.when({ path: '/youtube/v3/playlistItems' }, { kind: 'body', body }, 1)
    expect(await sync()).toMatchObject({ status: 'succeeded', error: null })
    expect(keys().toSorted()).toEqual(world.listed('@ada').toSorted())
  })

  test('that an answer leaves out though the list calls them public are asked for once more', async () => {
    await using given = await connected({ videos: 20 })
    const { site, sync, keys } = given
    const some = JSON.stringify({ kind: 'youtube#videoListResponse', items: [], pageInfo: { totalResults: 0 } })
    site.faults.when({ path: '/youtube/v3/videos' }, { kind: 'body', body: some }, 1)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 20 } })
    expect(keys()).toHaveLength(20)
  })

  test('of a channel that has none: nothing, and no error', async () => {
    await using given = await connected({ videos: 0 })
    const { world, sync } = given
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { fetched: 0 } })
    world.publish('@ada')
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
  })

  test('are in a list that is not found though the channel has some: an error', async () => {
    await using given = await connected({ videos: 3 })
    const { site, sync, keys } = given
    await sync()
    site.faults.when({ path: '/youtube/v3/playlistItems' }, { kind: 'status', status: 404 })
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
    expect(keys()).toHaveLength(3)
  })
})

describe('the channel', () => {
  test('is one record, whose numbers are kept by every run', async () => {
    await using given = await connected({ videos: 12 })
    const { world, sync, mirror } = given
    expect(await sync({ streams: ['channel'] })).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    world.drift('@ada', 5)
    world.publish('@ada', 2)
    await sync({ streams: ['channel'] })
    const [row] = mirror.sql('select * from youtube_channel')
    expect(row).toMatchObject({
      _key: world.channel('@ada')?.id,
      title: 'ada',
      custom_url: '@ada',
      profile_url: 'https://www.youtube.com/@ada',
      video_count: world.listed('@ada').length,
      subscriber_count: expect.any(Number),
      uploads: expect.stringMatching(/^UU/),
    })
    expect(mirror.value('select count(*) from youtube_channel_snapshots')).toBe(2)
    world.hideSubscribers('@ada')
    await sync({ streams: ['channel'] })
    expect(mirror.sql('select subscriber_count n, hidden_subscriber_count h from youtube_channel')).toEqual([
      { n: null, h: 1 },
    ])
  })

  test('without a handle has its ID in its address', async () => {
    await using given = await connected({ videos: 1 })
    const { site, sync, world, mirror } = given
    site.faults.when({ path: '/youtube/v3/channels' }, { kind: 'rewrite', find: '"customUrl":"@ada",', replace: '' })
    await sync({ streams: ['channel'] })
    expect(mirror.value('select profile_url from youtube_channel')).toBe(
      `https://www.youtube.com/channel/${world.channel('@ada')?.id}`,
    )
  })

  test('that was closed is not found, and what is stored of it stays', async () => {
    await using given = await connected({ videos: 12 })
    const { world, sync, keys, mirror } = given
    await sync({ streams: ['videos', 'channel'] })
    world.terminate('@ada')
    expect(await sync({ streams: ['videos', 'channel'] })).toMatchObject({
      status: 'failed',
      error: { code: 'not_found' },
    })
    expect([keys().length, mirror.value('select count(*) from youtube_channel')]).toEqual([12, 1])
  })

  test.each(['ada', '@Ada', 'https://www.youtube.com/@ada/videos', 'youtube.com/@ada?si=x'])(
    'is named as %s',
    async (channel) => {
      await using given = await connected({ videos: 2 }, { channel })
      expect(await given.sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 2 } })
    },
  )

  test.each(['https://www.youtube.com/c/ada', 'https://example.com/@ada', 'two words', ''])(
    'is not named by "%s"',
    async (channel) => {
      await expect(connected({ videos: 2 }, { channel })).rejects.toMatchObject({ code: 'options_invalid' })
    },
  )

  test('is named by its ID, or an address with it, and told by check', async () => {
    await using given = await connected({ videos: 2 })
    const id = String(given.world.channel('@ada')?.id)
    const { apiKey, apiUrl: baseUrl } = given.site
    for (const channel of [id, `https://www.youtube.com/channel/${id}/about`]) {
      const options = { channel, apiKey, baseUrl, allowPrivateNetwork: true }
      const other = await given.mirror.tidemark.connect('youtube', { id: 'other', options })
      expect(await other.sync({ streams: ['channel'] })).toMatchObject({ status: 'succeeded' })
    }
  })
})
