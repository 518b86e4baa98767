// Owns the part that a service read through Apify has in programs that run emulators: its flags, and what happens in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import type { CreatorEmulator, CreatorOptions } from './emulator.ts'

const USER = 'ada'
const POSTS = 60
/** A run takes a moment in the demo, too. */
const DEMO_RUN_MS = 400

export function creatorPart(
  start: (options: CreatorOptions) => Promise<CreatorEmulator>,
  { id, where, what }: { readonly id: string; readonly where: string; readonly what: string },
) {
  return emulatorPart({
    flags: { username: USER, posts: POSTS, pinned: 2, 'run-ms': 0, 'free-plan': false },

    async start(common, { username, posts, pinned, 'run-ms': runMs, 'free-plan': freePlan }) {
      const emulator = await start({ ...common, username, posts, pinned, runMs, freePlan })
      return { emulator, credentials: { username, apifyToken: emulator.apifyToken } }
    },

    async demo(common) {
      const emulator = await start({ ...common, posts: POSTS, runMs: DEMO_RUN_MS })
      const { world, apifyToken } = emulator
      return {
        emulator,
        id,
        has: `${where} through Apify, where ${USER} has ${plural(POSTS, what)}`,
        schedule: 'every 30m',
        options: { username: USER, apifyToken },
        news(round) {
          const posts = round === 1 ? 3 : 1
          world.publish(USER, posts)
          world.grow(USER)
          return `${USER} publishes ${plural(posts, what)} on ${where}`
        },
        live: () => world.live(USER),
      }
    },
  })
}
