// Owns the decisions of a full pass once its listing has been read: is it a proof, what may be removed, and is that
// too much to believe. Pure.

import type { Order } from '../../../connector/page.ts'
import type { Listing } from '../../../connector/passes.ts'
import { plural } from '../../../model/plural.ts'

/** A removal of more records than this, or this share of a stream, is held for a person. */
export const HELD_ABOVE = 20
export const HELD_ABOVE_SHARE = 0.1
/** In a stream of at least so many records, losing more than half is held too. */
export const HELD_HALF_FROM = 5

export interface GuardInput {
  /** How many live records the listing lacked. */
  readonly missing: number
  /** How many live records there are, the missing ones included. */
  readonly live: number
  /** How many records the listing had. */
  readonly listed: number
}

/** What is said of an empty listing where records are stored: it may be an outage. */
export function emptyNote(live: number): string {
  return `the source listed nothing, and ${plural(live, 'record is', 'records are')} stored`
}

/** Why so many removals are not believed, in words; undefined when they are. */
export function heldReason({ missing, live, listed }: GuardInput): string | undefined {
  if (listed === 0 && live > 0) return emptyNote(live)
  if (missing === 0) return undefined
  if (missing > Math.max(HELD_ABOVE, live * HELD_ABOVE_SHARE)) {
    return `${missing} of ${plural(live, 'record')} would go, more than ${HELD_ABOVE} and more than ${HELD_ABOVE_SHARE * 100} %`
  }
  if (live >= HELD_HALF_FROM && missing > live / 2)
    return `${missing} of ${plural(live, 'record')} would go, more than half`
  return undefined
}

/** What a full pass knows of a record that it did not see. */
export interface Absent {
  /** The earlier full pass that missed it too. */
  readonly missedBy: number | null
  readonly order: Order | undefined
}

/**
 * Whether absence means anything for this record. In a capped listing it does only above an older record that the same
 * pass has seen: what lies below the last one seen is unknown, not gone.
 */
export function isCandidate(absent: Absent, listing: Listing, oldestSeen: Order | null): boolean {
  if (listing === 'complete') return true
  return absent.order !== undefined && oldestSeen !== null && absent.order > oldestSeen
}

/** How often a listing whose total exceeds what was read of it is read again before the walk is left open. */
export const REREADS_MAX = 2

/** Whether the source says that it has more records than were read. Without a total there is nothing to compare. */
export function isShort(distinct: number, total: number | undefined): boolean {
  return total !== undefined && distinct < total
}
