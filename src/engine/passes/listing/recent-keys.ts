// Owns which keys a walk has read in its leg: all of them where they have to be counted, else the latest ones, which are
// those that shifted pages show a second time.

import type { Key } from '../../../model/record.ts'

/** Keys that are remembered where the store counts: more than arrive while a page is turned. */
const RECENT_MAX = 10_000

export class RecentKeys {
  readonly #keys: Set<Key>
  readonly #keepsAll: boolean
  /** How many were there to begin with, which an earlier run has read. */
  readonly #before: number
  #dropped = 0

  constructor(before: readonly Key[], all: boolean) {
    this.#keys = new Set(before)
    this.#before = this.#keys.size
    this.#keepsAll = all
  }

  /** Those that are remembered. */
  get all(): ReadonlySet<Key> {
    return this.#keys
  }

  has(key: Key): boolean {
    return this.#keys.has(key)
  }

  add(keys: readonly Key[]): void {
    for (const key of keys) this.#keys.add(key)
    if (this.#keepsAll) return
    for (const key of this.#keys) {
      if (this.#keys.size <= RECENT_MAX) return
      this.#keys.delete(key)
      this.#dropped++
    }
  }

  /** How many different keys were added. */
  get count(): number {
    return this.#keys.size + this.#dropped - this.#before
  }
}
