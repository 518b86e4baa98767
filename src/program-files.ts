// Owns where the program's own files lie: TypeScript under src/ in a checkout, what was built of it under dist/ in a
// package. Built files share chunks, so that no file knows how deep it lies; it asks here.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How the files end that are running. */
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** The folder of the package: that of the nearest package.json. */
export const PACKAGE_FOLDER = packageFolder(import.meta.dirname)

function packageFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error(`There is no package.json above ${from}.`)
  }
}

/** The file of one module of this program, named as under src/ and without its ending: `connectors/github`. */
export function ownFile(module: string): string {
  return join(PACKAGE_FOLDER, ENDING === 'ts' ? 'src' : 'dist', `${module}.${ENDING}`)
}

/** The same as an address that can be imported. */
export function ownUrl(module: string): string {
  return pathToFileURL(ownFile(module)).href
}

/** A file of data that this program reads, named as under src/. */
export function ownData(file: string): string {
  return join(PACKAGE_FOLDER, ENDING === 'ts' ? 'src' : 'dist', file)
}
