// Owns a project's connections, and why they are paused.

import type { Json } from '../../model/json.ts'
import type { StreamShape } from '../../model/record.ts'
import type { Lease } from './leases.ts'
import type { SealedSecret } from './secrets.ts'

/** The reason for standing still of a connection that is being deleted: some of its rows may be gone already. */
export const PURGING = 'purging'

export interface ConnectionStore {
  /**
   * Makes the connection with its streams, or replaces its options, the given secrets and the shapes of its streams, and lets
   * it run: all of it in one transaction, on the disk when its promise resolves. An existing one keeps its number and its
   * webhook secret.
   *
   * @throws TidemarkError store_contended (retry): its login is not as `expect` says; shape_conflict, name_taken
   */
  save(connection: NewConnection): Promise<ConnectionRow>
  /** In order of creation. */
  list(project: string): Promise<readonly ConnectionRow[]>
  find(project: string, id: string): Promise<ConnectionRow | undefined>
  /** Those of all projects that have this id. It takes as long to find none. */
  named(id: string): Promise<readonly ConnectionRow[]>
  /**
   * Adds or takes away one reason for standing still; with `loginVersion`, only if the login is still of that version.
   * Returns the reasons that remain.
   */
  setPaused(connectionNo: number, reason: string, paused: boolean, loginVersion?: number): Promise<readonly string[]>
  /**
   * Pauses the connection for this reason and forgets its schedules and its secrets, all of it in one transaction, on the
   * disk when its promise resolves. Returns how many secrets it had. Its login is another one now: a change that was made
   * from the one before is refused.
   */
  disconnect(connectionNo: number, reason: string): Promise<number>
  /**
   * Deletes a connection with everything that is stored of it, `limit` rows at most, in one transaction under its lease,
   * which it also prolongs. Positions go first, so that nothing ever claims to be there that is gone; a pause for `PURGING`
   * goes with the connection itself. Returns how many rows went; 0: nothing is left, not even the connection. With its last row
   * the project's feed gets another epoch: what readers of the feed know of the connection has no end there.
   *
   * @throws TidemarkError lease_lost (yield)
   */
  purge(order: { lease: Lease; leaseUntil: number; connectionNo: number; limit: number }): Promise<number>
}

export interface NewConnection {
  readonly project: string
  readonly id: string
  readonly connector: string
  readonly connectorVersion: string
  /** Without secrets. */
  readonly options: Readonly<Record<string, Json>>
  /** Used only when the connection is new. */
  readonly webhookSecret: string
  /** Sealed for a version above that of the login. They replace those of the same name. */
  readonly secrets?: readonly SealedSecret[]
  /** Names of secrets that are forgotten. */
  readonly forget?: readonly string[]
  /** As `define` makes them. @default none is made or changed */
  readonly streams?: readonly StreamShape[]
  /** The version of the login that this change was made from; null: there is no such connection. @default any */
  readonly expect?: number | null
  readonly at: number
}

export interface ConnectionRow {
  readonly no: number
  readonly project: string
  readonly id: string
  readonly connector: string
  readonly connectorVersion: string
  readonly options: Readonly<Record<string, Json>>
  readonly webhookSecret: string
  /** Why it stands still: `login`, `user`, …; empty when it runs. */
  readonly paused: readonly string[]
  /** Of its options and secrets together: rises with each change of them and never falls back. 0: it never had a secret. */
  readonly loginVersion: number
  readonly createdAt: number
  readonly updatedAt: number
}
