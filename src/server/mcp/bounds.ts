// Owns how large an answer to an agent may be: whatever is asked, it fits, and says what was left out and how to ask for
// less. Pure.

import { jsonText } from '../api/call.ts'

/** The longest answer of a tool, in characters: some ten thousand tokens of a model. */
export const ANSWER_CHARS_MAX = 40_000

/** Rows of a list that a tool gives when the call names no limit. */
export const ROWS = 50

/** How many items of a list, entries of an object and characters of a text are shown, from the widest form to the narrowest. */
const FORMS: readonly (readonly [items: number, chars: number])[] = [
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  [500, 4_000],
  [200, 2_000],
  [100, 1_000],
  [50, 1_000],
  [20, 500],
  [10, 500],
  [5, 200],
  [2, 100],
  [1, 60],
]

/** An object is a document with its fields; one that has more of them is a list by names. */
const FIELDS_KEPT = 30

/** Places that are named where much was cut, at most. */
const CUTS_MAX = 20

export interface Cut {
  /** Where in the document: `rows`, `streams.movies.added`. */
  readonly at: string
  readonly shown: number
  /** Items, entries or characters; null: more than were read. */
  readonly of: number | null
}

/** A document as text within the bound; what was cut of it stands in it as `shortened`, with the hint. */
export function bounded(
  document: Readonly<Record<string, unknown>>,
  hint: string,
  before: readonly Cut[] = [],
): string {
  // As a reader gets it: what JSON has no form for is gone.
  const plain = JSON.parse(jsonText(document)) as object
  for (const [items, chars] of FORMS) {
    const cuts = [...before]
    const shown = narrowed(plain, { items, chars, cuts, path: [] }) as object
    const shortened = { parts: cuts.slice(0, CUTS_MAX), hint }
    const text = jsonText(cuts.length > 0 ? { ...shown, shortened } : shown)
    if (text.length <= ANSWER_CHARS_MAX) return text
  }
  return jsonText({ shortened: { parts: [{ at: '', shown: 0, of: jsonText(document).length }], hint } })
}

interface Narrowing {
  readonly items: number
  readonly chars: number
  readonly cuts: Cut[]
  readonly path: readonly string[]
}

function narrowed(value: unknown, { items, chars, cuts, path }: Narrowing): unknown {
  const at = path.join('.')
  const within = (step: string, inner: unknown) => narrowed(inner, { items, chars, cuts, path: [...path, step] })
  if (typeof value === 'string') {
    if (value.length <= chars) return value
    cuts.push({ at, shown: chars, of: value.length })
    return `${value.slice(0, chars)}…`
  }
  if (Array.isArray(value)) {
    if (value.length > items) cuts.push({ at, shown: items, of: value.length })
    return value.slice(0, items).map((inner, i) => within(String(i), inner))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const kept = Math.max(items, FIELDS_KEPT)
  if (entries.length > kept) cuts.push({ at, shown: kept, of: entries.length })
  return Object.fromEntries(entries.slice(0, kept).map(([key, inner]) => [key, within(key, inner)]))
}
