// Owns how secrets are sealed and opened: with data keys of the database, which are themselves sealed with the key of the
// house. The key is looked for when the first secret is sealed or opened, not before: whoever reads records needs none.

import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { SealedSecret, WrappedKey } from '../store/store.ts'
import { type KeyStore, neededDataKeys } from './data-keys.ts'
import {
  type DataKey,
  dataKeyOf,
  marksOf,
  newDataKey,
  openSecret,
  sealSecret,
  unwrapDataKey,
  wrapDataKey,
} from './envelopes.ts'
import { fixedKey, type KeySource, keyName } from './keys.ts'

export interface Vault {
  /**
   * Seals one secret of a connection for the version it will be stored with. Makes the database's first data key, and
   * the key file if there is none; makes another data key if no stored secret needs those that can't be opened.
   *
   * @throws TidemarkError key_missing, key_unwritable, key_invalid, key_unreadable, key_wrong (stop)
   */
  seal(project: string, connection: string, name: string, version: number, text: string): Promise<SealedSecret>
  /**
   * @throws TidemarkError secret_unreadable (stop) for a secret that was changed or belongs elsewhere; key_missing,
   *   key_wrong, key_invalid, key_unreadable
   */
  open(project: string, connection: string, sealed: SealedSecret): Promise<string>
  /** Opens every data key that a stored secret needs, without any secret; what `open` would throw, this throws. */
  check(): Promise<void>
}

export interface VaultSetup {
  readonly store: KeyStore
  /** The key of the house, or where to look for it. */
  readonly key: () => Uint8Array | KeySource
  readonly clock: Pick<Clock, 'now'>
  /** Called with every secret that is sealed or opened: no message may show it. */
  readonly onSecret?: ((text: string) => void) | undefined
}

/** The vault of a database. Nothing is read before it is used. */
export function openVault(setup: VaultSetup): Vault {
  const { store, clock, onSecret = () => {} } = setup
  /** Data keys that were opened, by id. */
  const keys = new Map<string, DataKey>()
  let source: KeySource | undefined
  let house: Uint8Array | undefined

  function keySource(): KeySource {
    if (source) return source
    const given = setup.key()
    return (source = given instanceof Uint8Array ? fixedKey(given) : given)
  }

  async function openKey(one: WrappedKey): Promise<DataKey> {
    const key = keys.get(one.id) ?? (await unwrap(one))
    keys.set(one.id, key)
    return key
  }

  /** The data key that seals, the last one that opens; undefined when a new one has to be made. */
  async function sealingKey(): Promise<DataKey | undefined> {
    let needed: readonly string[] | undefined
    for (const one of (await store.secrets.dataKeys()).toReversed()) {
      try {
        return await openKey(one)
      } catch (error) {
        // A lost key locks nobody out of a database in which it has nothing to open.
        needed ??= (await neededDataKeys(store)).map(({ id }) => id)
        if (needed.includes(one.id)) throw error
      }
    }
    return undefined
  }

  async function unwrap(one: WrappedKey): Promise<DataKey> {
    const places = keySource()
    const known = house && unwrapDataKey(one.id, one.wrapped, house)
    if (known) return known
    // Not yet looked for, or exchanged for another by a rotation since then.
    house = (await places.find()) ?? house
    const found = house && unwrapDataKey(one.id, one.wrapped, house)
    if (found) return found
    const old = await unwrapRetired(places, one)
    if (old) return old
    throw house ? wrongKey(one, house) : keyMissing(places)
  }

  /** Two processes may do this at once: both keys are kept then, and both processes can open what the other seals. */
  async function makeDataKey(): Promise<void> {
    house ??= (await keySource().find()) ?? (await keySource().create())
    const fresh = newDataKey()
    const wrapped = wrapDataKey(fresh, [house])
    await store.secrets.addDataKey({ id: fresh.id, wrapped, at: clock.now() })
    // A rotation that came to its end meanwhile did not see this key.
    const now = (await keySource().find()) ?? house
    if (keyName(now) === keyName(house)) return
    await store.secrets.rewrapDataKey(fresh.id, { expect: wrapped, wrapped: wrapDataKey(fresh, [house, now]) })
    house = now
  }

  async function dataKey(id: string): Promise<WrappedKey | undefined> {
    return (await store.secrets.dataKeys()).find((one) => one.id === id)
  }

  let making: Promise<void> | undefined

  return {
    async seal(project, connection, name, version, text) {
      onSecret(text)
      let key = await sealingKey()
      if (!key) {
        making ??= makeDataKey().finally(() => {
          making = undefined
        })
        await making
        key = await sealingKey()
      }
      if (!key) throw new TidemarkError('key_missing', 'The data key of this database vanished while it was made.')
      return { name, version, sealed: sealSecret(key, { project, connection, name, version }, text) }
    },

    async open(project, connection, { name, version, sealed }) {
      const id = dataKeyOf(sealed)
      const wrapped = id === undefined || keys.has(id) ? undefined : await dataKey(id)
      const key = wrapped ? await openKey(wrapped) : keys.get(id ?? '')
      if (!key) throw unreadable(name, connection, 'its data key is not in this database')
      const text = openSecret(key, { project, connection, name, version }, sealed)
      if (text === undefined) throw unreadable(name, connection, 'it was changed, or made for another place')
      onSecret(text)
      return text
    },

    async check() {
      for (const one of await neededDataKeys(store)) await openKey(one)
    },
  }
}

/** With a key that was followed by another: of two databases under one key, one was rotated and the other was not. */
export async function unwrapRetired(source: KeySource, { id, wrapped }: WrappedKey): Promise<DataKey | undefined> {
  for (const mark of marksOf(wrapped) ?? []) {
    const old = await source.retired(mark)
    const key = old && unwrapDataKey(id, wrapped, old)
    if (key) return key
  }
  return undefined
}

/** What it means that a key of the house doesn't open a data key. */
export function wrongKey({ id, wrapped }: WrappedKey, house: Uint8Array): TidemarkError {
  const have = keyName(house)
  const wanted = marksOf(wrapped)
  if (!wanted || wanted.includes(have)) {
    return new TidemarkError('secret_unreadable', `The data key ${id} of this database is damaged.`, {
      hint: 'Restore the database from a backup, or connect every connection again.',
    })
  }
  const names = wanted.join(' and ')
  return new TidemarkError('key_wrong', `This database was sealed with the key ${names}, not with ${have}.`, {
    hint: `Set TIDEMARK_KEY to the key whose SHA-256 begins with ${wanted.at(-1)} (check: printf %s "$TIDEMARK_KEY" | sha256sum). If it is lost, forget the secrets that need it: tidemark keys reset`,
  })
}

export function keyMissing(source: KeySource): TidemarkError {
  return new TidemarkError('key_missing', `This database has sealed secrets, and its key is not at ${source.place}.`)
}

function unreadable(name: string, connection: string, why: string): TidemarkError {
  return new TidemarkError(
    'secret_unreadable',
    `The secret "${name}" of connection "${connection}" does not open: ${why}.`,
  )
}
