// Owns where a record stands in a listing: of a record that was read, before anything is decided by it, and of a stored one;
// and what that means for the walk from the top, which stops at records that are known.

import type { Stream } from '../../../connector/connector.ts'
import type { Order } from '../../../connector/page.ts'
import { type ByCursor, isPaged, type ListedPass } from '../../../connector/passes.ts'
import { TidemarkError } from '../../../model/errors.ts'
import type { PassKind } from '../../../model/run.ts'
import type { Content } from '../../../store/store.ts'
import { isSameRead } from '../same-read.ts'
import type { Parsed } from './shape.ts'
import { type Ground, isSameContent } from './upsert.ts'

type Ordered = Pick<ListedPass, 'order' | 'pinned'>

/**
 * What a pass asks of each record; what throws here is set aside with the record, before anything is decided by it. A
 * window is asked for by number, so that a record of one has to have a number for its place; the others are added to
 * `unplaced`.
 *
 * @throws TidemarkError connector_invalid where `order` returns what is never a place
 */
export function examinerOf(
  pass: ByCursor<unknown, unknown> | ListedPass,
  unplaced?: unknown[],
): (record: unknown) => void {
  if (pass.kind === 'byCursor') {
    return (record) => {
      const place: unknown = pass.order(record)
      if (pass.unitMs === undefined && typeof place === 'number' && Math.abs(place) > Number.MAX_SAFE_INTEGER)
        throw inexact()
      if (Number.isFinite(place)) return
      if (!PLACES.has(typeof place) && place !== null) throw noPlace(place)
      unplaced?.push(place)
      throw new TidemarkError('record_invalid', `Order returned ${returned(place)} for this record.`)
    }
  }
  return (record) => {
    pass.pinned?.(record, 0)
    const place: unknown = pass.order?.(record)
    if (!PLACES.has(typeof place) && place !== null) throw noPlace(place)
  }
}

/** A record without a place has nothing for one. */
const PLACES: ReadonlySet<string> = new Set(['number', 'string', 'undefined'])

function noPlace(place: unknown): TidemarkError {
  return new TidemarkError('connector_invalid', `Order of the connector returned ${returned(place)}.`, {
    hint: 'Return a number or a text: Number(…) of a bigint, getTime() of a date.',
    scope: 'stream',
  })
}

/** A window is asked for by exact numbers. */
function inexact(): TidemarkError {
  return new TidemarkError(
    'connector_invalid',
    'Order of byCursor returned a number beyond 2^53, which is not exact.',
    {
      hint: 'Use a coarser number that the API filters by, or a time with unitMs, such as the time in a snowflake id.',
      scope: 'stream',
    },
  )
}

/** Of a window none of whose records has a number for its place, no cursor can be kept. */
export function noNumber(place: unknown): TidemarkError {
  return new TidemarkError('connector_invalid', `Order of byCursor returned ${returned(place)} for all records.`, {
    hint: 'Return a number in the unit of since and until, such as Date.parse(row.updated_at) with unitMs: 1; 0 for a record without one.',
    scope: 'stream',
  })
}

function returned(place: unknown): string {
  if (typeof place === 'string') return 'a text instead of a number'
  return typeof place === 'number' || place === undefined || place === null ? `${place}` : `a ${typeof place}`
}

/** Where a record stands; undefined where its order does not tell: null and NaN are no places. */
export function placeOf({ order }: Ordered, record: unknown): Order | undefined {
  const place: Order | null | undefined = order?.(record)
  return place === null || Number.isNaN(place) ? undefined : place
}

/** Where a stored record stood, as its columns tell; undefined where they do not: they are not all that a record has. */
export function placeIn(pass: Ordered, columns: Content['columns']): Order | undefined {
  try {
    return placeOf(pass, columns)
  } catch {
    return undefined
  }
}

/**
 * Whether a record that was read may stand elsewhere than the stored one did. Where no order tells, whatever has changed may
 * have moved: a list may be sorted by the time of the last change. Metrics change in place.
 */
export function hasMoved(
  pass: Ordered,
  { record, incoming }: Parsed,
  stored: Content | undefined,
  { volatile = [], metrics = [] }: Pick<Stream, 'volatile' | 'metrics'>,
): boolean {
  if (stored === undefined) return true
  const place = placeIn(pass, record as Content['columns'])
  if (place !== undefined) return placeIn(pass, stored.columns) !== place
  return !isSameContent(incoming.raw, stored.raw, [...volatile, ...(metrics as readonly string[])])
}

/**
 * What a pass of this kind leaves behind as ground. A walk from the top reads its listing without a hole, so that below a
 * record which it has read there is nothing unread. A listing in another order shows a record at its new place while
 * nobody has read what stands below it there.
 */
export function groundOf(
  stream: Pick<Stream, 'passes' | 'volatile' | 'metrics'>,
  { kind, walk, records }: { kind: PassKind; walk: number | null; records: readonly unknown[] },
): Ground {
  const { passes } = stream
  const top = passes.find((pass) => pass.kind === 'newestFirst')
  if (!top) return { walk, hasMoved: () => false }
  const reader = passes.filter(isPaged).find((pass) => pass.kind === kind)
  const readsAlike = reader && isPaged(top) && isSameRead(reader.read, top.read)
  const isSame = kind === top.kind || readsAlike || (reader && records.every(isAlike(reader, top)))
  return { walk: isSame ? walk : null, hasMoved: (read, stored) => hasMoved(top, read, stored, stream) }
}

/** Whether two passes sort a record by the same value, as far as their declarations tell. */
function isAlike(one: Ordered, other: Ordered): (record: unknown) => boolean {
  return (record) => {
    try {
      const place = placeOf(one, record)
      return place !== undefined && place === placeOf(other, record)
    } catch {
      return false
    }
  }
}
