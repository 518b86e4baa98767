// Owns what the tests of the Reddit connector share: an emulator, and a mirror that is connected to it.

import { type RedditEmulator, type RedditOptions, redditEmulator } from '../../src/testing/emulators/index.ts'
import { type Mirror, openMirror } from '../support/mirror.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'

export type Site = RedditEmulator

/** What `ada`, or another user of the emulator, connects with. */
export function loginOf(site: Site, username = 'ada'): Record<string, unknown> {
  const { clientId, clientSecret, url, world } = site
  const { refreshToken } = world.credentials(username)
  return { username, clientId, clientSecret, refreshToken, baseUrl: url, authUrl: url, allowPrivateNetwork: true }
}

export async function connected(options: RedditOptions = {}, open: Parameters<typeof openMirror>[0] = {}) {
  const site = await redditEmulator(options)
  // Pauses between tries are short.
  const mirror = await openMirror({ clock: new ShiftedClock(), ...open })
  const saved = await connect(mirror, site)
  const keys = (where = '') => mirror.sql(`select _key k from reddit_saved ${where}`).map(({ k }) => String(k))
  return {
    site,
    mirror,
    saved,
    keys,
    sync: async (mode: 'auto' | 'full' = 'auto') => {
      const run = await saved.sync({ mode })
      return { ...run, counts: run.streams[0]?.counts, passes: run.streams[0]?.passes }
    },
    one: (key: string) => mirror.sql(`select * from reddit_saved_all where _key = '${key}'`)[0],
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]()
      await site.close()
    },
  }
}

export function connect(mirror: Mirror, site: Site, { id = 'me', ...over }: Record<string, unknown> = {}) {
  const username = typeof over['username'] === 'string' ? over['username'] : 'ada'
  const login = site.world.person(username) ? loginOf(site, username) : loginOf(site)
  return mirror.tidemark.connect('reddit', { id: String(id), options: { ...login, ...over } })
}
