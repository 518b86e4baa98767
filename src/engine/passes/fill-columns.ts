// Owns giving new columns to what was stored before they were declared, and its order where that is another now: each raw
// text is read again by the schema as it is now, part by part, before anything is compared with it.

import { parseExact } from '../../model/exact-json.ts'
import { ORDER } from '../../model/record.ts'
import type { Fillable, FilledContent, Lease, Store, StreamRow } from '../../store/store.ts'
import type { RowParser } from './rows/shape.ts'

/** Not among the cells. */
const ORDER_PLACE = -2

/** Contents filled in one transaction. */
export const FILLED_AT_A_TIME = 500

/** The order of a content that no version orders: older than all that is asked for from now on. */
const BEFORE_NOW = 0
/** The order of a stored content whose version can't be read: whatever has one is newer. */
const BELOW_VERSIONS = -Number.MAX_VALUE

/**
 * How many contents were filled. What the schema can't read stays without the new columns, and gets the version that is
 * certain of it all the same, or an order below any. A text in quarantine gets the version that can be read of it.
 */
export async function fillColumns(
  { streams }: Pick<Store, 'streams'>,
  lease: Lease | null,
  { no, unfilled: columns }: Pick<StreamRow, 'no' | 'unfilled'>,
  parser: RowParser,
  signal: Pick<AbortSignal, 'aborted'> = { aborted: false },
): Promise<number> {
  if (columns.length === 0) return 0
  const places = columns.map((name) =>
    name === ORDER.name ? ORDER_PLACE : parser.shape.columns.findIndex((column) => column.name === name),
  )
  let filled = 0
  while (!signal.aborted) {
    const part = await streams.fillable(no, FILLED_AT_A_TIME)
    const rows = part.map((one) => contentOf(one, parser, places))
    const isWritten = await streams.fill(no, lease, { columns, rows })
    if (!isWritten || part.length === 0) return filled
    filled += part.length
  }
  return filled
}

function contentOf(
  { place, raw, waits = false }: Fillable,
  parser: RowParser,
  places: readonly number[],
): FilledContent {
  const read = readAgain(raw, parser)
  const parsed = read && 'incoming' in read ? read.incoming : undefined
  const cells = waits
    ? undefined
    : parsed && places.map((at) => (at === ORDER_PLACE ? parsed.order : (parsed.cells[at] ?? null)))
  if (!places.includes(ORDER_PLACE)) return { place, cells }
  if (parser.shape.order === 'asked') return { place, cells, order: waits ? null : BEFORE_NOW }
  const version = parsed?.order ?? (read && 'quarantined' in read ? read.quarantined.version : undefined)
  return { place, cells, order: version ?? (waits ? null : BELOW_VERSIONS) }
}

/** Undefined: a text of which only the beginning was kept. */
function readAgain(raw: string, parser: RowParser): ReturnType<RowParser['parse']> | undefined {
  try {
    return parser.parse(parseExact(raw), 0, BEFORE_NOW)
  } catch {
    return undefined
  }
}
