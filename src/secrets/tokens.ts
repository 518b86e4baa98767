// Owns the text of a token of the server, and what is kept of it.

import { createHash, randomBytes } from 'node:crypto'

/** Tools that look for leaked secrets know a token by how it begins. */
const PREFIX = 'tidemark_'
const BYTES = 32

/** A new one: 256 bits that nobody can guess. */
export function newToken(): string {
  return PREFIX + randomBytes(BYTES).toString('base64url')
}

/**
 * What is kept of a token, in hex. A fast hash is enough: there is nothing to guess in 256 random bits, and looking for the
 * hash takes the same time whatever was sent.
 */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
