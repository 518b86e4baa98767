// Owns the Reddit emulator's face: its options, and the server around its world.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type ApiRules, redditError, redditHandler } from './api.ts'
import type { GrantRules } from './grants.ts'
import { RedditWorld } from './world.ts'

export interface RedditOptions extends CommonOptions, ApiRules {
  /** People, and how many things each has saved. @default `{ ada: 230 }` */
  readonly users?: Readonly<Record<string, number>>
  /** Shorthand for what the default user has saved. */
  readonly saved?: number
  readonly clientId?: string
  /** Empty for an installed app. */
  readonly clientSecret?: string
  readonly grants?: GrantRules
  /**
   * What a page shows behind a thing that was unsaved since: nothing, as if the list ended there, or what followed it. Both
   * were reported. @default 'empty'
   */
  readonly lostAnchor?: 'empty' | 'continue'
}

export interface RedditEmulator extends Emulator<RedditWorld> {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * Starts an emulator of Reddit's OAuth API and of its token address, as far as saved things need them, at one address.
 *
 *   await using reddit = await redditEmulator({ seed: 1, saved: 1200 })
 *   const { clientId, refreshToken } = reddit.world.credentials('ada')
 *   reddit.world.unsaveAt('ada', 3)
 */
export async function redditEmulator(options: RedditOptions = {}): Promise<RedditEmulator> {
  const clock = clockOf(options)
  const { clientId = 'p-demo0clientid', clientSecret = 'demo-client-secret' } = options
  const { grants = {}, lostAnchor = 'empty' } = options
  const world = new RedditWorld(clock, { seed: options.seed ?? 1, grants, lostAnchor })
  world.grants.addApp(clientId, clientSecret)
  for (const [name, saved] of Object.entries(options.users ?? { ada: options.saved ?? 230 })) {
    world.addUser(name, saved)
    world.grants.authorize(name, clientId)
  }
  const emulator = await startEmulator({
    ...options,
    name: 'reddit',
    clock,
    world,
    handle: redditHandler(world, options),
    refuse: (status) => redditError(status),
    admin: {
      views: ['saved', 'listed', 'thing', 'credentials'],
      mutations: [
        'addUser',
        'save',
        'saveThing',
        'unsave',
        'unsaveAt',
        'deleteByAuthor',
        'removeByModerator',
        'ban',
        'revive',
        'edit',
        'drift',
        'setStanding',
        'revoke',
        'expireAccess',
        'live',
      ],
    },
  })
  return { ...emulator, clientId, clientSecret }
}
