// Owns sessions of browsers: each stands for a token, and ends with it. Nobody can read a cookie here: only its hash is kept.

import type { TokenRow } from './tokens.ts'

export interface SessionStore {
  /** Begins one, and forgets those that were over by then. */
  begin(session: NewSession): Promise<void>
  /** The session with this hash, of a token in force; undefined: there is none. Whether it is over, the caller decides. */
  find(hash: string): Promise<SessionRow | undefined>
  /** False: there is none. */
  end(hash: string): Promise<boolean>
}

export interface NewSession {
  /** SHA-256 of what the cookie holds, in hex. */
  readonly hash: string
  /** The id of its token. */
  readonly token: string
  readonly createdAt: number
  readonly expiresAt: number
}

export interface SessionRow {
  readonly token: TokenRow
  readonly expiresAt: number
}
