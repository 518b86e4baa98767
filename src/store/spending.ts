// Owns what a budget lets be spent. What was spent stands in slots of a rolling window; a slot counts until all of it has
// left the window, so that the sum is never less than what was spent in it. Pure: a store reads the slots, asks, and
// writes one, in one transaction.

import type { Reservation } from './store.ts'

/** Into how many slots a window is cut: a request is forgotten at most a 60th of the window late. */
const SLOTS = 60

export interface Spent {
  readonly slot: number
  readonly amount: number
}

interface Window {
  readonly perMs: number
  readonly now: number
}

/** The slot of now, and the oldest one that still counts. */
export function slotsOf({ perMs, now }: Window): { readonly slot: number; readonly oldest: number } {
  const slot = Math.floor(now / (perMs / SLOTS))
  return { slot, oldest: slot - SLOTS }
}

/** What is granted; it is to be added to the slot of now. `spent` are the slots that count, oldest first. */
export function spendFrom(
  spent: readonly Spent[],
  { max, perMs, want, now, partly = true }: Window & { max: number; want: number; partly?: boolean | undefined },
): Reservation {
  let sum = spent.reduce((total, { amount }) => total + amount, 0)
  const left = Math.max(0, max - sum)
  const granted = partly ? Math.min(want, Math.floor(left)) : want <= left ? want : 0
  if (granted > 0) return { granted, waitMs: 0 }
  // Until so many of the oldest slots have left the window that the least that is of use fits in.
  const least = partly ? 1 : want
  for (const { slot, amount } of spent) {
    sum -= amount
    if (max - sum >= least) return { granted: 0, waitMs: Math.ceil((slot + SLOTS + 1) * (perMs / SLOTS) - now) }
  }
  return { granted: 0, waitMs: perMs }
}
