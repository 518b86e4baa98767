// Owns the difference between two contents of a record, field by field. Pure.

import { canonical } from '../model/json.ts'

export interface FieldChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

type Content = Readonly<Record<string, unknown>>

/** The columns that differ; of the first content, all that are not empty. */
export function changesOf(before: Content | undefined, after: Content): readonly FieldChange[] {
  return Object.entries(after).flatMap(([field, value]) => {
    const was = before?.[field] ?? null
    const is = value ?? null
    return canonical(exact(was)) === canonical(exact(is)) ? [] : [{ field, before: was, after: is }]
  })
}

/** Large integers come as bigint, which JSON does not know. */
function exact(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
