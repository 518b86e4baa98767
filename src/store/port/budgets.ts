// Owns budgets, and what is spent of them.

import type { Reservation } from '../bucket.ts'

export interface BudgetStore {
  /** Sets a budget; with neither requests nor cost, takes it away. */
  save(project: string, budget: BudgetRow): Promise<void>
  list(project: string): Promise<readonly BudgetRow[]>
  /**
   * Takes `want` from what may be spent in any window of `perMs`: at most `max` in sum, over all processes. What it takes
   * may be a fraction (money): with `fractions: true`. `granted` is what was taken: what is left, up to `want`.
   */
  spend(order: {
    key: string
    max: number
    perMs: number
    want: number
    now: number
    fractions?: boolean
  }): Promise<Reservation>
  /** Gives back what was taken at a time (the `now` of its `spend`) and not used. */
  giveBack(order: { key: string; perMs: number; amount: number; at: number }): Promise<void>
  /**
   * Counts what the ledger knows of the window that ends now as spent under the key, where less is: requests when they
   * were made, money when its run ended (of one under way: now).
   */
  recount(order: {
    key: string
    perMs: number
    now: number
    project: string
    scope: BudgetRow['scope']
    name: string
    of: 'requests' | 'cost'
  }): Promise<void>
  /** What was spent in the window that ends now. */
  spent(order: { key: string; perMs: number; now: number }): Promise<number>
}

/** What a connector (all its connections), or one connection, may use. */
export interface BudgetRow {
  readonly scope: 'connector' | 'connection'
  readonly name: string
  readonly requests: { readonly max: number; readonly perMs: number } | null
  readonly cost: { readonly max: number; readonly perMs: number } | null
}
