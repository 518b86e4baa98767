// Owns the connector of TikTok's data export: the videos that a person has put into their favourites, and those that they
// like, from the file that TikTok hands out on request. There is no API for either.
//
// A file shows what is in the lists at the time, so that a newer one is the proof of what has left them; one without the
// list says nothing. Links name no author and no title: oEmbed (developers.tiktok.com/doc/embed-videos) tells both of a
// video that is public, without a login. It is asked once for each video, by an address made of the video's id: a link of
// the file is never followed. It answers 400 for whatever it does not show, also now and then for what it does (reported in
// RSS-Bridge pull request 4514); no limit is published.

import { defineConnector, stream } from '../connector/connector.ts'
import { id, text } from '../connector/fields.ts'
import { z } from '../connector/options.ts'
import type { KeysRequest } from '../connector/page.ts'
import { refresh, upload } from '../connector/passes.ts'
import { TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'
import { FAVORITES, LIKES, type ListPlace, recordOf, rowsOf } from './tiktok-export/file.ts'

const options = z.object({
  enrich: z.union([z.stringbool(), z.boolean()], 'is true or false').default(false).meta({
    label: 'Look up titles',
    description: 'Ask TikTok’s oEmbed for title and author of each new video, once (true or false)',
  }),
})

type Options = z.output<typeof options>

const video = z.object({
  video_id: id(),
  link: z.string(),
  date: text(),
  favorited_at: text(),
  title: text(),
  author_name: text(),
})

type Video = z.output<typeof video>

/** The row of a video with what oEmbed says of it; nothing of one that it does not show. */
async function readVideo({ http, keys, stored }: KeysRequest<Options>): Promise<readonly unknown[]> {
  const [key = ''] = keys
  const { link, date } = stored.get(key) ?? {}
  const { status, body } = await http.get('/oembed', { query: { url: addressOf(key, link) }, accept: [400, 404] })
  if (status !== 200 && isObject(body)) return []
  if (!isObject(body) || typeof body['author_name'] !== 'string') {
    throw new TidemarkError('unexpected_shape', 'TikTok’s oEmbed names no author of the video.', { scope: 'page' })
  }
  return [{ Date: date, Link: link, oembed: body }]
}

/** A video's own address. TikTok finds it by its id, whoever the author is said to be. */
function addressOf(key: string, link: unknown): string {
  const match = /^https?:\/\/(?:www\.|m\.)?tiktok\.com\/(@[\w.-]+)\//.exec(String(link))
  const kind = String(link).includes('/photo/') ? 'photo' : 'video'
  return `https://www.tiktok.com/${match?.[1] ?? '@_'}/${kind}/${key}`
}

function listed(place: ListPlace, title: string) {
  return stream({
    title,
    schema: video,
    text: { title: 'title', body: ['author_name'] },
    record: recordOf,
    key: ({ video_id }: Video) => video_id,
    volatile: ['oembed.thumbnail_url'],
    passes: [
      upload({
        accepts: 'user_data_tiktok.json, user_data.json, or the ZIP that TikTok sends',
        read: ({ files }) => rowsOf(files, place),
        order: ({ favorited_at }: Video) => favorited_at ?? undefined,
      }),
      refresh({
        read: readVideo,
        batch: 1,
        needs: ({ author_name }: Video) => author_name === null,
        enabled: ({ enrich }: Options) => enrich,
      }),
    ],
  })
}

export default defineConnector(
  {
    name: 'tiktok-export',
    title: 'Favourite and liked videos, from the file of your data that TikTok sends',
    options,
    http: () => ({
      baseUrl: 'https://www.tiktok.com',
      headers: { accept: 'application/json', 'user-agent': 'tidemark' },
      limits: [{ key: 'tiktok:oembed', requests: 120, per: '1m' }],
    }),
    // There is no login, and nothing to ask before a file is there.
    check: async () => ({}),
    login: [],
  },
  {
    favorites: listed(FAVORITES, 'Videos in your favourites; date and favorited_at are when they were added'),
    likes: listed(LIKES, 'Videos that you like; date and favorited_at are when you liked them'),
  },
)
