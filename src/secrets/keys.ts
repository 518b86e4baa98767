// Owns the key of the house: 32 bytes that never lie in the database, where they are looked for, and when a new key may
// be made. Whoever has the database and not this key has no secret.

import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { TidemarkError } from '../model/errors.ts'
import { fingerprint } from '../model/fingerprint.ts'

export const KEY_BYTES = 32

/** Somewhere a key may be. */
export interface KeySource {
  /** Where it is looked for, in words for messages. */
  readonly place: string
  /**
   * The key, undefined when there is none yet and one may be made.
   *
   * @throws TidemarkError key_invalid, key_exposed, key_missing (stop)
   */
  find(): Promise<Uint8Array | undefined>
  /** Makes a key where `find` found none, durable before it is used; gives the other one when somebody was faster. */
  create(): Promise<Uint8Array>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where a person's key is: the variable TIDEMARK_KEY (base64), the file that TIDEMARK_KEY_FILE names, or a file in the
 * user's config folder, which is the only one that is ever made.
 */
export function findKey(environment: Environment = process.env): KeySource {
  const { TIDEMARK_KEY: text, TIDEMARK_KEY_FILE: file } = environment
  // An empty variable is a mistake in somebody's deployment; a key made instead would be lost with the container.
  if (text !== undefined) return given('TIDEMARK_KEY', () => decodeKey(text, 'TIDEMARK_KEY'))
  if (file !== undefined) return given(`TIDEMARK_KEY_FILE (${file})`, () => readNamedKey(file))
  const path = join(configFolder(environment), 'tidemark', 'key')
  return { place: path, find: () => readKeyFile(path), create: () => createKeyFile(path) }
}

/** A key that is there already. */
export function fixedKey(key: Uint8Array): KeySource {
  return given('the given key', () => {
    if (key.length !== KEY_BYTES) throw invalidKey('the given key', `has ${key.length} bytes`)
    return key
  })
}

/** The name of a key for messages: `printf %s "$TIDEMARK_KEY" | sha256sum | head -c 12` gives the same. */
export function keyName(key: Uint8Array): string {
  return fingerprint(Buffer.from(key).toString('base64'))
}

function given(place: string, read: () => Uint8Array | Promise<Uint8Array>): KeySource {
  const find = async () => read()
  return { place, find, create: find }
}

/** The folder for a user's settings (XDG base directories); a relative one is to be ignored by that standard. */
function configFolder({ XDG_CONFIG_HOME: folder, HOME: home }: Environment): string {
  if (folder !== undefined && isAbsolute(folder)) return folder
  return join(home === undefined || home === '' ? homedir() : home, '.config')
}

function decodeKey(text: string, place: string): Uint8Array {
  const trimmed = text.trim()
  if (!/^[\w+/-]+={0,2}$/.test(trimmed)) throw invalidKey(place, trimmed === '' ? 'is empty' : 'is not base64')
  const key = Buffer.from(trimmed, 'base64')
  if (key.length !== KEY_BYTES) throw invalidKey(place, `has ${key.length} bytes`)
  return key
}

async function readNamedKey(file: string): Promise<Uint8Array> {
  const key = await readKeyFile(file)
  if (key) return key
  throw new TidemarkError('key_missing', `TIDEMARK_KEY_FILE names ${file || 'nothing'}, which does not exist`, {
    hint: 'Correct the path, or make a key: head -c 32 /dev/urandom | base64 > FILE && chmod 600 FILE',
  })
}

async function readKeyFile(path: string): Promise<Uint8Array | undefined> {
  let text: string
  try {
    refuseExposed(path, (await stat(path)).mode)
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (error instanceof TidemarkError) throw error
    throw new TidemarkError('key_unreadable', `the key file ${path} cannot be read (${code})`, {
      hint: 'Run as the user who owns it.',
      cause: error,
    })
  }
  return decodeKey(text, `the key file ${path}`)
}

function refuseExposed(path: string, mode: number): void {
  // Windows has no such bits: there the folder's access list protects the file.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  const octal = (mode & 0o777).toString(8)
  throw new TidemarkError('key_exposed', `other users of this machine may read the key file ${path} (mode ${octal})`, {
    hint: `Run: chmod 600 ${path}`,
  })
}

async function createKeyFile(path: string): Promise<Uint8Array> {
  const folder = dirname(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`)
    // A link appears with all of its content or not at all, and never replaces a key that is there.
    await link(draft, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    })
    await syncFolder(folder)
  } catch (error) {
    throw new TidemarkError(
      'key_unwritable',
      `no key file can be made at ${path} (${(error as NodeJS.ErrnoException).code})`,
      {
        hint: 'Set TIDEMARK_KEY (32 bytes, base64) instead, for example from: head -c 32 /dev/urandom | base64',
        cause: error,
      },
    )
  } finally {
    await rm(draft, { force: true }).catch(() => {})
  }
  const key = await readKeyFile(path)
  if (!key) throw new TidemarkError('key_missing', `the key file ${path} vanished while it was made`)
  return key
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

/** A new name in a folder is durable when the folder is; systems that cannot do this need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

function invalidKey(place: string, what: string): TidemarkError {
  return new TidemarkError('key_invalid', `${place} ${what}; a key is ${KEY_BYTES} bytes in base64`, {
    hint: 'Make one with: head -c 32 /dev/urandom | base64',
  })
}
