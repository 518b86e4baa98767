// Owns how lists are given a page at a time. A cursor is opaque to callers: it says behind which place the next page begins, by
// what that place is ordered by, so that rows that come or go meanwhile leave none out and repeat none.

import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import type { Field } from '../../operations/fields.ts'
import type { Described } from '../../operations/operation.ts'
import { type Call, doRoute, json } from './call.ts'
import { takeText } from './input.ts'
import type { Route } from './routes.ts'

/** Rows of a page, unless the call says how many; and at most. */
export const PAGE = 100
export const PAGE_MAX = 1_000

export interface Page {
  /** Undefined: from the beginning on. */
  readonly behind: Json | undefined
  readonly limit: number
}

/** Takes `cursor` and `limit` out of a query. @throws TidemarkError cursor_invalid, option_invalid */
export function pageOf(query: URLSearchParams): Page {
  const [cursor, limit] = [takeText(query, 'cursor'), takeText(query, 'limit')]
  const n = limit === undefined ? PAGE : /^\d{1,9}$/.test(limit) ? Number(limit) : 0
  if (n < 1 || n > PAGE_MAX) {
    throw new TidemarkError('option_invalid', `The limit is a whole number from 1 to ${PAGE_MAX}, not "${limit}".`)
  }
  return { behind: cursor === undefined ? undefined : placeOf(cursor), limit: n }
}

function placeOf(cursor: string): Json {
  try {
    const { behind } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as { readonly behind?: Json }
    if (behind !== undefined) return behind
  } catch {
    // Said below.
  }
  throw cursorInvalid()
}

function cursorInvalid(): TidemarkError {
  return new TidemarkError('cursor_invalid', 'The cursor is none that this list has given.', {
    hint: 'Send nextCursor of the page before, as it is; or begin without a cursor.',
  })
}

/** Null behind the last page. */
export function nextCursor(behind: unknown): string | null {
  return behind === undefined ? null : Buffer.from(JSON.stringify({ behind })).toString('base64url')
}

/** The page of a list that the query of a call names. `rows`: those that the caller may see. @default all */
export async function listed(call: Call, rows?: readonly object[]): Promise<Response> {
  const { operation } = call
  const name = operation.list ?? ''
  const page = pageOf(call.query)
  const found = 'behind' in (operation.hooks ?? {}) ? await ofPlaces(call, page) : await ofWhole(call, page, rows)
  return json({ [name]: found.rows, nextCursor: nextCursor(found.next) })
}

interface Found {
  readonly rows: readonly unknown[]
  /** The place of the last row, where others come behind it. */
  readonly next: unknown
}

/** Of an operation that itself begins behind a place. */
async function ofPlaces(call: Call, page: Page): Promise<Found> {
  return pageBehind(call.operation, page, async (more) => {
    const limit = hasLimit(call.operation, call.route) ? { limit: page.limit + 1 } : {}
    return (await doRoute(call, { ...limit, ...more })) as AsyncIterable<unknown>
  })
}

/** What `read` gives behind the place of a page, as long as it is told to. @throws TidemarkError cursor_invalid */
export async function pageBehind(
  { hooks = {} }: Described,
  { behind, limit }: Page,
  read: (more: object) => Promise<Iterable<unknown> | AsyncIterable<unknown>>,
): Promise<Found> {
  const { behind: field } = hooks as { readonly behind?: Field }
  if (!field?.schema.safeParse(behind).success) throw cursorInvalid()
  const places: unknown[] = []
  const rows: unknown[] = []
  const onPlace = (place: unknown) => void places.push(place)
  for await (const row of await read({ ...(behind === undefined ? {} : { behind }), onPlace })) {
    if (rows.length === limit) return { rows, next: places[limit - 1] }
    rows.push(row)
  }
  return { rows, next: undefined }
}

/** Of a list that is short enough to be read as a whole, in the order of what its rows are listed by. */
async function ofWhole(call: Call, { behind, limit }: Page, given?: readonly object[]): Promise<Found> {
  const { operation, route } = call
  const { listedBy = [], input } = operation
  const most = hasLimit(operation, route) ? { limit: input['limit']?.most } : {}
  const all = (given ?? (await doRoute(call, most))) as readonly Readonly<Record<string, Json>>[]
  const order = listedBy.map((by) => (by.startsWith('-') ? { name: by.slice(1), way: -1 } : { name: by, way: 1 }))
  const placed = all.map((row) => ({ row, place: order.map(({ name }) => row[name] ?? null) }))
  const compared = (a: readonly Json[], b: readonly Json[]) => {
    for (const [i, { way }] of order.entries()) {
      const found = compare(a[i] ?? null, b[i] ?? null)
      if (found !== 0) return found * way
    }
    return 0
  }
  if (behind !== undefined && !(Array.isArray(behind) && behind.length === order.length)) throw cursorInvalid()
  const left = placed
    .toSorted((a, b) => compared(a.place, b.place))
    .filter(({ place }) => behind === undefined || compared(place, behind as readonly Json[]) > 0)
  const rows = left.slice(0, limit)
  return { rows: rows.map(({ row }) => row), next: left.length > limit ? rows.at(-1)?.place : undefined }
}

/** Null comes first, then numbers by their size, then texts. */
function compare(a: Json, b: Json): number {
  const kind = (value: Json) => (value === null ? 0 : typeof value === 'number' ? 1 : 2)
  if (kind(a) !== kind(b)) return kind(a) - kind(b)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [one, other] = [a, b].map((value) => (typeof value === 'string' ? value : JSON.stringify(value))) as [
    string,
    string,
  ]
  return one < other ? -1 : one > other ? 1 : 0
}

const hasLimit = ({ input }: Described, { omits = [] }: Route) => 'limit' in input && !omits.includes('limit')
