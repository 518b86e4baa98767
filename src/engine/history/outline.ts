// Owns the outline of a stream's records in an order: how many match, and places among them, so that whoever shows a million of
// them can begin anywhere, and reads no more than is shown.

import type { Column } from '../../model/record.ts'
import type { RecordPlace, Store, StreamRow } from '../../store/store.ts'
import { type RecordsAsked, recordsOrder, recordsQuery } from './read-records.ts'

/** A mark for every so many records, unless the caller says otherwise; and at most. */
export const EVERY = 500
export const EVERY_MAX = 1_000

export interface Outline {
  readonly total: number
  readonly every: number
  /** The place of the last record of each full part, in their order. */
  readonly places: readonly RecordPlace[]
  readonly columns: readonly Pick<Column, 'name' | 'type'>[]
  readonly metrics: readonly string[]
}

export type OutlineAsked = Pick<RecordsAsked, 'removed' | 'asOf' | 'where' | 'order'> & {
  readonly every?: number | undefined
}

/** @throws TidemarkError moment_invalid, column_unknown, argument_invalid */
export async function outlineOf(
  store: Store,
  { no, shape }: Pick<StreamRow, 'no' | 'shape'>,
  { every = EVERY, order = '_key', ...asked }: OutlineAsked,
): Promise<Outline> {
  const query = { ...recordsQuery(no, shape, asked), order: recordsOrder(shape, order), every }
  const isByKey = order === '_key' || order === '_key:asc'
  // By key, the records stand in the store as they are shown, keys of each length for themselves.
  const parts = isByKey ? await store.records.keyDigits(query) : [undefined]
  let before = 0
  const places: RecordPlace[] = []
  for (const digits of parts) {
    const part = digits === undefined ? query : { ...query, digits }
    const found = await store.records.milestones({ ...part, before })
    before += found.total
    places.push(...found.places)
  }
  const columns = shape.columns.map(({ name, type }) => ({ name, type }))
  return { total: before, every, places, columns, metrics: shape.metrics }
}
