// Owns YouTube's HTTP semantics, as far as a channel and its videos need them: keys, the daily quota, parameters, pages,
// and videos by id.
// Each behaviour names what it is from: a page of developers.google.com/youtube/v3, an answer that python-youtube has recorded, or a
// client's issue that quotes one.

import { type Answer, type Call, type Handler, jsonAnswer } from '../kit/answer.ts'
import { offsetOf, pageToken } from './page-token.ts'
import type { KeyState } from './project.ts'
import {
  channelResource,
  googleError,
  list,
  playlistItem,
  type Style,
  type TimeStyle,
  videoResource,
  youtubeError,
} from './resources.ts'
import type { YouTubeWorld } from './world.ts'

/** Where the API stands on its host. */
export const API_PATH = '/youtube/v3'

export interface ApiRules {
  /** Whether times have milliseconds, as they had in 2019. @default 'seconds' */
  readonly times?: TimeStyle
  /** What the list of uploads shows of private and deleted videos: a row that says so, or nothing. @default 'shown' */
  readonly hiddenRows?: 'shown' | 'left-out'
  /** How many uploads the list shows, the newest ones (mattwright324/youtube-metadata 177). @default 20,000 */
  readonly listMax?: number
}

/** docs/playlistItems/list: 5 unless asked, 50 at most; ten clients read 50 ids by `videos`. */
const MAX_RESULTS = 50
const RESULTS_DEFAULT = 5

export function youtubeHandler(world: YouTubeWorld, rules: ApiRules): Handler {
  return (call) => {
    const refused = refusedKey(call, world)
    if (refused) return refused
    // determine_quota_cost: every request costs a unit, also one that is wrong.
    if (!world.project.take(call.now)) return quotaExceeded()
    const read = READERS[call.path.slice(API_PATH.length)]
    if (call.method !== 'GET' || !call.path.startsWith(API_PATH) || !read) {
      return googleError(404, 'NOT_FOUND', 'notFound', 'Not Found')
    }
    const parts = new Set((call.query.get('part') ?? '').split(',').filter((part) => part !== ''))
    if (parts.size === 0) {
      return youtubeError(400, 'youtube.parameter', 'missingRequiredParameter', "Required parameter 'part' is missing.")
    }
    return read(call, world, { times: rules.times ?? 'seconds', parts }, rules)
  }
}

type Reader = (call: Call, world: YouTubeWorld, style: Style, rules: ApiRules) => Answer

const READERS: Readonly<Record<string, Reader>> = {
  '/channels': channels,
  '/playlistItems': playlistItems,
  '/videos': videos,
}

/** A channel that does not exist, or exists no more, is no error: the list has no items (medialab/minet 753). */
function channels({ query }: Call, world: YouTubeWorld, style: Style): Answer {
  const [id, handle] = [query.get('id'), query.get('forHandle')]
  if ((id === null) === (handle === null)) return noFilter()
  const channel = world.channelBy({ id, handle })
  const items = channel ? [channelResource(channel, world.uploads(channel), style)] : []
  return list('channel', items, { pageInfo: { totalResults: items.length, resultsPerPage: RESULTS_DEFAULT } })
}

/**
 * Recorded: tokens count from the top. The total counts what was ever uploaded. A list of which nothing is left is not found
 * (Elijas/auto-youtube-subscription-playlist-2 86).
 */
function playlistItems({ query }: Call, world: YouTubeWorld, style: Style, rules: ApiRules): Answer {
  const playlist = query.get('playlistId')
  if (playlist === null) return noFilter()
  const size = sizeOf(query)
  if (typeof size !== 'number') return size
  const offset = offsetOf(query.get('pageToken'))
  if (offset === undefined) {
    const message = 'The request specifies an invalid page token.'
    return youtubeError(400, 'youtube.parameter', 'invalidPageToken', message)
  }
  const channel = world.channelOfList(playlist)
  const uploads = channel ? world.uploads(channel) : []
  const isHidden = rules.hiddenRows === 'left-out' ? ['private', 'deleted', 'unlisted'] : ['unlisted']
  const rows = uploads.filter(({ state }) => !isHidden.includes(state)).slice(0, rules.listMax ?? 20_000)
  if (!channel || rows.length === 0) {
    const message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
    return youtubeError(404, 'youtube.playlistItem', 'playlistNotFound', message)
  }
  const items = rows.slice(offset, offset + size).map((video, i) => playlistItem(channel, video, offset + i, style))
  const answer = list('playlistItem', items, {
    ...(offset + size < rows.length && size > 0 && { nextPageToken: pageToken(offset + size) }),
    ...(offset > 0 && { prevPageToken: pageToken(Math.max(0, offset - size), true) }),
    // Approximate: it counts what the list hides.
    pageInfo: { totalResults: Math.min(uploads.length, rules.listMax ?? 20_000), resultsPerPage: size },
  })
  return { ...answer, page: true }
}

/** docs/videos/list: what is not public is left out without a word, with `id` there are no pages, and no order is promised. */
function videos({ query }: Call, world: YouTubeWorld, style: Style): Answer {
  const ids = query.get('id')?.split(',')
  if (!ids) return noFilter()
  if (ids.length > MAX_RESULTS || query.has('maxResults') || query.has('pageToken')) {
    return youtubeError(
      400,
      'youtube.parameter',
      'invalidFilters',
      'The request specifies an invalid filter parameter.',
    )
  }
  const found = [...new Set(ids)].flatMap((id) => {
    const video = world.video(id)
    const channel = video && world.channelBy({ id: video.channelId })
    return channel && (video.state === 'public' || video.state === 'unlisted')
      ? [videoResource(channel, video, style)]
      : []
  })
  const pageInfo = { totalResults: found.length, resultsPerPage: found.length }
  return list('video', world.shuffled(found), { pageInfo })
}

function sizeOf(query: URLSearchParams): number | Answer {
  const asked = query.get('maxResults')
  const size = asked === null ? RESULTS_DEFAULT : Number(asked)
  if (Number.isInteger(size) && size >= 0 && size <= MAX_RESULTS) return size
  const message = `Invalid value '${asked}'. Values must be within the range: [0, 50]`
  return googleError(400, 'INVALID_ARGUMENT', 'invalidParameter', message)
}

function noFilter(): Answer {
  const message = 'No filter selected. Expected exactly one of the filters.'
  return youtubeError(400, 'youtube.parameter', 'missingRequiredParameter', message)
}

// ── who may ask ────────────────────────────────────────────────────────────────────────────────────────────────────

function refusedKey(call: Call, world: YouTubeWorld): Answer | undefined {
  const key = call.query.get('key') ?? call.headers['x-goog-api-key']
  if (typeof key !== 'string') {
    return googleError(403, 'PERMISSION_DENIED', 'forbidden', 'The request is missing a valid API key.')
  }
  return KEY_ANSWERS[world.project.stateOf(key)]?.()
}

const KEY_ANSWERS: Readonly<Record<KeyState, (() => Answer) | undefined>> = {
  good: undefined,
  invalid: () => badKey('API key not valid. Please pass a valid API key.'),
  expired: () => badKey('API key expired. Please renew the API key.'),
  // As recorded.
  'invalid-2019': () => {
    const error = { domain: 'usageLimits', reason: 'keyInvalid', message: 'Bad Request' }
    return jsonAnswer(400, { error: { errors: [error], code: 400, message: 'Bad Request' } })
  },
  'api-off': () => {
    const message =
      'YouTube Data API v3 has not been used in project 204731194849 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/youtube.googleapis.com/overview?project=204731194849 then retry.'
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SERVICE_DISABLED' }]
    return youtubeError(403, 'usageLimits', 'accessNotConfigured', message, { status: 'PERMISSION_DENIED', details })
  },
  blocked: () => {
    const message = 'Requests to this API youtube method youtube.api.v3.V3DataVideoService.List are blocked.'
    return googleError(403, 'PERMISSION_DENIED', 'forbidden', message, 'API_KEY_SERVICE_BLOCKED')
  },
}

function badKey(message: string): Answer {
  return googleError(400, 'INVALID_ARGUMENT', 'badRequest', message, 'API_KEY_INVALID')
}

/** As quoted (dmunozv04/iSponsorBlockTV 34): it lasts until midnight Pacific Time. */
function quotaExceeded(): Answer {
  const message =
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.'
  return youtubeError(403, 'youtube.quota', 'quotaExceeded', message)
}

/** What a fault with this status says. */
export function refusal(status: number): Answer {
  if (status === 429) {
    const message =
      "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'youtube.googleapis.com' for consumer 'project_number:204731194849'."
    return googleError(429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded', message, 'RATE_LIMIT_EXCEEDED')
  }
  if (status === 403) {
    // As recorded.
    const message = 'The caller does not have permission'
    const error = { message: 'Permission denied.', domain: 'youtube.CoreErrorDomain', reason: 'SERVICE_UNAVAILABLE' }
    return jsonAnswer(403, { error: { code: 403, message, errors: [error], status: 'PERMISSION_DENIED' } })
  }
  return youtubeError(status, 'global', status >= 500 ? 'backendError' : 'badRequest', 'Backend Error')
}
