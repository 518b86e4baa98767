// Owns the names that every JavaScript object answers to although nobody gave it such a field: a row without
// `constructor` has one all the same, its prototype's. Rows and records are read without them. Pure.

import type { z } from 'zod'

const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

/** Whether the schema declares such a name, at any depth. */
export function declaresInherited(schema: z.ZodType): boolean {
  return declares(schema, new Set())
}

function declares(schema: z.ZodType, seen: Set<z.ZodType>): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const shape = (schema as Partial<z.ZodObject>).shape
  if (shape && Object.keys(shape).some((name) => INHERITED.has(name))) return true
  return partsOf(schema, shape).some((part) => declares(part, seen))
}

/** The schemas that a schema is made of. */
function partsOf(schema: z.ZodType, shape: z.core.$ZodShape | undefined): readonly z.ZodType[] {
  const def = schema.def as unknown as Readonly<Record<string, unknown>>
  const parts = [
    ...Object.values(shape ?? {}),
    ...['innerType', 'element', 'valueType', 'in', 'out', 'left', 'right', 'catchall', 'rest'].map((name) => def[name]),
    ...['options', 'items'].flatMap((name) => (Array.isArray(def[name]) ? (def[name] as unknown[]) : [])),
    ...(typeof def['getter'] === 'function' ? [(def['getter'] as () => unknown)()] : []),
  ]
  return parts.filter(isSchema)
}

function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && 'safeParse' in value
}

/** The value with nothing but its own fields: plain objects in it lose their prototype. */
export function ownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ownFields)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const own = Object.create(null) as Record<string, unknown>
  for (const [name, member] of Object.entries(value)) own[name] = ownFields(member)
  return own
}

/** Gives a record that lacks a column of such a name an undefined one, for everybody who reads it. */
export function hideInherited(record: object, columns: readonly string[]): void {
  for (const name of columns) {
    if (INHERITED.has(name) && !Object.hasOwn(record, name)) {
      Object.defineProperty(record, name, { value: undefined, configurable: true, writable: true })
    }
  }
}
