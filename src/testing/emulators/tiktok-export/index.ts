// Owns what the TikTok export emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { tiktokExportEmulator } from './emulator.ts'
import type { ExportOptions } from './export-file.ts'

export { type TikTokExportEmulator, type TikTokExportEmulatorOptions, tiktokExportEmulator } from './emulator.ts'
export type { ExportFile, ExportOptions, ListForm } from './export-file.ts'
export type { ListName, TikTokExportWorld, Visibility } from './world.ts'

const FAVORITES = 90
const LIKES = 40

export const part = emulatorPart({
  /** With `folder`, an export is written into it first: of `bytes`, in a `shape`, as a `pack`. */
  flags: { favorites: 290, likes: 120, folder: '', bytes: 0, shape: 'groups', pack: 'json', 'no-limits': false },

  async start(common, { favorites, likes, folder, bytes, shape, pack, 'no-limits': noLimits }) {
    const limits = noLimits ? { perMinute: false as const } : {}
    const emulator = await tiktokExportEmulator({ ...common, favorites, likes, ...limits })
    if (folder === '') return { emulator, credentials: {} }
    const file = emulator.exportFile({ bytes, shape, pack } as ExportOptions)
    return { emulator, credentials: { file: await file.writeTo(folder) } }
  },

  async demo(common) {
    const emulator = await tiktokExportEmulator({ ...common, favorites: FAVORITES, likes: LIKES })
    const { world } = emulator
    return {
      emulator,
      id: 'saved',
      has: `TikTok, whose export has ada’s ${FAVORITES} favourites`,
      // For the titles that could not be read with the file.
      schedule: 'cron 0 4 * * *',
      options: { enrich: true },
      news(round) {
        const favorites = round === 1 ? 3 : 2
        world.save('favorites', favorites)
        world.unsaveAt('favorites', 30)
        return `ada adds ${plural(favorites, 'favourite')} on TikTok, and takes one out`
      },
      upload: async (folder) => ({
        stream: 'favorites',
        path: await emulator.exportFile({ pack: 'zip', bytes: 500_000 }).writeTo(folder),
      }),
      live: () => world.live(),
    }
  },
})
