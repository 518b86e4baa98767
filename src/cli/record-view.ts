// Owns how a record looks to a reader outside: its columns in order. Also the filter by column that `records --where`
// asks for. Pure.

import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import type { Column, StreamShape } from '../model/record.ts'
import type { RecordRow } from '../store/store.ts'

const TIMES = ['_first_seen_at', '_updated_at']
const REMOVAL = ['_removed_at', '_removed_reason']

/** Columns for CSV and tables, the telling ones first; `_raw` is for programs. */
export function recordColumns({ columns }: StreamShape, removed: boolean): readonly string[] {
  const declared = columns.map(({ name }) => name)
  return ['_key', ...(removed ? REMOVAL : []), ...declared, ...TIMES]
}

/** The record as JSON has it; its source text, often ten times as long, on request. */
export function shownRecord({ _raw, ...record }: RecordRow, withRaw: boolean): Readonly<Record<string, unknown>> {
  return withRaw ? { ...record, _raw } : record
}

/**
 * Equality by column, each value in the column's own type.
 *
 * @throws TidemarkError column_unknown, option_invalid
 */
export function whereFor(
  { columns, stream }: StreamShape,
  pairs: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string | number>> | undefined {
  if (pairs.length === 0) return undefined
  const where: Record<string, string | number> = {}
  for (const [name, value] of pairs) {
    const column = name === '_key' ? KEY : columns.find((candidate) => candidate.name === name)
    if (!column) {
      const known = ['_key', ...columns.map((candidate) => candidate.name)]
      throw new TidemarkError('column_unknown', `stream "${stream}" has no column "${name}"`, {
        hint: knownNames(name, known, 'Its columns'),
      })
    }
    if (name in where) throw new TidemarkError('option_conflict', `--where ${name} was given twice`)
    where[name] = typedValue(column, value)
  }
  return where
}

const KEY: Column = { name: '_key', type: 'text' }

function typedValue({ name, type }: Column, value: string): string | number {
  if (type === 'boolean') {
    if (/^(?:true|1|yes)$/i.test(value)) return 1
    if (/^(?:false|0|no)$/i.test(value)) return 0
    throw wrongValue(name, value, 'true or false')
  }
  if (type !== 'integer' && type !== 'real') return value
  const n = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(n)) throw wrongValue(name, value, 'a number')
  return n
}

function wrongValue(name: string, value: string, expected: string): TidemarkError {
  return new TidemarkError('option_invalid', `--where ${name} takes ${expected}, not "${value}"`)
}
