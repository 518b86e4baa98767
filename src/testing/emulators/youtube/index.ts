// Owns what the YouTube emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { youtubeEmulator } from './emulator.ts'

export { type YouTubeEmulator, type YouTubeOptions, youtubeEmulator } from './emulator.ts'
export type { KeyState } from './project.ts'
export type { VideoState, YouTubeWorld } from './world.ts'

const CHANNEL = '@ada'
const VIDEOS = 320

export const part = emulatorPart({
  flags: { channel: CHANNEL, videos: VIDEOS, 'units-per-day': 10_000 },

  async start(common, { channel, videos, 'units-per-day': unitsPerDay }) {
    const emulator = await youtubeEmulator({ ...common, channels: { [channel]: videos }, unitsPerDay })
    return { emulator, credentials: { channel, apiKey: emulator.apiKey, baseUrl: emulator.apiUrl } }
  },

  async demo(common) {
    const emulator = await youtubeEmulator({ ...common, channels: { [CHANNEL]: VIDEOS } })
    const { world, apiKey, apiUrl: baseUrl } = emulator
    return {
      emulator,
      id: 'yt',
      has: `YouTube, where ${CHANNEL} has a channel with ${world.listed(CHANNEL).length} videos`,
      schedule: 'every 30m',
      options: { channel: CHANNEL, apiKey, baseUrl },
      news(round) {
        const videos = round === 1 ? 2 : 1
        world.publish(CHANNEL, videos)
        world.drift(CHANNEL, 120)
        return `${CHANNEL} publishes ${plural(videos, 'video')}`
      },
      live: () => world.live(CHANNEL),
    }
  },
})
