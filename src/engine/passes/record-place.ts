// Owns where a record stands in a listing: of a record that was read, before anything is decided by it, and of a stored one;
// and what that means for the walk from the top, which stops at records that are known.

import type { Stream } from '../../connector/connector.ts'
import type { Order } from '../../connector/page.ts'
import { type FullPass, isPaged } from '../../connector/passes.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { PassKind } from '../../model/run.ts'
import type { Content } from '../../store/store.ts'
import type { Parsed } from './shape.ts'
import { type Ground, isSameContent } from './upsert.ts'

type Ordered = Pick<FullPass<unknown, unknown>, 'order' | 'pinned'>

/**
 * What a pass asks of each record; what throws here is set aside with the record, before anything is decided by it.
 *
 * @throws TidemarkError connector_invalid where `order` returns what is never a place
 */
export function examinerOf({ order, pinned }: Ordered): (record: unknown) => void {
  return (record) => {
    pinned?.(record)
    const place: unknown = order?.(record)
    if (!PLACES.has(typeof place) && place !== null) throw noPlace(place)
  }
}

/** A record without a place has nothing for one. */
const PLACES: ReadonlySet<string> = new Set(['number', 'string', 'undefined'])

function noPlace(place: unknown): TidemarkError {
  return new TidemarkError('connector_invalid', `Order of the connector returned a ${typeof place}.`, {
    hint: 'Return a number or a text: Number(…) of a bigint, getTime() of a date.',
    scope: 'stream',
  })
}

/** Where a stored record stood, as its columns tell; undefined where they do not: they are not all that a record has. */
export function placeIn({ order }: Ordered, columns: Content['columns']): Order | undefined {
  try {
    return order?.(columns) ?? undefined
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
  const { order } = pass
  if (stored === undefined) return true
  if (!order) return !isSameContent(incoming.raw, stored.raw, [...volatile, ...(metrics as readonly string[])])
  try {
    return placeIn(pass, stored.columns) !== order(record)
  } catch {
    return true
  }
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
  const isSame =
    reader && (reader === top || (reader.read as unknown) === top.read || records.every(isAlike(reader, top)))
  return { walk: isSame ? walk : null, hasMoved: (read, stored) => hasMoved(top, read, stored, stream) }
}

/** Whether two passes sort a record by the same value, as far as their declarations tell. */
function isAlike(one: Ordered, other: Ordered): (record: unknown) => boolean {
  return (record) => {
    try {
      const order = one.order?.(record)
      return order !== undefined && order === other.order?.(record)
    } catch {
      return false
    }
  }
}
