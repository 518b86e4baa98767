// Owns the reading of a stream's records by whoever asks from outside, page by page, so that a million need no more
// memory than a few.

import { ANY, type Comparison, conditionOf } from '../../model/condition.ts'
import { TidemarkError } from '../../model/errors.ts'
import { didYouMean } from '../../model/near-miss.ts'
import type { ColumnType, Key, StreamShape } from '../../model/record.ts'
import { typedColumns } from '../../model/typed-columns.ts'
import { columnUnknown } from '../../model/unknown-name.ts'
import {
  RECORD_KEYS_MAX,
  RECORD_MARKS,
  type RecordPlace,
  type RecordRow,
  type RecordsOrder,
  type RecordsQuery,
  type Store,
  type StreamRow,
} from '../../store/store.ts'

export interface RecordsAsked {
  /** Tombstones instead of live records. @default false */
  readonly removed?: boolean | undefined
  /** As they were stored at this moment; a number is milliseconds since 1970. @default now */
  readonly asOf?: Date | number | undefined
  /**
   * By column name (or `_key`): equality, or the comparison behind the name, as in `{ 'stars>': 100 }`; of several texts, with
   * one of them. A whole number beyond 2^53 is written as a text of its digits. On text, `>` and `<` with a number find
   * numbers, by size; one of four digits is a year, too, and finds days (`2026-11-01`). Any other text is compared by its bytes.
   */
  readonly where?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined
  /** Only these columns, in this order; `_raw` and the other underscored ones can be among them. @default all */
  readonly columns?: readonly string[] | undefined
  /**
   * A column, ascending, or with its direction: `stars:desc`. Numbers come before other texts, what is empty comes last,
   * and records with equal values stand in order of key. @default '_key', where whole numbers are ordered as numbers
   */
  readonly order?: string | undefined
  /** @default all */
  readonly limit?: number | undefined
  /** Only what comes behind this place in the order, whatever has become of the record that had it. @default all */
  readonly behind?: RecordPlace | undefined
  /** Gets the place of each record, before the record. */
  readonly onPlace?: ((place: RecordPlace) => void) | undefined
}

/** Records read at a time: so many at first, and at most; fewer where they are large. */
const PAGE_FIRST = 16
const PAGE_MAX = 500
/** Characters that are aimed at for what is read at a time. */
const PAGE_CHARACTERS = 4_000_000

/**
 * Whole milliseconds since 1970, as they are stored.
 *
 * @throws TidemarkError moment_invalid
 */
export function momentOf(moment: Date | number, name: string): number {
  const at = Math.floor(Number(moment))
  if (Number.isFinite(at)) return at
  throw new TidemarkError('moment_invalid', `The option ${name} is no moment.`, {
    hint: 'Give a Date, or milliseconds since 1970.',
  })
}

/**
 * Records in the order that was asked for, booleans and JSON as what they are. Without an order: by key, keys that are
 * whole numbers by their size and before all others. What arrives or changes meanwhile may be shown as it was or as it is.
 *
 * @throws TidemarkError moment_invalid, column_unknown, argument_invalid
 */
export async function* readRecords(
  store: Store,
  { no, shape }: Pick<StreamRow, 'no' | 'shape'>,
  asked: RecordsAsked,
): AsyncGenerator<RecordRow> {
  const { limit = Number.MAX_SAFE_INTEGER, columns, order, behind, onPlace } = asked
  const query = recordsQuery(no, shape, asked)
  const names = columns && chosenColumns(shape, columns)
  const reading: Search = { store, query: names ? { ...query, columns: names } : query, limit, behind, onPlace }
  const found = order === undefined ? byKey(reading) : byColumn(reading, recordsOrder(shape, order))
  for await (const row of found) yield shownRow(shape, row, names)
}

/** Which records are meant, as the store is asked. @throws TidemarkError moment_invalid, column_unknown, argument_invalid */
export function recordsQuery(
  streamNo: number,
  shape: StreamShape,
  { removed, asOf, where }: Pick<RecordsAsked, 'removed' | 'asOf' | 'where'>,
): Omit<RecordsQuery, 'limit'> {
  return {
    streamNo,
    ...(removed === undefined ? {} : { removed }),
    ...(asOf === undefined ? {} : { asOf: momentOf(asOf, 'asOf') }),
    ...(where === undefined ? {} : { where: storedValues(shape, where) }),
  }
}

interface Search {
  readonly store: Store
  readonly query: Omit<RecordsQuery, 'limit'>
  readonly limit: number
  readonly behind: RecordsAsked['behind']
  readonly onPlace: RecordsAsked['onPlace']
}

/** Whole numbers from the shortest to the longest, then the other keys: each part in the order of the store. */
async function* byKey({ store, query, limit, behind: place, onPlace }: Search): AsyncGenerator<RecordRow> {
  let behind = place
  let left = limit
  let most = PAGE_FIRST
  if (behind !== undefined) {
    // Most pages end among keys of the same length: which others there are is asked only where it matters.
    for (let isFull = true; isFull; ) {
      const size = Math.min(left, most)
      const near = { ...query, digits: digitsOf(behind.key), after: behind.key, limit: size }
      const page = await store.records.list(near)
      for (const row of page) {
        onPlace?.({ key: row._key, value: row._key })
        yield row
      }
      left -= page.length
      if (left === 0) return
      isFull = page.length === size
      behind = { key: page.at(-1)?._key ?? behind.key, value: null }
      if (isFull) most = pageAfter(page)
    }
  }
  const isOne = query.where?.['_key'] !== undefined
  const parts = isOne ? [] : await store.records.keyDigits(query)
  const isBehind = (digits: number | undefined) => digits === undefined || digits === digitsOf(behind?.key ?? '')
  const all = parts.length > 1 ? parts : [undefined]
  const first = behind === undefined ? 0 : all.findIndex(isBehind)
  // A part that has emptied meanwhile: the next ones are behind it.
  const from = first >= 0 ? first : all.findIndex((digits) => comesAfter(digits ?? 0, digitsOf(behind?.key ?? '')))
  for (const [i, digits] of (from < 0 ? [] : all.slice(from)).entries()) {
    let after = i === 0 && first >= 0 ? behind?.key : undefined
    while (left > 0) {
      const size = Math.min(left, most)
      const position = { ...(after === undefined ? {} : { after }), ...(digits === undefined ? {} : { digits }) }
      const page = await store.records.list({ ...query, ...position, limit: size })
      for (const row of page) {
        onPlace?.({ key: row._key, value: row._key })
        yield row
      }
      left -= page.length
      after = page.at(-1)?._key
      if (page.length < size) break
      most = pageAfter(page)
    }
  }
}

/** How many digits a key has that is a whole number; 0: it is none. As `keyDigits` counts them. */
function digitsOf(key: Key): number {
  return /^(?:0|[1-9]\d*)$/.test(key) ? key.length : 0
}

/** In the order of `keyDigits`: the keys that are no numbers come last. */
function comesAfter(digits: number, other: number): boolean {
  return other > 0 && (digits === 0 || digits > other)
}

/** How many records to read next, so that memory holds them: twice as many at most, by the size of those just read. */
function pageAfter(page: readonly RecordRow[]): number {
  const size = page.reduce((sum, row) => sum + sizeOf(row), 0) / page.length
  return Math.max(1, Math.min(PAGE_MAX, page.length * 2, Math.floor(PAGE_CHARACTERS / size)))
}

function sizeOf(row: RecordRow): number {
  return Object.values(row).reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 1)
}

/**
 * The keys are put in order once, so that no record is shown twice or left out however values change meanwhile. In place of
 * those that are gone when they are read, as many others follow: with fewer than `limit`, there are no more.
 */
async function* byColumn(search: Search, order: RecordsOrder): AsyncGenerator<RecordRow> {
  const { store, query, limit, onPlace } = search
  let { behind } = search
  for (let left = limit; left > 0; ) {
    const ordered = { ...query, order, limit: left }
    const isPlaced = behind !== undefined || onPlace !== undefined || limit < Number.MAX_SAFE_INTEGER
    const places = isPlaced ? await store.records.orderedPlaces({ ...ordered, behind }) : undefined
    const placed = new Map(places?.map((place) => [place.key, place]))
    const keys = places ? places.map(({ key }) => key) : await store.records.orderedKeys(ordered)
    const most = left
    for await (const row of ofKeys(search, keys)) {
      const place = placed.get(row._key)
      if (place) onPlace?.(place)
      left--
      yield row
    }
    if (keys.length < most) return
    behind = places?.at(-1)
  }
}

/** The records of these keys that are still there, in the order of the keys. */
async function* ofKeys({ store, query }: Search, keys: readonly Key[]): AsyncGenerator<RecordRow> {
  let most = PAGE_FIRST
  for (let from = 0, part: typeof keys; from < keys.length; from += part.length) {
    part = keys.slice(from, from + Math.min(most, RECORD_KEYS_MAX))
    const rows = await store.records.list({ ...query, keys: part, limit: part.length })
    const found = new Map(rows.map((row) => [row._key, row]))
    for (const key of part) {
      const row = found.get(key)
      if (row) yield row
    }
    if (rows.length > 0) most = pageAfter(rows)
  }
}

/** Declared columns with their types; with a choice of columns, these alone and in its order. */
function shownRow(shape: StreamShape, row: RecordRow, names: readonly string[] | undefined): RecordRow {
  if (!names) return { ...row, ...typedColumns(shape, row) }
  const declared = shape.columns.filter(({ name }) => names.includes(name))
  const whole: Readonly<Record<string, unknown>> = { ...row, ...typedColumns({ columns: declared }, row) }
  return Object.fromEntries(names.map((name) => [name, whole[name]])) as RecordRow
}

/** Everything that a record of this stream has, in the order in which it is shown. */
export function recordNames({ columns }: StreamShape): readonly string[] {
  const [project, connection, key, ...marks] = RECORD_MARKS
  return [project, connection, key, ...columns.map(({ name }) => name), ...marks]
}

/** @throws TidemarkError column_unknown, argument_invalid */
function chosenColumns(shape: StreamShape, columns: readonly string[]): readonly string[] {
  if (columns.length === 0) {
    throw new TidemarkError('argument_invalid', 'In records: columns names no column.', {
      hint: "Leave it out for all of them, or name some: columns: ['_key', …]",
    })
  }
  return [...new Set(columns.map((name) => knownColumn(shape, name)))]
}

/**
 * `stars`, `stars:asc` or `stars:desc`.
 *
 * @throws TidemarkError column_unknown, argument_invalid
 */
export function recordsOrder(shape: StreamShape, order: string): RecordsOrder {
  const [, name = '', way] = /^([^:]*)(?::(.*))?$/s.exec(order) ?? []
  if (way !== undefined && way !== 'asc' && way !== 'desc') {
    throw new TidemarkError('argument_invalid', `In records: order can't go "${way}".`, {
      hint: `${didYouMean(way, ['asc', 'desc'])}Write a column, or a column and its direction: ${name}:asc, ${name}:desc`,
    })
  }
  return { column: knownColumn(shape, name), descending: way === 'desc' }
}

/** @throws TidemarkError column_unknown */
function knownColumn(shape: StreamShape, name: string): string {
  const names = recordNames(shape)
  if (names.includes(name)) return name
  throw columnUnknown(shape.stream, name, names)
}

/**
 * A boolean is stored as 0 or 1.
 *
 * @throws TidemarkError column_unknown, argument_invalid
 */
function storedValues(
  { columns, stream }: StreamShape,
  where: NonNullable<RecordsAsked['where']>,
): NonNullable<RecordsQuery['where']> {
  const types = new Map<string, ColumnType>([
    ['_key', 'text'],
    ...columns.map(({ name, type }) => [name, type] as const),
  ])
  const stored = Object.entries(where).map(([name, value]) => {
    const { column, by } = conditionOf(name, [...types.keys()])
    const type = column === ANY && by === '~' ? 'text' : types.get(column)
    if (type === undefined) throw columnUnknown(stream, column, [...types.keys()])
    const compared = comparedBy(by, type)
    const wrong = [value].flat().find((one) => !compared.takes(one))
    if (wrong === undefined) return [name, typeof value === 'boolean' ? Number(value) : value]
    const given = typeof wrong === 'string' ? `"${wrong}"` : String(wrong)
    throw new TidemarkError('argument_invalid', `In records: where.${name} is ${compared.expected}, not ${given}.`, {
      hint: `"${column}" of stream "${stream}" is a column of type ${type}.`,
    })
  })
  return Object.fromEntries(stored)
}

/** What a comparison takes: a part of a text is text, whatever the column holds. */
function comparedBy(by: Comparison, type: ColumnType): Compared {
  if (by === '~') return TEXT
  return (by === '>' || by === '<') && type === 'text' ? ANY_SIZE : COMPARED[type]
}

interface Compared {
  readonly expected: string
  takes(value: string | number | boolean): boolean
}

const TEXT: Compared = { expected: 'text', takes: (value) => typeof value === 'string' }

const ANY_SIZE: Compared = { expected: 'a text or a number', takes: (value) => typeof value !== 'boolean' }

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
