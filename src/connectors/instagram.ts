// Owns the Instagram connector: the reels of a profile with their counts, and the profile's own, through actors of Apify.
//
// Facts (rows of real runs): `hpix~ig-reels-scraper` takes `tags` or `post_urls`, and gives `id`, the number of the medium,
// beside `code`, the same in other letters, which stands in addresses: `id` is the key. Times are seconds. The profile is
// in `raw_data.owner`, if it is asked for. The official `apify~instagram-reel-scraper` calls everything otherwise, and
// gives -1 where likes are hidden. Up to three pinned reels come first, and no row says so. `play_count` and `view_count`
// differ; a reader who is not logged in may be shown neither. Addresses of media are signed and end.

import { defineConnector, stream } from '../connector/connector.ts'
import { id, integer, text } from '../connector/fields.ts'
import { z } from '../connector/options.ts'
import { newestFirst, refresh } from '../connector/passes.ts'
import { isObject } from '../model/json.ts'
import { accountStream, type Profile } from './apify/account.ts'
import {
  type Actors,
  actorOption,
  apifyAccount,
  apifyHttp,
  apifyToken,
  CURRENCY,
  newestJob,
  REFRESH_BATCH,
  refreshJob,
  usernameOption,
} from './apify/platform.ts'
import { countOf, firstOf, madeAt, PINS_MAX, STOP_AFTER, secondsOf, textOf } from './apify/values.ts'
import { apifyWebhook } from './apify/webhook.ts'

const USUAL = 'hpix~ig-reels-scraper'
const OFFICIAL = 'apify~instagram-reel-scraper'
/** The official actor by its name or its id. */
const isOfficial = (actor: string) => [OFFICIAL, 'xMc5Ga1oCONPmWJIa'].includes(actor)

type Row = Readonly<Record<string, unknown>>

const codeOf = (row: Row) => firstOf(row, 'code', 'shortCode', 'shortcode')

const actors: Actors = {
  usual: USUAL,
  newest(actor, username, count) {
    if (isOfficial(actor)) return { username: [username], resultsLimit: count }
    const tags = [`https://www.instagram.com/${username}/reels/`]
    return { tags, target: 'reels_only', reels_count: count, include_raw_data: true }
  },
  byAddress: (actor, addresses) =>
    isOfficial(actor)
      ? { username: addresses, resultsLimit: 1 }
      : { post_urls: addresses, target: 'reels_only', include_raw_data: true },
  address: (key, { code }) => `https://www.instagram.com/reel/${typeof code === 'string' ? code : shortCode(key)}/`,
  ownerOf: (row) => profileOf(row).username,
  isPost: (row) => row['id'] !== undefined && firstOf(row, 'code', 'shortCode', 'shortcode', 'taken_at') !== undefined,
}

/** When ids begin to count, in milliseconds since 1970, and how many bits of them tell no time. */
const IDS = { epoch: 1_314_220_021_721n, rest: 23n }

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The number of a medium in the letters of its address. */
function shortCode(key: string): string {
  let code = ''
  for (let rest = /^\d+$/.test(key) ? BigInt(key) : 0n; rest > 0n; rest /= 64n) {
    code = `${ALPHABET[Number(rest % 64n)]}${code}`
  }
  return code
}

const reel = z.object({
  id: id(),
  code: text(),
  url: text(),
  caption: text(),
  taken_at: integer(),
  play_count: integer(),
  view_count: integer(),
  like_count: integer(),
  comment_count: integer(),
  owner_id: text(),
  owner_username: text(),
  thumbnail_url: text(),
})

function reelOf(row: Row) {
  const owner = ownerOf(row)
  const code = codeOf(row)
  return {
    id: row['id'],
    code,
    url: typeof code === 'string' ? `https://www.instagram.com/reel/${code}/` : null,
    caption: row['caption'],
    taken_at: secondsOf(firstOf(row, 'taken_at', 'timestamp')),
    play_count: countOf(firstOf(row, 'play_count', 'videoPlayCount')),
    view_count: countOf(firstOf(row, 'view_count', 'videoViewCount')),
    like_count: countOf(firstOf(row, 'like_count', 'likesCount')),
    comment_count: countOf(firstOf(row, 'comment_count', 'commentsCount')),
    owner_id: textOf(firstOf(owner, 'id', 'pk') ?? row['ownerId']),
    owner_username: firstOf(owner, 'username') ?? firstOf(row, 'ownerUsername'),
    thumbnail_url: firstOf(row, 'thumbnail_url', 'displayUrl'),
  }
}

function ownerOf(row: Row): Row {
  const raw = isObject(row['raw_data']) ? row['raw_data'] : {}
  return isObject(raw['owner']) ? raw['owner'] : {}
}

function profileOf(row: Row): Profile {
  const owner = ownerOf(row)
  const followed = isObject(owner['edge_followed_by']) ? owner['edge_followed_by'] : {}
  return {
    username: firstOf(owner, 'username') ?? firstOf(row, 'ownerUsername'),
    id: firstOf(owner, 'id', 'pk') ?? row['ownerId'],
    name: firstOf(owner, 'full_name') ?? firstOf(row, 'ownerFullName'),
    verified: owner['is_verified'],
    followers: firstOf(followed, 'count') ?? firstOf(owner, 'follower_count'),
  }
}

export default defineConnector(
  {
    name: 'instagram',
    title: 'Reels of an Instagram profile and their counts, through Apify',
    options: z.object({
      username: usernameOption('Instagram', 'instagram.com'),
      apifyToken,
      actor: actorOption(USUAL, OFFICIAL),
    }),
    http: apifyHttp,
    check: apifyAccount,
    webhook: apifyWebhook,
    currency: CURRENCY,
  },
  {
    reels: stream({
      title: 'Reels, newest first',
      schema: reel,
      text: { title: 'caption' },
      record: reelOf,
      key: (row) => row.id,
      metrics: ['play_count', 'view_count', 'like_count', 'comment_count'],
      volatile: ['thumbnail_url', 'displayUrl', 'images', 'videoUrl', 'video_versions', 'raw_data', 'inputUrl'],
      passes: [
        newestFirst({
          job: newestJob(actors),
          order: (row) => row.taken_at ?? madeAt(row.id, IDS) / 1_000,
          unitMs: 1_000,
          settles: '1d',
          pinned: (_, place) => place < PINS_MAX,
          stopAfter: STOP_AFTER,
        }),
        refresh({ job: refreshJob(actors), batch: REFRESH_BATCH }),
      ],
    }),
    account: accountStream({
      of: 'reels',
      profileUrl: (username) => `https://www.instagram.com/${username}`,
      profileOf,
      sums: { views: 'play_count', likes: 'like_count', comments: 'comment_count' },
    }),
  },
)
