// Owns asking a pass where a record stands: of a record that was read, before anything is decided by it, and of a stored one.

import type { Order } from '../../connector/page.ts'
import type { FullPass } from '../../connector/passes.ts'
import type { Content } from '../../store/store.ts'

type Ordered = Pick<FullPass<unknown, unknown>, 'order' | 'pinned'>

/** What a pass asks of each record; what throws here is set aside with the record, before anything is decided by it. */
export function examinerOf({ order, pinned }: Ordered): (record: unknown) => void {
  return (record) => {
    pinned?.(record)
    order?.(record)
  }
}

/** Where a stored record stood, as its columns tell; undefined where they do not: they are not all that a record has. */
export function placeIn({ order }: Ordered, columns: Content['columns']): Order | undefined {
  try {
    return order?.(columns) ?? undefined
  } catch {
    return undefined
  }
}
