// Owns what the X emulator shows: Apify with the actor that reads X, its flags, and its part in the demo.

import { type CreatorEmulator, type CreatorOptions, startCreators } from '../apify/emulator.ts'
import { creatorPart } from '../apify/part.ts'
import { type XRules, x, xActors } from './rows.ts'

export interface XOptions extends CreatorOptions, XRules {}

/**
 * Starts an emulator of Apify with the actor that reads X, and a creator there.
 *
 *   await using apify = await xEmulator({ seed: 1, posts: 60 })
 *   apify.world.pin(apify.world.posts('ada').at(-1))
 */
export function xEmulator(options: XOptions = {}): Promise<CreatorEmulator> {
  return startCreators('x', x, options, (world) => xActors(world, options))
}

export const part = creatorPart(xEmulator, { id: 'posts', where: 'X', what: 'post' })
