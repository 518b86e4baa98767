// Owns what the Instagram emulator shows: Apify with the actors that read Instagram, its flags, and its part in the demo.

import { type CreatorEmulator, type CreatorOptions, startCreators } from '../apify/emulator.ts'
import { creatorPart } from '../apify/part.ts'
import { instagram, instagramActors } from './rows.ts'

/**
 * Starts an emulator of Apify with the actors that read Instagram, and a creator there.
 *
 *   await using apify = await instagramEmulator({ seed: 1, posts: 60 })
 *   apify.world.publish('ada', 3)
 *   apify.world.bill()
 */
export function instagramEmulator(options: CreatorOptions = {}): Promise<CreatorEmulator> {
  return startCreators('instagram', instagram, options, instagramActors)
}

export const part = creatorPart(instagramEmulator, { id: 'reels', where: 'Instagram', what: 'reel' })
