// Owns what a source's record gives to a blend, and the making of one blended record of all that is given for its identity.
// Pure.

import { isHeld, plainDigits } from '../../../model/exact-number.ts'
import { canonicalProfile } from '../../../model/profile-url.ts'
import { writtenDigits } from '../../../model/written-number.ts'
import { type Definition, type From, isOf, parseMapped, ruleOf } from './definition.ts'
import { type Chosen, choose, outlasting, REMEMBERS, type Shown, type Value } from './rules.ts'

/** What one record of a source gives. */
export interface Member {
  readonly source: string
  readonly key: string
  /** By field. */
  readonly values: Readonly<Record<string, Given>>
}

interface Given {
  readonly value: Value
  readonly column: string
  readonly at: number
}

/** What a person has set, by field. */
export type Manual = Readonly<Record<string, { readonly value: Value; readonly at: number }>>

/** A blended record: the row that is stored. */
export interface Blended {
  readonly key: string
  readonly values: Readonly<Record<string, Value | null>>
  /** By field: why the value is what it is. */
  readonly chosen: Readonly<Record<string, Chosen>>
  /** By field: what rules that remember hold, also under a value that a person set. */
  readonly remembered: Readonly<Record<string, Chosen>>
  readonly members: readonly Member[]
}

/** The rule of a value that a person has set. */
export const MANUAL = 'manual'

/** A stream that feeds a blend. */
export interface Source {
  /** `<connection>/<stream>`. */
  readonly name: string
  readonly streamNo: number
  readonly from: From
  /** Which of its columns gives each field. */
  readonly columns: Readonly<Record<string, string>>
  /** Columns that its table has; others are looked for in the source's own text. */
  readonly declared: ReadonlySet<string>
}

/** Which column of a source gives each field: what `map` says, else the column with its name. */
export function columnsOf(
  { fields, map }: Definition,
  one: { readonly connection: string; readonly connector: string; readonly stream: string },
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.map(({ name }) => {
      const mapped = (map[name] ?? []).map(parseMapped).find((to) => to && isOf(to.from, one))
      return [name, mapped?.column ?? name]
    }),
  )
}

/** The identity that a record shows; undefined: none. */
export function identityIn(source: Source, row: Readonly<Record<string, unknown>>): string | undefined {
  const given = cellOf(source, row, source.from.identity)
  const identity = canonicalProfile(plainText(given) ?? '')
  return identity === '' ? undefined : identity
}

/** What a record of a source gives. */
export function memberOf(source: Source, row: Readonly<Record<string, unknown>>, definition: Definition): Member {
  const at = Date.parse(String(row['_updated_at']))
  const values: Record<string, Given> = {}
  for (const { name, type } of definition.fields) {
    const column = source.columns[name] as string
    const value = valueAs(type, cellOf(source, row, column))
    if (value !== null) values[name] = { value, column, at }
  }
  return { source: source.name, key: String(row['_key']), values }
}

/** What a record of a source has in a column of its table, or else in its text. */
export function cellOf(source: Source, row: Readonly<Record<string, unknown>>, column: string): unknown {
  if (source.declared.has(column)) return row[column]
  const raw = row['_raw']
  if (typeof raw !== 'string') return undefined
  const parsed: unknown = JSON.parse(raw)
  return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, column)
    ? (parsed as Record<string, unknown>)[column]
    : undefined
}

/** Null: there is none, or it can't be read. Nothing that can't be read is 0. */
export function valueAs(type: Definition['fields'][number]['type'], cell: unknown): Value | null {
  if (cell === null || cell === undefined || cell === '') return null
  const text = plainText(cell)
  if (text === undefined) return null
  if (type === 'text') return text
  if (type === 'boolean') return booleanIn(text)
  const digits = digitsIn(cell)
  if (digits === null) return null
  return type === 'integer' && isLarge(digits) ? String(BigInt(digits)) : Number(digits)
}

/** Whether a cell is a whole number for which no field of numbers with fractions is made. */
export function isBeyondFractions(cell: unknown): boolean {
  const digits = cell === null || cell === undefined ? null : digitsIn(cell)
  return digits !== null && isLarge(digits)
}

/** Digits that a field of numbers with fractions does not keep of a cell; undefined: it keeps all that matter. */
export function digitsBeyond(type: Definition['fields'][number]['type'], cell: unknown): string | undefined {
  const digits = type === 'real' ? digitsIn(cell) : null
  return digits !== null && isLarge(digits) && BigInt(digits) !== BigInt(Number(digits)) ? digits : undefined
}

/** Whether it is a whole number beyond 2^53. */
function isLarge(digits: string): boolean {
  return /^-?\d+$/.test(digits) && !isHeld(String(BigInt(digits)))
}

function digitsIn(cell: unknown): string | null {
  if (typeof cell === 'string') return writtenDigits(cell)
  if (typeof cell === 'bigint') return String(cell)
  const number = Number(cell)
  return Number.isFinite(number) ? plainDigits(number) : null
}

function booleanIn(text: string): boolean | null {
  return /^(?:true|yes|1)$/i.test(text) ? true : /^(?:false|no|0)$/i.test(text) ? false : null
}

/** Undefined of what is no single value. */
function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? `${value}` : undefined
}

/** What is given for an identity, and what was made of it before. */
export interface Parts {
  readonly key: string
  /** What the sources show now, in the order of the blend's sources. */
  readonly members: readonly Member[]
  /** What no source shows now because the source itself is gone; its values stay as last known. */
  readonly orphans: readonly Member[]
  readonly manual: Manual
  readonly before: Blended | undefined
  /** By field, of rules that remember: what sources showed since, and show no more. */
  readonly past?: Past | undefined
}

/** By field: what sources showed and show no more, as far as a rule that remembers has to know it. */
export type Past = Readonly<Record<string, Shown>>

/** What is known of the past with one more content, which a source showed after all of it. */
export function withPast(definition: Definition, past: Past | undefined, { source, key, values }: Member): Past {
  const known: Record<string, Shown> = { ...past }
  for (const [field, given] of Object.entries(values)) {
    const rule = ruleOf(definition, field)
    if (!REMEMBERS.has(rule.name)) continue
    const shown = { source, key, ...given }
    const before = known[field]
    known[field] = before ? outlasting(rule, before, shown) : shown
  }
  return known
}

/**
 * Makes one record. One without members and without values set by hand is no record any more: it holds what is remembered
 * of what was shown since. Undefined: nothing is left of it, and nothing was shown since.
 */
export function blend(
  definition: Definition,
  { key, orphans, manual, before, past, ...now }: Parts,
): Blended | undefined {
  const known = new Map((before?.members ?? []).map((member) => [`${member.source} ${member.key}`, member]))
  const members = [
    ...now.members.map((member) => since(member, known.get(`${member.source} ${member.key}`))),
    ...orphans,
  ]
  if (members.length === 0 && Object.keys(manual).length === 0 && past === undefined) return undefined
  const values: Record<string, Value | null> = {}
  const chosen: Record<string, Chosen> = {}
  const remembered: Record<string, Chosen> = {}
  for (const { name, type } of definition.fields) {
    const rule = ruleOf(definition, name)
    const shown: Shown[] = members.flatMap(({ source, key: of, values: given }) => {
      const one = given[name]
      return one ? [{ source, key: of, ...one }] : []
    })
    const once = past?.[name]
    const found = choose(rule, once ? [once, ...shown] : shown, before?.remembered[name])
    if (found && REMEMBERS.has(rule.name)) remembered[name] = found
    const set = manual[name]
    const one: Chosen | undefined = set ? { value: set.value, rule: MANUAL, at: set.at } : found
    if (one) chosen[name] = one
    // A sum may be larger than its parts.
    values[name] = one === undefined ? null : type === 'real' ? Number(one.value) : one.value
  }
  return { key, values, chosen, remembered, members }
}

/** Whether anything stands for it: a source, or a person. */
export function isLive({ members, chosen }: Blended): boolean {
  return members.length > 0 || Object.values(chosen).some(({ rule }) => rule === MANUAL)
}

/** A value that a source showed before is as old as it was. */
function since(member: Member, before: Member | undefined): Member {
  if (!before) return member
  const values = Object.entries(member.values).map(([field, given]) => {
    const known = before.values[field]
    return [field, known && known.value === given.value && known.column === given.column ? known : given] as const
  })
  return { ...member, values: Object.fromEntries(values) }
}
