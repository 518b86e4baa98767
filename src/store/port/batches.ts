// Owns batches: runs of every connection of several projects that were asked for at once, and what each came to, so that
// whoever asked learns it after a restart, too.

import type { Holder } from './leases.ts'

export interface BatchStore {
  /** Writes a batch down before it begins, and forgets the oldest of its project, so that at most `keep` are left. */
  begin(batch: NewBatch, keep: number): Promise<void>
  /** What a batch came to in one project of it. */
  finish(id: string, project: string, result: string): Promise<void>
  /** A batch that a project has asked for; undefined: there is none, or it is another project's. */
  find(project: string, id: string): Promise<BatchRow | undefined>
}

export interface NewBatch {
  readonly id: string
  /** Who has asked. */
  readonly project: string
  readonly at: number
  /** What is run. */
  readonly projects: readonly string[]
  /** Who runs it: when that has died, it ends no more. */
  readonly holder: Holder
}

export interface BatchRow extends NewBatch {
  /** By project, those that have ended, in the order in which they did: JSON that the store does not read. */
  readonly results: readonly string[]
  /** The projects of `results`. */
  readonly finished: readonly string[]
}
