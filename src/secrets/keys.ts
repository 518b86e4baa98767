// Owns the key of the house: 32 bytes that never lie in the database, where they are looked for, when a new key may be
// made, and how it is exchanged for another. Whoever has the database and not this key has no secret.

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { TidemarkError } from '../model/errors.ts'
import { plural } from '../model/plural.ts'
import {
  createKeyFile,
  decodeKey,
  type ExposedKey,
  exchangeKeyFile,
  forgetRetired,
  invalidKey,
  KEY_BYTES,
  keyName,
  nextPath,
  type OnExposed,
  readKeyFile,
  retiredNames,
  retiredPath,
} from './key-file.ts'

export { exposure, keyName } from './key-file.ts'

/** Somewhere a key may be. */
export interface KeySource {
  /** Where it is looked for, in words for messages. */
  readonly place: string
  /** The file that it is in; undefined for a key that is given. */
  readonly file?: string
  /**
   * The key, undefined when there is none yet and one may be made.
   *
   * @throws TidemarkError key_invalid, key_unreadable, key_missing (stop)
   */
  find(): Promise<Uint8Array | undefined>
  /** Makes a key where `find` found none, durable before it is used; gives the other one when somebody was faster. */
  create(): Promise<Uint8Array>
  /** A key that was followed by another, by its name; undefined when it is not kept. */
  retired(name: string): Promise<Uint8Array | undefined>
  readonly exchange: KeyExchange
}

/** How the key of the house is followed by another one. */
export interface KeyExchange {
  /** The key of an exchange that was begun: by a rotation that was interrupted, or by a person. */
  pending(): Promise<Uint8Array | undefined>
  /**
   * Makes the key that is to follow, durable before it is used.
   *
   * @throws TidemarkError key_new_missing when only a person can name it, key_unwritable
   */
  begin(): Promise<Uint8Array>
  /** Puts it in place; the one before stays as a retired key. False: a person has to do this. */
  complete(before: Uint8Array, next: Uint8Array): Promise<boolean>
  /** The names of the retired keys that are kept, of this exchange and of earlier ones. */
  kept(): Promise<readonly string[]>
  /** Forgets a retired key. */
  forget(name: string): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where a person's key is: the variable TIDEMARK_KEY (base64), the file that TIDEMARK_KEY_FILE names, or a file in the
 * user's config folder, which is the only one that is ever made. A file that others may read is told to `onExposed`, once.
 */
export function findKey(environment: Environment = process.env, onExposed?: OnExposed): KeySource {
  const { TIDEMARK_KEY: text, TIDEMARK_KEY_NEW: next, TIDEMARK_KEY_FILE: file } = environment
  // An empty variable is a mistake in somebody's deployment; a key made instead would be lost with the container.
  if (text !== undefined) {
    const key = () => decodeKey(text, 'The key in TIDEMARK_KEY')
    return given(
      'TIDEMARK_KEY',
      key,
      next === undefined ? undefined : () => decodeKey(next, 'The key in TIDEMARK_KEY_NEW'),
    )
  }
  if (file !== undefined) {
    const source = inFile(file, `TIDEMARK_KEY_FILE (${file})`, onExposed)
    const find = async () => (await source.find()) ?? notThere(file)
    return { ...source, find, create: find }
  }
  const path = join(configFolder(environment), 'tidemark', 'key')
  return inFile(path, path, onExposed)
}

/** A key that is there already. */
export function fixedKey(key: Uint8Array): KeySource {
  return given('the given key', () => {
    if (key.length !== KEY_BYTES) throw invalidKey('The given key', `has ${plural(key.length, 'byte')}`)
    return key
  })
}

function given(place: string, read: () => Uint8Array, next?: () => Uint8Array): KeySource {
  const find = async () => read()
  return {
    place,
    find,
    create: find,
    retired: async () => undefined,
    exchange: {
      pending: async () => (next && keyName(next()) !== keyName(read()) ? next() : undefined),
      begin: async () => {
        throw new TidemarkError('key_new_missing', `The key comes from ${place}, and no new one was given.`, {
          hint: 'Give the new one: TIDEMARK_KEY_NEW="$(head -c 32 /dev/urandom | base64)" tidemark keys rotate (and keep it).',
        })
      },
      complete: async () => false,
      kept: async () => [],
      forget: async () => {},
    },
  }
}

function inFile(path: string, place: string, onExposed: OnExposed = () => {}): KeySource {
  const told = new Set<string>()
  const tell = (exposed: ExposedKey) => {
    if (!told.has(exposed.file)) onExposed(exposed)
    told.add(exposed.file)
  }
  return {
    place,
    file: path,
    find: () => readKeyFile(path, tell),
    create: () => createKeyFile(path, tell),
    retired: (name) => readKeyFile(retiredPath(path, name), tell),
    exchange: {
      pending: () => readKeyFile(nextPath(path), tell),
      begin: () => createKeyFile(nextPath(path), tell),
      async complete(before, next) {
        await exchangeKeyFile(path, before, next)
        return true
      },
      kept: () => retiredNames(path),
      forget: (name) => forgetRetired(path, name),
    },
  }
}

/** The folder for a user's settings (XDG base directories); a relative one is to be ignored by that standard. */
function configFolder({ XDG_CONFIG_HOME: folder, HOME: home }: Environment): string {
  if (folder !== undefined && isAbsolute(folder)) return folder
  return join(home === undefined || home === '' ? homedir() : home, '.config')
}

function notThere(file: string): never {
  throw new TidemarkError('key_missing', `TIDEMARK_KEY_FILE names ${file || 'nothing'}, which does not exist.`, {
    hint: 'Correct the path, or make a key: head -c 32 /dev/urandom | base64 > FILE && chmod 600 FILE',
  })
}
