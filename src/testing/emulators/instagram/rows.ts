// Owns the actors that read Instagram, and the rows that they make. Each behaviour names what it is from: real rows of an actor, or
// what readers report.

import type { Creator, CreatorWorld, Post, Service } from '../apify/creator.ts'
import { count, segmentAfter, signed, texts } from '../apify/input.ts'
import type { Actor, Row } from '../apify/platform.ts'

/** When Instagram's ids begin to count, in milliseconds since 1970: they carry their time above 23 bits. */
const EPOCH = 1_314_220_021_721n
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export const instagram: Service = {
  // Real rows: two counts (8169 and 4324 of one reel). Readers without a login may be shown neither (instaloader 2735).
  metrics: ['play_count', 'view_count', 'like_count', 'comment_count'],
  id: (at, random) => (((BigInt(at) - EPOCH) << 23n) | BigInt(random.int(0, 2 ** 23 - 1))).toString(),
  text: (n, random) => `Reel ${n}: salt & light, ${random.pick(['at low tide', 'in the harbour', 'before sunrise'])}`,
}

/** The short code of a medium, which stands in addresses: its number in another alphabet. */
export function shortCode(id: string): string {
  let rest = BigInt(id)
  let code = ''
  for (; rest > 0n; rest /= 64n) code = `${ALPHABET[Number(rest % 64n)]}${code}`
  return code
}

export function instagramActors(world: CreatorWorld): readonly Actor[] {
  return [
    {
      name: 'hpix~ig-reels-scraper',
      id: 'hpixReelsScraper1',
      usdPerQuery: 0.001,
      usdPerItem: 0.002,
      run(input, run) {
        const refreshed = texts(input, 'post_urls').flatMap((address) => seek(world, address))
        const isRaw = input['include_raw_data'] === true
        const listed = texts(input, 'tags').flatMap((tag) => list(world, tag, count(input, 'reels_count')))
        return [...listed, ...refreshed].map(([creator, post]) => hpixRow(creator, post, { run, isRaw }))
      },
    },
    {
      name: 'apify~instagram-reel-scraper',
      id: 'xMc5Ga1oCONPmWJIa',
      usdPerQuery: 0,
      usdPerItem: 0.0026,
      run(input, run) {
        const most = count(input, 'resultsLimit')
        const rows = texts(input, 'username').flatMap((name): Row[] => {
          const found = /\/(?:reel|p)\//.test(name) ? seek(world, name) : list(world, name, most)
          const lacks = { url: name, error: 'not_found', errorDescription: 'Post or page does not exist' }
          return found.length === 0 ? [lacks] : found.map(([creator, post]) => officialRow(creator, post, name, run))
        })
        return rows
      },
    },
  ]
}

type Found = readonly [Creator, Post]

/** instaloader.py, `possibly_pinned`: pinned ones come first, and no row says so. */
function list(world: CreatorWorld, tag: string, most: number): readonly Found[] {
  const creator = world.find(segmentAfter(tag, '') ?? tag)
  if (!creator) return []
  return world
    .profile(creator, true)
    .slice(0, most)
    .map((post) => [creator, post] as const)
}

function seek(world: CreatorWorld, address: string): readonly Found[] {
  const code = segmentAfter(address, 'reel') ?? segmentAfter(address, 'p')
  const found = code === undefined ? undefined : world.seek(idOf(code))
  return found ? [[found.creator, found.post]] : []
}

function idOf(code: string): string {
  let id = 0n
  for (const letter of code) id = id * 64n + BigInt(Math.max(0, ALPHABET.indexOf(letter)))
  return id.toString()
}

function hpixRow(
  creator: Creator,
  { id, at, text, metrics }: Post,
  { run, isRaw }: { run: number; isRaw: boolean },
): Row {
  const { username, followers } = creator
  const owner = {
    id: creator.id,
    username,
    full_name: 'Ada by the Sea',
    is_verified: false,
    edge_followed_by: { count: followers },
  }
  return {
    kind: 'post',
    id,
    code: shortCode(id),
    caption: text,
    ...Object.fromEntries(metrics),
    taken_at: at,
    thumbnail_url: signed(`${id}.jpg`, run),
    video_versions: [{ type: 101, width: 720, height: 1280, url: signed(`${id}.mp4`, run) }],
    ...(isRaw ? { raw_data: { owner } } : {}),
  }
}

/** Of `apify~instagram-reel-scraper`: other names, times as ISO 8601, and -1 for likes that are hidden. */
function officialRow(creator: Creator, { id, at, text, metrics }: Post, inputUrl: string, run: number): Row {
  return {
    inputUrl,
    id,
    type: 'Video',
    shortCode: shortCode(id),
    caption: text,
    hashtags: [],
    mentions: [],
    url: `https://www.instagram.com/p/${shortCode(id)}/`,
    commentsCount: metrics.get('comment_count') ?? 0,
    dimensionsHeight: 1280,
    dimensionsWidth: 720,
    displayUrl: signed(`${id}.jpg`, run),
    likesCount: metrics.get('like_count') ?? -1,
    ...(metrics.has('play_count') ? { videoPlayCount: metrics.get('play_count') } : {}),
    ...(metrics.has('view_count') ? { videoViewCount: metrics.get('view_count') } : {}),
    timestamp: new Date(at * 1_000).toISOString(),
    ownerFullName: 'Ada by the Sea',
    ownerUsername: creator.username,
    ownerId: creator.id,
    productType: 'clips',
    videoDuration: 12.5,
  }
}
