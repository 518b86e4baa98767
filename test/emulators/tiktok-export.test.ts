// Owns the proof that the TikTok export emulator hands out files in every shape that was seen, and answers as oEmbed does.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExportFile, type ExportOptions, tiktokExportEmulator } from 'tidemark/testing'
import { expect, test } from 'vitest'
import { UPLOAD_LIMITS } from '../../src/uploads/limits.ts'
import { openZip } from '../../src/uploads/zip.ts'

async function whole(file: ExportFile): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of file) pieces.push(piece)
  return Buffer.concat(pieces)
}

const clock = { at: '2025-10-22T03:06:43Z' }

async function exported(options: ExportOptions) {
  await using tiktok = await tiktokExportEmulator({ favorites: 5, likes: 3, clock })
  const { world } = tiktok
  const file = tiktok.exportFile(options)
  return { name: file.name, bytes: await whole(file), favorites: world.ids('favorites'), likes: world.ids('likes') }
}

interface Row {
  readonly Date: string
  readonly Link: string
}

test('the older file has both lists in Activity', async () => {
  const { name, bytes, favorites } = await exported({ shape: 'activity' })
  const file = JSON.parse(bytes.toString()) as { Activity: Record<string, { FavoriteVideoList: Row[] }> }
  expect(name).toBe('user_data.json')
  const rows = file.Activity['Favorite Videos']?.FavoriteVideoList ?? []
  expect(rows.map(({ Link }) => Link)).toEqual(favorites.map((id) => expect.stringContaining(`/${id}/`)))
  expect(rows[0]?.Link).toMatch(/^https:\/\/www\.tiktokv\.com\/share\/(video|photo)\/\d{19}\/$/)
  expect(rows[0]?.Date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  const dates = rows.map(({ Date: date }) => date)
  expect([...new Set(dates)].toSorted().toReversed()).toEqual(dates)
  expect(file.Activity['Like List']).toHaveProperty('ItemFavoriteList.length', 3)
})

test('the newer file has ten groups, and likes with keys in lower case', async () => {
  const { name, bytes } = await exported({})
  const file = JSON.parse(bytes.toString()) as Record<string, Record<string, Record<string, unknown>>>
  expect(name).toBe('user_data_tiktok.json')
  expect(Object.keys(file)).toHaveLength(10)
  expect(file['Likes and Favorites']?.['Favorite Videos']).toHaveProperty('App', 1233)
  const likes = file['Likes and Favorites']?.['Like List']?.['ItemFavoriteList'] as object[]
  expect(Object.keys(likes[0] ?? {})).toEqual(['date', 'link'])
})

test('a long list is a dense one: its rows are of the years that TikTok has been there', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 100_000, likes: 0, clock })
  const saved = tiktok.world.saved('favorites')
  expect(new Date((saved.at(-1)?.at ?? 0) * 1_000).getUTCFullYear()).toBeGreaterThan(2016)
  expect(saved.filter(({ id }) => !/^\d{19}$/.test(id))).toEqual([])
})

test('lists are empty as null or [], lack their list, or are not there', async () => {
  const forms = { favorites: 'null', likes: 'no section' } as const
  const partial = await exported({ shape: 'partial', forms })
  expect(JSON.parse(partial.bytes.toString())).toEqual({
    'Likes and Favorites': {
      Collection: {},
      'Favorite Videos': { App: 1233, FavoriteVideoList: null },
      'Favorite Hashtags': { FavoriteHashtagList: [] },
    },
  })
  const old = await exported({ shape: 'activity', forms: { favorites: '[]', likes: 'no list' } })
  expect(JSON.parse(old.bytes.toString()).Activity).toMatchObject({
    'Favorite Videos': { FavoriteVideoList: [] },
    'Like List': {},
  })
})

test('archives hold the file, a file for each section, or texts', async () => {
  const names = async (pack: ExportOptions['pack']) => {
    const { name, bytes } = await exported(pack === undefined ? {} : { pack })
    expect(name).toBe('TikTok_Data.zip')
    const texts: Record<string, string> = {}
    for (const file of await openZip({ buffer: Buffer.from(bytes) }, UPLOAD_LIMITS)) {
      const parts: Uint8Array[] = []
      for await (const part of file.bytes()) parts.push(part)
      texts[file.name] = Buffer.concat(parts).toString()
    }
    return texts
  }
  const one = await names('zip')
  expect(Object.keys(one)).toEqual(['user_data_tiktok.json'])
  expect(() => JSON.parse(one['user_data_tiktok.json'] ?? '')).not.toThrow()
  expect(Object.keys(await names('zip of sections'))).toContain('Activity/Favorite Videos.json')
  const texts = await names('zip of texts')
  expect(texts['Activity/Favorite Videos.txt']).toMatch(/^Date: \S+ \S+ UTC\nLink: /)
})

test('a file is as large as was asked, with messages that look like parts of it, and is written to a folder', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 20 })
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-export-'))
  try {
    const path = await tiktok.exportFile({ bytes: 300_000, encoding: 'utf-16le' }).writeTo(folder)
    const text = (await readFile(path)).toString('utf16le')
    expect(text.length).toBeGreaterThan(290_000)
    expect(text.length).toBeLessThan(320_000)
    expect(text).toContain('\\"FavoriteVideoList\\"')
    expect(JSON.parse(text.slice(1))).toHaveProperty('Likes and Favorites')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a file shows the account as it was when it was asked for, and the same seed makes the same bytes', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 3, clock })
  const before = tiktok.exportFile()
  const [newest] = tiktok.world.save('favorites')
  const gone = tiktok.world.unsaveAt('favorites', 2)
  expect((await whole(before)).toString()).toContain(gone)
  const after = (await whole(tiktok.exportFile())).toString()
  expect(after).toContain(newest)
  expect(after).not.toContain(gone)
  await using twin = await tiktokExportEmulator({ favorites: 3, clock })
  expect(await whole(twin.exportFile())).toEqual(await whole(before))
})

// ── oEmbed ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function oembed(base: string, url: string) {
  const answer = await fetch(`${base}/oembed?url=${encodeURIComponent(url)}`)
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

test('oEmbed tells title and author of a video, whoever the address names', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 30 })
  const [id = ''] = tiktok.world.ids('favorites')
  const { status, text } = await oembed(tiktok.url, `https://www.tiktok.com/@_/video/${id}`)
  expect(status).toBe(200)
  const facts = tiktok.world.video(id)
  expect(JSON.parse(text)).toMatchObject({
    version: '1.0',
    type: 'video',
    title: facts?.caption,
    author_name: facts?.authorName,
    author_url: `https://www.tiktok.com/@${facts?.author}`,
    provider_name: 'TikTok',
    embed_product_id: id,
  })
})

test.each(['private', 'deleted'] as const)('a %s video is refused without a reason', async (state) => {
  await using tiktok = await tiktokExportEmulator({ favorites: 2 })
  const [id = ''] = tiktok.world.ids('favorites')
  tiktok.world.setState(id, state)
  const { status, text } = await oembed(tiktok.url, `https://www.tiktok.com/@_/video/${id}`)
  expect([status, JSON.parse(text)]).toEqual([400, { code: 400, message: 'Something went wrong' }])
  // It stays in the list.
  expect(tiktok.world.ids('favorites')).toContain(id)
})

test('unknown videos, short links and links of the export are refused in the same way', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 2 })
  const [id = ''] = tiktok.world.ids('favorites')
  const links = [
    'https://www.tiktok.com/@_/video/1',
    'https://vm.tiktok.com/ZM1/',
    `https://www.tiktokv.com/share/video/${id}/`,
  ]
  for (const link of links) expect((await oembed(tiktok.url, link)).status).toBe(400)
})

test('too many requests are answered with a page', async () => {
  await using tiktok = await tiktokExportEmulator({ favorites: 1, perMinute: 2 })
  const [id = ''] = tiktok.world.ids('favorites')
  const ask = () => oembed(tiktok.url, `https://www.tiktok.com/@_/video/${id}`)
  expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
  expect(await ask()).toMatchObject({ status: 429, type: expect.stringContaining('html') })
})
