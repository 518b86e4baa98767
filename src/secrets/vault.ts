// Owns how secrets are sealed: AES-256-GCM with a data key of the database, which is itself sealed with the key of the
// house. Each ciphertext is bound to the place it was made for, so that moved to another row it does not open.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { SealedSecret, Store, WrappedKey } from '../store/store.ts'
import { fixedKey, KEY_BYTES, keyName, type KeySource } from './keys.ts'

export interface Vault {
  /**
   * Seals one secret of a connection for the version it will be stored with. Makes the database's first data key, and
   * the key file if there is none.
   *
   * @throws TidemarkError key_unwritable, key_invalid, key_exposed, key_wrong (stop)
   */
  seal(project: string, connection: string, name: string, version: number, text: string): Promise<SealedSecret>
  /** @throws TidemarkError secret_unreadable (stop) for a secret that was changed or belongs elsewhere; key_wrong */
  open(project: string, connection: string, sealed: SealedSecret): Promise<string>
}

export interface VaultSetup {
  readonly store: Pick<Store, 'dataKeys' | 'addDataKey'>
  /** The key of the house, or where to look for it. */
  readonly key: () => Uint8Array | KeySource
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Opens the vault of a database. A database that has sealed secrets needs its own key now; for one without, a key is
 * looked for, and made if need be, when the first secret is sealed.
 *
 * @throws TidemarkError key_missing, key_wrong, key_invalid, key_exposed (stop)
 */
export async function openVault(setup: VaultSetup): Promise<Vault> {
  const { store, clock } = setup
  const given = setup.key()
  const source = given instanceof Uint8Array ? fixedKey(given) : given
  /** Data keys by id, in the store's order: the last one seals. */
  const keys = new Map<string, Uint8Array>()
  let house = await source.find()

  async function load(): Promise<void> {
    const wrapped = await store.dataKeys()
    if (wrapped.length > 0) {
      house ??= await source.find()
      if (!house) throw keyMissing(source)
    }
    for (const one of wrapped) if (!keys.has(one.id)) keys.set(one.id, unwrap(one, house!))
  }

  /** Two processes may do this at once: both keys are kept then, and both processes can open what the other seals. */
  async function makeDataKey(): Promise<void> {
    house ??= await source.create()
    const id = randomBytes(8).toString('hex')
    await store.addDataKey({ id, wrapped: wrap(id, randomBytes(KEY_BYTES), house), at: clock.now() })
    await load()
  }

  let making: Promise<void> | undefined
  await load()

  return {
    async seal(project, connection, name, version, text) {
      if (keys.size === 0) await load()
      if (keys.size === 0) {
        making ??= makeDataKey().finally(() => {
          making = undefined
        })
        await making
      }
      const [id, key] = [...keys].at(-1)!
      const sealed = encrypt(key, Buffer.from(text, 'utf8'), placeOf(project, connection, name, id, version))
      return { name, version, sealed: Buffer.concat([sealedHead(id), sealed]) }
    },

    async open(project, connection, { name, version, sealed }) {
      const id = keyIdOf(sealed)
      if (id !== undefined && !keys.has(id)) await load()
      const key = id === undefined ? undefined : keys.get(id)
      if (id === undefined || !key) throw unreadable(name, connection, 'its data key is not in this database')
      const place = placeOf(project, connection, name, id, version)
      const text = decrypt(key, Buffer.from(sealed).subarray(2 + id.length), place)
      if (!text) throw unreadable(name, connection, 'it was changed, or made for another place')
      return text.toString('utf8')
    },
  }
}

// ── the two envelopes ─────────────────────────────────────────────────────────────────────────────────────────────

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The name of the key of the house, see keyName. */
const MARK_BYTES = 6

/** What a sealed secret is bound to. Names are escaped, so that no two places have one text. */
function placeOf(project: string, connection: string, name: string, dataKeyId: string, version: number): string {
  const names = [project, connection, name].map(encodeURIComponent).join('|')
  return `tidemark|v1|${names}|${dataKeyId}|${version}`
}

/** Format, length of the data key's id, the id; then nonce, ciphertext, tag. */
function sealedHead(id: string): Buffer {
  return Buffer.concat([Buffer.from([FORMAT, id.length]), Buffer.from(id, 'latin1')])
}

function keyIdOf(sealed: Uint8Array): string | undefined {
  const [format, length = 0] = sealed
  if (format !== FORMAT || sealed.length < 2 + length + NONCE_BYTES + TAG_BYTES) return undefined
  return Buffer.from(sealed.subarray(2, 2 + length)).toString('latin1')
}

/** Format, fingerprint of the key of the house, then nonce, ciphertext, tag. */
function wrap(id: string, dataKey: Uint8Array, house: Uint8Array): Uint8Array {
  const mark = Buffer.from(keyName(house), 'hex')
  return Buffer.concat([Buffer.from([FORMAT]), mark, encrypt(house, dataKey, `tidemark|v1|data-key|${id}`)])
}

function unwrap({ id, wrapped }: WrappedKey, house: Uint8Array): Uint8Array {
  const bytes = Buffer.from(wrapped)
  const wanted = bytes.toString('hex', 1, 1 + MARK_BYTES)
  const dataKey =
    bytes[0] === FORMAT ? decrypt(house, bytes.subarray(1 + MARK_BYTES), `tidemark|v1|data-key|${id}`) : undefined
  if (dataKey) return dataKey
  const have = keyName(house)
  if (have === wanted) {
    throw new TidemarkError('secret_unreadable', `the data key ${id} of this database is damaged`, {
      hint: 'Restore the database from a backup, or connect every connection again.',
    })
  }
  throw new TidemarkError('key_wrong', `this database was sealed with the key ${wanted}, not with ${have}`, {
    hint: `Set TIDEMARK_KEY to the key for which: printf %s "$TIDEMARK_KEY" | sha256sum begins with ${wanted}`,
  })
}

function encrypt(key: Uint8Array, plain: Uint8Array, boundTo: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo, 'utf8'))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when anything is not as it was sealed. */
function decrypt(key: Uint8Array, bytes: Buffer, boundTo: string): Buffer | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(boundTo, 'utf8')).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()])
  } catch {
    return undefined
  }
}

function keyMissing(source: KeySource): TidemarkError {
  return new TidemarkError('key_missing', `this database has sealed secrets, and its key is not at ${source.place}`, {
    hint: 'Bring the key back (TIDEMARK_KEY or TIDEMARK_KEY_FILE); a new one could not open them.',
  })
}

function unreadable(name: string, connection: string, why: string): TidemarkError {
  return new TidemarkError(
    'secret_unreadable',
    `the secret "${name}" of connection "${connection}" does not open: ${why}`,
    {
      hint: 'Set it again with: tidemark connect',
    },
  )
}
