// Owns the reading of a stream's records by whoever asks from outside, page by page, so that a million need no more
// memory than a few.

import { TidemarkError } from '../../model/errors.ts'
import type { RecordRow, RecordsQuery, Store } from '../../store/store.ts'

export interface RecordsAsked {
  /** Tombstones instead of live records. @default false */
  readonly removed?: boolean | undefined
  /** As they were stored at this moment; a number is milliseconds since 1970. @default now */
  readonly asOf?: Date | number | undefined
  /** Equality by column name (or `_key`). */
  readonly where?: Readonly<Record<string, string | number>> | undefined
  /** @default all */
  readonly limit?: number | undefined
}

const PAGE = 500

/**
 * Milliseconds since 1970.
 *
 * @throws TidemarkError moment_invalid
 */
export function momentOf(moment: Date | number, name: string): number {
  const at = Number(moment)
  if (Number.isFinite(at)) return at
  throw new TidemarkError('moment_invalid', `${name} is no moment`, {
    hint: 'Give a Date, or milliseconds since 1970.',
  })
}

/**
 * Records in order of key.
 *
 * @throws TidemarkError moment_invalid
 */
export async function* readRecords(store: Store, streamNo: number, asked: RecordsAsked): AsyncGenerator<RecordRow> {
  const { limit = Number.POSITIVE_INFINITY, removed, asOf, where } = asked
  const query = {
    streamNo,
    ...(removed === undefined ? {} : { removed }),
    ...(asOf === undefined ? {} : { asOf: momentOf(asOf, 'asOf') }),
    ...(where === undefined ? {} : { where }),
  }
  let left = limit
  let after: string | undefined
  while (left > 0) {
    const page: RecordsQuery = {
      ...query,
      limit: Math.min(left, PAGE),
      ...(after === undefined ? {} : { after }),
    }
    const part = await store.records(page)
    yield* part
    left -= part.length
    after = part.at(-1)?._key
    if (after === undefined || part.length < page.limit) return
  }
}
