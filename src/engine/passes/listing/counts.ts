// Owns when a listing walk asks its source for a total that its pages don't tell. Pure.

import type { ListingPass } from '../../../connector/passes.ts'
import type { Ended } from '../../../model/run.ts'
import { shifts, type Walking } from './step.ts'

/** New pages that a run has to have read before it spends its last request on a count, so that every run gets on. */
const SEALS_FROM_PAGES = 3

/** What the question costs, and what it is worth. */
export interface Means {
  /** Requests that the run may still make. */
  readonly left: number
  /** Live records in the mirror. */
  readonly live: number
  /** Something was read of the stream before. */
  readonly stateExists: boolean
}

/** Whether its source can be asked for a total. */
export function canBeCounted({ total }: Pick<ListingPass<never, never>, 'total'>): boolean {
  return total !== undefined
}

/**
 * Before the first page of a run: when everything is going to be read, and when a walk goes on. A walk that goes on with
 * its last requests counts at its end only; a full pass counts once, and compares at its end.
 */
export function asksBeforeFirstPage(pass: ListingPass, { fromTop, position }: Walking, means: Means): boolean {
  const { left, live, stateExists } = means
  if (!canBeCounted(pass)) return false
  if (pass.kind === 'fullPass') return fromTop && live > pass.pageSize
  if (fromTop) return (!stateExists || position.toEnd) && left > 1
  if (position.next === null || !shifts(pass)) return false
  // A walk that has read one page, and no total, can still begin with one.
  if (position.totals.total === null) return position.page === 1 && left > 1
  return left > 2
}

/** Whether the second page may only be read when the total is known: nothing shows what leaves in between. */
export function asksBeforeSecondPage(pass: ListingPass, { pages, fromTop, position }: Walking): boolean {
  return (
    canBeCounted(pass) &&
    shifts(pass) &&
    fromTop &&
    pages <= 1 &&
    position.totals.total === null &&
    !position.totals.lies
  )
}

/** Whether a run that may make one more request counts with it, so that what leaves before the next run is harmless. */
export function asksWithLastRequest(pass: ListingPass, { pages, position }: Walking, { left }: Means): boolean {
  if (pass.kind === 'fullPass' || !canBeCounted(pass) || !position.careful) return false
  return position.totals.unproven > 0 && pages >= SEALS_FROM_PAGES && left === 1
}

/**
 * Whether a leg that began without a total asks for it at the end of the listing, having read so many records. A full pass
 * does: also one short page may be an outage. One page of what is new needs no question where it shows what was stored
 * before, or has room for more than it shows; a walk that was left open does.
 */
export function asksForFirstTotalAtEnd(
  pass: ListingPass,
  { rows, pages, unknown, position }: Walking,
  { read, live, isResumed }: { read: number; live: number; isResumed: boolean },
): boolean {
  const { totals, rereads } = position
  if (!canBeCounted(pass) || totals.least !== null || totals.lies) return false
  if (pass.kind === 'fullPass' || isResumed || rereads > 0 || pages > 1) return true
  return read >= live && unknown > 0 && rows >= pass.pageSize
}

/** Whether the end that was reached is proved by what the source says now, and by nothing that is known already. */
export function asksToProveEnd(pass: ListingPass, ended: Ended, { position, fromTop }: Walking): boolean {
  const { totals } = position
  if (pass.kind === 'fullPass' || !shifts(pass)) return false
  if (ended === 'exhausted' && fromTop && totals.least !== null) return false
  return totals.total !== null && totals.unproven > 0
}
