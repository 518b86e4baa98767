// Owns the list of the emulators that come with Tidemark: every folder here that has an index.ts.

import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { ownFile, ownUrl } from '../../program-files.ts'
import type { EmulatorPart } from './kit/part.ts'

const module = (name: string) => `testing/emulators/${name}/index`

/** Their names, each that of its connector. */
export function emulatorNames(): readonly string[] {
  const folders = readdirSync(dirname(dirname(ownFile(module('any')))))
  return folders.filter((name) => existsSync(ownFile(module(name)))).sort()
}

export async function findEmulator(name: string): Promise<EmulatorPart> {
  const { part } = (await import(ownUrl(module(name)))) as { part: EmulatorPart }
  return part
}
