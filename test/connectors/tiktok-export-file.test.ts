// Owns the proof that the lists are found in every shape of TikTok's export, and that nothing else is taken for them.

import { type ExportOptions, type ListName, tiktokExportEmulator } from 'tidemark/testing'
import { expect, test } from 'vitest'
import {
  FAVORITES,
  LIKES,
  type ListPlace,
  recordOf,
  rowsOf,
  timeOf,
  videoIdOf,
} from '../../src/connectors/tiktok-export/file.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import { providerData, providerDataMissing } from '../support/provider-data.ts'

const PLACES: Readonly<Record<ListName, ListPlace>> = { favorites: FAVORITES, likes: LIKES }

function file(name: string, content: unknown) {
  const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  return {
    name,
    size: bytes.length,
    async *bytes() {
      yield bytes
    },
  }
}

async function rowsIn(files: readonly ReturnType<typeof file>[], place = FAVORITES): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for await (const row of rowsOf(files, place)) rows.push(row)
  return rows
}

const LINK = 'https://www.tiktokv.com/share/video/7563768034519715090/'
const ROW = { Date: '2025-10-22 03:06:43', Link: LINK }

test.each<ExportOptions>([
  { shape: 'activity' },
  { shape: 'groups' },
  { shape: 'partial' },
  { shape: 'groups', bytes: 200_000, encoding: 'utf-8 with BOM' },
  { shape: 'activity', encoding: 'utf-16le', links: 'canonical' },
  { shape: 'groups', keys: { favorites: ['date', 'link'], likes: ['Date', 'VideoLink'] } },
])('both lists are read whole from %j', async (options) => {
  await using tiktok = await tiktokExportEmulator({ favorites: 40, likes: 20 })
  const exported = tiktok.exportFile(options)
  const uploaded = { name: exported.name, size: 0, bytes: () => exported[Symbol.asyncIterator]() }
  for (const list of ['favorites', 'likes'] as const) {
    const rows: unknown[] = []
    for await (const row of rowsOf([uploaded as never], PLACES[list])) rows.push(row)
    expect(rows.map((row) => recordOf(row).video_id)).toEqual(tiktok.world.ids(list))
  }
})

test('the files of a split archive are read, whether they hold the section or the list alone', async () => {
  const files = (content: unknown) => [
    file('Profile/Profile Info.json', {}),
    file('Activity/Favorite Videos.json', content),
    file('Activity/Like List.json', { ItemFavoriteList: [] }),
  ]
  for (const content of [
    { 'Favorite Videos': { FavoriteVideoList: [ROW] } },
    { FavoriteVideoList: [ROW] },
    [ROW],
    { Activity: { 'Favorite Videos': { FavoriteVideoList: [ROW] } } },
  ]) {
    expect(await rowsIn(files(content))).toEqual([ROW])
  }
  expect(await rowsIn(files([ROW]), LIKES)).toEqual([])
})

test('a list that is in two files is read from both', async () => {
  const section = { 'Favorite Videos': { FavoriteVideoList: [ROW] } }
  expect(await rowsIn([file('user_data.json', { Activity: section }), file('b.json', section)])).toEqual([ROW, ROW])
})

test.each([
  ['user_data.json', { activity: { 'favorite videos': { favoritevideolist: [ROW] } } }],
  ['user_data_tiktok.json', { 'LIKES AND FAVORITES': { 'FAVORITE VIDEOS': { FAVORITEVIDEOLIST: [ROW] } } }],
  ['user_data.json', { likes_and_favorites: { favorite_videos: { favorite_video_list: [ROW] } } }],
  ['user_data.json', { likesAndFavorites: { favoriteVideos: { favoriteVideoList: [{ DATE: ROW.Date, LINK }] } } }],
  ['user_data.json', { a: { favorite_videos: { favorite_video_list: [{ date: ROW.Date, video_link: LINK }] } } }],
  ['activity/favorite_videos.JSON', { favorite_video_list: [ROW] }],
])('the names of %s in %j are known', async (name, content) => {
  expect(await rowsIn([file(name, content)])).toEqual([ROW])
})

test('an empty list is null or [], which is not a missing one', async () => {
  for (const list of [null, []]) {
    expect(
      await rowsIn([file('user_data.json', { Activity: { 'Favorite Videos': { FavoriteVideoList: list } } })]),
    ).toEqual([])
  }
})

test.each([
  [{}],
  [null],
  [[]],
  [{ 'Profile And Settings': {} }],
  [{ 'Likes and Favorites': { Collection: {} } }],
  [{ 'Likes and Favorites': null }],
  [{ 'Likes and Favorites': { 'Favorite Videos': null } }],
  [{ 'Likes and Favorites': { 'Favorite Videos': {} } }],
  [{ 'Likes and Favorites': { 'Favorite Videos': { FavoriteVideos: [] } } }],
  // Not where the list belongs: inside of a list, under another section, in a text.
  [{ Chat: [{ 'Favorite Videos': { FavoriteVideoList: [ROW] } }] }],
  [{ Collection: { FavoriteVideoList: [ROW] } }],
  [{ FavoriteVideoList: [ROW] }],
  [{ Content: '{"Favorite Videos":{"FavoriteVideoList":[]}}' }],
])('%j has no such section', async (content) => {
  await expect(rowsIn([file('user_data.json', content)])).rejects.toMatchObject({ code: 'section_missing' })
})

test.each([
  ['an object', { Activity: { 'Favorite Videos': { FavoriteVideoList: { 0: ROW } } } }],
  ['a text', { Activity: { 'Favorite Videos': { FavoriteVideoList: 'none' } } }],
  ['a page', '<!doctype html><title>TikTok</title>'],
  ['a text for people', 'Date: 2025-01-01 00:00:00 UTC\nLink: https://www.tiktokv.com/share/video/1/\n'],
  ['half a file', '{"Activity":{"Favorite Videos":{"FavoriteVideoList":[{"Date":"2025-10-22 03:06:43"'],
])('%s in place of the list is refused', async (_what, content) => {
  await expect(rowsIn([file('user_data.json', content)])).rejects.toMatchObject({ code: 'upload_unreadable' })
})

test('an archive of texts is refused, and says what to choose', async () => {
  const files = [file('Activity/Favorite Videos.txt', 'Date: …'), file('Profile/Profile Info.txt', '')]
  await expect(rowsIn(files)).rejects.toMatchObject({ code: 'upload_unreadable', hint: expect.stringMatching(/JSON/) })
})

test('what can not be JSON by its name is told apart from JSON that is damaged', async () => {
  const text = 'Date: 2025-01-01 00:00:00 UTC\n'
  const refusal = async (...files: Parameters<typeof rowsIn>[0]) =>
    rowsIn(files).catch((error: unknown) => {
      const { message, hint } = error as TidemarkError
      return `${message} ${hint}`
    })
  expect(await refusal(file('user_data.txt', text))).toMatch(/no JSON file, only "user_data.txt".*choose JSON/)
  for (const name of ['user_data.json', 'upload']) expect(await refusal(file(name, '{"a":'))).toMatch(/breaks off/)
  expect(await refusal()).toMatch(/no JSON file, nothing at all\./)
})

test.each([
  [LINK, '7563768034519715090'],
  ['https://www.tiktok.com/@b/video/7444444444444444444', '7444444444444444444'],
  ['https://www.tiktok.com/@b.c_d/video/7444444444444444444?is_from_webapp=1#x', '7444444444444444444'],
  ['https://www.tiktokv.com/share/photo/7444444444444444444/', '7444444444444444444'],
  ['https://vm.tiktok.com/ZMabc123/', undefined],
  ['https://www.tiktok.com/@b/video/', undefined],
  ['https://www.tiktok.com/@b/video/12345x', undefined],
  [`https://www.tiktok.com/@b/video/${'9'.repeat(40)}`, undefined],
  ['', undefined],
  [null, undefined],
  [7, undefined],
])('the video of %j is %j', (link, id) => {
  expect(videoIdOf(link)).toBe(id)
})

test.each([
  ['2025-10-22 03:06:43', '2025-10-22T03:06:43Z'],
  ['2025-10-22 03:06:43 UTC', '2025-10-22T03:06:43Z'],
  ['2024-02-29 23:59:59', '2024-02-29T23:59:59Z'],
  ['2025-02-29 00:00:00', null],
  ['2025-13-01 00:00:00', null],
  ['2025-00-01 00:00:00', null],
  ['2025-12-00 00:00:00', null],
  ['2025-12-31 24:00:00', null],
  ['2025-12-31 23:60:00', null],
  ['2025-12-31 23:59:60', null],
  ['2025-10-22', null],
  ['22/10/2025 03:06', null],
  ['N/A', null],
  ['', null],
  [undefined, null],
  [1_761_102_403, null],
])('%j is the time %j', (date, time) => {
  expect(timeOf(date)).toBe(time)
})

test('names of members in any case are the same video, and others are kept', async () => {
  const rows = [
    { date: ROW.Date, link: LINK },
    { Date: ROW.Date, VideoLink: LINK },
    { ...ROW, Source: 'x' },
    null,
    'text',
  ]
  expect(
    await rowsIn([file('user_data.json', { Activity: { 'Favorite Videos': { FavoriteVideoList: rows } } })]),
  ).toEqual([ROW, ROW, { ...ROW, Source: 'x' }, null, 'text'])
  expect(recordOf(null)).toMatchObject({ video_id: undefined })
})

test.skipIf(providerDataMissing)('the encodings that public parsers know read as they say', async () => {
  const { cases } = providerData('tiktok-export/variants-and-empties.json') as { cases: Record<string, unknown> }
  const read = async (name: string, place: ListPlace) => {
    const content = cases[name]
    if (content === undefined) throw new Error(`no case ${name}`)
    return rowsIn([file('user_data.json', content)], place).then(
      (rows) => rows.map((row) => recordOf(row).video_id),
      (error: unknown) => (error as { code: string }).code,
    )
  }
  expect(await read('old_empty', FAVORITES)).toEqual([])
  expect(await read('new_empty_null', FAVORITES)).toEqual([])
  expect(await read('new_section_missing', FAVORITES)).toBe('section_missing')
  expect(await read('export_without_section', FAVORITES)).toBe('section_missing')
  expect(await read('lowercase_keys_likelist', LIKES)).toEqual(['7563768034519715090'])
  expect(await read('canonical_links', FAVORITES)).toEqual(['7444444444444444444'])
  expect(await read('deauth_videolink', FAVORITES)).toBe('section_missing')
})
