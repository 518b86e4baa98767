// Owns where a walk through a listing stands, as it is kept between pages and between runs. Pure.

import type { Order } from '../../connector/page.ts'
import type { FullPass, NewestFirst } from '../../connector/passes.ts'
import { isObject, type Json } from '../../model/json.ts'
import type { Key } from '../../model/record.ts'
import type { Ended } from '../../model/run.ts'
import { type Evidence, evidenceAfter, NO_EVIDENCE, type PageShown } from './listing-proof.ts'
import type { Parsed } from './shape.ts'

export type ListingPass = NewestFirst<unknown, unknown> | FullPass<unknown, unknown>

/** How many keys of the last page are kept to recognise the place when an offset walk goes on. */
const TAIL_KEYS = 20

/** Where a listing walk stands; survives JSON. */
export type Position = {
  /** The token of the page read last; null: the first page. */
  readonly token: Json
  /** How many pages there are from the top down to that one; 0: not known. */
  readonly page: number
  /** The token of the next page; null: there is none, the walk starts again at the top. */
  readonly next: Json
  readonly tail: readonly Key[]
  /** The oldest order value seen, for capped listings. */
  readonly oldest: Order | null
  /** How often the whole listing was read again because its total promised more. */
  readonly rereads: number
  /** Rows seen of which not even the key could be read; they count as read when totals are compared. */
  readonly unreadable: number
  /** How many records the source had when the walk left the top; null: it didn't say. */
  readonly total: number | null
  /** How many it had when what is proved by comparing began to be read; null: it didn't say. */
  readonly legTotal: number | null
  /** How the walk came to its end, while what proves that nothing was missed is still to be asked for. */
  readonly reached: Ended | null
  /** What tells a record that is absent from one that has moved past the reader. */
  readonly evidence: Evidence
}

export const TOP: Position = {
  token: null,
  page: 0,
  next: null,
  tail: [],
  oldest: null,
  rereads: 0,
  unreadable: 0,
  total: null,
  legTotal: null,
  reached: null,
  evidence: NO_EVIDENCE,
}

/** At the top once more, having been there so often already. */
export function topAgain(rereads: number): Position {
  return { ...TOP, rereads }
}

/** The position as it was stored. One of an older release lacks what that did not keep. */
export function positionFrom(value: Json): Position {
  return isObject(value) && Array.isArray(value['tail']) ? { ...TOP, ...(value as Partial<Position>) } : TOP
}

/** Whether the walk goes on below the top. A full pass that has read one page, and no total, begins again. */
export function leavesTop(
  { next, reached, page, total }: Position,
  pass: { readonly kind: string; readonly total?: unknown; readonly paging?: unknown },
): boolean {
  if (reached !== null) return true
  const owesTotal = pass.kind === 'fullPass' && pass.total !== undefined && pass.paging !== 'keyset'
  return next !== null && !(owesTotal && total === null && page === 1)
}

/** A page that was read, as far as it moves the walk. */
export interface PageRead {
  readonly token: Json
  readonly next: Json
  readonly parsed: readonly Parsed[]
  /** It was read before, and again to see that nothing has shifted. */
  readonly again: boolean
  /** How many records the source had when this leg of the walk began; null: it didn't say. */
  readonly total: number | null
  /** This leg began at the top of the listing. */
  readonly fromTop: boolean
  /** What was stored of its records before; undefined: the page is read once more, and shows nothing new. */
  readonly shown: Omit<PageShown, 'isFirst' | 'parsed'> | undefined
}

/** Where the walk stands after a page. */
export function movedTo(from: Position, pass: ListingPass, read: PageRead): Position {
  const keys = read.parsed.slice(-TAIL_KEYS).map(({ incoming }) => incoming.key)
  return {
    ...from,
    token: read.token,
    page: read.again ? from.page : from.page + 1,
    next: read.next,
    tail: keys.length > 0 ? keys : from.tail,
    oldest: oldestOf(from.oldest, pass, read.parsed),
    total: from.total ?? (read.fromTop ? read.total : null),
    legTotal: read.total ?? from.legTotal,
    evidence: read.shown
      ? evidenceAfter(from.evidence, pass, { isFirst: from.page === 0, parsed: read.parsed, ...read.shown })
      : from.evidence,
  }
}

/** Pinned records stand where they like. */
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
