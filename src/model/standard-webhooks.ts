// Owns the signatures of Standard Webhooks: those that are made, and the look at one that came. Pure.
//
// Facts (github.com/standard-webhooks, the specification): the headers `webhook-id`, `webhook-timestamp` in seconds since
// 1970, and `webhook-signature`, a list of `v1,<base64>` separated by spaces, of which any one counts, so that a secret can
// be changed. HMAC-SHA256 over `id.timestamp.body`; a secret is `whsec_` and 24 to 64 bytes in base64.

import { createHmac } from 'node:crypto'
import { sameText } from './same-text.ts'

/** How far a delivery's time may be from now, in milliseconds. */
export const WEBHOOK_TOLERANCE_MS = 300_000

const PREFIX = 'whsec_'
/** What is signed of a delivery. */
export interface Signed {
  /** The same for every try of one message. Without a dot. */
  readonly id: string
  /** In whole seconds since 1970. */
  readonly timestamp: number
  readonly body: Uint8Array
}

/** A secret as people are shown it, made of `bytes`. */
export function webhookSecret(bytes: Uint8Array): string {
  return PREFIX + Buffer.from(bytes).toString('base64')
}

/** The signature of version 1, such as `v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=`. */
export function webhookSignature(secret: string, { id, timestamp, body }: Signed): string {
  const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body)
  return `v1,${mac.digest('base64')}`
}

/** Empty: it is no secret, and anybody could sign with it. */
function keyOf(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')
}

/** The id of a delivery that was signed with the secret, not long ago; undefined: it was not. `now` is in milliseconds. */
export function signedId(
  secret: string,
  { headers, body, now }: { headers: Readonly<Record<string, string>>; body: Uint8Array; now: number },
): string | undefined {
  const { 'webhook-id': id = '', 'webhook-timestamp': time = '', 'webhook-signature': signatures = '' } = headers
  if (keyOf(secret).length === 0 || id === '' || id.includes('.') || !/^\d{1,12}$/.test(time)) return undefined
  const timestamp = Number(time)
  if (Math.abs(now - timestamp * 1_000) > WEBHOOK_TOLERANCE_MS) return undefined
  const ours = webhookSignature(secret, { id, timestamp, body })
  return signatures.split(' ').some((one) => sameText(one, ours)) ? id : undefined
}
