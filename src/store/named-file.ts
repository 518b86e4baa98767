// Owns looking at a file that a person named before it is opened: opening a pipe waits for its other end, where no signal
// reaches, and reading a device may never end.

import { readFileSync, statSync } from 'node:fs'
import { TidemarkError } from '../model/errors.ts'

/** The largest settings or key file that is read, in bytes. */
export const SMALL_FILE_MAX_BYTES = 1_048_576

/** What a name stands for when that is no regular file and no folder; undefined also when nothing is there. */
export function specialKind(path: string): 'a pipe' | 'a device' | 'a socket' | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFIFO()) return 'a pipe'
  if (found?.isSocket()) return 'a socket'
  return found?.isCharacterDevice() || found?.isBlockDevice() ? 'a device' : undefined
}

/**
 * A pipe, a device or a socket is neither read as a database nor replaced by one.
 *
 * @throws TidemarkError argument_invalid
 */
export function refuseSpecial(path: string): void {
  const kind = specialKind(path)
  if (kind === undefined) return
  throw new TidemarkError('argument_invalid', `The path ${path} is ${kind}, not a regular file.`, {
    hint: 'Name a file, or a new name.',
  })
}

/**
 * The text of a file of settings.
 *
 * @throws Error with a `code`: what the system says, or what the file is
 */
export function readSmallFile(path: string): string {
  const kind = specialKind(path)
  if (kind !== undefined) throw unreadable(`it is ${kind}, not a regular file`)
  const { size } = statSync(path)
  if (size > SMALL_FILE_MAX_BYTES) throw unreadable(`it has more than ${SMALL_FILE_MAX_BYTES} bytes`)
  return readFileSync(path, 'utf8')
}

function unreadable(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`The file can't be read: ${code}.`), { code })
}
