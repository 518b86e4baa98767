// Owns how a person calls this program from where they are: in a checkout there is no `tidemark` on the PATH. Pure.

import { isAbsolute, join, relative } from 'node:path'

interface Start {
  /** The folder of this package. */
  readonly root: string
  /** The file that was started, as it was named: a link of a PATH, a link of npm, or the program itself. */
  readonly started: string
  /** Where the person stands. */
  readonly folder: string
  /** What npm says of itself to what it starts. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** `node bin/tidemark.js` in a checkout, `npx tidemark` in a project, `tidemark` where it is installed for all. */
export function ownCommand({ root, started, folder, environment }: Start): string {
  if (!/[\\/]node_modules[\\/]/.test(root)) return `node ${quoted(nearest(folder, join(root, 'bin', 'tidemark.js')))}`
  const inProject = environment['npm_command'] === 'exec' || /[\\/]node_modules[\\/]/.test(started)
  return inProject ? 'npx tidemark' : 'tidemark'
}

function nearest(folder: string, file: string): string {
  const path = relative(folder, file)
  return path.startsWith('..') || isAbsolute(path) ? file : path
}

/** For a shell; what needs no quotes has none. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
