// Owns the question at the end of a walk's leg: does the source's total show that records were missed? Pure: each step
// says what has to be asked for, or what was found.

import { capOf, type ListingPass } from '../../../connector/passes.ts'
import { plural } from '../../../model/plural.ts'
import type { Ended } from '../../../model/run.ts'
import type { WalkRow } from '../../../store/store.ts'
import type { Decisions } from '../decisions.ts'
import { REREADS_MAX } from '../removals/guard.ts'
import type { Kept } from '../state.ts'
import { asksForFirstTotalAtEnd, asksToProveEnd, type Means } from './counts.ts'
import type { Swept } from './shown-twice.ts'
import { knowsRead, shifts, tellsRead, type Walking } from './step.ts'
import { concluded } from './totals.ts'

/** What decisions go by beside the walk. */
export interface Facts {
  readonly pass: ListingPass
  readonly decisions: Pick<Decisions, 'newestFirstStep' | 'isShort'>
  /** An earlier run began the walk. */
  readonly isResumed: boolean
  readonly means: Means
  readonly kept: Kept
  readonly openWalks: readonly WalkRow[]
  readonly now: number
  /** When this run began the walk, by the source's clock. */
  readonly began: number
}

/** What the first page shows now: its total, and how many new records stand above those known; null: none of those. */
export interface Top {
  readonly total: number | undefined
  readonly arrived: number | null
}

/** `read`: how many different records the leg has read, where they are compared with a total. */
export interface EndQuestion {
  /** `twice`: what the places show now that were shown twice. */
  readonly ask: 'read' | 'total' | 'top' | 'twice'
  readonly for: 'end'
  readonly ended: Ended
  readonly read?: number
  readonly total?: number | undefined
}

/** What was found at the end of a leg. */
export interface Found {
  /** What shows that records were missed, in words; undefined: nothing does. */
  readonly lack?: string | undefined
  /** Reading the listing again shows no more of it. */
  readonly isStuck?: boolean
  /** What the source said that there is, if it was asked. */
  readonly total?: number | undefined
}

export function atEnd({ pass }: Facts, walking: Walking, ended: Ended): EndQuestion | Found {
  if (ended === 'exhausted' && knowsRead(pass, walking)) return { ask: 'read', for: 'end', ended }
  return asksToProveEnd(pass, ended, walking) ? { ask: 'total', for: 'end', ended } : {}
}

/** Why some of them may be on no page. */
export const EQUALS_ANEW = 'the source orders equals anew on each page'

/** What was read of a leg. */
export interface LegCount {
  readonly read: number
  /** Rows that it was shown a second time, at places that can be read again. */
  readonly repeats: number
}

/**
 * Whether the end came too early, by the total that the leg was told. Where pages shift nothing, records may have left
 * before they were read: then the total of now decides, without what is seen to have come on top since.
 */
export function afterRead(
  { pass, decisions, isResumed, means }: Facts,
  walking: Walking,
  ended: Ended,
  { read: counted, repeats }: LegCount,
): EndQuestion | Found {
  const { fromTop, position } = walking
  const { least } = position.totals
  // A run counts those that it reads, and a full pass has the store count. Rows whose key is not certain are records, too.
  const different = pass.kind === 'fullPass' || fromTop ? counted : position.different
  const read = different + position.unreadable
  const isAsked =
    least === null
      ? asksForFirstTotalAtEnd(pass, walking, { read, live: means.live, isResumed })
      : tellsRead(pass, walking)
  if (!isAsked) {
    return asksToProveEnd(pass, ended, walking) ? { ask: 'total', for: 'end', ended } : {}
  }
  if (least !== null && !decisions.isShort(read, least)) return {}
  // Arrivals may have pushed records out at the end of a listing that is at its cap.
  const isCut = position.totals.most >= capOf(pass.listing)
  if (least === null || !shifts(pass) || isCut) return { ask: 'total', for: 'end', ended, read }
  // Each row that was shown twice stands for one that was not, or for one that has come on top.
  const mayBeFound = fromTop && repeats > 0 && read + repeats >= least
  return mayBeFound ? { ask: 'twice', for: 'end', ended, read } : { lack: shortOf(read, least) }
}

/**
 * Nothing can be missing where the places that were shown twice have shown all that they hold. What the leg still lacks has
 * left before it was read, while as many others came on top.
 */
export function afterTwice({ decisions }: Facts, { position }: Walking, { isWhole, read, came }: Swept): Found {
  const least = position.totals.least ?? 0
  const known = read + position.unreadable
  if (!isWhole) return { lack: `${EQUALS_ANEW}: ${shortOf(known, least)}`, isStuck: true }
  return decisions.isShort(known, least - (came ?? 0)) ? { lack: shortOf(known, least) } : {}
}

/** What the source's total says: of a leg that shifts, against the totals before; else against what was read. */
export function afterTotal(
  { pass, decisions }: Facts,
  walking: Walking,
  asked: EndQuestion,
  total: number | undefined,
): EndQuestion | Found {
  const { totals } = walking.position
  const { read } = asked
  if (read !== undefined) {
    const known = total ?? totals.least
    const isShort = known !== null && decisions.isShort(read, Math.min(known, capOf(pass.listing)))
    return isShort ? { ...asked, ask: 'top', total } : { total }
  }
  if (pass.total && total === undefined) return {}
  // Where nothing has moved, there is nothing to look for. Where the first page alone tells the total, it is read for that.
  const isMoved = totals.repeats > 0 || total !== totals.total
  if (!pass.total || (totals.fromTop && isMoved)) return { ...asked, ask: 'top', total }
  return conclude(pass, walking, total, 0)
}

export function afterTop({ pass, decisions }: Facts, walking: Walking, { read, total }: EndQuestion, top: Top): Found {
  const { totals } = walking.position
  const now = total ?? top.total
  if (read === undefined) return conclude(pass, walking, now, totals.fromTop ? top.arrived : 0)
  const cap = capOf(pass.listing)
  // Nothing of the first page stands there any more: any number of records may have been pushed out at the cap.
  if (top.arrived === null && Math.max(totals.most, now ?? 0) >= cap) return { total }
  const told = top.arrived === null ? total : now
  const known = told === undefined ? (totals.least ?? undefined) : Math.min(told, cap) - (top.arrived ?? 0)
  return known !== undefined && decisions.isShort(read, known) ? { lack: shortOf(read, known), total } : { total }
}

function shortOf(read: number, known: number): string {
  const were = plural(read, 'different one was', 'different ones were')
  return `the source said it had ${plural(known, 'record')}, ${were} read`
}

/** The first page shows what has arrived since: that and the total together tell what has left. */
function conclude(
  { listing }: ListingPass,
  { position }: Walking,
  total: number | undefined,
  arrived: number | null,
): Found {
  if (total === undefined) return {}
  const { totals, moves, rereads } = position
  const { doubt } = concluded(totals, total, arrived, capOf(listing))
  // Records that move up are met twice, too; where they keep doing so, no reading again can tell them from new ones.
  const isLack = doubt && !(doubt.repeatsOnly && moves && rereads >= REREADS_MAX)
  return { lack: isLack ? doubt.why : undefined, total }
}
