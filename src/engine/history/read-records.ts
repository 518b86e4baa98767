// Owns the reading of a stream's records by whoever asks from outside, page by page, so that a million need no more
// memory than a few.

import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { ColumnType, StreamShape } from '../../model/record.ts'
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
 * @throws TidemarkError moment_invalid, column_unknown, argument_invalid
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
 * @throws TidemarkError column_unknown, argument_invalid
 */
function storedValues(
  { columns, stream }: StreamShape,
  where: NonNullable<RecordsAsked['where']>,
): Readonly<Record<string, string | number>> {
  const types = new Map<string, ColumnType>([
    ['_key', 'text'],
    ...columns.map(({ name, type }) => [name, type] as const),
  ])
  const stored = Object.entries(where).map(([name, value]) => {
    const type = types.get(name)
    if (type === undefined) {
      throw new TidemarkError('column_unknown', `stream "${stream}" has no column "${name}"`, {
        hint: knownNames(name, [...types.keys()], 'Its columns'),
      })
    }
    const compared = COMPARED[type]
    if (compared.takes(value)) return [name, typeof value === 'boolean' ? Number(value) : value]
    const given = typeof value === 'string' ? `"${value}"` : String(value)
    throw new TidemarkError('argument_invalid', `records: where.${name} is ${compared.expected}, not ${given}`, {
      hint: `"${name}" of stream "${stream}" is a column of type ${type}.`,
    })
  })
  return Object.fromEntries(stored)
}

interface Compared {
  readonly expected: string
  takes(value: string | number | boolean): boolean
}

const TEXT: Compared = { expected: 'text', takes: (value) => typeof value === 'string' }

/** What a column is compared with: anything else would only match nothing. */
const COMPARED: Readonly<Record<ColumnType, Compared>> = {
  text: TEXT,
  // As it is stored.
  json: TEXT,
  integer: {
    expected: 'a whole number',
    // Beyond 2^53 in digits, as it is read.
    takes: (value) => Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value)),
  },
  real: { expected: 'a number', takes: (value) => Number.isFinite(value) },
  boolean: { expected: 'true or false', takes: (value) => typeof value === 'boolean' || value === 0 || value === 1 },
}
