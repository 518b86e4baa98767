// Owns intents: upstream runs that cost money, each written down before it is started. What this writes is on the disk when
// its promise resolves: a run that is started and forgotten would be paid for twice.

import type { Json } from '../../model/json.ts'
import type { PassKind } from '../../model/run.ts'
import type { Lease } from './leases.ts'

export interface IntentStore {
  /** Writes what is about to be started. */
  plan(lease: Lease, intent: NewIntent): Promise<void>
  /** Notes the vendor's id of what was started, or was found to have been. */
  started(lease: Lease, id: string, job: string): Promise<void>
  /** Those of a stream whose rows are not stored yet, oldest first. */
  open(streamNo: number): Promise<readonly IntentRow[]>
}

export interface NewIntent {
  readonly id: string
  readonly streamNo: number
  readonly runNo: number
  readonly pass: PassKind
  /** What is asked for, and whatever else the engine has to know to go on with it. */
  readonly ask: Json
  readonly at: number
}

export interface IntentRow extends Omit<NewIntent, 'runNo'> {
  /** The vendor's id; null: nobody knows whether it was started. */
  readonly job: string | null
  /** What the ledger has counted of its bill; null: nothing is known of it yet. */
  readonly bill: Bill | null
}

export interface Bill {
  readonly items: number
  readonly cost: number
}

/** How an intent goes on; written with a page, in its transaction. */
export interface IntentChange {
  readonly id: string
  /**
   * - `open`: it is under way, and its bill is known.
   * - `read`: all of its rows are stored.
   * - `failed`: the vendor's run failed; what it delivered is stored.
   * - `refused`: the vendor has started nothing.
   * - `lost`: nobody knows of a run, long after it would have been started.
   * - `dropped`: the connection reads something else now.
   */
  readonly state: 'open' | 'read' | 'failed' | 'refused' | 'lost' | 'dropped'
  /** All that the ledger has counted of its bill. */
  readonly bill: Bill | null
}
