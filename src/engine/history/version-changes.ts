// Owns the difference between two contents of a record, field by field. Pure.

import { canonical } from '../../model/json.ts'
import type { VersionOp } from '../../model/record.ts'

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

/**
 * What each version changed of the content that the record had before it; of one that was superseded when it came, how it
 * differs from the content that stood.
 */
export function changesOfEach(
  versions: readonly { readonly op: VersionOp; readonly columns: Content }[],
): readonly (readonly FieldChange[])[] {
  let held: Content | undefined
  return versions.map(({ op, columns }, place) => {
    if (op !== 'superseded') {
      const before = held
      held = columns
      return changesOf(before, columns)
    }
    let next = place + 1
    while (versions[next]?.op === 'superseded') next++
    return changesOf(versions[next]?.columns, columns)
  })
}

/** Large integers come as bigint, which JSON does not know. */
function exact(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
