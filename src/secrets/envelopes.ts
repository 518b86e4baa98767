// Owns the two envelopes: a secret sealed with a data key and bound to its place, and a data key sealed with one or
// several keys of the house, any of which opens it. AES-256-GCM throughout.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { KEY_BYTES, keyName } from './key-file.ts'

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The name of the key of the house, see keyName. */
const MARK_BYTES = 6
/** A data key under one key of the house: format, mark, nonce, ciphertext, tag. */
const WRAPPING_BYTES = 1 + MARK_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES

/** Where a secret belongs; it opens nowhere else. */
export interface SecretPlace {
  readonly project: string
  readonly connection: string
  readonly name: string
  readonly version: number
}

export interface DataKey {
  readonly id: string
  readonly key: Uint8Array
}

// ── secrets under a data key ──────────────────────────────────────────────────────────────────────────────────────

/** Format, length of the data key's id, the id; then nonce, ciphertext, tag. */
export function sealSecret({ id, key }: DataKey, place: SecretPlace, text: string): Uint8Array {
  const head = Buffer.concat([Buffer.from([FORMAT, id.length]), Buffer.from(id, 'latin1')])
  return Buffer.concat([head, encrypt(key, Buffer.from(text, 'utf8'), boundTo(place, id))])
}

/** Undefined when it was changed, or made for another place. */
export function openSecret({ id, key }: DataKey, place: SecretPlace, sealed: Uint8Array): string | undefined {
  return decrypt(key, Buffer.from(sealed).subarray(2 + id.length), boundTo(place, id))?.toString('utf8')
}

/** The id of the data key that a secret is sealed with; undefined for bytes that are no sealed secret. */
export function dataKeyOf(sealed: Uint8Array): string | undefined {
  const [format, length = 0] = sealed
  if (format !== FORMAT || sealed.length < 2 + length + NONCE_BYTES + TAG_BYTES) return undefined
  return Buffer.from(sealed.subarray(2, 2 + length)).toString('latin1')
}

/** Names are escaped, so that no two places have one text. */
function boundTo({ project, connection, name, version }: SecretPlace, dataKeyId: string): string {
  const names = [project, connection, name].map(encodeURIComponent).join('|')
  return `tidemark|v1|${names}|${dataKeyId}|${version}`
}

// ── data keys under keys of the house ─────────────────────────────────────────────────────────────────────────────

export function newDataKey(): DataKey {
  return { id: randomBytes(8).toString('hex'), key: randomBytes(KEY_BYTES) }
}

/** One wrapping after the other, one for each key of the house. */
export function wrapDataKey({ id, key }: DataKey, houses: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    houses.map((house) => {
      const mark = Buffer.from(keyName(house), 'hex')
      return Buffer.concat([Buffer.from([FORMAT]), mark, encrypt(house, key, wrappingOf(id))])
    }),
  )
}

/** The names of the keys of the house under which a data key lies; undefined for bytes that are no wrapped key. */
export function marksOf(wrapped: Uint8Array): readonly string[] | undefined {
  const parts = wrappings(wrapped)
  return parts?.map((part) => part.toString('hex', 1, 1 + MARK_BYTES))
}

/** The data key; undefined when it is not under this key of the house, or damaged. */
export function unwrapDataKey(id: string, wrapped: Uint8Array, house: Uint8Array): DataKey | undefined {
  const mark = keyName(house)
  const part = wrappings(wrapped)?.find((one) => one.toString('hex', 1, 1 + MARK_BYTES) === mark)
  const key = part && decrypt(house, part.subarray(1 + MARK_BYTES), wrappingOf(id))
  return key && { id, key }
}

function wrappingOf(id: string): string {
  return `tidemark|v1|data-key|${id}`
}

function wrappings(wrapped: Uint8Array): readonly Buffer[] | undefined {
  const bytes = Buffer.from(wrapped)
  if (bytes.length === 0 || bytes.length % WRAPPING_BYTES !== 0) return undefined
  const parts = Array.from({ length: bytes.length / WRAPPING_BYTES }, (_, i) =>
    bytes.subarray(i * WRAPPING_BYTES, (i + 1) * WRAPPING_BYTES),
  )
  return parts.every((part) => part[0] === FORMAT) ? parts : undefined
}

/** Nonce, ciphertext, tag. */
export function encrypt(key: Uint8Array, plain: Uint8Array, bound: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound, 'utf8'))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when anything is not as it was sealed. */
export function decrypt(key: Uint8Array, bytes: Buffer, bound: string): Buffer | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(bound, 'utf8')).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()])
  } catch {
    return undefined
  }
}
