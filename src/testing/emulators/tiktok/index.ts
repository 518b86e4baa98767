// Owns what the TikTok emulator shows: Apify with the actors that read TikTok, its flags, and its part in the demo.

import { type CreatorEmulator, type CreatorOptions, startCreators } from '../apify/emulator.ts'
import { creatorPart } from '../apify/part.ts'
import { type PinsShown, tiktok, tiktokActors } from './rows.ts'

export interface TikTokOptions extends CreatorOptions {
  /** Whether a profile shows what is pinned first; TikTok does sometimes. @default 'sometimes' */
  readonly pins?: PinsShown
}

/**
 * Starts an emulator of Apify with the actors that read TikTok, and a creator there.
 *
 *   await using apify = await tiktokEmulator({ seed: 1, posts: 60 })
 *   apify.world.nextRun({ status: 'FAILED', rows: 5 })
 */
export function tiktokEmulator(options: TikTokOptions = {}): Promise<CreatorEmulator> {
  return startCreators('tiktok', tiktok, options, (world) => tiktokActors(world, options.pins ?? 'sometimes'))
}

export const part = creatorPart(tiktokEmulator, { id: 'tiktok', where: 'TikTok', what: 'video' })
