// Owns how lists are given a page at a time. A cursor is opaque to callers: it says behind which row the next page begins.

import { z } from 'zod'
import { TidemarkError } from '../../model/errors.ts'
import { takeText } from './input.ts'

/** Rows of a page, unless the call says how many; and at most. */
export const PAGE = 100
export const PAGE_MAX = 1_000

const recordSchema = z.strictObject({ key: z.string(), value: z.union([z.string(), z.number(), z.null()]) })
const placeSchema = z.strictObject({ place: z.int().min(0), record: recordSchema.optional() })
/** How many rows come before; of records the place of the last one, which stays where it is whatever becomes of the record. */
export type PagePlace = z.infer<typeof placeSchema>

export interface Page {
  readonly from: PagePlace
  readonly limit: number
}

/** Takes `cursor` and `limit` out of a query. @throws TidemarkError cursor_invalid, option_invalid */
export function pageOf(query: URLSearchParams): Page {
  const [cursor, limit] = [takeText(query, 'cursor'), takeText(query, 'limit')]
  const n = limit === undefined ? PAGE : /^\d{1,9}$/.test(limit) ? Number(limit) : 0
  if (n < 1 || n > PAGE_MAX) {
    throw new TidemarkError('option_invalid', `The limit is a whole number from 1 to ${PAGE_MAX}, not "${limit}".`)
  }
  return { from: cursor === undefined ? { place: 0 } : placeOf(cursor), limit: n }
}

function placeOf(cursor: string): PagePlace {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw new TidemarkError('cursor_invalid', 'The cursor is none that a list has given.', {
      hint: 'Send nextCursor of the page before, as it is; or begin without a cursor.',
    })
  }
}

/** Null behind the last page. */
export function nextCursor(next: PagePlace | undefined): string | null {
  return next === undefined ? null : Buffer.from(JSON.stringify(next)).toString('base64url')
}

/** One page of rows, and whether there are more; of rows from the first one on. */
export async function takePage<T>(
  rows: Iterable<T> | AsyncIterable<T>,
  { from, limit }: Page,
): Promise<{ readonly rows: readonly T[]; readonly next: string | null }> {
  const taken: T[] = []
  let place = 0
  for await (const row of rows) {
    if (place++ < from.place) continue
    if (taken.length === limit) return { rows: taken, next: nextCursor({ place: from.place + limit }) }
    taken.push(row)
  }
  return { rows: taken, next: null }
}
