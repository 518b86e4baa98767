// Owns what the Stalker emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { type StalkerOptions, stalkerEmulator } from './emulator.ts'

export { type StalkerEmulator, type StalkerOptions, stalkerEmulator } from './emulator.ts'
export type { PortalKind, StalkerWorld } from './world.ts'

const TITLES = 1_400
/** As many as the largest portal whose numbers are known; its pages take a moment. */
const LARGE = { titles: 83_183, pageMs: 20 }

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

  async demo({ large = false, ...common }) {
    const size = large ? LARGE.titles : TITLES
    const emulator = await stalkerEmulator({ ...common, kind: 'xtream', titles: size })
    const { world, mac, faults } = emulator
    if (large) faults.when({ query: { action: 'get_ordered_list' } }, { kind: 'delay', ms: LARGE.pageMs })
    return {
      emulator,
      id: 'tv',
      has: `a Stalker portal with ${size.toLocaleString('en')} films and series`,
      options: { mac },
      schedule: 'cron 0 3 * * *',
      takesLong: large,
      news(round) {
        const titles = round === 1 ? 20 : 2
        world.add(titles)
        return `${plural(titles, 'title comes', 'titles come')} to the portal`
      },
      live: () => world.live(),
    }
  },
})
