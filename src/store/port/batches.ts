// Owns batches: runs of every connection of several projects that were asked for at once, and what each came to. Its runs are
// orders, so that what a process leaves behind is carried out by the next one, and whoever asked learns what it came to.

import type { Json } from '../../model/json.ts'
import type { Holder } from './leases.ts'

export interface BatchStore {
  /**
   * Writes a batch down with the orders of its runs, all of them or nothing, and forgets the oldest of its project, so that at
   * most `keep` are left.
   */
  begin(batch: NewBatch, orders: readonly BatchOrder[], keep: number): Promise<void>
  /** What a batch came to in one project of it; the first that tells so is right. Its orders there are a part of it no more. */
  finish(id: string, project: string, told: { readonly result: string; readonly at: number }): Promise<void>
  /** A batch that a project has asked for; undefined: there is none, or it is another project's. */
  find(project: string, id: string): Promise<BatchRow | undefined>
  /** Those of which somebody has to tell what they came to, the oldest first: all of their runs in a project have ended. */
  ready(limit: number): Promise<readonly ReadyBatch[]>
  /** Whether a run of it has not ended. */
  hasOpen(id: string): Promise<boolean>
}

export interface NewBatch {
  readonly id: string
  /** Who has asked. */
  readonly project: string
  readonly at: number
  /** What is run. */
  readonly projects: readonly string[]
  /** Who alone carries it out: when that has died, it ends no more. Null: its runs are ordered, and any process does. */
  readonly holder: Holder | null
}

/** The run of a connection that a batch orders; with an error, it has ended already. */
export interface BatchOrder {
  readonly id: string
  readonly connectionNo: number
  readonly asked: Json
  readonly error: Json
}

export interface BatchRow extends NewBatch {
  /** By project, those that have ended, in the order in which they did: JSON that the store does not read. */
  readonly results: readonly string[]
  /** The projects of `results`. */
  readonly finished: readonly string[]
}

export interface ReadyBatch {
  readonly id: string
  /** In which its runs have ended. */
  readonly projects: readonly string[]
}
