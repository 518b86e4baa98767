// Owns giving new columns to what was stored before they were declared, and its order where that is another now: each raw
// text is read again by the schema as it is now, part by part, before the stream is read.

import { parseExact } from '../../model/exact-json.ts'
import { type Cell, ORDER } from '../../model/record.ts'
import type { Fillable, Lease, Store, StreamRow } from '../../store/store.ts'
import type { RowParser } from './rows/shape.ts'

/** Not among the cells. */
const ORDER_PLACE = -2

/** Contents filled in one transaction. */
export const FILLED_AT_A_TIME = 500

/** How many contents were filled. What the schema can't read stays without the new columns. */
export async function fillColumns(
  store: Pick<Store, 'streams'>,
  lease: Lease,
  { no, unfilled: columns }: Pick<StreamRow, 'no' | 'unfilled'>,
  parser: RowParser,
  signal: AbortSignal,
): Promise<number> {
  if (columns.length === 0) return 0
  const places = columns.map((name) =>
    name === ORDER.name ? ORDER_PLACE : parser.shape.columns.findIndex((column) => column.name === name),
  )
  let filled = 0
  while (!signal.aborted) {
    const part = await store.streams.fillable(no, FILLED_AT_A_TIME)
    const rows = part.map(({ place, raw }) => ({ place, cells: cellsOf(raw, parser, places) }))
    await store.streams.fill(no, lease, { columns, rows })
    if (part.length === 0) return filled
    filled += part.length
  }
  return filled
}

/** A content that is not ordered by a version is older than all that is asked for from now on. */
function cellsOf(raw: Fillable['raw'], parser: RowParser, places: readonly number[]): readonly Cell[] | undefined {
  const result = parser.parse(parseExact(raw), 0, 0)
  if ('quarantined' in result) return undefined
  const { cells, order } = result.incoming
  return places.map((place) => (place === ORDER_PLACE ? order : (cells[place] ?? null)))
}
