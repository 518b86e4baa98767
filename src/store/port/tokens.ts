// Owns the tokens by which programs and people call the server. Nobody can read a token here: only its hash is kept.

export interface TokenStore {
  /** @throws TidemarkError project_unknown */
  add(token: NewToken): Promise<void>
  /** Those of a project that are in force, oldest first. */
  list(project: string): Promise<readonly TokenRow[]>
  /** The token in force with this hash, of whatever project; undefined: there is none. */
  find(hash: string): Promise<TokenRow | undefined>
  /** Ends a token of a project, and tells the browsers that it has subscribed nothing more. False: there is none in force. */
  revoke(project: string, id: string, at: number): Promise<boolean>
  /** How many are in force, of all projects. */
  count(): Promise<number>
}

export interface TokenRow {
  readonly id: string
  readonly project: string
  readonly scopes: readonly string[]
  /** What it is for, in a person's words; '' for nothing. */
  readonly note: string
  readonly createdAt: number
  /** From then on it is not in force; null: until it is revoked. */
  readonly expiresAt: number | null
}

export interface NewToken extends TokenRow {
  /** SHA-256 of the token, in hex. */
  readonly hash: string
}
