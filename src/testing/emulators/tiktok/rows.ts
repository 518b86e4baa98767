// Owns the actors that read TikTok, and the rows that they make. Each behaviour names what it is from: ten real rows of each
// actor, its input schema, or what readers report.

import type { Creator, CreatorWorld, Post, Service } from '../apify/creator.ts'
import { count, segmentAfter, signed, texts } from '../apify/input.ts'
import type { Actor, Row } from '../apify/platform.ts'

export const tiktok: Service = {
  metrics: ['views', 'likes', 'comments', 'shares', 'bookmarks'],
  // Real favourites: the upper 32 bits are the second in which it was made.
  id: (at, random) => ((BigInt(Math.floor(at / 1_000)) << 32n) | BigInt(random.int(0, 2 ** 32 - 1))).toString(),
  text: (n, random) => `Tide ${n} #${random.pick(['sea', 'sand', 'storm'])} #tides`,
}

/** ProxiTok 192: pinned videos come first, and sometimes they do not; here by every second run. */
export type PinsShown = 'always' | 'sometimes' | 'never'

export function tiktokActors(world: CreatorWorld, pins: PinsShown): readonly Actor[] {
  const shown = (run: number) => pins === 'always' || (pins === 'sometimes' && run % 2 === 1)
  const apidojo = (input: Row, run: number): readonly Row[] => {
    const most = count(input, 'maxItems')
    const rows = texts(input, 'startUrls').flatMap((address) =>
      found(world, address, { most, withPins: shown(run) }).map(([creator, post]) =>
        apidojoRow(world, creator, post, { address, run }),
      ),
    )
    return rows.length === 0 ? [{ noResults: true }] : rows.slice(0, most)
  }
  // Notes of 2026: $0.006 a query and $0.0003 a post, so that each address of a post is a query.
  const prices = {
    usdPerQuery: 0.006,
    usdPerItem: 0.0003,
    queries: (input: Row) => texts(input, 'startUrls').length,
  }
  return [
    { name: 'apidojo~tiktok-scraper-api', id: 'I9kHWkwx0b4giERt0', ...prices, run: apidojo },
    {
      name: 'apidojo~tiktok-scraper',
      id: '5K30i8aFccKNF5ICs',
      ...prices,
      // Its page: no single posts, and ten posts of a query at least.
      run(input, run) {
        if (texts(input, 'startUrls').some((address) => address.includes('/video/')))
          return { failure: 'Single posts are not allowed' }
        if (count(input, 'maxItems') < 10) return { failure: 'Ten posts per query at least' }
        return apidojo(input, run)
      },
    },
    {
      name: 'clockworks~tiktok-scraper',
      id: 'GdWCkxBtKWOsKjdch',
      usdPerQuery: 0.005,
      usdPerItem: 0.004,
      run(input, run) {
        const most = count(input, 'resultsPerPage')
        const withPins = input['excludePinnedPosts'] !== true && shown(run)
        const profiles = texts(input, 'profiles').map((name) => `https://www.tiktok.com/@${name.replace(/^@/, '')}`)
        return [...profiles, ...texts(input, 'postURLs')].flatMap((address): Row[] => {
          const rows = found(world, address, { most, withPins })
          if (rows.length === 0) return [{ input: address, error: 'Post not found or private', errorCode: 'NOT_FOUND' }]
          return rows.map(([creator, post]) => clockworksRow(world, creator, post, { address, run, withPins }))
        })
      },
    },
  ]
}

type Found = readonly [Creator, Post]

/** The posts of a profile, or one post; names are written as they were when the address was made. */
function found(
  world: CreatorWorld,
  address: string,
  { most, withPins }: { most: number; withPins: boolean },
): readonly Found[] {
  const id = segmentAfter(address, 'video')
  if (id !== undefined) {
    const one = world.seek(id)
    return one ? [[one.creator, one.post]] : []
  }
  const creator = world.find((segmentAfter(address, '') ?? '').replace(/^@/, ''))
  if (!creator) return []
  return world
    .profile(creator, withPins)
    .slice(0, most)
    .map((post) => [creator, post] as const)
}

interface Asked {
  readonly address: string
  readonly run: number
}

/** No word on pins; what is hidden is absent, times are seconds, the profile is in `channel`. */
function apidojoRow(world: CreatorWorld, creator: Creator, post: Post, { address, run }: Asked): Row {
  const { id, at, text, metrics } = post
  const { username, followers } = creator
  return {
    inputSource: address,
    id,
    title: text,
    ...Object.fromEntries(metrics),
    hashtags: hashtags(text),
    channel: {
      id: creator.id,
      name: 'Ada by the Sea',
      username,
      bio: 'Tides, every day',
      avatar: signed('avatar.jpg', run),
      verified: false,
      url: `https://www.tiktok.com/@${username}`,
      followers,
      following: 97,
      videos: world.posts(username).length,
    },
    uploadedAt: at,
    uploadedAtFormatted: new Date(at * 1_000).toISOString(),
    video: {
      width: 576,
      height: 1024,
      ratio: '540p',
      duration: 10 + (at % 50),
      url: signed(`${id}.mp4`, run),
      cover: signed(`${id}.jpg`, run),
      thumbnail: signed(`${id}-small.jpg`, run),
    },
    // The actor has made a number of it, which holds no such id.
    song: { id: 7_582_653_324_450_926_000, title: 'original sound', artist: 'Ada by the Sea', duration: 10 },
    subtitleInformation: [],
    postPage: `https://www.tiktok.com/@${username}/video/${id}`,
  }
}

/** Other names, hashtags as objects, and `isPinned`. */
function clockworksRow(
  world: CreatorWorld,
  creator: Creator,
  post: Post,
  { address, run, withPins }: Asked & { withPins: boolean },
): Row {
  const { id, at, text, metrics, pinned } = post
  const { username, followers } = creator
  const isPost = address.includes('/video/')
  const names = {
    views: 'playCount',
    likes: 'diggCount',
    comments: 'commentCount',
    shares: 'shareCount',
    bookmarks: 'collectCount',
  }
  const numbers = Object.entries(names).flatMap(([own, name]) => (metrics.has(own) ? [[name, metrics.get(own)]] : []))
  return {
    id,
    text,
    textLanguage: 'en',
    createTime: at,
    createTimeISO: new Date(at * 1_000).toISOString(),
    isAd: false,
    authorMeta: {
      id: creator.id,
      name: username,
      profileUrl: `https://www.tiktok.com/@${username}`,
      nickName: 'Ada by the Sea',
      verified: false,
      signature: 'Tides, every day',
      avatar: signed('avatar.jpg', run),
      fans: followers,
      following: 97,
      heart: total(world, username, 'likes'),
      video: world.posts(username).length,
    },
    musicMeta: { musicId: '7582653324450926338', musicName: 'original sound' },
    webVideoUrl: `https://www.tiktok.com/@${username}/video/${id}`,
    mediaUrls: [],
    videoMeta: { height: 1024, width: 576, duration: 10 + (at % 50), coverUrl: signed(`${id}.jpg`, run) },
    ...Object.fromEntries(numbers),
    mentions: [],
    hashtags: hashtags(text).map((name) => ({ name })),
    isSlideshow: false,
    isPinned: pinned && withPins && !isPost,
    isSponsored: false,
    input: isPost ? address : username,
    fromProfileSection: 'videos',
  }
}

function hashtags(text: string): string[] {
  return [...text.matchAll(/#(\w+)/g)].map(([, name = '']) => name)
}

function total(world: CreatorWorld, username: string, metric: string): number {
  return world.posts(username).reduce((sum, id) => sum + (world.post(id).metrics[metric] ?? 0), 0)
}
