// Owns the kinds of input that operations take: what each may be, how a refusal puts it, and how help describes it.

import { z } from 'zod'
import { durationMs } from '../model/duration.ts'
import type { ErrorCode } from '../model/errors.ts'
import { isTimezone } from '../model/local-time.ts'
import { didYouMean } from '../model/near-miss.ts'

/** How a field is written where everything is text; `hook`: nowhere but in this process. */
export type Kind =
  | 'text'
  | 'number'
  | 'switch'
  | 'word'
  | 'moment'
  | 'list'
  | 'order'
  | 'pairs'
  | 'settings'
  | 'object'
  | 'hook'

export interface Field {
  readonly kind: Kind
  readonly schema: z.ZodType
  /** What it is for, in words that can stand in a table: no capital, no full stop. */
  readonly about: string
  /** What stands for its value in help: `n` gives `--limit <n>`. */
  readonly sign: string
  /** What is taken when it is left out, as a person reads it. */
  readonly otherwise?: string
  /** The largest number that it takes. */
  readonly most?: number
  /** The words that it can be. */
  readonly words?: readonly string[]
  /** A text that it takes, where not every text is one. */
  readonly sample?: string
  /** What was probably meant by a text that is refused; '' for nothing. */
  readonly meant?: (given: string) => string
  /** What is said of the whole of it, whatever part is wrong. */
  readonly expected?: string
  /** The code of a refusal, where it has one of its own. */
  readonly code?: ErrorCode
  /** Of a function that is told of what happens, and whose failure is its own. */
  readonly isTold?: boolean
}

export type FieldMore = Partial<Pick<Field, 'sign' | 'otherwise' | 'code'>>

function field(
  kind: Kind,
  schema: z.ZodType,
  about: string,
  more: FieldMore & Pick<Field, 'words' | 'most' | 'expected' | 'meant' | 'sample'>,
): Field {
  return { kind, schema, about, sign: kind, ...more }
}

/** The same, where it may be left out. */
export function optional(of: Field): Field {
  return { ...of, schema: of.schema.optional() }
}

export function text(about: string, more: FieldMore = {}): Field {
  return field('text', z.string('is text'), about, more)
}

export function timezone(about: string, more: FieldMore = {}): Field {
  const expected = 'is an IANA name'
  return field('text', z.string(expected).refine(isTimezone, expected), about, {
    sign: 'zone',
    sample: 'Europe/Berlin',
    code: 'timezone_invalid',
    meant: (given) => didYouMean(given, Intl.supportedValuesOf('timeZone')),
    ...more,
  })
}

/** A path, and for callers in this process an address, bytes, or a stream of them. */
export function file(about: string, more: FieldMore = {}): Field {
  const expected = 'is the path of a file, a file: address, bytes, a Blob, or a stream of bytes'
  return field('text', z.custom(isFile, expected), about, { sign: 'file', ...more })
}

function isFile(given: unknown): boolean {
  if (typeof given === 'string') return given !== ''
  if (given instanceof URL) return given.protocol === 'file:'
  if (given instanceof Uint8Array || given instanceof Blob) return true
  return typeof given === 'object' && given !== null && Symbol.asyncIterator in given
}

/** A whole number, from `least` up. */
export function count(
  about: string,
  more: FieldMore & { readonly least?: number; readonly most?: number } = {},
): Field {
  const { least = 0, most = Number.MAX_SAFE_INTEGER, ...rest } = more
  const expected = `is a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`}`
  const schema = z.int(expected).min(least, expected).max(most, expected)
  return field('number', schema, about, { sign: 'n', most, ...rest })
}

/** Zero or more, fractions too. */
export function amount(about: string, more: FieldMore = {}): Field {
  return field('number', z.number('is zero or more').min(0, 'is zero or more'), about, { sign: 'amount', ...more })
}

export function yesOrNo(about: string, more: FieldMore = {}): Field {
  return field('switch', z.boolean('is true or false'), about, more)
}

export function oneOf(words: readonly string[], about: string, more: FieldMore = {}): Field {
  return field('word', z.enum(words, `is one of ${words.join(', ')}`), about, { words, ...more })
}

/** A Date, milliseconds since 1970, or text as people write moments: see moments.ts. */
export function moment(about: string, more: FieldMore = {}): Field {
  const expected = 'is a moment: a Date, milliseconds since 1970, or text such as 2026-11-01, yesterday or 7d'
  const schema = z.union([z.date(), z.number(), z.string()], expected)
  return field('moment', schema, about, { sign: 'time', code: 'moment_invalid', ...more })
}

/** A length of time, such as `90d`, above zero. */
export function duration(about: string, sample: string, more: FieldMore = {}): Field {
  const expected = `is a duration such as ${sample}` as const
  return field('text', z.string(expected).refine(isDuration, expected), about, { sign: 'duration', sample, ...more })
}

function isDuration(given: string): boolean {
  try {
    return durationMs(given) > 0
  } catch {
    return false
  }
}

export function texts(about: string, more: FieldMore = {}): Field {
  const expected = 'is a list of texts'
  return field('list', z.array(z.string(expected), expected), about, more)
}

/** Some of these words. */
export function someOf(known: readonly string[], about: string, more: FieldMore = {}): Field {
  const expected = `is a list of words of ${known.join(', ')}`
  const schema = z.array(z.enum(known, expected), expected).min(1, expected)
  return field('list', schema, about, { sign: 'a,b', expected, ...more })
}

/** A column, with its direction: `stars:desc`. */
export function order(about: string, more: FieldMore = {}): Field {
  return field('order', z.string('is text'), about, { sign: 'column[:desc]', ...more })
}

/** A value for each of some names. */
export function pairs(expected: string, value: z.ZodType, about: string, more: FieldMore = {}): Field {
  return field('pairs', z.record(z.string(), value, expected), about, { sign: 'name=value', expected, ...more })
}

/** The options of a connector by name, of which some are secret; null takes one away. */
export function settings(about: string): Field {
  const expected = 'is an object'
  return field('settings', z.record(z.string(), z.unknown(), expected), about, { expected })
}

/** What text alone can't say: a face that is only text composes it. */
export function object(schema: z.ZodType, about: string, more: FieldMore = {}): Field {
  return field('object', schema, about, more)
}

/** Is told of what happens, for callers in this process only. Whatever it throws or rejects with is logged, and no more. */
export function listener(about: string): Field {
  return { ...callback(about), isTold: true }
}

/** For callers in this process only; what it throws goes to the caller. */
export function callback(about: string): Field {
  return hook('is a function', about, (value) => typeof value === 'function')
}

/** For callers in this process only. */
export function hook(expected: string, about: string, test: (value: unknown) => boolean): Field {
  return field('hook', z.custom(test, expected).optional(), about, {})
}

/** For callers in this process only. */
export function signal(about: string): Field {
  return hook('is an AbortSignal', about, (value) => {
    if (typeof value !== 'object' || value === null || !('aborted' in value)) return false
    return 'addEventListener' in value && typeof value.addEventListener === 'function'
  })
}
