// Owns the refusal of a Node that is too old, before anything that it lacks is missed. Each entry of the library imports
// this first; the command line has the same check in bin/tidemark.js.

import { TidemarkError } from './model/errors.ts'

/** Node 22.18 has everything: SQLite, and TypeScript without a flag; of the odd line 23, 23.6 and later do. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

if (!isNewEnough(process.versions.node)) {
  throw new TidemarkError(
    'node_unsupported',
    `Tidemark needs Node 22.18 or newer, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org.`,
  )
}
