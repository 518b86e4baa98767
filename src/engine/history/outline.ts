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
  // By key, records whose keys are of one length stand in the store as they are shown.
  const isByKey = order === '_key' || order === '_key:asc'
  const digits = isByKey && query.where === undefined ? await store.records.keyDigits(query) : []
  const [only] = digits
  const { total, places } = await store.records.milestones(
    digits.length === 1 && only !== undefined ? { ...query, digits: only } : query,
  )
  const columns = shape.columns.map(({ name, type }) => ({ name, type }))
  return { total, every, places, columns, metrics: shape.metrics }
}
