// Owns the proof that single records are absent from a listing by order: those whose place lies within a page are, and the
// few pages around the place of any other are read again. That spares a long listing from being read twice for each
// record that leaves it.

import type { Order } from '../../../connector/page.ts'
import type { FullPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import type { UnseenRecord } from '../../../store/store.ts'
import { BadPages } from '../bad-pages.ts'
import { lookAtListing } from '../listing/source.ts'
import { covers, regionOf, type Span, spanOf } from '../listing/spans.ts'
import type { ListingResult } from '../listing/walk.ts'
import { broughtBy, storePage } from '../rows/page.ts'
import { chunks, RECORDS_PER_CHECKPOINT_MAX } from '../rows/page-parts.ts'
import { examinerOf, placeIn } from '../rows/place.ts'
import type { PassEntry, StreamRun } from '../stream-run.ts'

/** Reading single pages again is worth it as long as it takes no more than this share of the listing. */
const REGIONS_SHARE_MAX = 1 / 3

type Full = FullPass<unknown, unknown>

/** Whether each of the records must have stood on a page that did not show it. */
export async function allInside(
  run: StreamRun,
  pass: Full,
  { spans }: ListingResult,
  records: readonly UnseenRecord[],
): Promise<boolean> {
  const places = await placesOf(run, pass, records)
  return records.every(({ key }) => isInside(spans, places.get(key)))
}

/** Records that are proved to be absent. What is read again is seen. `reading`: the whole listing has to be read again. */
export async function provedByPlace(
  run: StreamRun,
  entry: PassEntry,
  pass: Full,
  read: ListingResult,
  records: readonly UnseenRecord[],
): Promise<ReadonlySet<Key> | 'reading'> {
  const { spans, position } = read
  const places = await placesOf(run, pass, records)
  const proved = new Set(records.map(({ key }) => key).filter((key) => isInside(spans, places.get(key))))
  const regions = new Map<string, { readonly tokens: readonly Json[]; readonly keys: Key[] }>()
  for (const { key } of records.filter((one) => !proved.has(one.key))) {
    const order = places.get(key)
    const tokens = order === undefined ? undefined : regionOf(spans, order)
    if (tokens === undefined) return 'reading'
    const name = JSON.stringify(tokens)
    const region = regions.get(name) ?? { tokens, keys: [] }
    region.keys.push(key)
    regions.set(name, region)
  }
  const requests = [...regions.values()].reduce((sum, { tokens }) => sum + tokens.length + 1, 0)
  if (requests > position.page * REGIONS_SHARE_MAX || requests > run.scope.purse.requestsLeft) return 'reading'
  for (const { tokens, keys } of regions.values()) {
    const shown = await readRegion(run, entry, pass, read, tokens)
    for (const key of keys) if (isAbsent(shown, places.get(key))) proved.add(key)
  }
  return proved
}

function isInside(spans: readonly Span[], order: Order | undefined): boolean {
  // An end that is read once may be an outage; it is read again.
  return order !== undefined && spans.some((span) => covers({ ...span, isEnd: false }, order))
}

/** Where the records stood when they were stored; one that was pinned, or has no place, is not in it. */
async function placesOf(
  run: StreamRun,
  pass: Full,
  records: readonly UnseenRecord[],
): Promise<ReadonlyMap<Key, Order>> {
  const places = new Map<Key, Order>()
  for (const part of chunks(records, RECORDS_PER_CHECKPOINT_MAX)) {
    const keys = part.map(({ key }) => key)
    for (const [key, { columns }] of await run.scope.world.store.records.contents(run.row.no, keys)) {
      const order = wasPinned(pass, columns) ? undefined : placeIn(pass, columns)
      if (order !== undefined) places.set(key, order)
    }
  }
  return places
}

function wasPinned(pass: Full, columns: unknown): boolean {
  try {
    return pass.pinned?.(columns) ?? false
  } catch {
    return true
  }
}

/** A region as it was read again: its pages, and whether the first one was the same before and after the others. */
interface Region {
  readonly spans: readonly (Span | undefined)[]
  readonly isStill: boolean
}

async function readRegion(
  run: StreamRun,
  entry: PassEntry,
  pass: Full,
  read: ListingResult,
  tokens: readonly Json[],
): Promise<Region> {
  const pages: PageAgain[] = []
  for (const token of tokens) pages.push(await readPage(run, entry, pass, read, token))
  const [first] = pages
  if (first === undefined || pages.length === 1) return { spans: pages.map(({ span }) => span), isStill: true }
  const again = await readPage(run, entry, pass, read, tokens[0] ?? null)
  return { spans: pages.map(({ span }) => span), isStill: again.rows === first.rows }
}

interface PageAgain {
  readonly span: Span | undefined
  /** The keys of its records, in order. */
  readonly rows: string
}

async function readPage(
  run: StreamRun,
  entry: PassEntry,
  pass: Full,
  { walk }: ListingResult,
  token: Json,
): Promise<PageAgain> {
  // What can't be read here ends the pass.
  const asked = lookAtListing(run, pass, new BadPages(), token ?? undefined)
  const page = await asked.page
  const { next } = page
  const work = { ...broughtBy(page, asked.at), walk: walk.walk, keepSeen: true, examine: examinerOf(pass) }
  const { parsed, unread } = await storePage(run, entry, work)
  // A row without a key may be any record.
  const isWhole = unread.every(({ key }) => key !== null)
  const span = isWhole ? spanOf(pass, { token, next: next ?? undefined, parsed }) : undefined
  return { span, rows: JSON.stringify(parsed.map(({ incoming }) => incoming.key)) }
}

/** Whether the pages that were read again would have shown a record of this order. */
function isAbsent({ spans, isStill }: Region, order: Order | undefined): boolean {
  if (order === undefined) return false
  if (spans.some((span) => span !== undefined && covers(span, order))) return true
  const [first, last] = [spans[0], spans.at(-1)]
  if (!isStill || !first || !last || spans.includes(undefined)) return false
  return covers({ ...first, low: last.low, isEnd: last.isEnd }, order)
}
