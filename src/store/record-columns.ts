// Owns the columns of a record as readers name them: those that its stream declares, and those that every record has.

import type { ColumnType, StreamShape } from '../model/record.ts'
import { columnUnknown } from '../model/unknown-name.ts'
import { RECORD_MARKS } from './port/records.ts'

/**
 * The type of a column of a record.
 *
 * @throws TidemarkError column_unknown
 */
export function columnTypeOf({ columns, stream }: StreamShape, name: string): ColumnType {
  const declared = columns.find((column) => column.name === name)
  if (declared) return declared.type
  if ((RECORD_MARKS as readonly string[]).includes(name)) return 'text'
  throw columnUnknown(stream, name, [...columns.map((column) => column.name), ...RECORD_MARKS])
}
