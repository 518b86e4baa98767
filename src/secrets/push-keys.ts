// Owns the keys of notifications that browsers show: the pair with which this server names itself to their push services (VAPID,
// RFC 8292), made once for a database, and the keys of a browser for which its messages are encrypted (RFC 8291).

import { createECDH } from 'node:crypto'
import { TidemarkError } from '../model/errors.ts'
import type { Clock } from '../model/ports.ts'
import type { Store, WebhookRow } from '../store/store.ts'
import { pushKeyPlace, webhookPlace } from './places.ts'
import type { Vault } from './vault.ts'

export interface PushPair {
  /** As browsers take it: a point of P-256, uncompressed, in base64url. */
  readonly publicKey: string
  readonly privateKey: string
}

/** As a browser gives them, in base64url. */
export interface BrowserKeys {
  /** A point of P-256, uncompressed. */
  readonly p256dh: string
  /** 16 bytes. */
  readonly auth: string
}

interface Ports {
  readonly store: Pick<Store, 'webhooks'>
  readonly vault: Vault
  readonly clock: Pick<Clock, 'now'>
}

/** The public key, which is made where there is none yet. @throws TidemarkError key_missing, key_wrong, key_unwritable */
export async function publicPushKey({ store, vault, clock }: Ports): Promise<string> {
  const known = await store.webhooks.pushKey()
  if (known) return known.publicKey
  const pair = createECDH('prime256v1')
  const publicKey = pair.generateKeys('base64url')
  const { project, connection, name, version } = pushKeyPlace()
  // Short of 32 bytes where it begins with zeros.
  const privateKey = Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url')
  const { sealed } = await vault.seal(project, connection, name, version, privateKey)
  // Of two that are made at once, the first stays.
  await store.webhooks.addPushKey({ publicKey, sealed, at: clock.now() })
  return (await store.webhooks.pushKey())?.publicKey ?? publicKey
}

/** @throws TidemarkError subscription_unknown (there is no pair), secret_unreadable, key_missing, key_wrong */
export async function openPushPair({ store, vault }: Pick<Ports, 'store' | 'vault'>): Promise<PushPair> {
  const row = await store.webhooks.pushKey()
  if (!row) throw new TidemarkError('subscription_unknown', 'This database has no key for push services.')
  const { project, connection, name, version } = pushKeyPlace()
  const privateKey = await vault.open(project, connection, { name, version, sealed: row.sealed })
  return { publicKey: row.publicKey, privateKey }
}

type Named = Pick<WebhookRow, 'project' | 'id'>

export async function sealBrowserKeys(
  vault: Vault,
  browser: Named,
  { p256dh, auth }: BrowserKeys,
): Promise<Uint8Array> {
  const { project, connection, name, version } = webhookPlace(browser)
  return (await vault.seal(project, connection, name, version, `${p256dh}.${auth}`)).sealed
}

/** @throws TidemarkError secret_unreadable, key_missing, key_wrong */
export async function openBrowserKeys(vault: Vault, browser: Named & Pick<WebhookRow, 'sealed'>): Promise<BrowserKeys> {
  const { project, connection, name, version } = webhookPlace(browser)
  const [p256dh = '', auth = ''] = (
    await vault.open(project, connection, { name, version, sealed: browser.sealed })
  ).split('.')
  return { p256dh, auth }
}

/** What is wrong with the keys of a browser; undefined: nothing. */
export function wrongKeys({ p256dh, auth }: BrowserKeys): string | undefined {
  if (bytesOf(auth)?.length !== 16) return 'auth is 16 bytes in base64url'
  const point = bytesOf(p256dh)
  try {
    // It has to lie on the curve.
    const own = createECDH('prime256v1')
    own.generateKeys()
    if (point?.length === 65 && own.computeSecret(point)) return undefined
  } catch {
    // Said below.
  }
  return 'p256dh is a point of P-256, 65 bytes in base64url'
}

function bytesOf(text: string): Buffer | undefined {
  return /^[\w-]+$/.test(text) ? Buffer.from(text, 'base64url') : undefined
}
