// Owns the proof that the YouTube emulator behaves as the YouTube Data API does: pages of uploads, videos by id, what is
// left out, keys, and the daily quota.

import { describe, expect, test } from 'vitest'
import { type KeyState, type YouTubeOptions, youtubeEmulator } from '../../src/testing/emulators/index.ts'
import { ask, during, type Reply } from './asking.ts'

async function start(options: YouTubeOptions = {}) {
  const emulator = await during(youtubeEmulator(options))
  const { apiUrl, apiKey, world } = emulator
  const get = (path: string, query: Record<string, string> = {}) =>
    ask(
      `${apiUrl}${path}?${String(new URLSearchParams({ part: 'snippet,contentDetails,status', key: apiKey, ...query }))}`,
    )
  const channel = () => get('/channels', { forHandle: '@ada', part: 'snippet,contentDetails,statistics' })
  const playlistId: string = (await channel()).json.items?.[0].contentDetails.relatedPlaylists.uploads ?? ''
  const page = (query: Record<string, string> = {}) => get('/playlistItems', { playlistId, maxResults: '50', ...query })
  const videos = (ids: readonly string[], part = 'snippet,statistics') => get('/videos', { id: ids.join(','), part })
  const pages = async () => {
    const read: Reply[] = []
    let pageToken: string | undefined
    do {
      const reply = await page(pageToken === undefined ? {} : { pageToken })
      read.push(reply)
      pageToken = reply.json.nextPageToken
    } while (pageToken !== undefined)
    return read
  }
  return { emulator, world, get, channel, page, pages, videos }
}

type Row = Readonly<Record<'snippet' | 'contentDetails' | 'status', Record<string, string>>>
const idOf = ({ contentDetails }: Row) => contentDetails['videoId'] as string

describe('the uploads', () => {
  test('come 50 a page at most, 5 by default, with tokens that count from the top', async () => {
    const { page, pages } = await start({ videos: 120 })
    expect((await page({ maxResults: '5' })).json.nextPageToken).toBe('CAUQAA')
    const { json } = await page({ maxResults: '10', pageToken: 'CAoQAA' })
    expect(json).toMatchObject({ nextPageToken: 'CBQQAA', prevPageToken: 'CAAQAQ', pageInfo: { resultsPerPage: 10 } })
    expect(json.items[0].snippet.position).toBe(10)
    for (const maxResults of ['51', '-1', 'x']) expect((await page({ maxResults })).status).toBe(400)
    expect((await page({ pageToken: 'CAoQAAx' })).json.error).toMatchObject({
      code: 400,
      errors: [{ reason: 'invalidPageToken' }],
    })
    const read = await pages()
    expect(read.map(({ json: { items } }) => items.length).slice(0, 2)).toEqual([50, 50])
    expect(read.at(-1)?.json).not.toHaveProperty('nextPageToken')
  })

  test('are ordered by publishing, or by upload; both times are told, and the row has an id of its own', async () => {
    for (const order of ['published', 'uploaded'] as const) {
      const { world, page } = await start({ videos: 30, order })
      const late = world.publishLate('@ada', 30)
      const items = (await page()).json.items as Row[]
      const row = items.find((one) => idOf(one) === late)
      expect(items.findIndex((one) => idOf(one) === late) === 0).toBe(order === 'published')
      const [added = '', published = ''] = [row?.snippet['publishedAt'], row?.contentDetails['videoPublishedAt']]
      expect(Date.parse(published) - Date.parse(added)).toBe(30 * 86_400_000)
      expect((row as unknown as { id: string }).id).not.toBe(late)
    }
  })

  test('shift while they are read, and a total counts what nobody is shown', async () => {
    const { emulator, world, pages } = await start({ videos: 120, hiddenRows: 'left-out' })
    for (const id of world.listed('@ada').slice(10, 13)) world.setState(id, 'private')
    emulator.pages.after(1, () => void world.publish('@ada'))
    const read = await pages()
    const ids = read.flatMap(({ json }) => (json.items as Row[]).map(idOf))
    expect(new Set(ids).size).toBe(ids.length - 1)
    expect(read[0]?.json.pageInfo.totalResults).toBe(120)
    expect(new Set(ids).size).toBeLessThan(118)
  })

  test.each(['shown', 'left-out'] as const)('of private and deleted videos are %s', async (hiddenRows) => {
    const { world, page } = await start({ videos: 40, hiddenRows })
    const [gone = '', secret = '', unlisted = ''] = world.listed('@ada')
    world.setState(gone, 'deleted')
    world.setState(secret, 'private')
    world.setState(unlisted, 'unlisted')
    const items = (await page()).json.items as Row[]
    const rows = [gone, secret, unlisted].map((id) => items.find((row) => idOf(row) === id))
    const isShown = hiddenRows === 'shown'
    const titles = isShown ? ['Deleted video', 'Private video', undefined] : [undefined, undefined, undefined]
    expect(rows.map((row) => row?.snippet['title'])).toEqual(titles)
    const { status, contentDetails } = rows[1] ?? {}
    expect([status?.['privacyStatus'], contentDetails]).toEqual(
      isShown ? ['private', { videoId: secret }] : [undefined, undefined],
    )
  })

  test('of a channel without any are not found', async () => {
    const { page } = await start({ videos: 0 })
    expect((await page()).json.error).toMatchObject({ code: 404, errors: [{ reason: 'playlistNotFound' }] })
  })
})

describe('by id', () => {
  test('50 videos at most, in any order, without those that are not public; numbers are text, or missing', async () => {
    const { world, videos, get } = await start({ videos: 60 })
    const ids = world.listed('@ada').slice(0, 50)
    world.setState(ids[3] as string, 'private')
    world.setState(ids[4] as string, 'unlisted')
    world.hideLikes(ids[0] as string)
    world.turnOffComments(ids[1] as string)
    const { json } = await videos(ids)
    const shown = (json.items as { id: string; statistics: Record<string, string> }[]).map(({ id }) => id)
    expect(shown).not.toEqual(ids.filter((id) => id !== ids[3]))
    expect(shown.toSorted()).toEqual(ids.filter((id) => id !== ids[3]).toSorted())
    expect(json.pageInfo.totalResults).toBe(49)
    const statistics = (id = '') => json.items.find((one: { id: string }) => one.id === id).statistics
    expect(statistics(ids[0])).not.toHaveProperty('likeCount')
    expect(statistics(ids[1])).not.toHaveProperty('commentCount')
    expect(statistics(ids[2]).viewCount).toMatch(/^\d+$/)
    expect((await videos(world.listed('@ada').slice(0, 51))).status).toBe(400)
    expect((await get('/videos', { id: 'x', maxResults: '5' })).status).toBe(400)
    expect((await videos(['nobody'])).json).toMatchObject({ items: [], pageInfo: { totalResults: 0 } })
  })

  test('a channel by id or handle; one that is not there has no items', async () => {
    const { world, channel, get } = await start({ videos: 3 })
    const { id } = world.channel('ada') as { id: string }
    expect((await get('/channels', { id })).json.items[0].id).toBe(id)
    expect((await get('/channels', { forHandle: 'ADA' })).json.items[0].id).toBe(id)
    world.hideSubscribers('@ada')
    expect((await channel()).json.items[0].statistics).not.toHaveProperty('subscriberCount')
    world.terminate('@ada')
    const { status, json } = await channel()
    expect([status, json]).toEqual([200, expect.not.objectContaining({ items: expect.anything() })])
    expect((await get('/channels')).status).toBe(400)
    expect((await get('/channels', { id, part: '' })).status).toBe(400)
  })
})

describe('a key', () => {
  test.each<[KeyState, number, string]>([
    ['invalid', 400, 'badRequest'],
    ['invalid-2019', 400, 'keyInvalid'],
    ['expired', 400, 'badRequest'],
    ['api-off', 403, 'accessNotConfigured'],
    ['blocked', 403, 'forbidden'],
  ])('that is %s is refused', async (state, code, reason) => {
    const { emulator, world, channel } = await start({ videos: 3 })
    world.setKey(emulator.apiKey, state)
    expect((await channel()).json.error).toMatchObject({ code, errors: [{ reason }] })
  })

  test('is needed, and may come in a header', async () => {
    const { emulator } = await start({ videos: 3 })
    const url = `${emulator.apiUrl}/channels?part=id&forHandle=@ada`
    expect((await ask(url)).status).toBe(403)
    expect((await ask(url, { headers: { 'x-goog-api-key': emulator.apiKey } })).status).toBe(200)
  })
})

test('the quota is spent by every request, also a wrong one, and starts anew at midnight Pacific Time', async () => {
  // Half past ten in the evening there, on the last day of summer time.
  const { emulator, world, channel, get } = await start({
    videos: 3,
    unitsPerDay: 4,
    clock: { at: '2026-11-01T05:30:00Z' },
  })
  await channel()
  await get('/videos')
  expect(world.spent()).toBe(3)
  world.spend(5)
  expect((await channel()).json.error).toMatchObject({
    code: 403,
    message: expect.stringContaining('<a href='),
    errors: [{ domain: 'youtube.quota', reason: 'quotaExceeded' }],
  })
  emulator.clock.set('2026-11-01T06:59:59Z')
  expect((await channel()).status).toBe(403)
  emulator.clock.set('2026-11-01T07:00:00Z')
  expect((await channel()).status).toBe(200)
  expect(world.spent()).toBe(1)
})
