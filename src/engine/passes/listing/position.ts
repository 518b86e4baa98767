// Owns where a walk through a listing stands, as it is kept between pages and between runs. Pure.

import type { Order } from '../../../connector/page.ts'
import type { ListingPass } from '../../../connector/passes.ts'
import { isObject, type Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { Ended } from '../../../model/run.ts'
import type { Quarantined } from '../../../store/store.ts'
import type { Parsed } from '../rows/shape.ts'
import { withPage } from './first-keys.ts'
import { type Evidence, evidenceAfter, NO_EVIDENCE, type PageShown } from './proof.ts'
import type { WalkTrack } from './stop-rule.ts'
import { NO_TOTALS, type Totals } from './totals.ts'
import { type UnreadRows, unreadAfter } from './unread-rows.ts'

/** How many keys are kept of the end of what was read, to recognise the place when pages that count from the top shift. */
const TAIL_KEYS = 20

/** Where a listing walk stands; survives JSON. */
export type Position = UnreadRows & {
  /** The token of the page read last; null: the first page. */
  readonly token: Json
  /** How many pages there are from the top down to that one; 0: not known. */
  readonly page: number
  /** The token of the next page; null: there is none, the walk starts again at the top. */
  readonly next: Json
  /** The last keys that were read without a hole from the top down, in the listing's order. */
  readonly tail: readonly Key[]
  /** The oldest order value seen, for capped listings. */
  readonly oldest: Order | null
  /** How many different records were read from the top down. */
  readonly different: number
  /** How many of them belong to other streams. */
  readonly others: number
  /** How often the whole listing was read again because something may have been missed. */
  readonly rereads: number
  /** How often the page before the next one was read again, because the total fell between the two. */
  readonly turns: number
  /** It was read again because a total had fallen between two runs: from now on a run ends with a count, if it can. */
  readonly careful: boolean
  /** Records have changed their place while the walk was on its way: met twice, they need not be new. */
  readonly moves: boolean
  /** The source has broken the order that it declares: nothing but the end may stop the walk, whichever run goes on with it. */
  readonly unsorted: boolean
  /** How many known records in a row the pages read last ended with, and the order of the last one. */
  readonly ground: Omit<WalkTrack, 'unsorted'>
  /** The first keys of the leg, where they are remembered, see first-keys.ts. */
  readonly firstKeys: readonly Key[]
  /** The walk was ordered to list everything: known ground does not stop it, whichever run goes on with it. */
  readonly toEnd: boolean
  /** How many records the source had when the walk left the top; null: it didn't say. */
  readonly total: number | null
  /** What the source's totals have told since then. */
  readonly totals: Totals
  /** What tells a record that is absent from one that has moved past the reader. */
  readonly evidence: Evidence
  /** How the walk came to its end, while what proves that nothing was missed is still to be asked for. */
  readonly reached: Ended | null
  /** How often a walk that went on in another run has begun to look at what has come on top since it left it. */
  readonly looks: number
  /** The page that could not be read when the walk was last tried, as text; null: it did not end at one. */
  readonly stuck: string | null
  /** How far was read below a page that can't be read; null: nothing yet. */
  readonly below: Below | null
  /** The page read last was read once more, and showed the end of what was read: the next page comes first now. */
  readonly sought: boolean
  /** The next page, which was read: it counts once the page before it has shown the same end again. */
  readonly pending: Pending | null
  /** What a look for the place has passed so far, when the run ended on the way. */
  readonly passed: Passed
  /** What is read once more because an empty page came where there may have been more. */
  readonly doubt: Doubt
}

export type Doubt = 'nothing' | 'page before' | 'page itself'

/** Pages that were passed while the place is looked for, and the rows on all but the first: so far it has moved down. */
export type Passed = { readonly pages: number; readonly rows: number }

/**
 * Where the walk stands once its next page counts, and how it ends there. Between two runs a record may leave above, and
 * pull one over the boundary unread. Where neither page shows the other's records, and no total tells, the page before is
 * read after the next one: what was pulled up stands on it then.
 */
export type Pending = {
  readonly position: Omit<Position, 'pending'>
  readonly ended: Ended | null
}

/** What was read behind a page that can't be read. It closes nothing: the walk reads it once more when the page answers. */
export type Below = {
  /** The token of the next page below; null: there is no more to be read. */
  readonly next: Json
  /** Pages in a row, the first one included, that could not be read. */
  readonly failed: number
  /** Live records of the mirror, without those that came from above the bad page since this was begun. */
  readonly known: number
  /**
   * It was read to its end before, and so many records have come in above the bad page since: as many rows further down
   * stands what has moved off that page. Known ground ends the reading below them.
   */
  readonly shifted?: number
}

export const TOP: Position = {
  token: null,
  page: 0,
  next: null,
  tail: [],
  oldest: null,
  different: 0,
  others: 0,
  rereads: 0,
  turns: 0,
  careful: false,
  moves: false,
  unsorted: false,
  ground: { run: 0, last: null },
  firstKeys: [],
  toEnd: false,
  unreadable: 0,
  unread: [],
  total: null,
  totals: NO_TOTALS,
  evidence: NO_EVIDENCE,
  reached: null,
  looks: 0,
  stuck: null,
  below: null,
  sought: false,
  pending: null,
  passed: { pages: 0, rows: 0 },
  doubt: 'nothing',
}

/** At the top once more, with what is known of the walk and not of its leg. */
export function topAgain({ rereads, careful, stuck, below, toEnd, page }: Position): Position {
  // A first page that was all that a run could read is not read alone a third time.
  return { ...TOP, rereads, careful, stuck, below, toEnd, sought: page === 1 }
}

/** The position as it was stored. */
export function positionFrom(value: Json): Position {
  if (!isObject(value) || !Array.isArray(value['tail'])) return TOP
  const stored = value as Partial<Position>
  return { ...TOP, ...stored, totals: { ...NO_TOTALS, ...stored.totals } }
}

/**
 * Whether the walk goes on below the top. A full pass that has read one page, and no total, begins again; so does a walk
 * of paid pages that would have to pay for its first one once more in any case.
 */
export function leavesTop(
  { next, reached, page, totals, sought, pending, stuck }: Position,
  pass: { readonly kind: string; readonly total?: unknown; readonly paging?: unknown; readonly paid?: unknown },
): boolean {
  if (reached !== null) return true
  const paysAgain = pass.paid && (pass.paging !== 'keyset' || pass.kind === 'newestFirst')
  if (paysAgain && page === 1 && !sought && pending === null && stuck === null) return false
  const owesTotal = pass.kind === 'fullPass' && pass.total !== undefined && pass.paging !== 'keyset'
  return next !== null && !(owesTotal && totals.total === null && !totals.lies && page === 1)
}

/** A page that was read, as far as it moves the walk. */
export interface PageRead {
  readonly token: Json
  readonly next: Json
  readonly parsed: readonly Parsed[]
  /** Its rows that could not be read. */
  readonly quarantine: readonly Quarantined[]
  /** It was read before, and again to see what has shifted. */
  readonly again: boolean
  /** The place of the last row that was the end of what was read before; -1: it shows none. */
  readonly met: number
  /** What the source's totals tell after it. */
  readonly totals: Totals
  /** What was stored of its records before. */
  readonly shown: Omit<PageShown, 'isFirst' | 'parsed'>
  /** Rows that nobody knew, above those that were read before. */
  readonly arrived: number
  /** Rows that were not read before. */
  readonly fresh: number
  /** Those among them that belong to other streams. */
  readonly others: number
  /** Keys of its rows, where the first of the list are remembered; else none. */
  readonly placed: readonly Key[]
}

/** Where the walk stands after a page. */
export function movedTo(from: Position, pass: ListingPass, read: PageRead): Position {
  // Pinned records stand where they like; they tell no place.
  const placed = read.parsed.slice(read.met + 1).filter(({ record }) => !pass.pinned?.(record))
  return {
    ...from,
    ...unreadAfter(from, read.quarantine),
    token: read.token,
    page: read.again ? from.page : from.page + 1,
    next: read.next,
    tail: [...from.tail, ...placed.map(({ incoming }) => incoming.key)].slice(-TAIL_KEYS),
    oldest: oldestOf(from.oldest, pass, read.parsed),
    firstKeys: withPage(from.firstKeys, read.placed, pass),
    different: from.different + read.fresh,
    others: from.others + read.others,
    turns: read.again ? from.turns : 0,
    total: from.total ?? (from.page === 0 ? read.totals.total : null),
    totals: read.totals,
    evidence: evidenceOf(from, pass, read),
    sought: read.again || (from.page === 0 && from.sought),
    pending: null,
    passed: TOP.passed,
    doubt: 'nothing',
  }
}

/** Of a page that is read once more, only what has arrived since is evidence; the newest-first passes remove nothing. */
function evidenceOf({ evidence, page }: Position, pass: ListingPass, read: PageRead): Evidence {
  if (pass.kind === 'newestFirst') return evidence
  if (read.again) return withNew(evidence, read.arrived)
  return evidenceAfter(evidence, pass, { isFirst: page === 0, parsed: read.parsed, ...read.shown })
}

/** The same evidence, with so many records that were new to the mirror. */
export function withNew(evidence: Evidence, more: number): Evidence {
  return more === 0 ? evidence : { ...evidence, newBelow: evidence.newBelow + more }
}

function oldestOf(before: Order | null, { order, pinned }: ListingPass, parsed: readonly Parsed[]): Order | null {
  if (!order) return before
  let oldest = before
  for (const { record } of parsed) {
    if (pinned?.(record)) continue
    const place = order(record)
    if (oldest === null || place < oldest) oldest = place
  }
  return oldest
}
