// Owns how values of actors' rows are read: numbers that are hidden, times in three forms, escaped texts. What is of no
// known form is handed on as it is, so that the schema sets its record aside.

import { instantOf } from '../../connector/instants.ts'

/** As many posts as the services let a person pin; where no row says so, the first ones of a profile may be such. */
export const PINS_MAX = 3

/** Known posts in a row, below those that may be pinned, that end the search for new ones. */
export const STOP_AFTER = 3

/** An id as text, also where an actor has written a number. */
export function textOf(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value
}

/** A count: hidden (-1, null, absent) is null; digits in quotes are the number. */
export function countOf(value: unknown): unknown {
  if (value === undefined || value === '' || value === -1) return null
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
}

/** The first of several names under which there is something. */
export function firstOf(row: Readonly<Record<string, unknown>>, ...names: readonly string[]): unknown {
  return names.map((name) => row[name]).find((value) => value !== undefined && value !== null && value !== '')
}

/** Seconds since 1970, of seconds or of a date with its zone; what is no such date is null, and nothing is guessed. */
export function secondsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null
  if (/^\d{9,11}$/.test(value)) return Number(value)
  const at = instantOf(value)
  return at === undefined ? null : Math.floor(at / 1_000)
}

/**
 * When something was made, in milliseconds since 1970, as the upper bits of its id tell: whole seconds, as the dates beside it
 * are. 0: it is no such id.
 */
export function madeAt(key: string, { epoch, rest }: { readonly epoch: bigint; readonly rest: bigint }): number {
  if (!/^\d{15,20}$/.test(key)) return 0
  const at = Number((BigInt(key) >> rest) + epoch)
  return at - (at % 1_000)
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' }
const CODE_POINT_MAX = 0x10_ff_ff

/** A text without the escapes of HTML; each is undone once, so that an escape that somebody wrote stays one. */
export function unescaped(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    const isCharacter = code > 0 && code <= CODE_POINT_MAX && !(code >= 0xd8_00 && code <= 0xdf_ff)
    return isCharacter ? String.fromCodePoint(code) : whole
  })
}
