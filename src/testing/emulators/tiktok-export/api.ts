// Owns TikTok's oEmbed address: what it tells of a video, and what it answers where there is nothing to tell.
//
// Sources: the fields are those of TikTok's page on embedding videos (developers.tiktok.com/doc/embed-videos). That a video
// which is private, deleted or unknown answers 400 with this body is reported by those who use it (WhatsMyName pull request
// 666), as is a 400 now and then for a video that is there (RSS-Bridge pull request 4514): a fault can play that. TikTok
// publishes no limit; what is here is an assumption.

import { type Answer, type Call, type Handler, jsonAnswer } from '../kit/answer.ts'
import { fixedWindow } from '../kit/limits.ts'
import type { TikTokExportWorld, VideoFacts } from './world.ts'

export interface OEmbedRules {
  /** Requests a minute that an address may make; false: as many as it likes. @default 600 */
  readonly perMinute?: number | false
}

export function oembedHandler(world: TikTokExportWorld, { perMinute = 600 }: OEmbedRules): Handler {
  const window = fixedWindow(60_000)
  return (call) => {
    if (call.method !== 'GET' || call.path !== '/oembed') return page(404, 'Page not found')
    if (perMinute !== false && !window.take(call.ip, perMinute, call.now).allowed) return page(429, 'Too many requests')
    return oembed(call, world)
  }
}

/** TikTok's own words for a status. */
export function oembedError(status: number): Answer {
  if (status === 400 || status === 404) return jsonAnswer(status, { code: status, message: 'Something went wrong' })
  return page(status, 'TikTok')
}

/** What stands in front of the address answers with a page for people. */
function page(status: number, title: string): Answer {
  const headers = { 'Content-Type': 'text/html; charset=utf-8' }
  return { status, headers, body: `<!doctype html><html><head><title>${title}</title></head><body></body></html>` }
}

/** Addresses of videos only: what a short link leads to is not looked up. */
const VIDEO = /^https:\/\/(?:www|m)\.tiktok\.com\/@[^/]*\/(?:video|photo)\/(\d+)\/?(?:\?.*)?$/

function oembed({ query }: Call, world: TikTokExportWorld): Answer {
  const id = VIDEO.exec(query.get('url') ?? '')?.[1]
  const video = id === undefined ? undefined : world.video(id)
  return video ? jsonAnswer(200, oembedObject(video)) : oembedError(400)
}

function oembedObject({ id, author, authorName, caption }: VideoFacts) {
  const address = `https://www.tiktok.com/@${author}`
  const image = `https://p16-sign.tiktokcdn.com/obj/tos-p-0068/${id}`
  return {
    version: '1.0',
    type: 'video',
    title: caption,
    author_url: address,
    author_name: authorName,
    width: '100%',
    height: '100%',
    html: `<blockquote class="tiktok-embed" cite="${address}/video/${id}" data-video-id="${id}"></blockquote>`,
    thumbnail_width: 576,
    thumbnail_height: 1024,
    // Signed: another one with every answer.
    thumbnail_url: `${image}?x-expires=1745438400&x-signature=emulated`,
    provider_url: 'https://www.tiktok.com',
    provider_name: 'TikTok',
    author_unique_id: author,
    embed_product_id: id,
    embed_type: 'video',
  }
}
