// Owns the columns of a record as readers name them: those that its stream declares, and those that every record has.

import { TidemarkError } from '../model/errors.ts'
import type { ColumnType, StreamShape } from '../model/record.ts'
import { RECORD_MARKS } from './port/records.ts'

/**
 * The type of a column of a record.
 *
 * @throws TidemarkError unknown_column
 */
export function columnTypeOf({ columns, stream }: StreamShape, name: string): ColumnType {
  const declared = columns.find((column) => column.name === name)
  if (declared) return declared.type
  if ((RECORD_MARKS as readonly string[]).includes(name)) return 'text'
  throw new TidemarkError('unknown_column', `Stream "${stream}" has no column "${name}".`, {
    hint: `Its columns: ${[...columns.map((column) => column.name), ...RECORD_MARKS].join(', ')}.`,
  })
}
