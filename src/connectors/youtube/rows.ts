// Owns the records of the YouTube connector: the columns of a video and of a channel, and what each is read from.

import { flag, id, integer, json, text } from '../../connector/fields.ts'
import { instantOf } from '../../connector/instants.ts'
import { z } from '../../connector/options.ts'
import { isObject } from '../../model/json.ts'

type Fields = Readonly<Record<string, unknown>>

/** A member that is an object; one that is missing, or something else, has no fields. */
export function part(row: unknown, name: string): Fields {
  const value = isObject(row) ? row[name] : undefined
  return isObject(value) ? value : {}
}

/** A number that YouTube writes as text; null where it is hidden. Anything else is set aside by the schema. */
function count(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null
  return /^\d{1,15}$/.test(value) ? Number(value) : value
}

/** True and false, also as the text that `caption` is. */
function flagOf(value: unknown): unknown {
  return value === 'true' ? true : value === 'false' ? false : value
}

export const VIDEO = z.object({
  id: id(),
  title: z.string(),
  description: text(),
  url: text(),
  channel_id: text(),
  channel_title: text(),
  published_at: text(),
  view_count: integer(),
  like_count: integer(),
  comment_count: integer(),
  duration: text(),
  definition: text(),
  dimension: text(),
  caption: flag(),
  licensed_content: flag(),
  category_id: text(),
  tags: json(),
  default_language: text(),
  default_audio_language: text(),
  live_broadcast_content: text(),
  privacy_status: text(),
  upload_status: text(),
  license: text(),
  embeddable: flag(),
  made_for_kids: flag(),
  thumbnail_url: text(),
})

export function videoOf(row: unknown) {
  const [snippet, details] = [part(row, 'snippet'), part(row, 'contentDetails')]
  const [statistics, status] = [part(row, 'statistics'), part(row, 'status')]
  const key = (row as { readonly id?: unknown }).id
  return {
    id: key,
    title: snippet['title'],
    description: snippet['description'],
    url: `https://www.youtube.com/watch?v=${String(key)}`,
    channel_id: snippet['channelId'],
    channel_title: snippet['channelTitle'],
    published_at: time(snippet['publishedAt']),
    view_count: count(statistics['viewCount']),
    like_count: count(statistics['likeCount']),
    comment_count: count(statistics['commentCount']),
    duration: details['duration'],
    definition: details['definition'],
    dimension: details['dimension'],
    caption: flagOf(details['caption']),
    licensed_content: details['licensedContent'],
    category_id: snippet['categoryId'],
    tags: snippet['tags'],
    default_language: snippet['defaultLanguage'],
    default_audio_language: snippet['defaultAudioLanguage'],
    live_broadcast_content: snippet['liveBroadcastContent'],
    privacy_status: status['privacyStatus'],
    upload_status: status['uploadStatus'],
    license: status['license'],
    embeddable: status['embeddable'],
    made_for_kids: status['madeForKids'],
    thumbnail_url: thumbnailOf(snippet),
  }
}

/** Times are written with milliseconds or without; the column has one form of both, which sorts. Null: it is no time. */
function time(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return instantOf(value) === undefined ? null : value.replace(/\.0+Z$/, 'Z')
}

/** The largest picture there is. */
function thumbnailOf(snippet: Fields): unknown {
  const all = part(snippet, 'thumbnails')
  const size = ['maxres', 'standard', 'high', 'medium', 'default'].find((name) => isObject(all[name]))
  return size === undefined ? null : part(all, size)['url']
}

export const CHANNEL = z.object({
  id: id(),
  title: z.string(),
  description: text(),
  custom_url: text(),
  profile_url: text(),
  published_at: text(),
  country: text(),
  subscriber_count: integer(),
  hidden_subscriber_count: flag(),
  view_count: integer(),
  video_count: integer(),
  uploads: text(),
  thumbnail_url: text(),
})

export function channelOf(row: unknown) {
  const [snippet, statistics] = [part(row, 'snippet'), part(row, 'statistics')]
  const { id: key } = row as { readonly id?: unknown }
  const handle = snippet['customUrl']
  const isHidden = statistics['hiddenSubscriberCount']
  return {
    id: key,
    title: snippet['title'],
    description: snippet['description'],
    custom_url: handle,
    profile_url: profileUrl(handle, key),
    published_at: time(snippet['publishedAt']),
    country: snippet['country'],
    subscriber_count: isHidden === true ? null : count(statistics['subscriberCount']),
    hidden_subscriber_count: isHidden,
    view_count: count(statistics['viewCount']),
    video_count: count(statistics['videoCount']),
    uploads: part(part(row, 'contentDetails'), 'relatedPlaylists')['uploads'],
    thumbnail_url: thumbnailOf(snippet),
  }
}

/** As people know it, by handle. Not every channel has one; before handles, `customUrl` was another name. */
function profileUrl(handle: unknown, key: unknown): string {
  return typeof handle === 'string' && handle.startsWith('@')
    ? `https://www.youtube.com/${handle.toLowerCase()}`
    : `https://www.youtube.com/channel/${String(key)}`
}
