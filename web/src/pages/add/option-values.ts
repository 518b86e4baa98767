// Owns what a form of options sends: of a new connection what was written, of one that exists what was changed. Pure.

import type { Option } from './queries.ts'

/**
 * What a person has written, by the name of the option; a field that nobody touched is not in it. Null: a secret is to be taken
 * away, which an empty field does not say.
 */
export type Written = Readonly<Record<string, string | null>>
type Given = Readonly<Record<string, unknown>>

/** What is set, as its field shows it; a secret is never told. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What was written; what was left empty is left out, or taken away (null) where the page has given it before. */
export function writtenOptions(options: readonly Option[], written: Written, isAgain: boolean): Given {
  return collected(options, written, () => (isAgain ? null : undefined))
}

/**
 * What differs from what is set. A secret that is left empty stays as it is, unless it is taken away; another option that is emptied
 * is taken away.
 */
export function changedOptions(options: readonly Option[], written: Written, before: Given): Given {
  const touched = options.filter(({ name }) => written[name]?.trim() !== shownValue(before[name]))
  return collected(touched, written, ({ secret }) => (secret ? undefined : null))
}

/** `empty` says what an empty field means: null takes the option away, undefined says nothing. */
function collected(options: readonly Option[], written: Written, empty: (option: Option) => null | undefined): Given {
  const given = options.flatMap((option): readonly (readonly [string, unknown])[] => {
    if (written[option.name] === null) return [[option.name, null]]
    const value = written[option.name]?.trim()
    if (value === undefined) return []
    if (value !== '') return [[option.name, option.type === 'switch' ? value === 'true' : value]]
    const meant = empty(option)
    return meant === undefined ? [] : [[option.name, meant]]
  })
  return Object.fromEntries(given)
}
