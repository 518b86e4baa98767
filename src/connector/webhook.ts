// Owns what a connector says of the webhooks of its service: how one is known to be the service's own, and what it hints
// at. A webhook is never a source of data: what it names is read from the service.

import { createHash } from 'node:crypto'
import type { Key } from '../model/record.ts'
import { sameText } from '../model/same-text.ts'
import { signedId } from '../model/standard-webhooks.ts'

/** A webhook as it came in. */
export interface Delivery {
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The bytes as they came: signatures are made over these. */
  readonly body: Uint8Array
  /**
   * The body, if it is JSON, with integers beyond 2^53 as text; else undefined. One that is packed (`content-encoding`) is
   * unpacked when it is verified: `hint` has what was in it.
   */
  readonly json: unknown
  /** Now, in milliseconds since 1970. */
  readonly now: number
}

/** What a webhook says has changed. */
export interface Hint {
  /**
   * Names what is told: a delivery with an id that came before is the same one, sent again, and is not read twice.
   * @default the digest of its body
   */
  readonly id?: string | undefined
  /** Keys of records, by stream: they are read by `byKey`. Of a stream without `byKey`, what is new is read. */
  readonly records?: Readonly<Record<string, readonly Key[]>> | undefined
  /** Streams of which something has changed: what is new is read, as a sync would. */
  readonly streams?: readonly string[] | undefined
  /** The id of an upstream run that has ended, as the `job` of a pass has it: if it is one of ours, its rows are read. */
  readonly job?: string | undefined
}

/** The webhooks of a service, as a connector declares them. */
export interface Webhook<O = unknown> {
  /**
   * Whether it comes from the service; at once, without a promise. `unsigned`: the service signs nothing, so that only the
   * secret in the address tells.
   */
  readonly verify: 'unsigned' | ((delivery: Delivery, options: O) => boolean)
  /** What it hints at; undefined: nothing that the connector reads. */
  readonly hint: (delivery: Delivery, options: O) => Hint | undefined
}

/**
 * The webhooks of a service that signs them as Standard Webhooks (standardwebhooks.com) say. `secret` names the option with
 * the secret that the service has shown, `whsec_…`; without a value in it, every delivery is refused.
 */
export function standardWebhook<O>({
  secret,
  hint,
}: {
  readonly secret: string
  readonly hint: Webhook<O>['hint']
}): Webhook<O> {
  const idOf = (delivery: Delivery, options: O) => {
    const key = (options as Readonly<Record<string, unknown>>)[secret]
    return typeof key === 'string' && key !== '' ? signedId(key, delivery) : undefined
  }
  return {
    verify: (delivery, options) => idOf(delivery, options) !== undefined,
    hint: (delivery, options) => {
      const found = hint(delivery, options)
      return found && { id: delivery.headers['webhook-id'], ...found }
    },
  }
}

/** Whether a signature that came is the one that was due; how long it takes does not tell where they differ. */
export function sameSignature(given: string | undefined, due: string): boolean {
  return given !== undefined && sameText(given, due)
}

/** Digits and letters that name a body. */
export function bodyId(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
