// Owns the TikTok export emulator's face: its options, the oEmbed server around its world, and the files of an account.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type OEmbedRules, oembedError, oembedHandler } from './api.ts'
import { type ExportFile, type ExportOptions, exportFile } from './export-file.ts'
import { TikTokExportWorld } from './world.ts'

export interface TikTokExportEmulatorOptions extends CommonOptions, OEmbedRules {
  /** How many favourites the account has at first. @default 290 */
  readonly favorites?: number
  /** How many likes the account has at first. @default 120 */
  readonly likes?: number
}

export interface TikTokExportEmulator extends Emulator<TikTokExportWorld> {
  /** The account's data as it is now, as TikTok would hand it out. */
  exportFile(options?: ExportOptions): ExportFile
}

/**
 * Starts an emulator of TikTok's oEmbed address, for one account whose data can be exported in every shape.
 *
 *   await using tiktok = await tiktokExportEmulator({ seed: 1, favorites: 290 })
 *   const path = await tiktok.exportFile({ pack: 'zip' }).writeTo(folder)
 *   tiktok.world.unsaveAt('favorites', 3)
 */
export async function tiktokExportEmulator(options: TikTokExportEmulatorOptions = {}): Promise<TikTokExportEmulator> {
  const { seed = 1, favorites = 290, likes = 120 } = options
  const clock = clockOf(options)
  const world = new TikTokExportWorld(clock, { seed, favorites, likes })
  const emulator = await startEmulator({
    ...options,
    name: 'tiktok-export',
    clock,
    world,
    handle: oembedHandler(world, options),
    refuse: (status) => oembedError(status),
    admin: { views: ['ids', 'video'], mutations: ['save', 'unsaveAt', 'resaveAt', 'setState', 'live'] },
  })
  return {
    ...emulator,
    exportFile: (form) => exportFile({ favorites: world.saved('favorites'), likes: world.saved('likes') }, seed, form),
  }
}
