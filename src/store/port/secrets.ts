// Owns sealed secrets and the wrapped data keys that seal them. What a method writes is durable
// (synchronous FULL) when its promise resolves: a rotated token that is lost locks a person out.

export interface SecretStore {
  /**
   * Writes sealed secrets, each for a version above that of the connection's login, which then has it, or for the version
   * that the secret has already (it was sealed anew). With `expect`, only if each named secret still has that version
   * (0: absent). False: one of this is not so, and nothing is written.
   */
  save(connectionNo: number, secrets: readonly SealedSecret[], expect?: ReadonlyMap<string, number>): Promise<boolean>
  list(connectionNo: number): Promise<readonly SealedSecret[]>
  /**
   * Forgets the secrets of a connection; with `only` those of the given names, and of them those that still have the
   * given version. Returns how many it forgot.
   */
  drop(connectionNo: number, only?: readonly Pick<SealedSecret, 'name' | 'version'>[]): Promise<number>
  /** The wrapped data keys of this database, the current one last. */
  dataKeys(): Promise<readonly WrappedKey[]>
  /** Adds a data key unless one with its id exists. */
  addDataKey(key: WrappedKey): Promise<void>
  /** Puts a data key under other keys of the house. False: it no longer lies as `expect` says, and nothing is written. */
  rewrapDataKey(id: string, order: { expect: Uint8Array; wrapped: Uint8Array }): Promise<boolean>
  /** False: there was none. */
  dropDataKey(id: string): Promise<boolean>
}

export interface SealedSecret {
  readonly name: string
  readonly version: number
  readonly sealed: Uint8Array
  /** When the source ends it, in milliseconds since 1970, as a renewal told. */
  readonly expiresAt?: number
}

export interface WrappedKey {
  readonly id: string
  readonly wrapped: Uint8Array
  readonly at: number
}
