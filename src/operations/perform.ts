// Owns the way into an operation: what was given is checked against what it takes, and refused by name before anything
// happens; a wrong or misspelt argument is never taken silently.

import { inspect } from 'node:util'
import { z } from 'zod'
import { TidemarkError } from '../model/errors.ts'
import { InputRefused } from '../model/input-refused.ts'
import { knownNames } from '../model/near-miss.ts'
import { plural } from '../model/plural.ts'
import { type Logger, silentLogger } from '../model/ports.ts'
import { tellOutside } from '../model/told.ts'
import { recorded } from './deeds.ts'
import type { Field } from './fields.ts'
import type { Described, Operation } from './operation.ts'

/**
 * Does it. `args` are what the face itself names (a method's arguments, a path), `options` the rest as its caller wrote it.
 *
 * @throws TidemarkError argument_invalid, option_unknown, option_invalid or the field's own code (stop), before anything
 *   is done; then whatever the operation throws
 */
export function perform<Given extends object, Result, Watching extends object, On>(
  operation: Operation<Given, Result, Watching, On>,
  on: On,
  args: Partial<Given>,
  options: Partial<Given & Watching> = {},
): Result {
  checkInput(operation, args, options)
  const declared: Readonly<Record<string, Field>> = operation.hooks ?? {}
  const isHook = (name: string) => Object.hasOwn(declared, name)
  const all = Object.entries<unknown>({ ...options, ...args })
  const input = Object.fromEntries(all.filter(([name]) => !isHook(name))) as Given
  const { logger = silentLogger } = on as { readonly logger?: Logger }
  const hooks = all
    .filter(([name]) => isHook(name))
    .map(([name, given]) => [name, declared[name]?.isTold ? harmless(logger, name, given) : given])
  const result = operation.run(on, input, Object.fromEntries(hooks) as Partial<Watching>)
  return recorded(operation, on as object, input as Readonly<Record<string, unknown>>, result)
}

/** The same function, whose failure is logged and harms nothing. */
function harmless(logger: Logger, name: string, given: unknown): unknown {
  if (typeof given !== 'function') return given
  return (...about: unknown[]) => tellOutside(logger, name, () => given(...about) as unknown)
}

/** The same check alone, for a face that has something to do before. */
export function checkInput(operation: Described, args: object, options: object = {}): void {
  check(callOf(operation), args, options)
}

/** What a call takes, and how it is written. */
export interface Call {
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
  readonly example: string
  /** Texts that are given to it may be secrets: no message repeats them. */
  readonly isSecretive?: boolean | undefined
}

const calls = new WeakMap<Described, Call>()

function callOf(operation: Described): Call {
  const known = calls.get(operation)
  if (known) return known
  const { name, input, hooks = {}, isSecretive } = operation
  const made: Call = { name, fields: { ...input, ...hooks }, example: exampleCall(operation), isSecretive }
  calls.set(operation, made)
  return made
}

/**
 * Refuses what a call was given when something in it is unknown, or is not what it should be.
 *
 * @throws TidemarkError option_unknown, option_invalid, argument_invalid, or the field's own code (stop)
 */
export function check(call: Call, args: object, options: unknown): void {
  const { name, fields, example } = call
  if (!isPlain(options)) {
    const message = `The call ${name} takes its options as an object, not ${told(options, call.isSecretive)}.` as const
    throw new TidemarkError('argument_invalid', message, { hint: `For example: ${example}` })
  }
  const names = Object.keys(fields).filter((option) => !Object.hasOwn(args, option))
  const twice = Object.keys(options).find((option) => Object.hasOwn(args, option))
  if (twice !== undefined) throw unknownOption(name, twice, knownNames(twice, names))
  const given: Record<string, unknown> = { ...options, ...args }
  const shape = Object.fromEntries(Object.entries(fields).map(([field, { schema }]) => [field, schema]))
  const issues = z.strictObject(shape).safeParse(given).error?.issues ?? []
  // A name that is misspelt is missed, too: the misspelling says more.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (!issue) return
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const stranger = issue.keys[0] ?? ''
    const hint = path.length > 0 ? `For example: ${example}` : knownNames(stranger, names)
    throw unknownOption(name, [...path, stranger].join('.'), hint)
  }
  throw refusal(call, { path, expected: issue.message, given, isArgument: Object.hasOwn(args, path[0] ?? '') })
}

function unknownOption(operation: string, option: string, hint: string): TidemarkError {
  const [input = '', ...within] = option.split('.')
  return new InputRefused('option_unknown', `The call ${operation} has no option "${option}".`, hint, {
    ...{ call: operation, kind: 'unknown', expected: '', value: '', meant: '' },
    input,
    within: within.map((step) => `.${step}`).join(''),
  })
}

interface Refused {
  readonly path: readonly string[]
  readonly expected: string
  readonly given: unknown
  readonly isArgument: boolean
}

function refusal(call: Call, { path: whole, expected: found, given, isArgument }: Refused): TidemarkError {
  const field = call.fields[whole[0] ?? '']
  const path = field?.expected === undefined ? whole : whole.slice(0, 1)
  const expected = field?.expected ?? found
  const value = path.reduce<unknown>((within, step) => (isPlain(within) ? within[step] : undefined), given)
  const which = isArgument ? `the ${path.join('.')}` : path.join('.')
  const code = isArgument ? 'argument_invalid' : (field?.code ?? 'option_invalid')
  const meant = typeof value === 'string' ? (field?.meant?.(value) ?? '') : ''
  const shown = told(value, call.isSecretive)
  const [input = '', ...within] = path
  const message = `In ${call.name}: ${which} ${expected}, not ${shown}.` as const
  return new InputRefused(code, message, `${meant}For example: ${call.example}`, {
    call: call.name,
    input,
    within: within.map((step) => `.${step}`).join(''),
    kind: value === undefined && within.length === 0 ? 'missing' : 'wrong',
    expected,
    value: shown,
    meant,
  })
}

/** How a call is written in a program: `records('stars', { limit: 10 })`. */
export function exampleCall({ name, positional = [], examples }: Described): string {
  const [example = {}] = examples as readonly Readonly<Record<string, unknown>>[]
  const literal = (value: unknown) => inspect(value, { depth: 5, breakLength: Number.POSITIVE_INFINITY, compact: 10 })
  // A connection's own methods don't name it.
  const args = positional.filter((one) => one !== 'connection' && example[one] !== undefined)
  const named = new Set([...args, 'connection'])
  const isOfConnection = positional.includes('connection')
  const rest = Object.entries(example).filter(([one]) => !(isOfConnection ? named : new Set(args)).has(one))
  const parts = args.map((one) => literal(example[one]))
  if (rest.length > 0) parts.push(literal(Object.fromEntries(rest)))
  return `${name}(${parts.join(', ')})`
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

const TOLD_CHARS_MAX = 60

/** A value for a message. */
export function told(value: unknown, isSecretive = false): string {
  if (typeof value === 'string') return !isSecretive && value.length <= TOLD_CHARS_MAX ? `"${value}"` : 'this text'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  if (value instanceof Uint8Array) return plural(value.length, 'byte')
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** Whether a value looks like one of `defineConnector`. */
export const isConnector = (value: unknown) =>
  isPlain(value) && isPlain(value['streams']) && isPlain(value['service']) && 'name' in value['service']

/** @throws TidemarkError argument_invalid (stop) */
export function checkConnector(given: unknown): void {
  if (typeof given === 'string' || isConnector(given)) return
  const isModule = isPlain(given) && isConnector(given['default'])
  throw new TidemarkError('argument_invalid', `The call connect takes a connector first, not ${told(given, true)}.`, {
    hint: isModule
      ? "The connector is the module's default export: import github from 'tidemark/connectors/github'"
      : "Its name, or a value of defineConnector. For example: connect(github, { id: 'me', options: { user: 'ada' } })",
  })
}
