// Owns where a record stands in a listing: of a record that was read, before anything is decided by it, and of a stored one;
// and what that means for the walk from the top, which stops at records that are known.

import type { Stream } from '../../connector/connector.ts'
import type { Order } from '../../connector/page.ts'
import type { FullPass } from '../../connector/passes.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { PassKind } from '../../model/run.ts'
import type { Content } from '../../store/store.ts'

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

/** Whether a record that was read stands elsewhere than the stored one did. Without an order nothing moves. */
export function hasMoved(pass: Ordered, record: unknown, stored: Content['columns'] | undefined): boolean {
  const { order } = pass
  if (!order) return false
  if (stored === undefined) return true
  try {
    return placeIn(pass, stored) !== order(record)
  } catch {
    return true
  }
}

/** What becomes of the ground of a newestFirst walk when something else than such a walk reads a record. */
export interface Ground {
  /** The walk whose closing makes ground of what is new, and of what stands at a new place; null: none does. */
  readonly walk: number | null
  readonly hasMoved: (record: unknown, stored: Content['columns'] | undefined) => boolean
}

/**
 * What a pass of this kind leaves behind as ground. A walk from the top reads its listing without a hole, so that below a
 * record which it has read there is nothing unread. A listing in another order shows a record at its new place while
 * nobody has read what stands below it there.
 */
export function groundOf(
  { passes }: Pick<Stream, 'passes'>,
  { kind, walk, records }: { kind: PassKind; walk: number | null; records: readonly unknown[] },
): Ground {
  const top = passes.find((pass) => pass.kind === 'newestFirst')
  const reader = passes.find((pass) => pass.kind === kind)
  if (!top || !reader) return { walk, hasMoved: () => false }
  const isSame = reader === top || (reader.read as unknown) === top.read || records.every(isAlike(reader, top))
  return { walk: isSame ? walk : null, hasMoved: (record, stored) => hasMoved(top, record, stored) }
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
