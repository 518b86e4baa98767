// Owns which part of a descending order each page of a walk showed. A page is one moment: a record whose place lies within a
// page that does not show it was absent then. One whose place lies between two pages may have slipped past the reader. Pure.

import type { Order } from '../../../connector/page.ts'
import type { FullPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import { placeOf } from '../rows/place.ts'
import type { Parsed } from '../rows/shape.ts'

/** From the first record of a page to its last. */
export interface Span {
  /** Of the page; null for the first one. */
  readonly token: Json
  readonly high: Order
  readonly low: Order
  /** Nothing stands above it. */
  readonly isFirst: boolean
  /** The source said that nothing stands below it. */
  readonly isEnd: boolean
}

/** Pages that are read again for a record between them, at most: more share its place, or it is not known. */
export const REGION_PAGES_MAX = 4

/** Undefined: the page is not sorted, or has a record without a place, or none that is not pinned. */
export function spanOf(
  pass: Pick<FullPass<unknown, unknown>, 'order' | 'pinned'>,
  {
    token,
    next,
    parsed,
  }: { readonly token: Json; readonly next: Json | undefined; readonly parsed: readonly Parsed[] },
): Span | undefined {
  const placed = parsed.filter(({ record }) => !pass.pinned?.(record)).map(({ record }) => placeOf(pass, record))
  const [high] = placed
  const low = placed.at(-1)
  if (high === undefined || low === undefined) return undefined
  const falls = placed.every((order, i) => order !== undefined && (i === 0 || !isAbove(order, placed[i - 1])))
  return falls ? { token, high, low, isFirst: token === null, isEnd: next === undefined } : undefined
}

function isAbove(one: Order, other: Order | undefined): boolean {
  return typeof one !== typeof other || (other !== undefined && one > other)
}

/** Whether a record of this order must have stood on the page. */
export function covers({ high, low, isFirst, isEnd }: Span, order: Order): boolean {
  if (typeof order !== typeof high) return false
  return (isFirst || order < high) && (isEnd || order > low)
}

/**
 * The pages between which a record of this order may have slipped past the reader, and those that border on them, in
 * order. Undefined: the walk has not read all of that in this run, or it is too much.
 */
export function regionOf(spans: readonly Span[], order: Order): readonly Json[] | undefined {
  const above = spans.findLastIndex(({ low }) => typeof low === typeof order && low > order)
  const below = spans.findIndex(({ high }, i) => i > above && typeof high === typeof order && high < order)
  if (above < 0 && spans[0]?.isFirst !== true) return undefined
  if (below < 0 && spans.at(-1)?.isEnd !== true) return undefined
  const between = spans.slice(Math.max(above, 0), below < 0 ? undefined : below + 1)
  const tokens = [...new Map(between.map(({ token }) => [JSON.stringify(token), token])).values()]
  return tokens.length > REGION_PAGES_MAX ? undefined : tokens
}
