// Owns what the GitHub emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { githubEmulator } from './emulator.ts'

export type { GitHubLimits } from './api.ts'
export { type GitHubEmulator, type GitHubOptions, githubEmulator } from './emulator.ts'
export type { GitHubWorld, RepoRef, StarRow, UserSeed } from './world.ts'

const STARS = 616
const USER = 'ada'

export const part = emulatorPart({
  flags: { user: USER, stars: STARS, 'no-limits': false },

  async start(common, { user, stars, 'no-limits': noLimits }) {
    const token = `token-of-${user}`
    const users = { [user]: { stars, token } }
    const emulator = await githubEmulator({ ...common, users, ...(noLimits && { limits: false as const }) })
    return { emulator, credentials: { user, token } }
  },

  async demo(common) {
    const emulator = await githubEmulator({ ...common, stars: STARS })
    const { world } = emulator
    return {
      emulator,
      id: 'me',
      has: `GitHub, where ${USER} has starred ${STARS} repositories`,
      schedule: 'every 1h',
      options: { token: `token-of-${USER}` },
      news(round) {
        const stars = round === 1 ? 3 : 1
        world.star(USER, stars)
        // Numbers move, too.
        world.drift(USER, 40)
        return `${USER} stars ${plural(stars, 'repository', 'repositories')}`
      },
      removal() {
        for (const place of [-1, -8]) world.unstarAt(USER, place)
        return `${USER} takes 2 stars of long ago back`
      },
      live: () => world.live(USER),
    }
  },
})
