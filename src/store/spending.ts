// Owns what a budget lets be spent. What was spent stands in slots of a rolling window; a slot counts until all of it has
// left the window, so that the sum is never less than what was spent in it. Pure: a store reads the slots, asks, and
// writes, in one transaction.

import type { Reservation } from './bucket.ts'

/** Into how many slots a window is cut: a request is forgotten at most a 60th of the window late. */
export const SLOTS = 60
/** What adding up parts of a unit may lose; less than this is nothing. */
const ROUNDING = 1e-9

export interface Spent {
  readonly slot: number
  readonly amount: number
  /** The slot since which the clock has stood before this one, if it was set back; else null. */
  readonly behind: number | null
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
  /** What was spent by a clock that was ahead, as it counts from now on. */
  readonly ahead: readonly Spent[]
}

/** The slot of now, and the oldest one that still counts. */
export function slotsOf({ perMs, now }: Window): { readonly slot: number; readonly oldest: number } {
  const slot = Math.floor(now / (perMs / SLOTS))
  return { slot, oldest: slot - SLOTS }
}

/** What is granted of a budget of which so much is spent. `spent`: all its slots, oldest first. */
export function spendFrom(spent: readonly Spent[], order: Order): Spending {
  const { slot, oldest } = slotsOf(order)
  const seen = spent.map((one) => seenAt(one, slot))
  const counted = seen.filter((one) => countsFrom(one, slot) >= oldest)
  // A clock that is ahead for a moment must not forget: two windows more are kept before what the slots had seen by then.
  const forgetBefore = Math.min(slot, spent.at(-1)?.slot ?? slot) - 3 * SLOTS
  const ahead = seen.filter((one, i) => one.behind !== spent[i]?.behind)
  return { reservation: grant(counted, order), slot, forgetBefore, ahead }
}

/**
 * A clock that is set back leaves what was spent in the future. It counts for a window by the clock as it is now, and by
 * its own time again if the clock turns out to have been behind for a moment only.
 */
function seenAt({ slot, amount, behind }: Spent, now: number): Spent {
  return { slot, amount, behind: slot > now ? (behind ?? now) : null }
}

/** The slot in which it counts as spent, for a clock that may have been set back once more. */
function countsFrom({ slot, behind }: Spent, now: number): number {
  return behind === null ? slot : Math.min(behind, now)
}

function grant(spent: readonly Spent[], { max, perMs, want, now, fractions = false }: Order): Reservation {
  const least = fractions ? ROUNDING : 1
  let sum = spent.reduce((total, { amount }) => total + amount, 0)
  const granted = Math.min(want, fractions ? max - sum : Math.floor(max - sum))
  if (granted >= least) return { granted, waitMs: 0 }
  // Until so many of the oldest slots have left the window that the least that is of use fits in.
  const { slot: current } = slotsOf({ perMs, now })
  const from = (one: Spent) => countsFrom(one, current)
  for (const one of spent.toSorted((a, b) => from(a) - from(b))) {
    sum -= one.amount
    if (max - sum >= least) return { granted: 0, waitMs: Math.ceil((from(one) + SLOTS + 1) * (perMs / SLOTS) - now) }
  }
  return { granted: 0, waitMs: perMs }
}
