// Owns what a key is: the one place that turns what a connector's `key` returns into a key, or into the reason why the
// row has none; and the key and the version of a row that the schema refuses, where they are certain. Pure.

import { z } from 'zod'
import type { Stream } from '../../../connector/connector.ts'
import { ExactNumber } from '../../../model/exact-number.ts'
import { isObject } from '../../../model/json.ts'
import { count, plural } from '../../../model/plural.ts'
import type { Key } from '../../../model/record.ts'

/**
 * The longest key, in bytes of UTF-8, of which U+0000 and U+0001 count twice. PostgreSQL's indexes take 2,704 bytes a
 * row, the number of the stream and of the walk included; every store keeps to the same limit.
 */
export const KEY_BYTES_MAX = 2_600

/** Why a row has no key. */
export interface NoKey {
  readonly code: 'record_without_key' | 'record_invalid'
  readonly message: string
}

type KeyFunction = Stream['key']

/** The key of a record that the schema has made. What `key` throws is thrown. */
export function keyOf(key: KeyFunction, record: unknown): Key | NoKey {
  const given: unknown = key(record)
  const text = textOf(given)
  if (text === undefined || text === '') return noKey(given)
  if (spellsNothing(text, key, record)) return NO_KEY
  // Half a surrogate pair has no UTF-8: stored, it would be another key than the one that is looked for.
  if (!text.isWellFormed()) return invalid('The key is not well-formed text: it has half of a surrogate pair.')
  const bytes = bytesOf(text)
  if (bytes > KEY_BYTES_MAX)
    return invalid(`The key has ${plural(bytes, 'byte')}; the most that a key can have is ${count(KEY_BYTES_MAX)}.`)
  return text
}

/**
 * The key that the schema would have made of a row that it refuses. Each field is read alone, and `key` gets those that
 * can be read, transformed as they would be. Undefined unless `key` makes do with them: a key that depends on a field
 * that can't be read is a guess. `exact` is the row with an ExactNumber for each number that has lost digits; a field with
 * such a number can't be read here.
 */
export function certainKeyOf(
  { schema, key }: Pick<Stream, 'schema' | 'key'>,
  given: unknown,
  exact?: unknown,
): Key | undefined {
  const found = certainly(schema, (record) => keyOf(key, record), given, exact)
  return typeof found === 'string' ? found : undefined
}

/** The version of such a row, by the same rule; undefined: it is not certain, or the stream has none. */
export function certainVersionOf(
  { schema, version }: Pick<Stream, 'schema' | 'version'>,
  given: unknown,
  exact?: unknown,
): number | undefined {
  const found: unknown = version && certainly(schema, version, given, exact)
  return Number.isFinite(found) ? (found as number) : undefined
}

/** What a connector's function makes of the fields that can be read; undefined when it asks for another one, or throws. */
function certainly<T>(schema: z.ZodType, ask: (record: unknown) => T, given: unknown, exact: unknown): T | undefined {
  if (!isObject(given) || isRewritten(schema)) return undefined
  const reading: Access = { touched: false }
  try {
    const found = ask(readable(schema as z.ZodObject, given, reading, exact))
    return reading.touched ? undefined : found
  } catch {
    return undefined
  }
}

// ── what is a key ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Text and whole numbers are keys. Of a number beyond 2^53 the last digits are lost: two records would share it. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  return typeof given === 'bigint' || Number.isSafeInteger(given) ? String(given) : undefined
}

const NO_KEY: NoKey = { code: 'record_without_key', message: 'The record has no key.' }

function noKey(given: unknown): NoKey {
  if (given === undefined || given === null || given === '') return NO_KEY
  const what =
    typeof given === 'number' ? `the number ${given}` : Array.isArray(given) ? 'a list' : `of type ${typeof given}`
  return { code: 'record_without_key', message: `The key is ${what}; a key is text or a whole number below 2^53.` }
}

function invalid(message: string): NoKey {
  return { code: 'record_invalid', message }
}

/** As PostgreSQL stores it, where U+0000 and U+0001 are escaped. */
function bytesOf(text: string): number {
  let escaped = 0
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) <= 1) escaped++
  return Buffer.byteLength(text) + escaped
}

/** What a template makes of a value that is not there, or of an object. */
const NOTHING = ['undefined', '[object Object]'] as const

/**
 * Whether the key spells a value that is not there: `${row.owner}/${row.name}` makes "null/x" of a row without owner, and
 * rows that have nothing in common share it. The text alone does not tell, since a record may be called "null". So `key`
 * is asked once more about the same record with null for undefined, undefined for null, and objects that spell
 * themselves otherwise: where only these words change, they were spelled.
 */
function spellsNothing(text: string, key: KeyFunction, record: unknown): boolean {
  if (!text.includes('null') && !NOTHING.some((word) => text.includes(word))) return false
  try {
    const other = textOf(key(swapped(record)))
    return other !== undefined && other !== text && unspelled(other) === unspelled(text)
  } catch {
    return false
  }
}

function unspelled(text: string): string {
  return NOTHING.reduce((left, word) => left.replaceAll(word, 'null'), text)
}

function swapped(value: unknown): unknown {
  if (value === null) return undefined
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(swapped)
  if (!isObject(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  return new Proxy(value, {
    get(target, name) {
      if (name === Symbol.toPrimitive) return () => 'undefined'
      if (typeof name === 'symbol' || (name in target && !Object.hasOwn(target, name))) return Reflect.get(target, name)
      return swapped(Reflect.get(target, name))
    },
  })
}

// ── rows that the schema refuses ────────────────────────────────────────────────────────────────────────────────────

interface Access {
  /** A field that can't be read was asked for. */
  touched: boolean
}

/** What the schema makes of an object as a whole may be anything. */
function isRewritten(schema: z.ZodType): boolean {
  const { checks = [] } = schema.def as { checks?: readonly { readonly _zod: { readonly def: { check: string } } }[] }
  return checks.some((check) => check._zod.def.check === 'overwrite')
}

/** The fields that can be read, as the schema makes them. Asking for another one throws, and is remembered. */
function readable(schema: z.ZodObject, given: Record<string, unknown>, reading: Access, exact?: unknown): object {
  const made: Record<string, unknown> = {}
  const failed = new Set<string | symbol>()
  const put = (name: string, value: unknown) =>
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
  const read = (name: string, field: z.ZodType) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (isObject(exact) && Object.hasOwn(exact, name) && hasLostDigits(exact[name])) {
      failed.add(name)
      return
    }
    const result = readAlone(field, Object.hasOwn(given, name) ? { value } : {})
    if (result) {
      if ('value' in result) put(name, result.value)
      return
    }
    const inner = objectIn(field)
    if (inner && isObject(value) && !isRewritten(inner)) put(name, readable(inner, value, reading))
    else failed.add(name)
  }
  for (const [name, field] of Object.entries(schema.shape)) read(name, field as z.ZodType)
  const rest = schema.def.catchall as z.ZodType | undefined
  // A strict object refuses fields that it doesn't know; it would not have made anything of them.
  if (rest && rest.def.type !== 'never') {
    for (const name of Object.keys(given)) if (!Object.hasOwn(schema.shape, name)) read(name, rest)
  }
  return guarded(made, failed, reading)
}

function hasLostDigits(exact: unknown): boolean {
  if (exact instanceof ExactNumber) return true
  return typeof exact === 'object' && exact !== null && Object.values(exact).some(hasLostDigits)
}

const alone = new WeakMap<z.ZodType, z.ZodObject>()

/** A field as an object reads it that has no other: only there is a field that is missing another thing than undefined. */
function readAlone(field: z.ZodType, given: { readonly value?: unknown }): { readonly value?: unknown } | undefined {
  const schema = alone.get(field) ?? z.object({ value: field })
  alone.set(field, schema)
  try {
    return schema.safeParse(given).data
  } catch {
    return undefined
  }
}

/** The object that an optional, nullable or defaulted field holds. */
function objectIn(field: z.ZodType): z.ZodObject | undefined {
  const { type, innerType } = field.def as { type: string; innerType?: z.ZodType }
  if (type === 'object') return field as z.ZodObject
  return innerType ? objectIn(innerType) : undefined
}

/** Caught by `certainly`. One for all: to make an error with its stack takes longer than to parse a row. */
const UNREADABLE = new TypeError("This field can't be read.")

function guarded(made: object, failed: ReadonlySet<string | symbol>, reading: Access): object {
  if (failed.size === 0) return made
  const refuse = (name: string | symbol) => {
    if (!failed.has(name)) return
    reading.touched = true
    throw UNREADABLE
  }
  return new Proxy(made, {
    get(target, name) {
      refuse(name)
      return Reflect.get(target, name)
    },
    has(target, name) {
      refuse(name)
      return Reflect.has(target, name)
    },
    getOwnPropertyDescriptor(target, name) {
      refuse(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
    ownKeys(target) {
      for (const name of failed) refuse(name)
      return Reflect.ownKeys(target)
    },
  })
}
