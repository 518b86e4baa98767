// Owns the GitHub emulator's face: its options, and the server around its world.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type GitHubLimits, githubError, githubHandler } from './api.ts'
import { GitHubWorld, type UserSeed } from './world.ts'

export interface GitHubOptions extends CommonOptions {
  /** Logins and what they have. @default `{ ada: { stars: 616, token: 'token-of-ada' } }` */
  readonly users?: Readonly<Record<string, UserSeed>>
  /** Shorthand for the number of stars of the default user. */
  readonly stars?: number
  /** False lets everything pass. @default GitHub's own limits */
  readonly limits?: GitHubLimits | false
}

export type GitHubEmulator = Emulator<GitHubWorld>

/**
 * Starts an emulator of GitHub's REST API, as far as stars need it.
 *
 *   await using github = await githubEmulator({ seed: 1, stars: 616 })
 *   await fetch(`${github.url}/users/ada/starred?per_page=100`)
 *   github.world.unstarAt('ada', 3)
 *
 * Not settled by any record, and so an assumption: the links of `/user/starred` keep that path (those of
 * `/users/{login}/starred` become numeric, as recorded); a page beyond the end is `[]` with links back; starring the
 * same repository again later sets a new `starred_at`.
 */
export async function githubEmulator(options: GitHubOptions = {}): Promise<GitHubEmulator> {
  const clock = clockOf(options)
  const world = new GitHubWorld(clock, options.seed ?? 1)
  const users = options.users ?? { ada: { stars: options.stars ?? 616, token: 'token-of-ada' } }
  for (const [login, seed] of Object.entries(users)) world.addUser(login, seed)
  return startEmulator({
    ...options,
    name: 'github',
    clock,
    world,
    handle: githubHandler(world, options.limits ?? {}),
    refuse: (status) => githubError(status),
    admin: {
      views: ['logins', 'stars', 'starIds', 'repo'],
      mutations: [
        'addUser',
        'issueToken',
        'revokeToken',
        'star',
        'starRepo',
        'unstar',
        'unstarAt',
        'restar',
        'rename',
        'transfer',
        'remove',
        'hide',
        'publish',
        'push',
        'archive',
        'setMetrics',
        'drift',
        'tie',
        'live',
      ],
    },
  })
}
