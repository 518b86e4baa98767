// Owns the decision of a newest-first walk: page in, where to stop out. Pure.
//
// A walk stops only at K consecutive records that are anchored and not pinned, and never inside a group of records
// with the same order value: a new record may stand among its equals, behind known ones. Only a group that can't get new
// members is known by its first ones. A list that shows no order is known by what was remembered of its top: a record is
// ground where it stands beside its old neighbour, see first-keys.ts.

import type { Order } from '../../../connector/page.ts'
import { besideNext, type Neighbours, NO_NEIGHBOURS } from './first-keys.ts'

/** The least number of consecutive anchored records that may stop a walk. */
export const STOP_AFTER_MIN = 3

/** What the decision needs of a record. */
export interface Sighting {
  readonly anchored: boolean
  readonly pinned: boolean
  /** Undefined, null and NaN: it has none. */
  readonly order: Order | null | undefined
  /** No new record can stand among those with its order value, see settled.ts. @default false */
  readonly settled?: boolean
  /** It is known, and not anchored: its content has changed, or another listing has read it. @default false */
  readonly changed?: boolean
  /** How many of the first keys stood below it, null where it is none of them. Undefined: nothing is remembered. */
  readonly left?: number | null
}

/** What a walk carries from page to page; survives JSON. */
export interface WalkTrack {
  /** How many anchored records in a row have been met, up to now. */
  readonly run: number
  /** Order of the last unpinned record. */
  readonly last: Order | null
  /** The source broke the order that it declares; then nothing but the end may stop the walk. */
  readonly unsorted: boolean
  /** Of a list whose first keys are remembered. */
  readonly beside?: Neighbours
}

export const TRACK_START: WalkTrack = { run: 0, last: null, unsorted: false }

export interface NewestFirstStep {
  readonly track: WalkTrack
  /** Where in the page the walk may stop; -1 to go on. The whole page is stored in either case. */
  readonly stopAt: number
  /** Where it may stop inside of a group that can't get new members; -1 where it can stop without that. */
  readonly insideAt: number
}

export function newestFirstStep(track: WalkTrack, page: readonly Sighting[], stopAfter: number): NewestFirstStep {
  const enough = Math.max(stopAfter, STOP_AFTER_MIN)
  let { run, last, unsorted, beside } = track
  let stopAt = -1
  let insideAt = -1
  for (let i = 0; i < page.length; i++) {
    const { anchored, pinned, order, settled = false, changed = false, left } = page[i] as Sighting
    if (pinned) continue
    if (left !== undefined) {
      beside = besideNext(beside ?? NO_NEIGHBOURS, { anchored, changed, left }, enough)
      // The whole page is read, and says whether what seemed to be ground was put there.
      stopAt = beside.isGround ? i : -1
      continue
    }
    const isPlaced = order !== undefined && order !== null && !Number.isNaN(order)
    if (isPlaced) {
      if (last !== null && order > last) unsorted = true
      // The group before this record ended above it: if enough anchored ones led up to here, that was the place.
      if (stopAt < 0 && run >= enough && last !== null && order !== last) stopAt = Math.max(0, i - 1)
      last = order
    }
    run = anchored ? run + 1 : 0
    // Without order values only positions count, and there is no group to be inside of. A record without one among others
    // that have one may stand inside of their group.
    if (stopAt < 0 && !isPlaced && last === null && run >= enough) stopAt = i
    if (insideAt < 0 && settled && run >= enough) insideAt = i
  }
  const isInside = stopAt < 0 && !unsorted
  const after = { run, last, unsorted, ...(beside ? { beside } : {}) }
  return { track: after, stopAt: unsorted ? -1 : stopAt, insideAt: isInside ? insideAt : -1 }
}
