// Owns the reading of a stream's records by whoever asks from outside, page by page, so that a million need no more
// memory than a few.

import { TidemarkError } from '../../model/errors.ts'
import type { StreamShape } from '../../model/record.ts'
import type { RecordRow, RecordsQuery, Store, StreamRow } from '../../store/store.ts'
import { typedColumns } from './version-changes.ts'

export interface RecordsAsked {
  /** Tombstones instead of live records. @default false */
  readonly removed?: boolean | undefined
  /** As they were stored at this moment; a number is milliseconds since 1970. @default now */
  readonly asOf?: Date | number | undefined
  /** Equality by column name (or `_key`). */
  readonly where?: Readonly<Record<string, string | number | boolean>> | undefined
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
 * Records in order of key, booleans and JSON as what they are.
 *
 * @throws TidemarkError moment_invalid, column_unknown
 */
export async function* readRecords(
  store: Store,
  { no, shape }: Pick<StreamRow, 'no' | 'shape'>,
  asked: RecordsAsked,
): AsyncGenerator<RecordRow> {
  const { limit = Number.POSITIVE_INFINITY, removed, asOf, where } = asked
  const query = {
    streamNo: no,
    ...(removed === undefined ? {} : { removed }),
    ...(asOf === undefined ? {} : { asOf: momentOf(asOf, 'asOf') }),
    ...(where === undefined ? {} : { where: storedValues(shape, where) }),
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
    for (const row of part) yield { ...row, ...typedColumns(shape, row) }
    left -= part.length
    after = part.at(-1)?._key
    if (after === undefined || part.length < page.limit) return
  }
}

/**
 * A boolean is stored as 0 or 1.
 *
 * @throws TidemarkError column_unknown
 */
function storedValues(
  { columns, stream }: StreamShape,
  where: NonNullable<RecordsAsked['where']>,
): Readonly<Record<string, string | number>> {
  const known = ['_key', ...columns.map(({ name }) => name)]
  const stranger = Object.keys(where).find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw new TidemarkError('column_unknown', `stream "${stream}" has no column "${stranger}"`, {
      hint: `Its columns: ${known.join(', ')}`,
    })
  }
  return Object.fromEntries(
    Object.entries(where).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
  )
}
