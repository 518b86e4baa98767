// Owns what the emulators of services that are read through Apify share: their options, and the server around their world.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type ApiRules, apifyError, apifyHandler } from './api.ts'
import { CreatorWorld, type Service } from './creator.ts'
import type { Actor, PlatformRules } from './platform.ts'

export interface CreatorOptions extends CommonOptions, PlatformRules, ApiRules {
  /** @default 'ada' */
  readonly username?: string
  /** @default 60 */
  readonly posts?: number
  /** Posts that stand above newer ones, three at most. @default 2 */
  readonly pinned?: number
  /** @default 4210 */
  readonly followers?: number
}

export interface CreatorEmulator extends Emulator<CreatorWorld> {
  /** The token of the account that owns the runs. */
  readonly apifyToken: string
  readonly username: string
}

/** Starts an emulator of Apify, with the actors of one service and a creator there. */
export async function startCreators(
  name: string,
  service: Service,
  options: CreatorOptions,
  actors: (world: CreatorWorld) => readonly Actor[],
): Promise<CreatorEmulator> {
  const clock = clockOf(options)
  const { username = 'ada', posts = 60, pinned = 2, followers = 4_210 } = options
  const world = new CreatorWorld(clock, service, { seed: options.seed ?? 1, platform: options })
  world.addCreator(username, { posts, pinned, followers })
  world.platform.actors.push(...actors(world))
  const emulator = await startEmulator({
    ...options,
    name,
    clock,
    world,
    handle: apifyHandler(world.platform, options),
    refuse: (status) => apifyError(status),
    admin: {
      views: ['posts', 'post', 'followers', 'bill', 'runs'],
      mutations: [
        'addCreator',
        'publish',
        'pin',
        'remove',
        'removeAt',
        'restore',
        'edit',
        'hide',
        'setMetric',
        'grow',
        'nextRun',
        'live',
      ],
    },
  })
  return { ...emulator, apifyToken: world.platform.token, username }
}
