// Owns what a listing's totals prove while its pages are turned. Pure.
//
// Where pages count from the top, a record that leaves above a page boundary pulls the one below over it, unread. Nothing
// on the pages shows that; the totals do, if every one of them is looked at and what arrived meanwhile is taken into
// account: an arrival pushes a record over the boundary that the walk then meets a second time. So a boundary is sound if
// the new page shows the end of what was read before it, or if the source has not lost a record between the two pages.
//
// A listing that is capped shows its newest records only: `cap` of them where its source has more. Its total may be the
// source's own, or its own length, which stays at the cap while arrivals push records out below.
//
// What no total can show: a record that arrives below the boundary while another one leaves above it. A listing whose
// newest records stand on top does not do that.

import { plural } from '../../../model/plural.ts'

/** What a leg of a walk knows of totals; survives JSON. A leg begins at the top, and goes on from run to run. */
export type Totals = {
  /** The source's latest total; null: it has told none. */
  readonly total: number | null
  /** Records met again since that total: at least so many have arrived above. */
  readonly repeats: number
  /** Page turns since that total of which nothing shows that they missed nothing. */
  readonly unproven: number
  /** It was told when the leg began, so that all that stands above the leg's first record has arrived since. */
  readonly fromTop: boolean
  /** How many different records the leg must have read when it comes to the end of the listing; null: not known. */
  readonly least: number | null
  /** The greatest total that the leg was told. */
  readonly most: number
  /** A count that came after the last page, until the next one shows whether it can be believed; null: none did. */
  readonly count: Count | null
  /** Records that the page read last did not show, though they were read before it: the next one will show them again. */
  readonly ahead: number
  /**
   * Rows below the place of the walk among which stands what was read before: more have arrived than a page holds. Met
   * again there, it has arrived before the latest total.
   */
  readonly pushed: number
  /** What is told counts something else than the records of the listing, the rows of a page for instance. */
  readonly lies: boolean
}

export const NO_TOTALS: Totals = {
  total: null,
  repeats: 0,
  unproven: 0,
  fromTop: false,
  least: null,
  most: 0,
  count: null,
  ahead: 0,
  pushed: 0,
  lies: false,
}

export type Count = {
  /** How far it was above what was expected: so many records had arrived before it. */
  readonly rise: number
  /** Page turns that it says missed nothing. */
  readonly turns: number
}

/** A page, as far as totals are concerned. */
export interface Turn {
  /** The leg's first page, the next one, or one that was read before and is read again to see what has shifted. */
  readonly kind: 'first' | 'next' | 'again'
  readonly rows: number
  /** What the page says; undefined: nothing. */
  readonly total: number | undefined
  /** Whether it shows the end of what was read before it. */
  readonly meets: boolean
  /** Records on it that the leg had read before. */
  readonly repeats: number
  /** Those of them that tell of no arrival: equals may be ordered anew on each page. */
  readonly equals: number
  /** Of what was read before: records that stand below all that the page shows. */
  readonly ahead: number
  /** The boundary before it was in doubt, and the page before it was read once more. */
  readonly looked: boolean
  /** Of a page that is read again: how far down the end of what was read before it has moved. */
  readonly shift: number
  /** Of a page that is read again: records that nobody knew, above those that were read before. */
  readonly arrived: number
  /** How many different records the leg has read, those of this page included, as far as this run knows. */
  readonly read: number
}

/** Why something may have been missed, and where: at the boundary before this page, or anywhere in the leg. */
export interface Doubt {
  readonly where: 'boundary' | 'leg'
  readonly why: string
  /** All that the source had before, it has now; only records met twice speak against it. */
  readonly repeatsOnly: boolean
}

export interface Judged {
  readonly totals: Totals
  /** Undefined: nothing can have been missed, as far as totals tell. */
  readonly doubt?: Doubt
}

/** A leg that has read twice as many records as the source ever claimed to have is told something else than a total. */
const LIES_FROM = 2

const NO_CAP = Number.POSITIVE_INFINITY

/** A total is a whole number; anything else is none. */
export function totalFrom(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

/** What is known when a page has been read. A doubtful page leaves everything as it was. */
export function turned(before: Totals, turn: Turn, cap = NO_CAP): Judged {
  const total = before.lies ? undefined : turn.total
  const most = Math.max(before.most, total ?? 0)
  if (total !== undefined && turn.read > 0 && turn.read >= LIES_FROM * most) {
    return { totals: { ...NO_TOTALS, lies: true } }
  }
  if (turn.kind === 'first') {
    const known = total ?? before.total
    return {
      totals: { ...before, total: known, fromTop: known !== null, least: listed(known, cap), most, count: null },
    }
  }
  const again = turn.kind === 'again'
  // A page that is read again shows all that has shifted: what was read before it is whole.
  const proven = again || turn.meets
  const { repeats, arrived } = again ? shiftedBy(before, turn) : { repeats: metAgain(before, turn), arrived: 0 }
  if (again && total === undefined && repeats > 0 && before.total !== cap && (before.count?.turns ?? 0) > 0) {
    // More have arrived than the count had risen by: unless they came after it, others have left.
    const why = `the source had ${plural(before.total ?? 0, 'record')}, though ${repeats} more had arrived`
    return { totals: before, doubt: { where: 'leg', why, repeatsOnly: true } }
  }
  if (!proven && before.ahead > 0 && !turn.looked) {
    const why = `a page did not go on where the one before it had ended`
    return { totals: before, doubt: { where: 'boundary', why, repeatsOnly: false } }
  }
  const next: Totals = {
    ...before,
    repeats: before.repeats + repeats,
    ahead: turn.ahead,
    pushed: pushedBy(before, turn, { proven, repeats }),
    unproven: before.unproven + (proven ? 0 : 1),
    least: before.least === null ? null : Math.min(before.least + arrived, cap),
    most,
    count: null,
  }
  if (total === undefined) return { totals: next }
  const where = before.unproven === 0 && !proven ? 'boundary' : 'leg'
  const judged = compared(next, total, where, cap)
  return judged.doubt ? { ...judged, totals: before } : judged
}

/** What is known when the source was asked for its total between two pages. */
export function counted(before: Totals, total: number, cap = NO_CAP): Judged {
  if (before.lies) return { totals: before }
  if (before.total === null) {
    const most = Math.max(before.most, total)
    return { totals: { ...before, total, fromTop: true, least: listed(total, cap), most } }
  }
  const judged = compared({ ...before, most: Math.max(before.most, total) }, total, 'leg', cap)
  if (judged.doubt) return { ...judged, totals: before }
  const rise = Math.max(0, total - before.total - before.repeats)
  return { totals: { ...judged.totals, count: { rise, turns: before.unproven } } }
}

/** Records on the next page that the leg had read before, but for those that earlier arrivals have pushed down to it. */
function metAgain({ ahead, pushed, count }: Totals, { repeats, equals }: Turn): number {
  return Math.max(0, repeats - equals - ahead - pushed - (count?.rise ?? 0))
}

/** How far below a page stands what was read before it: as far as the total has risen, if the page does not show it. */
function pushedBy(
  { total, repeats: known, ahead, pushed, count }: Totals,
  turn: Turn,
  { proven, repeats }: { readonly proven: boolean; readonly repeats: number },
): number {
  if (pushed === 0 && proven) return 0
  const rise = total === null || turn.total === undefined ? 0 : Math.max(0, turn.total - total - known - repeats)
  const from = pushed === 0 ? ahead : pushed
  return Math.max(0, from + rise + (count?.rise ?? 0) - (turn.kind === 'again' ? 0 : turn.rows))
}

/** How many records have arrived above a page since it was read before, but for those that a count has told of. */
function shiftedBy({ count }: Totals, { shift, arrived }: Turn): { repeats: number; arrived: number } {
  const explained = count?.rise ?? 0
  return {
    repeats: Math.max(0, Math.max(shift, arrived) - explained),
    arrived: Math.max(0, arrived - explained),
  }
}

/**
 * What is known at the end of a leg, from the source's total and from how many records stand above the place where the
 * leg began; null: that place is not to be seen any more, so that any number may have arrived. They were looked at after
 * the total was told, so that none is missing.
 */
export function concluded(before: Totals, total: number, arrived: number | null, cap = NO_CAP): Judged {
  if (arrived !== null) return compared({ ...before, repeats: Math.max(before.repeats, arrived) }, total, 'leg', cap)
  if (before.total === null || before.unproven === 0 || isFull(before.total, total, cap)) {
    return compared(before, total, 'leg', cap)
  }
  const why = `the source had ${plural(before.total, 'record')}, and ${total} when none of its first page stood there any more`
  return { totals: before, doubt: { where: 'leg', why, repeatsOnly: total >= before.total } }
}

/** The total against what it must be at least if no record has left. */
function compared(known: Totals, total: number, where: Doubt['where'], cap: number): Judged {
  const fresh = { ...known, total, fromTop: false, repeats: 0, unproven: 0 }
  // The first total of a leg that began without one proves nothing of what it has read before.
  if (known.total === null) return { totals: fresh }
  const left = known.total + known.repeats - total
  if (left <= 0 || isFull(known.total, total, cap)) return { totals: fresh }
  if (known.unproven > 0) {
    const why =
      known.repeats > 0
        ? `the source had ${plural(known.total, 'record')}, ${known.repeats} more arrived, and then it had ${total}`
        : `the source had ${plural(known.total, 'record')}, and ${total} when more of its pages had been turned`
    return { totals: known, doubt: { where, why, repeatsOnly: total >= known.total } }
  }
  // What left did not stand above a boundary, or has shifted nothing unread: there is less to be read now.
  const fewer = Math.max(0, listed(known.total, cap) - listed(total, cap))
  return { totals: { ...fresh, least: known.least === null ? null : known.least - fewer } }
}

/** How many of so many records the listing shows. */
function listed<T extends number | null>(total: T, cap: number): T | number {
  return total === null ? total : Math.min(total, cap)
}

/** Whether the total is the length of a listing that has come to its cap: records may have arrived, and none have left. */
function isFull(before: number, total: number, cap: number): boolean {
  return total === cap && before <= cap
}
