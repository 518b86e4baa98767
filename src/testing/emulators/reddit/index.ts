// Owns what the Reddit emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { type RedditEmulator, redditEmulator } from './emulator.ts'

export type { RedditLimits } from './api.ts'
export { type RedditEmulator, type RedditOptions, redditEmulator } from './emulator.ts'
export type { GrantRules } from './grants.ts'
export type { ThingState } from './thing.ts'
export type { RedditWorld } from './world.ts'

const USER = 'ada'
/** More than the list shows. */
const SAVED = 1_120

export const part = emulatorPart({
  flags: { user: USER, saved: SAVED, 'no-limits': false },

  async start(common, { user, saved, 'no-limits': noLimits }) {
    const limits = noLimits ? { limits: false as const } : {}
    const emulator = await redditEmulator({ ...common, users: { [user]: saved }, ...limits })
    return { emulator, credentials: { ...login(emulator, user), userAgent: `node:emulated:1.0 (by /u/${user})` } }
  },

  async demo(common) {
    const emulator = await redditEmulator({ ...common, users: { [USER]: SAVED } })
    const { world } = emulator
    return {
      emulator,
      id: 'reddit',
      has: `Reddit, where ${USER} has saved ${SAVED.toLocaleString('en')} posts and comments, of which it lists 1,000`,
      schedule: 'every 1h',
      options: login(emulator, USER),
      news(round) {
        const saved = round === 1 ? 4 : 2
        world.save(USER, saved)
        world.drift(USER, 40)
        return `${USER} saves ${plural(saved, 'post')} on Reddit`
      },
      removal() {
        for (const place of [-1, -8]) world.unsaveAt(USER, place)
        return `${USER} unsaves 2 old ones`
      },
      live: () => world.live(USER),
    }
  },
})

function login({ url, clientId, clientSecret, world }: RedditEmulator, user: string) {
  const { refreshToken } = world.credentials(user)
  return { username: user, clientId, clientSecret, refreshToken, authUrl: url }
}
