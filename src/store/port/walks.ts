// Owns what a walk has seen of a stream's records.

import type { Key } from '../../model/record.ts'

export interface WalkStore {
  /**
   * Live records that the walk has not seen, after the key `after`, in the store's order of keys (that of their bytes in
   * UTF-8). Only those that were stored before the batch that wrote the walk first, or first with the `openedAt` that it has
   * now: by the order of writing, no clock.
   */
  unseen(query: Unseen): Promise<readonly UnseenRecord[]>
  /** How many `unseen` would find, and how many records are live. */
  countUnseen(query: Omit<Unseen, 'after' | 'limit'>): Promise<{ readonly unseen: number; readonly live: number }>
  /** How many distinct keys a walk has seen (fullPass walks, which keep them). */
  countSeen(streamNo: number, walk: number): Promise<number>
  /** Which of the keys a walk has seen (fullPass walks). */
  seenOf(streamNo: number, walk: number, keys: readonly Key[]): Promise<ReadonlySet<Key>>
}

export interface Unseen {
  readonly streamNo: number
  readonly walk: number
  readonly after: Key | null
  readonly limit: number
}

export interface UnseenRecord {
  readonly key: Key
  readonly ordinal: number
  /** The earlier full pass that missed it too, if any. */
  readonly missedBy: number | null
}
