// Owns the TikTok connector: the videos of a profile with their counts, and the profile's own, through actors of Apify.
//
// Facts (rows of real runs): `apidojo~tiktok-scraper-api` takes `startUrls`, profiles and single videos alike, and
// `maxItems`; its sibling `apidojo~tiktok-scraper` takes no single videos, and wants ten of a query at least. Both give
// `uploadedAt` in seconds, the profile in `channel`, and no word of pins; numbers that are hidden are absent, and `song.id`
// has lost its last digits. `clockworks~tiktok-scraper` calls everything otherwise, and says `isPinned`. TikTok shows up to
// three pinned videos first, and sometimes does not. The upper 32 bits of an id are the second in which it was made.
// Addresses of media are signed and end; those of videos carry a username, which may change.

import { defineConnector, stream } from '../connector/connector.ts'
import { flag, id, integer, json, text } from '../connector/fields.ts'
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
import { countOf, firstOf, PINS_MAX, STOP_AFTER, secondsOf, textOf } from './apify/values.ts'
import { apifyWebhook } from './apify/webhook.ts'

const USUAL = 'apidojo~tiktok-scraper-api'
const SIBLING = 'apidojo~tiktok-scraper'
const CLOCKWORKS = 'clockworks~tiktok-scraper'
const isSibling = (actor: string) => [SIBLING, '5K30i8aFccKNF5ICs'].includes(actor)
const isApidojo = (actor: string) => isSibling(actor) || [USUAL, 'I9kHWkwx0b4giERt0'].includes(actor)
const isClockworks = (actor: string) => [CLOCKWORKS, 'GdWCkxBtKWOsKjdch'].includes(actor)
/** What the sibling wants of a query at least. */
const SIBLING_MIN = 10

type Row = Readonly<Record<string, unknown>>

const actors: Actors = {
  usual: USUAL,
  // A query costs 0.006, and each address is one. Both actors of the author have this price list.
  price: (actor) =>
    isApidojo(actor) ? { newest: { start: 0.006, item: 0.0003 }, byAddress: { item: 0.0063 } } : undefined,
  newest(actor, username, count) {
    if (isClockworks(actor)) return { profiles: [username], profileSorting: 'latest', resultsPerPage: count }
    const maxItems = isSibling(actor) ? Math.max(SIBLING_MIN, count) : count
    return { startUrls: [`https://www.tiktok.com/@${username}`], maxItems }
  },
  byAddress(actor, addresses) {
    if (isClockworks(actor)) return { postURLs: addresses, resultsPerPage: 1 }
    return isSibling(actor) ? undefined : { startUrls: addresses, maxItems: addresses.length }
  },
  address: (key, { url }, username) =>
    typeof url === 'string' ? url : `https://www.tiktok.com/@${username}/video/${key}`,
  ownerOf: (row) => profileOf(row).username,
  isPost: (row) =>
    row['id'] !== undefined && firstOf(row, 'uploadedAt', 'createTime', 'postPage', 'webVideoUrl') !== undefined,
  posts: (row) => Number(firstOf(authorOf(row), 'videos', 'video')),
}

/** The profile, as either family of actors calls it. */
function authorOf(row: Row): Row {
  const author = row['channel'] ?? row['authorMeta']
  return isObject(author) ? author : {}
}

const video = z.object({
  id: id(),
  url: text(),
  title: text(),
  uploaded_at: integer(),
  views: integer(),
  likes: integer(),
  comments: integer(),
  shares: integer(),
  bookmarks: integer(),
  hashtags: json(),
  duration: integer(),
  is_pinned: flag(),
  is_ad: flag(),
  is_slideshow: flag(),
  channel_id: text(),
  channel_username: text(),
})

/** The names of the actors by apidojo are those of the columns; what clockworks says has other ones. */
function videoOf(row: Row) {
  const author = authorOf(row)
  const media = [row['video'], row['videoMeta']].find(isObject) ?? {}
  return {
    id: row['id'],
    url: firstOf(row, 'postPage', 'webVideoUrl'),
    title: firstOf(row, 'title', 'text'),
    uploaded_at: secondsOf(firstOf(row, 'uploadedAt', 'uploadedAtFormatted', 'createTime', 'createTimeISO')),
    views: countOf(firstOf(row, 'views', 'playCount')),
    likes: countOf(firstOf(row, 'likes', 'diggCount')),
    comments: countOf(firstOf(row, 'comments', 'commentCount')),
    shares: countOf(firstOf(row, 'shares', 'shareCount')),
    bookmarks: countOf(firstOf(row, 'bookmarks', 'collectCount')),
    hashtags: hashtagsOf(row['hashtags']),
    duration: typeof media['duration'] === 'number' ? Math.round(media['duration']) : null,
    is_pinned: row['isPinned'],
    is_ad: row['isAd'],
    is_slideshow: row['isSlideshow'],
    channel_id: textOf(author['id']),
    channel_username: isObject(row['channel']) ? author['username'] : author['name'],
  }
}

/** A list of names, which come as texts or as objects. */
function hashtagsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return undefined
  return value.map((tag: unknown) => (isObject(tag) ? tag['name'] : tag))
}

function profileOf(row: Row): Profile {
  const author = authorOf(row)
  const isOurs = isObject(row['channel'])
  return {
    username: isOurs ? author['username'] : author['name'],
    id: author['id'],
    name: isOurs ? author['name'] : author['nickName'],
    verified: author['verified'],
    followers: firstOf(author, 'followers', 'fans'),
    following: author['following'],
    likes: author['heart'],
    videos: firstOf(author, 'videos', 'video'),
  }
}

export default defineConnector(
  {
    name: 'tiktok',
    title: 'Videos of a TikTok profile and their counts, through Apify',
    options: z.object({
      username: usernameOption('TikTok', 'tiktok.com'),
      apifyToken,
      actor: actorOption(USUAL, `${CLOCKWORKS}, which tells what is pinned; ${SIBLING}, which refreshes nothing`),
    }),
    http: apifyHttp,
    check: apifyAccount,
    webhook: apifyWebhook,
    currency: CURRENCY,
  },
  {
    videos: stream({
      title: 'Videos, newest first',
      schema: video,
      text: { title: 'title' },
      record: videoOf,
      key: (row) => row.id,
      metrics: ['views', 'likes', 'comments', 'shares', 'bookmarks'],
      // Signed addresses, the profile's own counts, and by which way the row was found.
      volatile: [
        'channel',
        'authorMeta',
        'video',
        'videoMeta',
        'song',
        'musicMeta',
        'mediaUrls',
        'subtitleInformation',
        'inputSource',
        'input',
        'fromProfileSection',
        'isPinned',
      ],
      passes: [
        newestFirst({
          job: newestJob(actors),
          order: (row) => row.uploaded_at ?? secondOf(row.id),
          unitMs: 1_000,
          settles: '1d',
          pinned: (row, place) => row.is_pinned ?? place < PINS_MAX,
          stopAfter: STOP_AFTER,
        }),
        refresh({ job: refreshJob(actors), batch: REFRESH_BATCH }),
      ],
    }),
    account: accountStream({
      of: 'videos',
      profileUrl: (username) => `https://www.tiktok.com/@${username}`,
      profileOf,
      sums: { views: 'views', likes: 'likes', comments: 'comments' },
    }),
  },
)

/** When a video was made, as its id tells. */
function secondOf(key: string): number {
  return /^\d{15,20}$/.test(key) ? Number(BigInt(key) >> 32n) : 0
}
