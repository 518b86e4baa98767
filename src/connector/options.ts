// Owns a connection's options as an author declares them: zod fields, of which some are secrets, and the two that every
// connector has.

import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { surplusOf } from '../model/bare-address.ts'
import type { Json } from '../model/json.ts'

export { z }

/** A secret text option: sealed before it is stored, never printed, never returned by any face. */
export function secret(description: string) {
  return z.string().min(1, 'is empty').meta({ description, secret: true })
}

/** An option with an http address on which requests are built: no login, no query, no fragment. */
export function bareAddress(description: string) {
  return z
    .url({ protocol: /^https?$/, error: 'is no http address' })
    .refine((address) => surplusOf(address) === undefined, {
      // The text itself may be the secret.
      error: ({ input }) => `has ${surplusOf(String(input))} in it; give what is secret to an option that is sealed`,
    })
    .optional()
    .meta({ description, example: 'https://' })
}

/** Options that every connector takes, so that it can be pointed at an emulator or a proxy. */
export const commonOptions = z.object({
  baseUrl: bareAddress('Where the API is, instead of its own address').meta({ advanced: true }),
  allowPrivateNetwork: z
    .union([z.stringbool(), z.boolean()], 'is true or false')
    .default(false)
    .meta({ description: 'Allow addresses on this machine and in private networks', advanced: true }),
})

const JSON_VALUE = z.json()

/** The options that every connector has, as its code sees them. */
export type CommonOptions = z.output<typeof commonOptions>

/** An option as help and forms show it. */
export interface OptionField {
  /** As it is written in `--set name=value`. */
  readonly name: string
  /** Whether it is sealed and never shown. */
  readonly secret: boolean
  /**
   * Whether a connection cannot be made without it. An option that only `baseUrl`, or a rule over several options, can stand in
   * for says so itself: `.meta({ required: true })`.
   */
  readonly required: boolean
  /** From `.meta({ description })`; empty where there is none. */
  readonly description: string
}

/** The fields of an options object, for help, forms and for telling secrets from the rest. */
export function optionFields(options: z.ZodObject): readonly OptionField[] {
  const known = fieldsOf.get(options)
  if (known) return known
  const fields = Object.entries(options.shape).map(([name, field]) => {
    const meta = metaOf(field as z.ZodType)
    return {
      name,
      secret: meta['secret'] === true,
      required: meta['required'] === true || !(field as z.ZodType).safeParse(undefined).success,
      description: typeof meta['description'] === 'string' ? meta['description'] : '',
    }
  })
  fieldsOf.set(options, fields)
  return fields
}

/** Every text that is scrubbed asks for them. */
const fieldsOf = new WeakMap<z.ZodObject, readonly OptionField[]>()

/**
 * The options that are no secrets, as they are kept: what the fields make of them ("true" becomes true), where that is
 * JSON which the field reads as itself; else as they were given.
 */
export function keptOptions(options: z.ZodObject, given: Readonly<Record<string, unknown>>): Record<string, Json> {
  const kept: Record<string, Json> = {}
  for (const { name, ...about } of optionFields(options)) {
    if (about.secret || given[name] === undefined) continue
    const field = options.shape[name] as z.ZodType
    const { data } = field.safeParse(given[name])
    const settled = JSON_VALUE.safeParse(data).success && isDeepStrictEqual(field.safeParse(data).data, data)
    kept[name] = (settled ? data : given[name]) as Json
  }
  return kept
}

/** How an option is asked for in a form. */
export const OPTION_TYPES = ['text', 'address', 'number', 'switch', 'choice'] as const

/** An option as a form asks for it. What its zod field does not tell, its `.meta()` does. */
export interface OptionForm extends OptionField {
  /** For people, such as `API key`: `.meta({ label })`, or made of the name. */
  readonly label: string
  /** What a person gives; a text unless its zod field says more. */
  readonly type: (typeof OPTION_TYPES)[number]
  /** Of a choice; empty for others. */
  readonly choices: readonly string[]
  /** What stands where it is left out; null: nothing. */
  readonly default: string | number | boolean | null
  /** The least that a number may be; null: no bound. */
  readonly min: number | null
  /** The most that a number may be; null: no bound. */
  readonly max: number | null
  /** Of a number, such as `pages`: `.meta({ unit })`. */
  readonly unit: string | null
  /** What it looks like: `.meta({ example })`. */
  readonly example: string | null
  /** Few need it: `.meta({ advanced: true })`. */
  readonly advanced: boolean
}

/** The fields of an options object, for a form. */
export function optionForms(options: z.ZodObject): readonly OptionForm[] {
  return optionFields(options).map((about) => {
    const field = options.shape[about.name] as z.ZodType
    const { type, format, enum: choices, minimum, maximum, default: otherwise } = z.toJSONSchema(field, SHOWN)
    const meta = metaOf(field)
    const text = (name: string) => (typeof meta[name] === 'string' ? meta[name] : null)
    const isPlain = ['string', 'number', 'boolean'].includes(typeof otherwise)
    const words = (choices ?? []).filter((one) => typeof one === 'string')
    // What text may say, too, is a switch all the same.
    const isSwitch = [type].flat().includes('boolean')
    const isNumber = type === 'integer' || type === 'number'
    const other = words.length > 0 ? 'choice' : isNumber ? 'number' : format === 'uri' ? 'address' : 'text'
    return {
      ...about,
      label: text('label') ?? labelOf(about.name),
      type: isSwitch ? 'switch' : other,
      choices: words,
      default: isPlain ? (otherwise as string | number | boolean) : null,
      min: minimum ?? null,
      // Every whole number has that one.
      max: maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? null : maximum,
      unit: text('unit'),
      example: text('example'),
      advanced: meta['advanced'] === true,
    }
  })
}

const SHOWN = { io: 'input', unrepresentable: 'any' } as const

/** Words that are written in capitals. */
const CAPITALS = /\b(?:api|id|mac|url)\b/gi

/** `apiKey` is "API key". */
function labelOf(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, ' ')
  const said = `${words.slice(0, 1).toUpperCase()}${words.slice(1).toLowerCase()}`
  return said.replaceAll(CAPITALS, (word) => word.toUpperCase())
}

/** Metadata may sit on the field or on what an `.optional()` or `.default()` wraps. */
function metaOf(field: z.ZodType): Record<string, unknown> {
  const own = (field.meta() ?? {}) as Record<string, unknown>
  const inner = (field.def as { innerType?: z.ZodType }).innerType
  return inner ? { ...metaOf(inner), ...own } : own
}
