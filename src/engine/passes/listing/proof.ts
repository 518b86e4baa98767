// Owns the question whether a record that a walk did not show was absent, or may have moved past the reader. Pure.
//
// Pages are read one after the other, and a listing may move meanwhile. A record that climbs from a page that is still to
// be read to one that has been read is shown by neither. Four things tell that apart from a record that is gone:
//
// - one page holds the whole listing: one page is one moment;
// - in a keyset listing nothing slides. The source's own total, taken when the walk began, equals the number of different
//   records that were read, and none of them is new; or the order is descending, and whatever climbs stands at the top
//   afterwards: the top is looked at again;
// - in an offset listing with a descending order the same look is taken, and a record whose place lies within a page was not
//   there; around the place of any other a few pages are read again. No total tells: one record may leave above a boundary,
//   and another one come back below it, which the mirror has known all the time;
// - otherwise the listing is read again at once, and both readings must show the same records in the same order.

import { hash } from 'node:crypto'
import type { Order } from '../../../connector/page.ts'
import { capOf, type FullPass } from '../../../connector/passes.ts'
import type { Head, Key } from '../../../model/record.ts'
import type { Content } from '../../../store/store.ts'
import { placeIn, placeOf } from '../rows/place.ts'
import type { Parsed } from '../rows/shape.ts'

/** What a walk notes about how its listing stands; survives JSON. */
export type Evidence = {
  /** A digest of the records read so far, in the listing's order. */
  readonly trail: string
  /** How many records were new to the mirror: on the first page, and behind it. */
  readonly newOnTop: number
  readonly newBelow: number
  /** The greatest order value on the first page; null: the pass declares no order. */
  readonly top: Order | null
  /** The order value read last. */
  readonly last: Order | null
  /** The order values have only fallen, on each page and from the end of one page to that of the next. */
  readonly falls: boolean
  /** A record has got an order value that is not the greatest: the order is no time, and what changes may stand anywhere. */
  readonly strays: boolean
}

export const NO_EVIDENCE: Evidence = {
  trail: '',
  newOnTop: 0,
  newBelow: 0,
  top: null,
  last: null,
  falls: true,
  strays: false,
}

type Ordered = Pick<FullPass<unknown, unknown>, 'order' | 'pinned'>

/** A page of the walk, with what was stored of its records before. */
export interface PageShown {
  readonly isFirst: boolean
  readonly parsed: readonly Parsed[]
  readonly heads: ReadonlyMap<Key, Head>
  readonly contents: ReadonlyMap<Key, Content>
  /** The greatest order value when the last full pass began; undefined: not known. */
  readonly topBefore: Order | undefined
}

/** The evidence after a page. */
export function evidenceAfter(before: Evidence, pass: Ordered, page: PageShown): Evidence {
  const { isFirst, parsed, heads } = page
  const fresh = new Set<Key>()
  const places = new Set<string>()
  let { falls, strays } = before
  let last: Order | null = null
  let top = isFirst ? null : before.top
  for (const { incoming, record } of parsed) {
    const { key } = incoming
    const head = heads.get(key)
    if (!head || head.removedAt !== null) fresh.add(key)
    const isPlaced = pass.order !== undefined && !pass.pinned?.(record)
    const order = isPlaced ? placeOf(pass, record) : undefined
    const place = order === undefined ? key : `${key} ${order}`
    // A page is one moment: a row that stands on it twice has not moved.
    places.add(place)
    if (!isPlaced) continue
    // A record without a place says that the order is not known.
    if (order === undefined) {
      falls = false
      continue
    }
    if (last !== null && order > last) falls = false
    last = order
    if (isFirst && (top === null || order > top)) top = order
    if (strayed(pass, order, page.contents.get(key), page.topBefore)) strays = true
  }
  // What arrives above pushes records down that were shown before: the page begins above the end of the last one.
  if (last !== null && before.last !== null && last > before.last) falls = false
  last ??= before.last
  return {
    trail: places.size === 0 ? before.trail : hash('sha256', `${before.trail}\n${[...places].join('\n')}`, 'base64'),
    newOnTop: before.newOnTop + (isFirst ? fresh.size : 0),
    newBelow: before.newBelow + (isFirst ? 0 : fresh.size),
    top,
    last,
    falls,
    strays,
  }
}

/** Whether a record has moved elsewhere than to the top, since it was stored. */
function strayed(pass: Ordered, now: Order, stored: Content | undefined, topBefore: Order | undefined): boolean {
  if (!stored || !pass.order) return false
  const before = placeIn(pass, stored.columns)
  if (before === undefined || typeof before !== typeof now || before === now) return false
  return now < before || (topBefore !== undefined && now < topBefore)
}

/** Whether all that has come since a walk left the top stands above what it has read: the listing is one by time. */
export function newsIsOnTop(pass: { readonly order?: unknown }, { falls, strays, top }: Evidence): boolean {
  return pass.order !== undefined && falls && !strays && top !== null
}

/** What proves that a record which the walk did not show is absent. */
export type Proof =
  /** The walk alone. */
  | 'walk'
  /** A look at the top: whatever moved while the walk went down stands there. */
  | 'top'
  /** The same look, and the place of each record: within a page, or between pages that are read again. */
  | 'place'
  /** Another reading that shows the same. */
  | 'reading'

export interface WalkRead {
  /** How many pages it has; 0: not known. */
  readonly pages: number
  readonly evidence: Evidence
  /** How many different records it showed. */
  readonly seen: number
  /** Rows without a readable key. */
  readonly unreadable: number
  /** What the source said that there is, when the walk began; null: it didn't say. */
  readonly total: number | null
  /** An earlier walk has shown that the order is no time. */
  readonly strays: boolean
}

/** Undefined: nothing does, for a row that could not be read may be any record that was not shown. */
export function proofFor(
  pass: Pick<FullPass<unknown, unknown>, 'listing' | 'paging' | 'order' | 'total'>,
  { pages, evidence, seen, unreadable, total, strays }: WalkRead,
): Proof | undefined {
  if (unreadable > 0) return undefined
  if (pages === 1) return 'walk'
  const isOrdered = pass.order !== undefined && evidence.falls && evidence.top !== null && !evidence.strays && !strays
  if (pass.paging !== 'keyset') return isOrdered ? 'place' : 'reading'
  // A total that is asked for is older than the first page: what is new there may have come in between.
  const fresh = evidence.newBelow + (pass.total ? evidence.newOnTop : 0)
  // At its cap, a listing shows others in place of those that have moved past the reader.
  if (total === seen && total < capOf(pass.listing) && fresh === 0) return 'walk'
  return isOrdered ? 'top' : 'reading'
}
