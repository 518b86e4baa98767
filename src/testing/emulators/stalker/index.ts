// Owns what the Stalker emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { type StalkerOptions, stalkerEmulator } from './emulator.ts'

export { type StalkerEmulator, type StalkerOptions, stalkerEmulator } from './emulator.ts'
export type { PortalKind, StalkerWorld } from './world.ts'

const TITLES = 1_400

export const part = emulatorPart({
  flags: { titles: 240, kind: 'ministra', channels: 40 },

  async start(common, { titles, kind, channels }) {
    const emulator = await stalkerEmulator({
      ...common,
      titles,
      channels,
      kind: kind as NonNullable<StalkerOptions['kind']>,
    })
    const { mac, portalUrl } = emulator
    return { emulator, credentials: { mac, portalUrl } }
  },

  async demo(common) {
    const emulator = await stalkerEmulator({ ...common, kind: 'xtream', titles: TITLES })
    const { world, mac } = emulator
    return {
      emulator,
      id: 'tv',
      has: `a Stalker portal with ${TITLES.toLocaleString('en')} films and series`,
      options: { mac },
      news(round) {
        const titles = round === 1 ? 20 : 2
        world.add(titles)
        return `${plural(titles, 'title comes', 'titles come')} to the portal`
      },
      live: () => world.live(),
    }
  },
})
