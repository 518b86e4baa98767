// Owns the bodies of the YouTube emulator: channels, rows of a playlist, videos, lists of them, and errors.
//
// Shapes: answers that python-youtube recorded in 2019 and 2020, and the reference (developers.google.com/youtube/v3/docs):
// numbers in `statistics` are text, and each of them may be missing; a list that has nothing has no `items` where it is one
// of channels. Whether times have milliseconds (2019) or not is an option. What YouTube shows of a video that is private or
// deleted, in a list that somebody else reads, was not recorded: the row that playlists are known to show, or none.

import { createHash } from 'node:crypto'
import { type Answer, jsonAnswer } from '../kit/answer.ts'
import type { Channel, Video } from './world.ts'

export type TimeStyle = 'seconds' | 'millis'

export interface Style {
  readonly times: TimeStyle
  /** The parts that were asked for. */
  readonly parts: ReadonlySet<string>
}

export function channelResource(channel: Channel, videos: readonly Video[], style: Style): object {
  const { id, title, handle, country, subscribers, subscribersHidden, uploads, createdAt, formerViews } = channel
  const shown = videos.filter(({ state }) => state === 'public')
  const views = shown.reduce((sum, video) => sum + video.views, formerViews)
  const description = `What ${title} films.`
  return resource('channel', id, style, {
    snippet: {
      title,
      description,
      customUrl: handle,
      publishedAt: timeOf(createdAt, style),
      thumbnails: thumbnails(`https://yt3.ggpht.com/ytc/${id.slice(2)}`, { default: 88, medium: 240, high: 800 }),
      localized: { title, description },
      ...(country !== undefined && { country }),
    },
    contentDetails: { relatedPlaylists: { likes: '', uploads } },
    statistics: {
      viewCount: String(views),
      // Rounded down to three significant figures.
      ...(!subscribersHidden && { subscriberCount: String(Number(subscribers.toPrecision(3))) }),
      hiddenSubscriberCount: subscribersHidden,
      videoCount: String(shown.length),
    },
  })
}

export function playlistItem(channel: Channel, video: Video, position: number, style: Style): object {
  const { id, uploadedAt, publishedAt, state } = video
  const hidden = HIDDEN[state]
  return resource('playlistItem', Buffer.from(`${channel.uploads}.${id}`).toString('base64url'), style, {
    snippet: {
      publishedAt: timeOf(uploadedAt, style),
      channelId: channel.id,
      title: hidden?.title ?? video.title,
      description: hidden?.description ?? video.description,
      thumbnails: hidden ? {} : thumbnailsOf(video),
      channelTitle: channel.title,
      playlistId: channel.uploads,
      position,
      resourceId: { kind: 'youtube#video', videoId: id },
    },
    contentDetails: { videoId: id, ...(!hidden && { videoPublishedAt: timeOf(publishedAt, style) }) },
    status: { privacyStatus: hidden?.privacyStatus ?? state },
  })
}

const HIDDEN: Readonly<Record<string, { title: string; description: string; privacyStatus: string }>> = {
  private: { title: 'Private video', description: 'This video is private.', privacyStatus: 'private' },
  deleted: {
    title: 'Deleted video',
    description: 'This video is unavailable.',
    privacyStatus: 'privacyStatusUnspecified',
  },
}

export function videoResource(channel: Channel, video: Video, style: Style): object {
  const { id, title, description, tags, language, seconds, state } = video
  return resource('video', id, style, {
    snippet: {
      publishedAt: timeOf(video.publishedAt, style),
      channelId: channel.id,
      title,
      description,
      thumbnails: thumbnailsOf(video),
      channelTitle: channel.title,
      ...(tags.length > 0 && { tags }),
      categoryId: video.categoryId,
      liveBroadcastContent: 'none',
      ...(language !== undefined && { defaultLanguage: language, defaultAudioLanguage: language }),
      localized: { title, description },
    },
    contentDetails: {
      duration: durationOf(seconds),
      dimension: '2d',
      definition: video.isLarge ? 'hd' : 'sd',
      caption: 'false',
      licensedContent: true,
      contentRating: {},
      projection: 'rectangular',
    },
    status: {
      uploadStatus: 'processed',
      privacyStatus: state,
      license: 'youtube',
      embeddable: true,
      publicStatsViewable: true,
      madeForKids: false,
    },
    statistics: {
      viewCount: String(video.views),
      ...(!video.likesHidden && { likeCount: String(video.likes) }),
      favoriteCount: '0',
      ...(!video.commentsOff && { commentCount: String(video.comments) }),
    },
    player: { embedHtml: `<iframe width="480" height="270" src="//www.youtube.com/embed/${id}"></iframe>` },
  })
}

function resource(kind: string, id: string, { parts }: Style, all: Readonly<Record<string, object>>): object {
  const shown = Object.fromEntries(Object.entries(all).filter(([part]) => parts.has(part)))
  return { kind: `youtube#${kind}`, etag: etagOf(shown), id, ...shown }
}

export function list(kind: string, items: readonly object[], rest: object): Answer {
  const body = { kind: `youtube#${kind}ListResponse`, etag: etagOf(items), ...rest }
  return jsonAnswer(200, items.length === 0 && kind === 'channel' ? body : { ...body, items })
}

function etagOf(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('base64url')
}

export function timeOf(seconds: number, { times }: Pick<Style, 'times'>): string {
  const text = new Date(seconds * 1_000).toISOString()
  return times === 'millis' ? text : text.replace('.000Z', 'Z')
}

/** As in ISO 8601: PT1H2M3S. */
function durationOf(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60]
  return `PT${h > 0 ? `${h}H` : ''}${m > 0 ? `${m}M` : ''}${s > 0 ? `${s}S` : ''}`
}

/** Small videos have no `maxres`. */
function thumbnailsOf({ id, isLarge }: Video): object {
  const size = (file: string, width: number, height: number) => ({
    url: `https://i.ytimg.com/vi/${id}/${file}.jpg`,
    width,
    height,
  })
  return {
    default: size('default', 120, 90),
    medium: size('mqdefault', 320, 180),
    high: size('hqdefault', 480, 360),
    standard: size('sddefault', 640, 480),
    ...(isLarge && { maxres: size('maxresdefault', 1_280, 720) }),
  }
}

function thumbnails(address: string, sizes: Readonly<Record<string, number>>): object {
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => [
      name,
      { url: `${address}=s${size}-c-k-c0x00ffffff-no-rj`, width: size, height: size },
    ]),
  )
}

/** An error as most of YouTube's own are: without `status`. */
export function youtubeError(code: number, domain: string, reason: string, message: string, more: object = {}): Answer {
  return jsonAnswer(code, { error: { code, message, errors: [{ message, domain, reason }], ...more } })
}

/** One of Google's front, which speaks of keys, projects and rates. */
export function googleError(code: number, status: string, reason: string, message: string, info?: string): Answer {
  const details = info && [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: info, domain: 'googleapis.com' },
  ]
  return youtubeError(code, 'global', reason, message, { status, ...(details && { details }) })
}
