// Owns what a budget lets be spent. What was spent stands in slots of a rolling window; a slot counts until all of it has
// left the window, so that the sum is never less than what was spent in it. Pure: a store reads the slots, asks, and
// writes, in one transaction.

import type { Reservation } from './store.ts'

/** Into how many slots a window is cut: a request is forgotten at most a 60th of the window late. */
export const SLOTS = 60
/** What adding up parts of a unit may lose; less than this is nothing. */
const ROUNDING = 1e-9

export interface Spent {
  readonly slot: number
  readonly amount: number
}

interface Window {
  readonly perMs: number
  readonly now: number
}

interface Order extends Window {
  readonly max: number
  readonly want: number
  readonly fractions?: boolean | undefined
}

/** What a store is to answer and to write. */
export interface Spending {
  readonly reservation: Reservation
  /** Where what is granted is to be added. */
  readonly slot: number
  /** Slots before this one are of no more use. */
  readonly forgetBefore: number
}

/** The slot of now, and the oldest one that still counts. */
export function slotsOf({ perMs, now }: Window): { readonly slot: number; readonly oldest: number } {
  const slot = Math.floor(now / (perMs / SLOTS))
  return { slot, oldest: slot - SLOTS }
}

/** What is granted of a budget of which so much is spent. `spent`: all its slots, oldest first. */
export function spendFrom(spent: readonly Spent[], order: Order): Spending {
  const { slot, oldest } = slotsOf(order)
  const counted = spent.filter((one) => one.slot >= oldest)
  // A clock that is ahead for a moment must not forget: two windows more are kept before what the slots had seen by then.
  const forgetBefore = Math.min(slot, spent.at(-1)?.slot ?? slot) - 3 * SLOTS
  return { reservation: grant(counted, order), slot, forgetBefore }
}

function grant(spent: readonly Spent[], { max, perMs, want, now, fractions = false }: Order): Reservation {
  const least = fractions ? ROUNDING : 1
  let sum = spent.reduce((total, { amount }) => total + amount, 0)
  const granted = Math.min(want, fractions ? max - sum : Math.floor(max - sum))
  if (granted >= least) return { granted, waitMs: 0 }
  // Until so many of the oldest slots have left the window that the least that is of use fits in.
  for (const { slot, amount } of spent) {
    sum -= amount
    if (max - sum >= least) return { granted: 0, waitMs: Math.ceil((slot + SLOTS + 1) * (perMs / SLOTS) - now) }
  }
  return { granted: 0, waitMs: perMs }
}
