// Owns the YouTube connector: the videos of a channel and its own numbers, by the YouTube Data API v3.
//
// Facts (developers.google.com/youtube/v3/docs, recorded answers, issues of clients): a channel has a playlist of its
// uploads, newest first as a rule, 20,000 at most, 50 rows a page; only a missing nextPageToken is its end, for the total is
// approximate. A row of it is no video: its `publishedAt` is when it was added to the playlist, and it has no numbers.
// `videos` reads 50 by id, in any order, and leaves out what is private or deleted without a word. Numbers are text, and each
// of them may be missing. A channel that does not exist (any more) is a list without `items`; an empty list of uploads is not
// found (404). Every request costs one unit of the 10,000 that a project has a day, also one that is refused; a search has
// a small quota of its own and is not needed.

import { defineConnector, stream } from '../connector/connector.ts'
import { secret, z } from '../connector/options.ts'
import { type Http, type Page, type PageRequest, rows } from '../connector/page.ts'
import { fullPass, newestFirst, refresh } from '../connector/passes.ts'
import { type Sentence, TidemarkError } from '../model/errors.ts'
import { fingerprint } from '../model/fingerprint.ts'
import { isObject } from '../model/json.ts'
import { plural } from '../model/plural.ts'
import { classify } from './youtube/errors.ts'
import { CHANNEL, channelOf, part, VIDEO, videoOf } from './youtube/rows.ts'

/** What the list of uploads shows at most (mattwright324/youtube-metadata 177); older videos are not found. */
const CAP = 20_000
/** Rows of a page, and ids of a request. */
const BATCH = 50
const UNITS_PER_DAY = 10_000
/** Known videos in a row that end a walk: the list is not strictly in the order of publishing, and half a page costs nothing. */
const STOP_AFTER = 25
/** The share of the approximate total below which a list that ends has been cut: the total may count what it hides. */
const CUT_BELOW = 0.5

const CHANNEL_ID = /^UC[A-Za-z0-9_-]{22}$/
const CHANNEL_ADDRESS = /^(?:https?:\/\/)?(?:www\.|m\.)?youtube\.com\/(?:channel\/(?=UC)|(?=@))([^/?#]+)/i

const options = z.object({
  channel: z
    .string()
    .trim()
    .transform((given) => CHANNEL_ADDRESS.exec(given)?.[1] ?? given)
    .refine((given) => CHANNEL_ID.test(given) || /^@?[\p{L}\p{N}\p{M}_.·-]{1,100}$/u.test(given), {
      error: 'is no handle (@name), no channel ID (UC…, 24 characters), and no address of a channel with one of them',
    })
    .meta({
      example: '@name',
      description:
        'Handle or ID of the channel: the @name under its title, or the UC… ID that "Share channel", "Copy channel ID" on its page gives',
    }),
  apiKey: secret(
    'API key: console.cloud.google.com, "APIs & Services"; enable "YouTube Data API v3", then "Credentials", "Create credentials", "API key"',
  ),
  dailyQuota: z.coerce
    .number()
    .int('is no whole number')
    .min(1, 'is less than 1')
    .default(UNITS_PER_DAY)
    .meta({
      unit: 'units',
      advanced: true,
      description: `Units that your project may spend a day ("Queries per day" under "Quotas"); ${UNITS_PER_DAY} unless Google granted more`,
    }),
})

type Options = z.output<typeof options>

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The items of a list. They may be missing only where the list says itself that it has none. */
function itemsOf(body: unknown, what: string): readonly unknown[] {
  const { items, kind, pageInfo } = isObject(body) ? body : {}
  const isEmpty = isObject(pageInfo) && pageInfo['totalResults'] === 0 && String(kind).startsWith('youtube#')
  return rows(items === undefined && isEmpty ? [] : items, what)
}

function shapeError(message: Sentence): TidemarkError {
  return new TidemarkError('unexpected_shape', message, { scope: 'page' })
}

/** The channel's own resource. */
async function askChannel(http: Http, { channel }: Options): Promise<unknown> {
  const which = CHANNEL_ID.test(channel) ? { id: channel } : { forHandle: channel.replace(/^@?/, '@') }
  const { body } = await http.get('/channels', { query: { part: 'snippet,statistics,contentDetails', ...which } })
  const [found] = itemsOf(body, 'channels')
  if (found !== undefined) {
    if (isObject(found) && (found['id'] === channel || !('id' in which))) return found
    throw shapeError('The answer is not the channel that was asked for.')
  }
  throw new TidemarkError('not_found', `YouTube has no channel "${channel}".`, {
    scope: 'stream',
    hint: 'Check the option channel: the @handle or the UC… ID. A channel that was closed is not found, either; what is stored of it stays.',
  })
}

const playlists = new WeakMap<object, string>()
/** The channel as it was read for its playlist, until its own stream has taken it. */
const justRead = new WeakMap<object, unknown>()

/** The playlist of the channel's uploads, told by the channel; whichever stream comes first asks, which saves a unit. */
async function uploadsOf(http: Http, given: Options): Promise<string> {
  const known = playlists.get(given)
  if (known !== undefined) return known
  const channel = await askChannel(http, given)
  justRead.set(given, channel)
  const uploads = uploadsIn(channel)
  if (uploads === undefined) throw shapeError('The channel does not say which playlist has its uploads.')
  playlists.set(given, uploads)
  return uploads
}

function uploadsIn(channel: unknown): string | undefined {
  const { uploads } = part(part(channel, 'contentDetails'), 'relatedPlaylists')
  return typeof uploads === 'string' && uploads !== '' ? uploads : undefined
}

async function readChannel({ http, options: given }: PageRequest<Options>): Promise<Page> {
  const channel = justRead.get(given) ?? (await askChannel(http, given))
  justRead.delete(given)
  const uploads = uploadsIn(channel)
  if (uploads !== undefined) playlists.set(given, uploads)
  return { records: [channel] }
}

// ── videos ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page of the uploads, with the videos that everybody may see. Its token counts the rows before it. */
async function readUploads({ http, options: given, page }: PageRequest<Options>): Promise<Page> {
  const { token, above } = placeOf(page)
  const query = {
    part: 'contentDetails,status',
    playlistId: await uploadsOf(http, given),
    maxResults: BATCH,
    pageToken: token,
  }
  const { status, body } = await http.get('/playlistItems', { query, accept: [404] })
  if (status === 404) return noUploads(http, given)
  const listed = itemsOf(body, 'playlist items')
  const ids = listed.map((row) => {
    const { videoId } = part(row, 'contentDetails')
    if (typeof videoId === 'string' && videoId !== '') return videoId
    throw shapeError('A row of the uploads does not say which video it is.')
  })
  const next = nextOf(body, above, ids.length)
  const isPublic = (row: unknown) => part(row, 'status')['privacyStatus'] === 'public'
  const videos = await readAllOf(http, [...new Set(ids)], new Set(ids.filter((_, i) => isPublic(listed[i]))))
  const place = new Map(ids.map((video, i) => [video, i]))
  const rankOf = (video: unknown) => (isObject(video) ? place.get(String(video['id'])) : undefined) ?? BATCH
  const records = videos.toSorted((a, b) => rankOf(a) - rankOf(b))
  return { records, next: next === undefined ? undefined : { token: next, above: above + ids.length } }
}

function placeOf(page: unknown): { readonly token: string | undefined; readonly above: number } {
  const { token, above } = part({ page }, 'page')
  return typeof token === 'string' && typeof above === 'number' ? { token, above } : { token: undefined, above: 0 }
}

/**
 * The token of the next page. The total is approximate, but a list that ends with a full page and far below it has been cut:
 * nobody would ask for the rest again. Nor has a list that goes on a page without a row.
 */
function nextOf(body: unknown, above: number, rowsHere: number): string | undefined {
  const { nextPageToken: next, pageInfo } = isObject(body) ? body : {}
  if (next !== undefined && typeof next !== 'string') throw shapeError('The page token is no text.')
  if (next !== undefined && next !== '') {
    if (rowsHere === 0) throw shapeError('A page of the uploads has no rows, and another page stands behind it.')
    return next
  }
  const total = isObject(pageInfo) ? Number(pageInfo['totalResults']) : 0
  const seen = above + rowsHere
  if (rowsHere === BATCH && seen < CAP && seen < total * CUT_BELOW) {
    throw shapeError(`The uploads end after ${plural(seen, 'row')}, and the answer says that there are ${total}.`)
  }
  return undefined
}

/** Videos by id. What the list calls public and this answer lacks is asked for once more. */
async function readAllOf(http: Http, ids: readonly string[], open: ReadonlySet<string>): Promise<readonly unknown[]> {
  if (ids.length === 0) return []
  const videos = await readVideos(http, ids)
  const shown = new Set(videos.map((video) => isObject(video) && video['id']))
  const lacking = ids.filter((id) => open.has(id) && !shown.has(id))
  return lacking.length === 0 ? videos : [...videos, ...(await readVideos(http, lacking))]
}

/** The list of uploads is not found where there are none: the channel says how many videos it has. */
async function noUploads(http: Http, given: Options): Promise<Page> {
  const { videoCount } = part(await askChannel(http, given), 'statistics')
  if (String(videoCount) === '0') return { records: [] }
  throw new TidemarkError('not_found', `YouTube does not find the uploads of ${given.channel}.`, {
    scope: 'stream',
    hint: `Its channel counts ${String(videoCount)} videos, so this may pass; what is stored stays.`,
  })
}

/** Videos by id, with their numbers, in any order; without those that are private, deleted or never were. */
async function readVideos(http: Http, ids: readonly string[]): Promise<readonly unknown[]> {
  const query = { part: 'snippet,contentDetails,statistics,status', id: ids.join(',') }
  const { body } = await http.get('/videos', { query })
  const videos = itemsOf(body, 'videos')
  const asked = new Set<unknown>(ids)
  if (videos.every((video) => !isObject(video) || video['id'] === undefined || asked.has(video['id']))) return videos
  throw shapeError('The answer has a video that was not asked for.')
}

// ── channel ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function check({ http, options: given }: { readonly http: Http; readonly options: Options }) {
  const { title, customUrl } = part(await askChannel(http, given), 'snippet')
  return {
    account: `channel ${[title, customUrl].filter((one) => typeof one === 'string').join(' ') || given.channel}`,
  }
}

// ── the connector ───────────────────────────────────────────────────────────────────────────────────────────────────

export default defineConnector(
  {
    name: 'youtube',
    title: 'Videos of a YouTube channel, and its numbers',
    options,
    http: ({ apiKey, dailyQuota }) => ({
      baseUrl: 'https://www.googleapis.com/youtube/v3',
      // Of the project nothing is known but its key.
      limits: [{ key: `youtube:key:${fingerprint(apiKey)}`, requests: dailyQuota, per: '1d' }],
      sign: () => ({ query: { key: apiKey } }),
      classify,
    }),
    check,
    // A page of the uploads takes two; what looks up their list is the channel's own.
    opening: () => 1,
  },
  {
    videos: stream({
      title: 'Public videos of the channel, newest first',
      schema: VIDEO,
      text: { title: 'title', body: ['description'] },
      record: videoOf,
      key: (one) => one.id,
      metrics: ['view_count', 'like_count', 'comment_count'],
      volatile: ['etag', 'statistics.favoriteCount'],
      passes: [
        newestFirst({
          read: readUploads,
          pageSize: BATCH,
          paging: 'offset',
          listing: { cap: CAP },
          order: (one) => Date.parse(one.published_at ?? ''),
          unitMs: 1,
          stopAfter: STOP_AFTER,
        }),
        refresh({ read: ({ http, keys }) => readVideos(http, keys), batch: BATCH }),
      ],
    }),
    channel: stream({
      title: 'The channel itself',
      schema: CHANNEL,
      text: { title: 'title', body: ['description'] },
      record: channelOf,
      key: (one) => one.id,
      metrics: ['subscriber_count', 'view_count', 'video_count'],
      volatile: ['etag'],
      passes: [fullPass({ read: readChannel, pageSize: 1, listing: 'complete' })],
    }),
  },
)
