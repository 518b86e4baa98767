// Owns the Stalker emulator's face: its options, and the server around its world.

import { jsonAnswer } from '../kit/answer.ts'
import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type ApiRules, ENDPOINTS, page, stalkerHandler } from './api.ts'
import { Sessions } from './session.ts'
import { type PortalKind, StalkerWorld } from './world.ts'

export interface StalkerOptions extends CommonOptions, ApiRules {
  /** Ministra, the original, or an emulator of it in front of an Xtream panel. @default 'ministra' */
  readonly kind?: PortalKind
  /** Films and series. @default 240 */
  readonly titles?: number
  /** @default 12 */
  readonly categories?: number
  /** @default 40 */
  readonly channels?: number
  /** How many titles come in one second. @default 3 */
  readonly tied?: number
  /** Devices that are let in. @default 00:1A:79:00:00:01 */
  readonly macs?: readonly string[]
  /** The portal asks for a login. @default it asks for none */
  readonly login?: { readonly login: string; readonly password: string }
  /** A handshake leaves the tokens before it good. @default false */
  readonly keepsTokens?: boolean
  /** A session ends so long after its handshake, in seconds, as that of a client without a watchdog may. @default never */
  readonly watchdogSeconds?: number
}

export interface StalkerEmulator extends Emulator<StalkerWorld> {
  /** The first device that is let in. */
  readonly mac: string
  /** The address that a person types into a box. */
  readonly portalUrl: string
  /** Where the portal answers. */
  readonly endpoint: string
  /** Every token ends. */
  expireTokens(): void
  /** Another box with the same address opens a session right after each of so many handshakes, and ends theirs. */
  signInElsewhere(times?: number): void
}

const MAC = '00:1A:79:00:00:01'

/**
 * Starts an emulator of a Stalker portal: handshake, profile, categories, titles and channels.
 *
 *   await using portal = await stalkerEmulator({ seed: 1, titles: 83_183 })
 *   portal.world.add(20)
 *   portal.expireTokens()
 */
export async function stalkerEmulator(options: StalkerOptions = {}): Promise<StalkerEmulator> {
  const clock = clockOf(options)
  const kind = options.kind ?? 'ministra'
  const world = new StalkerWorld(clock, {
    kind,
    seed: options.seed ?? 1,
    titles: options.titles ?? 240,
    categories: options.categories ?? 12,
    channels: options.channels ?? 40,
    tied: options.tied ?? 3,
  })
  const macs = options.macs ?? [MAC]
  const { login, keepsTokens = false, watchdogSeconds } = options
  const sessions = new Sessions({ macs, login, keepsTokens, watchdogSeconds })
  const emulator = await startEmulator({
    ...options,
    name: 'stalker',
    clock,
    world,
    handle: stalkerHandler(world, sessions, options),
    refuse: (status) =>
      status === 429 ? jsonAnswer(429, { error: 'too many requests' }) : page(status, `${status} by the portal`),
    admin: {
      views: ['ids', 'categoryIds', 'channelIds'],
      mutations: [
        'add',
        'addBeside',
        'removeAt',
        'hideAt',
        'closeCategory',
        'publish',
        'changeAt',
        'removeChannel',
        'addCategory',
        'block',
        'unblock',
        'live',
      ],
    },
  })
  const endpoint = emulator.url + ENDPOINTS[kind]
  const portalUrl = `${emulator.url}${kind === 'ministra' ? '/stalker_portal' : ''}/c/`
  return {
    ...emulator,
    mac: macs[0] ?? MAC,
    portalUrl,
    endpoint,
    expireTokens: () => sessions.expire(),
    signInElsewhere: (times = 1) => sessions.rival(times),
  }
}
