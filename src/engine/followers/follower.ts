// Owns what a follower is: a duty that follows the change feed of a project with a position of its own, after a run, in
// whichever process comes first. What it derives from the records is late for a moment, and never holds up a run.

import type { Clock, Logger } from '../../model/ports.ts'
import type { ChangeRow, Store } from '../../store/store.ts'

/** The name of the follower that keeps the index of texts, by which its position is kept. */
export const INDEXER = 'search'
/** The same of the one that keeps the vectors of texts. */
export const EMBEDDINGS = 'embeddings'

export interface Follower {
  /** Names its position in the database, and its lease: one process at a time does the duty in a project. */
  readonly name: string
  /** Does what there is to do. What goes wrong is logged, and done with the next run. */
  follow(work: Work): Promise<void>
}

export interface Work {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly project: string
  /** When the run ended that it follows, by the earlier of our clock and the source's. */
  readonly now: number
  /** Aborts when the lease is lost or the process is about to end: `parts` gives nothing more. */
  readonly signal: AbortSignal
  /**
   * The feed behind the stored position, in its order. A part counts as done when the next one is asked for; one that
   * was not done comes again, perhaps in another process.
   */
  readonly parts: () => AsyncGenerator<Part>
}

export type Part =
  /** The feed does not go back to where the follower stood: it begins anew with all that is stored now. */
  { readonly anew: true } | { readonly anew: false; readonly changes: readonly ChangeRow[] }
