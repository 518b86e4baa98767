// Owns what a record is called: by the column that its stream declares as its title, or by how its text begins. Pure.

import type { Declared } from '../engine/followers/declared-texts.ts'
import { textOf } from '../engine/followers/texts.ts'
import { snippetOf } from '../model/words.ts'

/** Null: there is no such record, or nobody declared a text. */
export function titleOf(
  columns: Readonly<Record<string, unknown>> | undefined,
  declared: Declared | undefined,
): string | null {
  if (!columns || !declared) return null
  const own = textOf(columns[declared.title])
  if (own !== '') return own
  const [first = ''] = bodyOf(columns, declared)
  return first === '' ? null : snippetOf(first, [])
}

/** The parts of its text that are not empty. */
export function bodyOf(columns: Readonly<Record<string, unknown>>, declared: Declared | undefined): readonly string[] {
  return (declared?.body ?? []).map((column) => textOf(columns[column])).filter((part) => part !== '')
}
