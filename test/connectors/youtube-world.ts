// Owns what the tests of the YouTube connector share: an emulator, and a mirror that is connected to it.

import { type YouTubeOptions, youtubeEmulator } from '../../src/testing/emulators/index.ts'
import { openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

export async function connected(options: YouTubeOptions = {}, over: Record<string, unknown> = {}) {
  const site = await youtubeEmulator(options)
  const clock = new ShiftedClock()
  const mirror = await openMirror({ clock })
  const { apiKey, apiUrl: baseUrl, world } = site
  const given = { channel: '@ada', apiKey, baseUrl, allowPrivateNetwork: true, ...over }
  const close = async () => {
    await mirror[Symbol.asyncDispose]()
    await site.close()
  }
  const connecting = mirror.tidemark.connect('youtube', { id: 'yt', options: given })
  const connection = await connecting.catch(async (error: unknown) => {
    await close()
    throw error
  })
  site.log.reset()
  const keys = () => mirror.sql('select _key k from youtube_videos').map(({ k }) => String(k))
  const asked = () => Object.fromEntries(paths.map((path) => [path.slice(1), site.log.count(`/youtube/v3${path}`)]))
  return {
    site,
    world,
    clock,
    mirror,
    connection,
    keys,
    /** Requests by path, since the last sync began. */
    asked,
    sync: async (
      order: { mode?: 'auto' | 'full' | 'refresh'; streams?: readonly string[]; maxRequests?: number } = {},
    ) => {
      site.log.reset()
      const run = await connection.sync({ streams: ['videos'], ...order })
      return { ...run, counts: run.streams[0]?.counts, passes: run.streams[0]?.passes }
    },
    one: (key: string) => mirror.sql(`select * from youtube_videos_all where _key = '${key}'`)[0],
    [Symbol.asyncDispose]: close,
  }
}

const paths = ['/channels', '/playlistItems', '/videos']
