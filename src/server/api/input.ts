// Owns what a call of the server gives to its operation: parts of the path, the query (all texts) and the body, by the
// names and kinds of the operation's fields. Pure.

import { TidemarkError } from '../../model/errors.ts'
import type { Field } from '../../operations/fields.ts'
import type { Described } from '../../operations/operation.ts'
import type { Route } from './routes.ts'

export interface Given {
  /** What the path says. */
  readonly args: Readonly<Record<string, unknown>>
  /** What the caller chose. */
  readonly options: Readonly<Record<string, unknown>>
}

interface Sent {
  /** Parts of the path by the names in braces. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

/** The fields that a call of a route may give, by the names that it gives them under. */
export function fieldsOf({ named = {}, settles = {}, omits = [] }: Route, { input }: Described) {
  const own = Object.entries(input).filter(([name]) => !(name in settles) && !omits.includes(name))
  const called = new Map(Object.entries(named).map(([as, name]) => [name, as]))
  return own.map(([name, field]) => ({ name, as: called.get(name) ?? name, field }))
}

/** Names in braces, in their order. */
export function paramsOf(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
}

/** @throws TidemarkError option_invalid, option_conflict; what is wrong with a value, the operation says */
export function inputOf(route: Route, operation: Described, { params, query, body }: Sent): Given {
  const fields = new Map(fieldsOf(route, operation).map((one) => [one.as, one]))
  const args: Record<string, unknown> = { ...route.settles }
  // A name may be one that every object answers to.
  const options = new Map<string, unknown>()
  for (const [as, value] of Object.entries(params)) {
    const one = fields.get(as)
    args[one?.name ?? as] = one ? valueOf(one.field, value) : value
  }
  for (const as of new Set(query.keys())) {
    const one = fields.get(as)
    options.set(one?.name ?? as, one ? fromTexts(as, one.field, query.getAll(as)) : onlyOne(as, query.getAll(as)))
  }
  for (const [as, value] of Object.entries(body)) options.set(fields.get(as)?.name ?? as, value)
  // The path has said it: whoever says it again may mean another one.
  for (const name of Object.keys(args)) {
    if (options.has(name))
      throw new TidemarkError('option_conflict', `The path says ${name}, and the call says it again.`)
  }
  return { args, options: Object.fromEntries(options) }
}

function fromTexts(as: string, field: Field, texts: readonly string[]): unknown {
  if (field.kind === 'list') return texts.flatMap((text) => text.split(',')).filter((text) => text !== '')
  if (field.kind === 'pairs') return Object.fromEntries(texts.map((text) => pairOf(as, text)))
  return valueOf(field, onlyOne(as, texts) ?? '')
}

/** @throws TidemarkError option_conflict: two values, and nobody knows which is meant */
function onlyOne(as: string, texts: readonly string[]): string | undefined {
  if (texts.length < 2) return texts[0]
  throw new TidemarkError('option_conflict', `The query says ${as} ${texts.length} times.`)
}

/** Takes a value out of the query that no operation has. @throws TidemarkError option_conflict */
export function takeText(query: URLSearchParams, name: string): string | undefined {
  const text = onlyOne(name, query.getAll(name))
  query.delete(name)
  return text
}

/** Takes a switch out of the query that no operation has. @throws TidemarkError option_invalid, option_conflict */
export function takeSwitch(query: URLSearchParams, name: string): boolean {
  const text = takeText(query, name)
  const value = text === undefined ? false : switchOf(text)
  if (typeof value === 'boolean') return value
  throw new TidemarkError('option_invalid', `The query's ${name} is true or false, not "${value}".`, {
    hint: `For example: ?${name}=true`,
  })
}

/** No other word, and not the name alone: what was not meant may not be done, nor what was meant be left out. */
const switchOf = (text: string) => (text === 'true' ? true : text === 'false' ? false : text)

/** A text that is no such value goes on as it is, to be refused with what is expected. */
function valueOf({ kind }: Field, text: string): unknown {
  if (kind === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
  return kind === 'switch' ? switchOf(text) : text
}

/** `name=value` @throws TidemarkError option_invalid */
export function pairOf(as: string, text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new TidemarkError('option_invalid', `The query's ${as} is name=value, not "${text}".`, {
    hint: `For example: ?${as}=status%3Dopen`,
  })
}
