// Owns the content of a record that a file gives in part: what the file says, on top of what is stored. A field that the
// file does not have, or has empty, keeps its stored value. Numbers keep the digits of their source. Pure.

import { parseDigits } from '../../../model/exact-json.ts'
import { canonical, isObject } from '../../../model/json.ts'

/** A number token that JSON.stringify writes as it is. */
const rawNumber = (JSON as unknown as { rawJSON: (text: string) => object }).rawJSON

/** The merged text; `stored` itself when the file adds nothing to it. */
export function mergedText(stored: string, given: string): string {
  const merged = merge(parseDigits(stored), parseDigits(given))
  if (canonical(merged) === canonical(parseDigits(stored))) return stored
  return JSON.stringify(merge(parseDigits(stored, rawNumber), parseDigits(given, rawNumber)))
}

function merge(stored: unknown, given: unknown): unknown {
  if (given === null || given === undefined) return stored
  if (!isPlain(stored) || !isPlain(given)) return given
  const names = new Set([...Object.keys(stored), ...Object.keys(given)])
  const members = [...names].map((name) => [name, merge(own(stored, name), own(given, name))] as const)
  return Object.fromEntries(members)
}

/** An object of JSON; a number that keeps its digits is one of JavaScript only. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype
}

function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
