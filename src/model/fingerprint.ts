// Owns the short name of a secret: the same secret always has the same one, and nobody gets back from it.

import { hash } from 'node:crypto'

/** 48 bits of SHA-256 in hexadecimal: enough to tell the owners of limits apart, nothing to guess a token by. */
export function fingerprint(secret: string): string {
  return hash('sha256', secret, 'hex').slice(0, 12)
}
