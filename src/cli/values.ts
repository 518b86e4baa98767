// Owns the values of options and arguments as people type them: name=value, whole numbers, connection/stream. Pure.

import { TidemarkError } from '../model/errors.ts'
import { didYouMean, knownNames } from '../model/near-miss.ts'
import type { Field } from '../operations/fields.ts'

/** Splits `name=value` at the first `=`. The value may be empty, and may hold more of them. */
export function parsePair(text: string, option: string): readonly [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new TidemarkError('option_invalid', `The option --${option} takes name=value, not "${text}".`, {
      hint: `For example: --${option} ${/^[\w-]+$/.test(text) ? text : 'name'}=…`,
    })
  }
  return [text.slice(0, at), text.slice(at + 1)]
}

/** For commander: collects the values of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** For commander: names, separated by commas; the option may be repeated. */
export function nameList(option: string, text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === '')) {
    throw new TidemarkError(
      'option_invalid',
      `The option --${option} takes names separated by commas, not "${text}".`,
      {
        hint: `For example: --${option} ${option === 'columns' ? '_key,title' : 'a,b'}`,
      },
    )
  }
  return [...new Set([...before, ...names])]
}

/** For commander: a column, and which way: `stars`, `stars:asc`, `stars:desc`. */
export function columnOrder(text: string): string {
  const [, name, way = 'asc'] = /^([^:]+)(?::(.*))?$/s.exec(text.trim()) ?? []
  if (name !== undefined && (way === 'asc' || way === 'desc')) return text.trim()
  throw new TidemarkError(
    'option_invalid',
    `The option --order takes a column, with :asc or :desc behind it, not "${text}".`,
    {
      hint: `${didYouMean(way, ['asc', 'desc'])}For example: --order ${name ?? '_key'}:desc`,
    },
  )
}

/** For commander: a whole number from 1 up. */
export function wholeNumber(option: string, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const n = /^\d+$/.test(text.trim()) ? Number(text) : 0
    if (n >= 1 && n <= most) return n
    const range = most === Number.MAX_SAFE_INTEGER ? 'from 1 up' : `from 1 to ${most}`
    throw new TidemarkError('option_invalid', `The option --${option} is a whole number ${range}, not "${text}".`, {
      hint: `For example: --${option} ${Math.min(most, 50)}`,
    })
  }
}

/** For commander: zero or more, in a currency. */
export function amount(option: string): (text: string) => number {
  return (text) => {
    const n = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
    if (Number.isFinite(n)) return n
    throw new TidemarkError('option_invalid', `The option --${option} is an amount from 0 up, not "${text}".`, {
      hint: `For example: --${option} 2.50`,
    })
  }
}

/** For commander: one of several words. */
export function oneOf<W extends string>(option: string, words: readonly W[]): (text: string) => W {
  return (text) => {
    const word = words.find((candidate) => candidate === text)
    if (word) return word
    throw new TidemarkError('option_invalid', `The option --${option} can't be "${text}".`, {
      hint: knownNames(text, words, 'One of'),
    })
  }
}

/** `--where field=a,b`, repeated: the values of each field, in the order given. */
export function parseWhere(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const where = new Map<string, string[]>()
  for (const text of texts) {
    const [field, values] = parsePair(text, 'where')
    const wanted = values
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '')
    if (wanted.length === 0)
      throw new TidemarkError('option_invalid', `The option --where ${field} has no value.`, {
        hint: `For example: --where ${field}=open`,
      })
    const known = where.get(field) ?? []
    where.set(field, [...known, ...wanted.filter((value) => !known.includes(value))])
  }
  return Object.fromEntries(where)
}

/** For commander: a TCP port; 0 lets the system choose. */
export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new TidemarkError('option_invalid', `The option --port is a number from 0 to 65535, not "${text}".`, {
    hint: 'For example: --port 4600; with 0 the system chooses a free one.',
  })
}

/** A text that its field takes. @throws TidemarkError option_invalid, or the field's own code */
export function checkedText(option: string, field: Field, text: string): string {
  const issue = field.schema.safeParse(text).error?.issues[0]
  if (!issue) return text
  throw new TidemarkError(field.code ?? 'option_invalid', `The option --${option} ${issue.message}, not "${text}".`, {
    hint: `${field.meant?.(text) ?? ''}For example: --${option} ${field.sample}`,
  })
}

/** `name=value` of an option or argument, each. @throws TidemarkError option_invalid */
export function parsePairs(
  what: string,
  texts: readonly string[],
): readonly (readonly [name: string, value: string])[] {
  return texts.map((text) => {
    const at = text.indexOf('=')
    if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1).trim()] as const
    throw new TidemarkError('option_invalid', `"${text}" is no ${what}: write name=value.`)
  })
}

/** The values of each name, in their order. */
export function fieldsOf(pairs: readonly (readonly [name: string, value: string])[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const [name, value] of pairs) (fields[name] ??= []).push(value)
  return fields
}
