// Owns the proof that the built-in connectors keep their authors' promises, on the emulators of their services.

import github from 'tidemark/connectors/github'
import instagram from 'tidemark/connectors/instagram'
import reddit from 'tidemark/connectors/reddit'
import sheets from 'tidemark/connectors/sheets'
import stalker from 'tidemark/connectors/stalker'
import tiktok from 'tidemark/connectors/tiktok'
import tiktokExport from 'tidemark/connectors/tiktok-export'
import tiktokShop from 'tidemark/connectors/tiktok-shop'
import x from 'tidemark/connectors/x'
import youtube from 'tidemark/connectors/youtube'
import {
  githubEmulator,
  instagramEmulator,
  redditEmulator,
  sheetsEmulator,
  stalkerEmulator,
  testConnector,
  tiktokEmulator,
  tiktokExportEmulator,
  tiktokShopEmulator,
  xEmulator,
  youtubeEmulator,
} from 'tidemark/testing'
import { expect, test } from 'vitest'
import { DEEP } from '../support/depth.ts'

function skipped(report: Awaited<ReturnType<typeof testConnector>>): readonly string[] {
  return report.checks.filter((check) => check.skipped).map(({ name }) => name)
}

test('github', async () => {
  await using hub = await githubEmulator({ stars: 210 })
  const report = await testConnector(github, hub, {
    options: { token: 'token-of-ada' },
    truth: { stars: () => hub.world.starIds('ada').map(String) },
    remove: { stars: () => void hub.world.unstarAt('ada', 3) },
  })
  expect(skipped(report)).toEqual(['login-is-renewed'])
})

const SAVED = [
  '1abc,https://www.reddit.com/r/cats/comments/1abc/a_title/',
  '2def,https://www.reddit.com/r/cats/comments/2def/another/',
]

test('reddit', async () => {
  await using site = await redditEmulator({ saved: 230 })
  const { clientId, clientSecret, url, world } = site
  const report = await testConnector(reddit, site, {
    options: () => ({
      username: 'ada',
      clientId,
      clientSecret,
      authUrl: url,
      refreshToken: world.credentials('ada').refreshToken,
    }),
    truth: { saved: () => world.listed('ada') },
    uploads: { saved: { file: Buffer.from(`id,permalink\n${SAVED.join('\n')}\n`), name: 'saved_posts.csv', holds: 2 } },
    remove: { saved: () => world.unsaveAt('ada', 3) },
    expireLogin: () => world.expireAccess(),
  })
  // Its files tell no times.
  expect(skipped(report)).toEqual(['order-is-as-declared', 'big-ids-stay-exact', 'older-file-changes-nothing'])
})

test('tiktok-shop', async () => {
  await using shop = await tiktokShopEmulator({ orders: 230, products: 230 })
  const { appKey, appSecret, shopCipher, url } = shop
  const report = await testConnector(tiktokShop, shop, {
    options: () => {
      const { accessToken, refreshToken } = shop.world.credentials()
      return { appKey, appSecret, shopCipher, authUrl: url, accessToken, refreshToken }
    },
    truth: { orders: () => 230, products: () => shop.world.products().map(({ id }) => String(id)) },
    expireLogin: () => shop.world.expireAccess(),
  })
  expect(skipped(report)).toEqual(['removals-are-noticed', 'removals-are-noticed'])
})

test.each(['xtream', 'ministra'] as const)('stalker, as %s has it', async (kind) => {
  await using portal = await stalkerEmulator({ kind, titles: 60, channels: 4, categories: 3 })
  const { world, mac } = portal
  const report = await testConnector(stalker, portal, {
    options: { mac },
    // The three streams of both kinds are the same code; of one kind, all of them are read each time.
    ...(kind === 'xtream' && !DEEP ? { streams: ['movies'] } : {}),
    truth: {
      movies: () => world.ids('movies'),
      series: () => world.ids('series'),
      channels: () => world.channelIds(),
    },
    remove: {
      movies: () => void world.removeAt('movies', 5),
      series: () => void world.removeAt('series', 5),
      channels: () => void world.removeChannel(2),
    },
    expireLogin: () => portal.expireTokens(),
  })
  // The portal's pages have no size that a client could name, and rows are completed with the address of their image.
  const titles = report.checks.filter(({ stream, skipped: why }) => why && (stream === 'movies' || stream === 'series'))
  expect(new Set(titles.map(({ name }) => name))).toEqual(
    new Set(['page-size-changes-nothing', 'big-ids-stay-exact', 'wrong-type-is-set-aside']),
  )
})

test('sheets', async () => {
  // The checks ask more often than a minute of the service allows.
  await using site = await sheetsEmulator({ people: 60, perMinute: 10_000 })
  const { spreadsheetId, serviceAccount, world } = site
  const report = await testConnector(sheets, site, {
    options: { spreadsheetId, sheet: 'Team', keyColumn: 'Profile URL', serviceAccount },
    truth: { rows: () => world.column('Team', 'Profile URL').map(String) },
    remove: { rows: () => world.deleteRow('Team', 3) },
    expireLogin: () => world.expireAccess(),
  })
  // A tab is one page, its rows are composed of cells, and no column is declared.
  expect(skipped(report)).toEqual([
    'tokens-survive-json',
    'order-is-as-declared',
    'resumes-from-every-page',
    'page-size-changes-nothing',
    'loop-is-an-error',
    'big-ids-stay-exact',
    'unknown-fields-stay-raw',
    'wrong-type-is-set-aside',
  ])
})

test('youtube', async () => {
  await using site = await youtubeEmulator({ videos: 120 })
  const { apiKey, apiUrl: url, world } = site
  const report = await testConnector(
    youtube,
    { url },
    { options: { channel: '@ada', apiKey }, truth: { videos: () => world.listed('@ada'), channel: () => 1 } },
  )
  const videos = report.checks.filter(({ stream, skipped: why }) => why && stream === 'videos')
  expect(videos.map(({ name }) => name)).toEqual(['login-is-renewed', 'big-ids-stay-exact', 'removals-are-noticed'])
})

test.each([
  ['instagram', instagram, instagramEmulator, 'reels'],
  ['tiktok', tiktok, tiktokEmulator, 'videos'],
  ['x', x, xEmulator, 'posts'],
] as const)('%s', async (_name, connector, start, stream) => {
  // The waits of the checks take no time, so that more than 60 requests come in a second of the emulator's.
  await using service = await start({ posts: 40, perSecond: 10_000 })
  const { world, apifyToken } = service
  const report = await testConnector(connector as typeof instagram, service, {
    options: { username: 'ada', apifyToken },
    truth: { [stream]: () => world.posts('ada') },
    remove: { [stream]: () => world.removeAt('ada', 7) },
    bill: () => world.bill(),
    failNextRun: () => world.nextRun({ status: 'FAILED', rows: 8 }),
  })
  expect(skipped(report)).toEqual(['login-is-renewed', 'broken-answer-marks-nothing'])
})

test('tiktok-export', async () => {
  await using service = await tiktokExportEmulator({ favorites: 12, likes: 6, perMinute: false })
  const { world } = service
  const file = async (options: Parameters<typeof service.exportFile>[0] = {}) => {
    const parts: Uint8Array[] = []
    for await (const part of service.exportFile(options)) parts.push(part)
    return Buffer.concat(parts)
  }
  const older = await file()
  for (const list of ['favorites', 'likes'] as const) {
    world.unsaveAt(list, 2)
    world.save(list, 2)
  }
  const name = 'user_data_tiktok.json'
  const [whole, packed, without] = [await file(), await file({ pack: 'zip' }), await file(NOTHING)]
  const report = await testConnector(tiktokExport, service, {
    options: { enrich: true },
    uploads: {
      favorites: { file: whole, name, older, without, holds: world.ids('favorites') },
      likes: { file: packed, name: 'TikTok_Data.zip', older, without, holds: world.ids('likes') },
    },
  })
  // It has none.
  expect(skipped(report)).toEqual(['secrets-stay-secret'])
})

const NOTHING = { forms: { favorites: 'no section', likes: 'no section' } } as const
