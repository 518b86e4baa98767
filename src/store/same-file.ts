// Owns whether two names stand for one file.

import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Through links of files and of folders, and by second names; also of a file that is not there yet. */
export function isSameFile(one: string, other: string): boolean {
  if (placeOf(one) === placeOf(other)) return true
  const [a, b] = [one, other].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}

/** Where a file is, or would be, without links. */
export function placeOf(path: string): string {
  for (const find of [() => realpathSync(path), () => join(realpathSync(dirname(resolve(path))), basename(path))]) {
    try {
      return find()
    } catch {
      // Nothing is there yet.
    }
  }
  return resolve(path)
}
