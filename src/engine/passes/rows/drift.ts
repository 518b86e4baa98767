// Owns noticing that a source has changed the form of its rows: fields that were never there before, and kinds of values
// that a field never had. Pure.

import { isObject } from '../../../model/json.ts'

/** Rows that are looked at in a page; a field that every row has is in each of them. */
export const ROWS_LOOKED_AT = 5
/** Fields remembered of a stream; rows that use ids as names of fields would else fill the table. */
export const FIELDS_MAX = 500
/** Longer names than this are no names of fields, and no index of a store has to hold them. In UTF-16 units. */
export const NAME_LENGTH_MAX = 200

/** What the rows show that is not known yet, as `name:kind` or `name.inner:kind`. A null is no kind: any field may be null for a while. */
export function newFields(known: ReadonlySet<string>, rows: readonly unknown[]): readonly string[] {
  const found = new Set<string>()
  const step = Math.max(1, Math.floor(rows.length / ROWS_LOOKED_AT))
  for (let i = 0; i < rows.length; i += step) {
    try {
      addFields(rows[i], '', known, found)
    } catch {
      // A row whose fields throw when they are read shows nothing; the parser sets it aside.
    }
  }
  return [...found]
}

/** Also what the objects of a row show: a listing often wraps what it lists. */
function addFields(row: unknown, path: string, known: ReadonlySet<string>, found: Set<string>): void {
  if (!isObject(row)) return
  for (const name of Object.keys(row)) {
    const value = row[name]
    const kind = kindOf(value)
    if (kind === undefined || name.length > NAME_LENGTH_MAX || !name.isWellFormed()) continue
    const field = `${path}${name}:${kind}`
    if (!known.has(field) && known.size + found.size < FIELDS_MAX) found.add(field)
    if (kind === 'object' && path === '') addFields(value, `${name}.`, known, found)
  }
}

/** Integers beyond 2^53 come as strings with their digits, so that text and number can't be told apart for them. */
function kindOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) return 'list'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'boolean'
    default:
      return 'object'
  }
}
