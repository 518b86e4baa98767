// Owns the YouTube emulator's face: its options, and the server around its world.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { API_PATH, type ApiRules, refusal, youtubeHandler } from './api.ts'
import { YouTubeWorld } from './world.ts'

export interface YouTubeOptions extends CommonOptions, ApiRules {
  /** Channels by handle, and how many videos each has uploaded. @default `{ '@ada': 230 }` */
  readonly channels?: Readonly<Record<string, number>>
  /** Shorthand for the uploads of the default channel. */
  readonly videos?: number
  readonly apiKey?: string
  /** The daily quota of the project. @default 10,000 */
  readonly unitsPerDay?: number
  /**
   * What the list of uploads is ordered by: a video that is published long after its upload stands on top, or where it was
   * uploaded. @default 'published'
   */
  readonly order?: 'published' | 'uploaded'
}

export interface YouTubeEmulator extends Emulator<YouTubeWorld> {
  /** The base URL of the API; `url` is that of its host. */
  readonly apiUrl: string
  readonly apiKey: string
}

/**
 * Starts an emulator of the YouTube Data API v3, as far as a channel and its videos need it.
 *
 *   await using youtube = await youtubeEmulator({ seed: 1, videos: 120 })
 *   … read from youtube.apiUrl with youtube.apiKey …
 *   youtube.world.setState(youtube.world.listed('@ada')[3], 'private')
 */
export async function youtubeEmulator(options: YouTubeOptions = {}): Promise<YouTubeEmulator> {
  const clock = clockOf(options)
  const { apiKey = 'AIzaSyDemo-0123456789abcdefghijklmnopqr', unitsPerDay = 10_000, order = 'published' } = options
  const world = new YouTubeWorld(clock, { seed: options.seed ?? 1, order, unitsPerDay })
  world.setKey(apiKey, 'good')
  for (const [handle, videos] of Object.entries(options.channels ?? { '@ada': options.videos ?? 230 })) {
    world.addChannel(handle, videos)
  }
  const emulator = await startEmulator({
    ...options,
    name: 'youtube',
    clock,
    world,
    handle: youtubeHandler(world, options),
    refuse: refusal,
    admin: {
      views: ['listed', 'video', 'channel', 'spent'],
      mutations: [
        'addChannel',
        'publish',
        'publishLate',
        'setState',
        'edit',
        'hideLikes',
        'turnOffComments',
        'drift',
        'hideSubscribers',
        'terminate',
        'setKey',
        'spend',
        'live',
      ],
    },
  })
  return { ...emulator, apiKey, apiUrl: emulator.url + API_PATH }
}
