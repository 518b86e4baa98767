// Owns the proof that favourites and likes are mirrored from the files of an account, whatever shape they have and in
// whatever order they come, and that oEmbed is asked for each video once.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tiktokExport from 'tidemark/connectors/tiktok-export'
import { describe, expect, test } from 'vitest'
import {
  type ExportOptions,
  type TikTokExportEmulatorOptions,
  tiktokExportEmulator,
} from '../../src/testing/emulators/index.ts'
import { testClock } from '../../src/testing/test-clock.ts'
import { openMirror } from '../support/mirror.ts'

interface WorldOptions extends TikTokExportEmulatorOptions {
  readonly enrich?: boolean
}

/** A mirror that is connected to an account, and the way to upload its files. */
async function account({ enrich = false, ...options }: WorldOptions = {}) {
  const tiktok = await tiktokExportEmulator({ favorites: 30, likes: 12, ...options })
  const mirror = await openMirror({ clock: testClock() })
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-test-'))
  const settings = { enrich, baseUrl: tiktok.url, allowPrivateNetwork: true }
  const connection = await mirror.tidemark.connect(tiktokExport, { id: 'tiktok', options: settings })
  const save = (form?: ExportOptions) => tiktok.exportFile(form).writeTo(folder)
  const upload = async (file: string, stream: 'favorites' | 'likes' = 'favorites') => {
    const { status, error, streams } = await connection.upload(stream, file)
    return { status, code: error?.code, counts: streams[0]?.counts, passes: streams[0]?.passes }
  }
  return {
    tiktok,
    mirror,
    connection,
    save,
    upload,
    /** The account as it is now. */
    uploadNow: async (form?: ExportOptions, stream?: 'favorites' | 'likes') => upload(await save(form), stream),
    keys: (stream = 'favorites') =>
      mirror.sql(`select _key from tiktok_export_${stream} order by favorited_at desc`).map(({ _key }) => _key),
    asked: () => tiktok.log.count('/oembed'),
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await tiktok.close()
      await rm(folder, { recursive: true })
    },
  }
}

test('a sync before the first file says what it waits for', async () => {
  await using world = await account()
  const { mirror, uploadNow } = world
  const sync = async () => (await mirror.tidemark.sync({})).runs[0]
  const note = (stream: string) =>
    `${stream}: nothing is read before you upload a file: tidemark upload tiktok/${stream} <file>`
  expect(await sync()).toMatchObject({ status: 'succeeded', notes: [note('favorites'), note('likes')] })
  await uploadNow()
  expect(await sync()).toMatchObject({ status: 'succeeded', notes: [note('likes')] })
})

describe('a file', () => {
  test.each<ExportOptions>([
    { shape: 'activity' },
    { shape: 'groups' },
    { shape: 'partial' },
    { shape: 'activity', pack: 'zip' },
    { shape: 'groups', pack: 'zip', bytes: 300_000 },
    { pack: 'zip of sections' },
    { shape: 'groups', encoding: 'utf-16le' },
  ])('of any shape is the list (%j)', async (form) => {
    await using world = await account()
    const { tiktok, uploadNow, keys } = world
    expect(await uploadNow(form)).toMatchObject({ status: 'succeeded', counts: { inserted: 30, quarantined: 0 } })
    expect(await uploadNow(form, 'likes')).toMatchObject({ status: 'succeeded', counts: { inserted: 12 } })
    expect(keys()).toEqual(tiktok.world.ids('favorites'))
    expect(keys('likes')).toEqual(tiktok.world.ids('likes'))
    expect(world.asked()).toBe(0)
  })

  test('gives link and date as they are, the time in UTC, and no title', async () => {
    await using world = await account({ favorites: 1, clock: { at: '2025-10-22T04:06:43Z' } })
    const [video] = world.tiktok.world.saved('favorites')
    await world.uploadNow()
    const at = new Date((video?.at ?? 0) * 1_000).toISOString()
    expect(world.mirror.sql('select * from tiktok_export_favorites')).toMatchObject([
      {
        _connection: 'tiktok',
        video_id: video?.id,
        link: `https://www.tiktokv.com/share/${video?.kind}/${video?.id}/`,
        date: at.slice(0, 19).replace('T', ' '),
        favorited_at: at.replace('.000', ''),
        title: null,
        author_name: null,
      },
    ])
  })

  test('that comes twice, or in another shape, changes nothing', async () => {
    await using world = await account()
    for (const stream of ['favorites', 'likes'] as const) {
      await world.uploadNow({ shape: 'groups' }, stream)
      for (const form of [{ shape: 'groups' }, { shape: 'activity' }, { pack: 'zip of sections' }] as const) {
        const { counts } = await world.uploadNow(form, stream)
        expect(counts).toMatchObject({ inserted: 0, updated: 0, removed: 0, restored: 0 })
      }
    }
  })

  test('that is newer brings what is new, and takes what has left the list', async () => {
    await using world = await account()
    await world.uploadNow()
    const { world: there } = world.tiktok
    const gone = there.unsaveAt('favorites', 7)
    there.save('favorites', 3)
    const again = there.resaveAt('favorites', 20)
    expect(await world.uploadNow()).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 3, updated: 1, removed: 1 },
    })
    expect(world.keys()).toEqual(there.ids('favorites'))
    expect(world.keys()[0]).toBe(again)
    const tombstone = `select _removed_reason from tiktok_export_favorites_all where _key = '${gone}'`
    expect(world.mirror.value(tombstone)).not.toBeNull()
  })

  test('that is older neither removes nor restores', async () => {
    await using world = await account()
    const { world: there } = world.tiktok
    const old = await world.save({ shape: 'activity' })
    there.unsaveAt('favorites', 3)
    there.save('favorites', 2)
    await world.uploadNow()
    const before = world.keys()
    const { counts } = await world.upload(old)
    expect(counts).toMatchObject({ removed: 0, restored: 0 })
    expect(world.keys()).toEqual(before)
  })

  test('that lacks almost everything is held for a person', async () => {
    await using world = await account()
    const { world: there } = world.tiktok
    await world.uploadNow()
    for (let i = 0; i < 25; i++) there.unsaveAt('favorites', -1)
    there.save('favorites')
    expect(await world.uploadNow()).toMatchObject({
      status: 'incomplete',
      counts: { inserted: 1, removed: 0, held: 25 },
    })
    expect(world.keys()).toHaveLength(31)
  })

  test.each<ExportOptions>([
    { forms: { favorites: 'no section' } },
    { forms: { favorites: 'no list' } },
    { shape: 'activity', forms: { favorites: 'no section' } },
    { pack: 'zip of sections', forms: { favorites: 'no section' } },
  ])('without the list says nothing (%j)', async (form) => {
    await using world = await account()
    await world.uploadNow()
    world.tiktok.world.save('favorites')
    expect(await world.uploadNow(form)).toMatchObject({ status: 'incomplete', code: 'section_missing' })
    expect(world.keys()).toHaveLength(30)
  })

  test.each(['null', '[]'] as const)('with an empty list (%s) removes nothing by itself', async (empty) => {
    await using world = await account()
    await world.uploadNow()
    const { counts } = await world.uploadNow({ forms: { favorites: empty } })
    expect(counts).toMatchObject({ removed: 0 })
    expect(world.keys()).toHaveLength(30)
  })

  test('of texts is refused, and so is half a file', async () => {
    await using world = await account()
    expect(await world.uploadNow({ pack: 'zip of texts' })).toMatchObject({
      status: 'failed',
      code: 'upload_unreadable',
    })
    const half = Buffer.from('{"Activity":{"Favorite Videos":{"FavoriteVideoList":[{"Date":"2025-10-22 03:06:43"')
    const { status, error } = await world.connection.upload('favorites', half, { name: 'user_data.json' })
    expect([status, error?.code]).toEqual(['failed', 'upload_unreadable'])
    expect(world.keys()).toEqual([])
  })

  test('sets rows aside that name no video, and then removes nothing', async () => {
    await using world = await account()
    await world.uploadNow()
    world.tiktok.world.unsaveAt('favorites', 5)
    world.tiktok.world.save('favorites')
    const short = { Date: '2025-01-01 00:00:00', Link: 'https://vm.tiktok.com/ZMabc/' }
    const odd = [short, { ...short, Link: 'https://vm.tiktok.com/ZMdef/' }, null, { Date: 5, Link: {} }]
    const { status, counts } = await world.uploadNow({ extraRows: { favorites: odd } })
    expect(status).toBe('incomplete')
    expect(counts).toMatchObject({ inserted: 1, quarantined: 4, removed: 0 })
    expect(world.keys()).toHaveLength(31)
  })

  test('with a date that is none keeps its text, and no time', async () => {
    await using world = await account({ favorites: 2 })
    const row = { Date: 'N/A', Link: 'https://www.tiktokv.com/share/video/7000000000000000001/' }
    await world.uploadNow({ extraRows: { favorites: [row] } })
    const one = `select date, favorited_at from tiktok_export_favorites where _key = '7000000000000000001'`
    expect(world.mirror.sql(one)).toEqual([{ date: 'N/A', favorited_at: null }])
  })

  test('leaves nothing of the rest of it in the mirror', async () => {
    await using world = await account()
    await world.uploadNow({ bytes: 100_000 })
    const raw = world.mirror.sql('select _raw from tiktok_export_favorites').map(({ _raw }) => String(_raw))
    expect(raw.join()).not.toMatch(/Chat|userName|bea/)
  })
})

describe('enrichment', () => {
  const titles = 'select _key, title, author_name from tiktok_export_favorites order by favorited_at desc'

  test('reads title and author of each new video, once', async () => {
    await using world = await account({ enrich: true })
    const { world: there } = world.tiktok
    expect(await world.uploadNow()).toMatchObject({ status: 'succeeded', counts: { inserted: 30 } })
    expect(world.asked()).toBe(30)
    const facts = there.ids('favorites').map((id) => {
      const { caption: title, authorName: author_name } = there.video(id) ?? {}
      return { _key: id, title, author_name }
    })
    expect(world.mirror.sql(titles)).toEqual(facts)
    await world.uploadNow()
    expect(world.asked()).toBe(30)
    there.save('favorites', 2)
    await world.uploadNow({ shape: 'activity' })
    expect(world.asked()).toBe(32)
    expect(world.mirror.value('select count(*) from tiktok_export_favorites where author_name is null')).toBe(0)
  })

  test('asks by the id: a link of the file is never opened', async () => {
    await using world = await account({ enrich: true, favorites: 0 })
    const link = `http://169.254.169.254/video/7000000000000000001`
    await world.uploadNow({ extraRows: { favorites: [{ Date: '2025-01-01 00:00:00', Link: link }] } })
    const [request] = world.tiktok.log.all({ path: '/oembed' })
    expect(new URLSearchParams(request?.query).get('url')).toBe('https://www.tiktok.com/@_/video/7000000000000000001')
  })

  test('keeps what it has read when the video is saved anew', async () => {
    await using world = await account({ enrich: true, favorites: 5 })
    await world.uploadNow()
    const id = world.tiktok.world.resaveAt('favorites', 4)
    expect(await world.uploadNow()).toMatchObject({ counts: { updated: 1 } })
    expect(world.mirror.sql(titles)[0]).toMatchObject({ _key: id, author_name: expect.any(String) })
    expect(world.asked()).toBe(5)
  })

  test('marks a video that is not shown, and asks for it again only when told to', async () => {
    await using world = await account({ enrich: true, favorites: 5 })
    const [id = ''] = world.tiktok.world.ids('favorites')
    world.tiktok.world.setState(id, 'private')
    expect(await world.uploadNow()).toMatchObject({ status: 'succeeded', counts: { inserted: 5 } })
    const marked = 'select _key from tiktok_export_favorites where _unavailable_since is not null'
    expect(world.mirror.sql(marked)).toEqual([{ _key: id }])
    await world.uploadNow()
    await world.connection.sync()
    expect(world.asked()).toBe(5)
    world.tiktok.world.setState(id, 'public')
    await world.connection.sync({ mode: 'refresh' })
    expect(world.asked()).toBe(6)
    expect(world.mirror.sql(marked)).toEqual([])
    expect(world.mirror.sql(titles)[0]).toMatchObject({ _key: id, author_name: expect.any(String) })
  })

  test('that failed is completed by the next sync, and the rows are there meanwhile', async () => {
    await using world = await account({ enrich: true, favorites: 6 })
    const { faults } = world.tiktok
    // Three answers, then a page of a firewall.
    faults.when({ path: '/oembed', after: 3 }, { kind: 'html', status: 403 })
    const { status } = await world.uploadNow()
    expect(status).toBe('incomplete')
    expect(world.keys()).toHaveLength(6)
    faults.clear()
    expect(await world.connection.sync()).toMatchObject({ status: 'succeeded' })
    expect(world.mirror.value('select count(*) from tiktok_export_favorites where author_name is null')).toBe(0)
    expect(world.tiktok.log.all({ path: '/oembed', status: 200 })).toHaveLength(6)
  })

  test('that failed altogether leaves the list as read as it is, and the next syncs complete it', async () => {
    await using world = await account({ enrich: true, favorites: 6 })
    const { faults } = world.tiktok
    const coverage = () => world.mirror.sql("select coverage, coverage_note from streams where stream = 'favorites'")
    faults.when({ path: '/oembed' }, { kind: 'status', status: 500 })
    expect(await world.uploadNow()).not.toMatchObject({ status: 'succeeded' })
    expect(world.keys()).toHaveLength(6)
    faults.clear()
    expect(await world.connection.sync({ streams: ['favorites'] })).toMatchObject({ status: 'succeeded', notes: [] })
    expect(coverage()).toMatchObject([{ coverage: 'complete' }])
  })

  test.each([
    ['a page with 200', { kind: 'html' }],
    ['nothing of what is due', { kind: 'body', body: '{"status_msg":"ok"}' }],
    ['an author that is a number', { kind: 'body', body: '{"title":"x","author_name":7}' }],
    ['half a body', { kind: 'truncate' }],
    ['a refusal that is a page', { kind: 'html', status: 400 }],
  ] as const)('takes %s for no answer', async (_what, fault) => {
    await using world = await account({ enrich: true, favorites: 1 })
    world.tiktok.faults.when({ path: '/oembed' }, fault)
    expect(await world.uploadNow()).not.toMatchObject({ status: 'succeeded' })
    expect(world.mirror.sql('select author_name, _unavailable_since from tiktok_export_favorites')).toEqual([
      { author_name: null, _unavailable_since: null },
    ])
  })

  test('that is refused pauses nothing: there is no login that a person could give', async () => {
    await using world = await account({ enrich: true, favorites: 3 })
    world.tiktok.faults.when({ path: '/oembed' }, { kind: 'status', status: 401 })
    await world.uploadNow()
    const run = await world.connection.sync({ streams: ['favorites'] })
    expect(run).toMatchObject({ status: 'failed', error: { code: 'forbidden', verdict: 'stop' } })
    expect(run.error?.hint).toContain('no login to give anew')
    expect(await world.connection.status()).toMatchObject({ paused: [], standing: { state: 'on' } })
    world.tiktok.faults.clear()
    expect(await world.connection.sync({ streams: ['favorites'] })).toMatchObject({ status: 'succeeded', notes: [] })
  })

  test('is a matter of the option: without it, nothing is asked', async () => {
    await using world = await account()
    await world.uploadNow()
    expect(await world.connection.sync()).toMatchObject({ status: 'succeeded', requests: 0 })
    const settings = { enrich: true, baseUrl: world.tiktok.url, allowPrivateNetwork: true }
    await world.mirror.tidemark.connect(tiktokExport, { id: 'tiktok', options: settings })
    const connection = await world.mirror.tidemark.connection('tiktok')
    expect(await connection.sync({ streams: ['favorites'] })).toMatchObject({ status: 'succeeded', requests: 30 })
  })
})
