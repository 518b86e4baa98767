// Owns the key file: how a key is read from one, made, and exchanged for a new one. At every moment, whatever happens,
// a whole key stands under the file's name, and a retired one beside it under a name of its own.

import { randomBytes } from 'node:crypto'
import { chmod, link, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { TidemarkError } from '../model/errors.ts'
import { fingerprint } from '../model/fingerprint.ts'
import { plural } from '../model/plural.ts'
import { makeFolder } from '../store/make-folder.ts'
import { readSmallFile, specialKind } from '../store/named-file.ts'
import { syncFolder } from '../store/sync-folder.ts'

export const KEY_BYTES = 32
const KEY_NAME = /^[0-9a-f]{12}$/

/** The name of a key for messages: `printf %s "$TIDEMARK_KEY" | sha256sum | head -c 12` gives the same. */
export function keyName(key: Uint8Array): string {
  return fingerprint(Buffer.from(key).toString('base64'))
}

/** @throws TidemarkError key_invalid */
export function decodeKey(text: string, place: `The ${string}`): Uint8Array {
  const trimmed = text.trim()
  if (!/^[\w+/-]+={0,2}$/.test(trimmed)) throw invalidKey(place, trimmed === '' ? 'is empty' : 'is not base64')
  const key = Buffer.from(trimmed, 'base64')
  if (key.length !== KEY_BYTES) throw invalidKey(place, `has ${plural(key.length, 'byte')}`)
  return key
}

export function invalidKey(place: `The ${string}`, what: string): TidemarkError {
  return new TidemarkError('key_invalid', `${place} ${what}; a key is ${KEY_BYTES} bytes in base64.`)
}

/** A key file that others may read: it is used, and somebody should be told. */
export interface ExposedKey {
  readonly file: string
  /** Permission bits in octal, such as 644. */
  readonly mode: string
}

export type OnExposed = (exposed: ExposedKey) => void

/**
 * The key in a file; undefined when there is no such file. One that others may read is told to `onExposed`.
 *
 * @throws TidemarkError key_invalid, key_unreadable
 */
export async function readKeyFile(path: string, onExposed?: OnExposed): Promise<Uint8Array | undefined> {
  let text: string
  try {
    const { mode } = await stat(path)
    if (isExposed(mode)) onExposed?.({ file: path, mode: (mode & 0o777).toString(8) })
    text = readSmallFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new TidemarkError('key_unreadable', `The key file ${path} cannot be read (${code}).`, {
      cause: error,
      ...(specialKind(path) && { hint: 'Put the key into a file, or into TIDEMARK_KEY.' }),
    })
  }
  return decodeKey(text, `The key file ${path}`)
}

function isExposed(mode: number): boolean {
  // Windows has no such bits: there the folder's access list protects the file.
  return process.platform !== 'win32' && (mode & 0o077) !== 0
}

/** What is wrong with an exposed key, and the command that mends it; never thrown. */
export function exposure({ file, mode }: ExposedKey): TidemarkError {
  return new TidemarkError('key_exposed', `Other users of this machine may read the key file ${file} (mode ${mode}).`, {
    hint: `Run: chmod 600 ${file}`,
  })
}

/**
 * Makes a key, durable before it is used; gives the other one when somebody was faster.
 *
 * @throws TidemarkError key_unwritable, and what reading may throw
 */
export async function createKeyFile(path: string, onExposed?: OnExposed): Promise<Uint8Array> {
  const folder = dirname(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  try {
    makeFolder(folder, 0o700)
    await writeDurably(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`)
    // A link appears with all of its content or not at all, and never replaces a key that is there.
    await linkUnlessThere(draft, path)
    syncFolder(folder)
  } catch (error) {
    throw unwritable(path, error)
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
  const key = await readKeyFile(path, onExposed)
  if (!key) throw new TidemarkError('key_missing', `The key file ${path} vanished while it was made.`)
  return key
}

/** Where the key lies that is to follow, while it is not in its place yet. */
export function nextPath(path: string): string {
  return `${path}.new`
}

/** Where a key lies that was followed by another. */
export function retiredPath(path: string, name: string): string {
  return `${path}.${name}`
}

/** The names of all keys that lie beside the file and were followed by another, in no order. */
export async function retiredNames(path: string): Promise<readonly string[]> {
  const files = await readdir(dirname(path)).catch((): string[] => [])
  const before = `${basename(path)}.`
  const names = files.filter((file) => file.startsWith(before)).map((file) => file.slice(before.length))
  return names.filter((name) => KEY_NAME.test(name))
}

/** All files that keys are in, or may be in while one follows another. */
export async function keyFiles(path: string): Promise<readonly string[]> {
  const names = await retiredNames(path)
  return [path, nextPath(path), ...names.map((name) => retiredPath(path, name))]
}

/** Deletes a key that was followed by another; durable. */
export async function forgetRetired(path: string, name: string): Promise<void> {
  try {
    await rm(retiredPath(path, name), { force: true })
  } catch (error) {
    throw unwritable(path, error)
  }
  syncFolder(dirname(path))
}

/**
 * Puts the key that was made under `nextPath` in place, and keeps the one before as a retired key.
 *
 * @throws TidemarkError key_unwritable
 */
export async function exchangeKeyFile(path: string, before: Uint8Array, next: Uint8Array): Promise<void> {
  try {
    await linkUnlessThere(path, retiredPath(path, keyName(before)))
    syncFolder(dirname(path))
    await rename(nextPath(path), path)
    await hide(retiredPath(path, keyName(before)))
    syncFolder(dirname(path))
  } catch (error) {
    const now = await readKeyFile(path)
    // Another rotation, of another database under the same key, has done it.
    if (now && keyName(now) === keyName(next)) return
    throw unwritable(path, error)
  }
}

/** A retired key is a file of ours, which nobody else may read; the one that a person made may have been open to others. */
async function hide(path: string): Promise<void> {
  const isOurs = (await lstat(path).catch(() => undefined))?.isFile() ?? false
  if (isOurs) await chmod(path, 0o600)
}

async function linkUnlessThere(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

function unwritable(path: string, error: unknown): TidemarkError {
  const { code } = error as NodeJS.ErrnoException
  return new TidemarkError('key_unwritable', `No key file can be made at ${path} (${code}).`, {
    cause: error,
  })
}
