// Owns JSON as values: the type that survives serialisation, and one canonical text per value, so that two
// documents can be compared whatever order their keys came in.

import { canonicalNumber, ExactNumber } from './exact-number.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * The canonical text of a value: object keys sorted, nothing optional. Two values are the same content exactly when
 * their canonical texts are equal. A number is its decimal value, however it was written. `undefined` members are left out, as JSON does. `ignore` names dotted paths from
 * the top that are left out too (a stream's volatile fields); an array is walked through, so `line_items.image` leaves
 * out the image of every line item.
 */
export function canonical(value: unknown, ignore?: readonly string[]): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  if (value instanceof ExactNumber) return canonicalNumber(value)
  if (Array.isArray(value)) return `[${value.map((element) => canonical(element, ignore)).join(',')}]`
  const parts: string[] = []
  for (const name of Object.keys(value).sort()) {
    if (ignore?.includes(name)) continue
    const member: unknown = (value as Record<string, unknown>)[name]
    if (member === undefined) continue
    parts.push(`${JSON.stringify(name)}:${canonical(member, deeper(ignore, name))}`)
  }
  return `{${parts.join(',')}}`
}

function deeper(ignore: readonly string[] | undefined, name: string): readonly string[] | undefined {
  if (!ignore) return undefined
  const prefix = `${name}.`
  const inside = ignore.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length))
  return inside.length > 0 ? inside : undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
