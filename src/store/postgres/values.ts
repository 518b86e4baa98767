// Owns the way of values into PostgreSQL and back: text without loss, numbers of any size, and rows with their types.

import { isHeld, isNumberToken } from '../../model/exact-number.ts'
import type { Cell, Column, ColumnType } from '../../model/record.ts'
import { quote } from '../names.ts'
import type { Param } from '../statements.ts'

/**
 * Types of columns. An integer is `numeric`, which holds the digits of any source; a boolean is 0 or 1, so that one query
 * means the same on both stores.
 */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'numeric',
  real: 'double precision',
  boolean: 'smallint',
  json: 'text',
}

// ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────
// PostgreSQL's text holds every character but NUL. U+0001 escapes it, and itself: U+0001 U+0001 is NUL, U+0001 U+0002 is
// U+0001. The order of bytes stays that of the text, so that keys come in the same order as in SQLite.

const NUL = '\u0000'
const ESCAPE = '\u0001'
const ESCAPED_NUL = '\u0001\u0001'
const ESCAPED_ESCAPE = '\u0001\u0002'

export function encodeText(plain: string): string {
  if (!plain.includes(NUL) && !plain.includes(ESCAPE)) return plain
  return plain.replaceAll(ESCAPE, ESCAPED_ESCAPE).replaceAll(NUL, ESCAPED_NUL)
}

export function decodeText(escaped: string): string {
  if (!escaped.includes(ESCAPE)) return escaped
  return escaped
    .split(ESCAPED_NUL)
    .map((part) => part.replaceAll(ESCAPED_ESCAPE, ESCAPE))
    .join(NUL)
}

/** A parameter as the driver takes it: text escaped, wherever it stands. */
export function bound(value: Param): unknown {
  if (typeof value === 'string') return encodeText(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (!Array.isArray(value)) return value
  return value.map((one: unknown) => (typeof one === 'string' ? encodeText(one) : one))
}

const TEXT_OID = 25
/** Dimensions, whether one is null, the type of the elements, their number, the number of the first. */
const ARRAY_HEAD_BYTES = 20
const NULL_LENGTH = -1

/**
 * Texts for a parameter of type `text[]`, as the server keeps them: written as one text, each had to be quoted here and
 * unquoted there, which takes five times as long for a page of raw texts.
 */
export function textArray(texts: readonly (string | null)[]): Uint8Array {
  const encoded = texts.map((text) => (text === null ? null : encodeText(text)))
  let size = ARRAY_HEAD_BYTES
  for (const text of encoded) size += 4 + (text === null ? 0 : Buffer.byteLength(text))
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const number of [1, encoded.includes(null) ? 1 : 0, TEXT_OID, encoded.length, 1])
    at = bytes.writeInt32BE(number, at)
  for (const text of encoded) {
    const length = text === null ? NULL_LENGTH : bytes.write(text, at + 4)
    at = bytes.writeInt32BE(length, at) + Math.max(length, 0)
  }
  return bytes
}

// ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The hidden columns of a table: https://www.postgresql.org/docs/current/ddl-system-columns.html */
const HIDDEN = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** A declared column as the tables have it, quoted. No declared name begins with an underscore, so that none is met twice. */
export function stored(name: string): string {
  return quote(HIDDEN.has(name) ? `_${name}` : name)
}

// ── cells ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Digits as PostgreSQL reads a number; exponents of a length that no real quantity has are left out. */
const NUMBER = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?\s*$/i
/** `numeric` holds 131,072 digits before the point. */
const DIGITS_MAX = 100_000
const SMALLINT_MAX = 32_767

/** What a cell is in a column of this type. What is no number has no place in a column of numbers: null, the raw text has it. */
export function toSql(type: ColumnType, cell: Cell): string | number | bigint | null {
  if (cell === null) return null
  if (type === 'text' || type === 'json') return typeof cell === 'string' ? cell : String(cell)
  if (typeof cell === 'string') {
    if (cell.length > DIGITS_MAX || !NUMBER.test(cell)) return null
    return type === 'integer' ? cell.trim() : toSql(type, Number(cell))
  }
  if (Number.isNaN(cell)) return null
  if (type === 'integer') return typeof cell === 'bigint' && digitsOf(cell) > DIGITS_MAX ? null : cell
  const number = Number(cell)
  if (type === 'real') return number
  return Number.isInteger(number) && Math.abs(number) <= SMALLINT_MAX ? number : null
}

function digitsOf(cell: bigint): number {
  return String(cell).length
}

/** One array per column, from rows of cells. */
export function columnArrays(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly Param[] {
  return columns.map(({ type }, i) => {
    const values = rows.map((cells) => toSql(type, cells[i] ?? null))
    return SQL_TYPES[type] === 'text' ? textArray(values as (string | null)[]) : values
  })
}

// ── types of the wire ───────────────────────────────────────────────────────────────────────────────────────────────

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** Digits: a number where a number is exact, a bigint up to 64 bits, text beyond. A fraction with more digits is text, too. */
export function numberOf(digits: string): unknown {
  if (!/^-?\d+$/.test(digits)) return isNumberToken(digits) && isHeld(digits) ? Number(digits) : digits
  const number = Number(digits)
  if (Number.isSafeInteger(number)) return number
  const big = BigInt(digits)
  return big <= INT64_MAX && big >= INT64_MIN ? big : digits
}

const PARSERS: Readonly<Record<number, (sent: string) => unknown>> = {
  16: (sent) => sent === 't',
  17: (sent) => new Uint8Array(Buffer.from(sent.slice(2), 'hex')),
  20: numberOf,
  21: Number,
  23: Number,
  25: decodeText,
  26: Number,
  700: Number,
  701: Number,
  1042: decodeText,
  1043: decodeText,
  1700: numberOf,
}

/** How the driver reads what comes back. Types that are none of ours stay the text that they are. */
export const TYPES = {
  getTypeParser: (oid: number, format?: string) => (format === 'binary' ? asIs : (PARSERS[oid] ?? asIs)),
}

function asIs(value: unknown): unknown {
  return value
}
