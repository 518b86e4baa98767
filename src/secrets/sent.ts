// Owns what is kept of a call by what its caller has sent, a token or a cookie: who reads the database has neither, and can
// read no answer, nor guess what was asked.

import { createHmac, hkdfSync } from 'node:crypto'
import { decrypt, encrypt } from './envelopes.ts'
import { KEY_BYTES } from './key-file.ts'
import { tokenHash } from './tokens.ts'

const SEALING = 'tidemark: an answer that is kept'
const MARKING = 'tidemark: a call that may come again'

/** Keys that follow from what a caller has sent with one Idempotency-Key. */
export class Sent {
  /** By what the caller is known, in hex. */
  readonly caller: string
  readonly #sealing: Uint8Array
  readonly #marking: Uint8Array

  constructor(secret: string, key: string) {
    const derived = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, key, purpose, KEY_BYTES))
    this.caller = tokenHash(secret)
    this.#sealing = derived(SEALING)
    this.#marking = derived(MARKING)
  }

  /** The same of calls that are the same. */
  mark(call: string): string {
    return createHmac('sha256', this.#marking).update(call).digest('hex')
  }

  seal(answer: string): Uint8Array {
    return encrypt(this.#sealing, Buffer.from(answer, 'utf8'), SEALING)
  }

  /** Undefined when it was not sealed here, or was changed. */
  open(sealed: Uint8Array): string | undefined {
    return decrypt(this.#sealing, Buffer.from(sealed), SEALING)?.toString('utf8')
  }
}
