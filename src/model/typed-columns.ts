// Owns the columns of a record as a reader outside sees them. Pure.

import { parseExact } from './exact-json.ts'
import type { Column, StreamShape } from './record.ts'

/** The declared columns with booleans and JSON as what they are, which the database keeps as numbers and text. */
export function typedColumns(
  { columns }: Pick<StreamShape, 'columns'>,
  row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map(({ name, type }) => [name, typed(type, row[name] ?? null)]))
}

function typed(type: Column['type'], value: unknown): unknown {
  if (type === 'boolean' && (typeof value === 'number' || typeof value === 'bigint')) return Number(value) !== 0
  return type === 'json' && typeof value === 'string' ? parsed(value) : value
}

/** Integers beyond 2^53 become text: no number of JavaScript holds them. */
function parsed(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return text
  }
}
