// Owns giving the columns of a record the digits that its numbers have lost. A schema sees JavaScript numbers, the nearest
// to what the source wrote; what it made of them is compared with the row as it was written, and where the one is the
// nearest to the other, the column gets all digits. Pure.

import type { z } from 'zod'
import { canonicalDigits, ExactNumber, plainDigits } from '../../../model/exact-number.ts'
import { isObject } from '../../../model/json.ts'
import type { Column } from '../../../model/record.ts'

/**
 * The record with all digits in its columns of text, JSON and large integers; columns of `real` hold the nearest number.
 * `exact` is what the schema was given, with an ExactNumber wherever a number has lost digits. `problem`: a column of whole
 * numbers would take a fraction for one.
 */
export function withDigits(
  schema: z.ZodObject,
  columns: readonly Column[],
  record: Readonly<Record<string, unknown>>,
  exact: unknown,
): { readonly record: Record<string, unknown> } | { readonly problem: string } {
  const restored = { ...record }
  if (!isObject(exact)) return { record: restored }
  for (const { name, type } of columns) {
    const value = record[name]
    const written = Object.hasOwn(exact, name) ? exact[name] : undefined
    if (type === 'text') restored[name] = restoredText(value, written)
    else if (type === 'json') restored[name] = restoredJson(schema.shape[name] as Field, value, written)
    else if (type === 'integer' && written instanceof ExactNumber) {
      const whole = restoredInteger(value, written)
      if (whole === undefined) return { problem: `${name}: Invalid input: expected int, received ${written.text}` }
      restored[name] = whole
    }
  }
  return { record: restored }
}

/** Whether a value that a schema made is the nearest JavaScript number to what was written, or its text. */
function isNearest(value: unknown, written: ExactNumber): boolean {
  if (typeof value === 'string') return value.trim() !== '' && Number(value) === written.valueOf()
  return (typeof value === 'number' || typeof value === 'bigint') && Number(value) === written.valueOf()
}

function restoredText(value: unknown, written: unknown): unknown {
  if (written instanceof ExactNumber) return isNearest(value, written) ? plainDigits(written.text) : value
  // A connector may make text of its numbers before the schema sees them.
  if (typeof value !== 'string' || typeof written !== 'string' || value === written) return value
  return value.trim() !== '' && Number(value) === Number(written) ? written : value
}

/** Undefined: what was written is no whole number, and only looks like one when digits are lost. */
function restoredInteger(value: unknown, written: ExactNumber): unknown {
  if (!isNearest(value, written)) return value
  if (canonicalDigits(written.text).includes('e-')) return undefined
  const whole = plainDigits(written.text).replace(/\.0*$/, '')
  return typeof value === 'string' ? whole : BigInt(whole)
}

// ── JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A schema of zod as far as it says what is inside; undefined: nothing is said. */
type Field = { readonly def: Def } | undefined

interface Def {
  readonly type: string
  readonly innerType?: Field
  readonly element?: Field
  readonly items?: readonly Field[]
  readonly rest?: Field
  readonly shape?: Readonly<Record<string, Field>>
  readonly catchall?: Field
  readonly valueType?: Field
  readonly options?: readonly Field[]
  readonly getter?: () => Field
}

/** A number that its author declares as one stays a number; what nobody has declared becomes text with all digits. */
function restoredJson(field: Field, value: unknown, written: unknown): unknown {
  if (written instanceof ExactNumber) {
    if (!isNearest(value, written)) return value
    if (typeof value === 'string') return takesAnything(field) ? written.text : plainDigits(written.text)
    return typeof value === 'number' && takesText(field) ? written.text : value
  }
  if (Array.isArray(value) && Array.isArray(written)) {
    // Of a list that has become longer or shorter nobody knows which element is which.
    if (value.length !== written.length) return value
    return value.map((element, i) => restoredJson(insideOf(field, i), element, written[i]))
  }
  if (!isPlain(value) || !isObject(written)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      return [
        name,
        restoredJson(insideOf(field, name), member, Object.hasOwn(written, name) ? written[name] : undefined),
      ]
    }),
  )
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function unwrapped(field: Field): Def | undefined {
  let def = field?.def
  while (def?.innerType ?? def?.getter) def = (def?.innerType ?? def?.getter?.())?.def
  return def
}

function takesAnything(field: Field): boolean {
  const type = unwrapped(field)?.type
  return type === undefined || type === 'unknown' || type === 'any'
}

function takesText(field: Field): boolean {
  const def = unwrapped(field)
  return takesAnything(field) || def?.type === 'string' || (def?.options?.some(takesText) ?? false)
}

/** What the schema says of a member, or of an element. */
function insideOf(field: Field, place: string | number): Field {
  const def = unwrapped(field)
  if (!def || takesAnything(field)) return undefined
  if (def.options) {
    const some = def.options.map((option) => insideOf(option, place)).filter((inside) => inside !== undefined)
    return some.length > 1 ? { def: { type: 'union', options: some } } : some[0]
  }
  if (typeof place === 'number') return def.items?.[place] ?? def.rest ?? def.element
  return def.shape?.[place] ?? def.valueType ?? def.catchall
}
