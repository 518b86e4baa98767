// Owns the rules of blends: which of the values that sources show for a field is the one, and why. Pure.

import { compareExactly, Sum } from '../../../model/decimal.ts'

/** What a field holds; a whole number beyond 2^53 is its digits. */
export type Value = string | number | boolean

/** A value as a source shows it. */
export interface Shown {
  /** `<connection>/<stream>`. */
  readonly source: string
  readonly key: string
  readonly column: string
  readonly value: Value
  /** Since when the source shows it, in milliseconds since 1970. */
  readonly at: number
}

/** The value of a field, with where it comes from. `sum` comes from all; what a person set comes from none of them. */
export interface Chosen {
  readonly value: Value
  readonly rule: string
  readonly at: number
  readonly source?: string
  readonly key?: string
  readonly column?: string
  /** Of `sum`: how many values there were. */
  readonly of?: number
}

export const RULE_NAMES = [
  'max',
  'max-current',
  'min',
  'latest',
  'first',
  'sum',
  'manual-wins',
  'source-order',
] as const
export type RuleName = (typeof RULE_NAMES)[number]

export interface Rule {
  readonly name: RuleName
  /** Of `manual-wins` and `source-order`: the sources that it names, the first wins. */
  readonly sources: readonly string[]
}

/** Those that calculate. */
export const CALCULATES: ReadonlySet<RuleName> = new Set(['max', 'max-current', 'min', 'sum'])

/** Those that may name sources. */
const NAMES_SOURCES: ReadonlySet<RuleName> = new Set(['manual-wins', 'source-order'])

/** Those that keep what no source shows any more. */
export const REMEMBERS: ReadonlySet<RuleName> = new Set(['max', 'first'])

type Choose = (shown: readonly Shown[], before: Chosen | undefined, rule: Rule) => Shown | Chosen | undefined

/** What is shown comes in the order of the blend's sources: of equals, the first is taken. */
const CHOOSE: Readonly<Record<RuleName, Choose>> = {
  max: (shown, before) => best([...(before ? [before] : []), ...oldestFirst(shown)], 1),
  'max-current': (shown) => best(oldestFirst(shown), 1),
  min: (shown) => best(oldestFirst(shown), -1),
  latest: (shown) =>
    shown.reduce<Shown | undefined>((kept, one) => (kept && kept.at >= one.at ? kept : one), undefined),
  first: (shown, before) => before ?? oldestFirst(shown)[0],
  sum: (shown) => {
    if (shown.length === 0) return undefined
    const total = new Sum()
    for (const one of shown) total.add(numeric(one.value))
    const sum = total.number()
    const value = typeof sum === 'bigint' ? String(sum) : sum
    return { value, rule: 'sum', at: Math.max(...shown.map(({ at }) => at)), of: shown.length }
  },
  'manual-wins': (shown, _, rule) => inOrder(shown, rule),
  'source-order': (shown, _, rule) => inOrder(shown, rule),
}

/**
 * The value of a field. `before` is what the same rule had chosen, for those that remember; undefined: there is none.
 *
 * For `max` the result never falls, and it is the same in whatever order the values come; choosing once more with the result
 * changes nothing.
 */
export function choose(rule: Rule, shown: readonly Shown[], before: Chosen | undefined): Chosen | undefined {
  const found = CHOOSE[rule.name](shown, REMEMBERS.has(rule.name) ? before : undefined, rule)
  if (!found || 'rule' in found) return found
  const { value, at, source, key, column } = found
  return { value, rule: rule.name, at, source, key, column }
}

/** Of two values that sources showed and show no more, the one that a rule that remembers goes by. `one` came first. */
export function outlasting({ name }: Rule, one: Shown, later: Shown): Shown {
  return name === 'max' && compare(later, one) > 0 ? later : one
}

/** The largest, or with -1 the smallest; of equals, the first. */
function best<V extends Shown | Chosen>(all: readonly V[], way: 1 | -1): V | undefined {
  return all.reduce<V | undefined>((kept, one) => (kept && !(way * compare(one, kept) > 0) ? kept : one), undefined)
}

function compare(a: Shown | Chosen, b: Shown | Chosen): number {
  return compareExactly(numeric(a.value), numeric(b.value))
}

function numeric(value: Value): number | string {
  return typeof value === 'boolean' ? Number(value) : value
}

/** What was shown first comes first; of equals, what comes from the earlier source. */
function oldestFirst(shown: readonly Shown[]): readonly Shown[] {
  return shown.toSorted((a, b) => a.at - b.at)
}

function inOrder(shown: readonly Shown[], { sources }: Rule): Shown | undefined {
  for (const named of sources) {
    const found = shown.find(({ source }) => source === named)
    if (found) return found
  }
  return shown[0]
}

/** `max`, `manual-wins=team/rows`, `source-order=a/x,b/y`. Undefined: there is no such rule. */
export function parseRule(text: string): Rule | undefined {
  const [word = '', ...rest] = text.trim().split('=')
  const name = RULE_NAMES.find((one) => one === word.trim())
  if (!name) return undefined
  const sources = rest
    .join('=')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (rest.length > 0 && (sources.length === 0 || !NAMES_SOURCES.has(name))) return undefined
  return { name, sources }
}
