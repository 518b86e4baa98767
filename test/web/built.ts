// Owns the dashboard as tests see it: built from its source as it is.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')

export const DIST = join(ROOT, 'dist', 'web')

/** Builds it, unless it is built. */
export async function builtWeb(): Promise<void> {
  const { buildWeb } = (await import(pathToFileURL(join(ROOT, 'web', 'build.js')).href)) as {
    readonly buildWeb: (folder: string) => Promise<void>
  }
  await buildWeb(DIST)
}
