// Owns reading JSON without losing anything: integers that a JavaScript number cannot hold become strings with the
// source's digits, and every record of a page can be asked for the exact text it was parsed from.
//
// The text is copied once into an array of character codes, which is several times faster to walk than a string. One
// walk samples it for long digit runs (before parsing), another finds where the records begin and end (after parsing,
// when the text is known to be valid, and with the parsed value in hand to tell which object each slice belongs to).

import { TidemarkError } from './errors.ts'

/** How deep a document may be nested. What reads JSON after us may recurse, and must not run out of stack. */
export const DEPTH_MAX = 512

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
/** `[` and `]` become `{` and `}` with this bit, so that one comparison finds both. */
const BRACKET_BIT = 0x20

const LARGEST_SAFE = String(Number.MAX_SAFE_INTEGER)

type Codes = Uint8Array | Uint16Array

const sources = new WeakMap<object, string>()

/**
 * Parses JSON as JSON.parse does, but for integers beyond 2^53 - 1 in magnitude: these become strings with the digits
 * (and the sign) of the source. Numbers with a fraction or an exponent stay numbers. Afterwards `sourceText` knows the
 * records.
 *
 * @throws SyntaxError for text that is not JSON, as JSON.parse; TidemarkError json_too_deep (stop) beyond DEPTH_MAX
 */
export function parseExact(text: string): unknown {
  const codes = codesOf(text)
  const { length } = text
  const value: unknown = JSON.parse(mayHoldLargeInteger(codes, length) ? quoteLargeIntegers(text, codes) : text)
  if (typeof value === 'object' && value !== null) {
    readValue({ text, codes }, afterSpace(codes, 0), value, 0)
  }
  return value
}

/**
 * The exact text that an object was parsed from, without surrounding whitespace. Known for objects that are elements of
 * an array, as long as no outer object is one already (the records of a page), and for the objects around them (the
 * envelope). Undefined for all others, copies included.
 */
export function sourceText(value: object): string | undefined {
  return sources.get(value)
}

/** The text of a record: what its source sent, else, for a record that a connector composed, its JSON. */
export function rawText(value: object): string {
  return sources.get(value) ?? JSON.stringify(value)
}

// ── character codes ───────────────────────────────────────────────────────────────────────────────────────────────

/** Larger texts get an array of their own, so that one large body does not hold its memory for ever. */
const KEPT_CODES = 1 << 20

let narrow = Buffer.allocUnsafeSlow(1 << 16)
let wide = Buffer.allocUnsafeSlow(1 << 16)
let narrowCodes = new Uint8Array(narrow.buffer)
let wideCodes = new Uint16Array(wide.buffer)

/** Valid until the next call (everything here is synchronous), and only up to the text's length: old codes follow. */
function codesOf(text: string): Codes {
  const { length } = text
  // oxlint-disable-next-line no-control-regex -- the question is exactly whether one byte holds every character
  return /[^\x00-\xff]/.test(text) ? wideOf(text, length) : narrowOf(text, length)
}

function narrowOf(text: string, length: number): Uint8Array {
  if (length > KEPT_CODES) {
    const once = Buffer.allocUnsafeSlow(length)
    once.write(text, 'latin1')
    return new Uint8Array(once.buffer)
  }
  if (length > narrow.length) {
    narrow = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length)))
    narrowCodes = new Uint8Array(narrow.buffer)
  }
  narrow.write(text, 'latin1')
  return narrowCodes
}

function wideOf(text: string, length: number): Uint16Array {
  if (length > KEPT_CODES) {
    const once = Buffer.allocUnsafeSlow(length * 2)
    once.write(text, 'utf16le')
    return new Uint16Array(once.buffer)
  }
  if (length * 2 > wide.length) {
    wide = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(length * 2)))
    wideCodes = new Uint16Array(wide.buffer)
  }
  wide.write(text, 'utf16le')
  return wideCodes
}

// ── integers ──────────────────────────────────────────────────────────────────────────────────────────────────────

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= ZERO && code <= NINE
}

/**
 * Whether the text may hold an integer beyond 2^53 - 1. It has at least 16 digits, so that looking at every 16th
 * character cannot miss it. May say yes for digits inside of a string, never no for a number.
 */
function mayHoldLargeInteger(codes: Codes, length: number): boolean {
  for (let at = 0; at < length; at += 16) {
    if (!isDigit(codes[at])) continue
    let start = at
    while (start > 0 && isDigit(codes[start - 1])) start--
    let end = at + 1
    while (end < length && isDigit(codes[end])) end++
    if (end - start >= 16 && isLargeInteger(codes, start, end, length)) return true
    // The next run that could be long enough ends 16 characters further at the earliest.
    at = end
  }
  return false
}

/** Whether the digits from `start` to `end` stand where a number could and are beyond 2^53 - 1. */
function isLargeInteger(codes: Codes, start: number, end: number, length: number): boolean {
  if (start > 0) {
    const before = codes[start - 1]!
    if (before !== COLON && before !== COMMA && before !== OPEN_LIST && before !== MINUS && before > 0x20) return false
  }
  if (end < length) {
    const after = codes[end]!
    if (after === DOT || (after | 0x20) === 0x65) return false
  }
  return isBeyondSafe(codes, start, end)
}

function isBeyondSafe(codes: Codes, start: number, end: number): boolean {
  if (codes[start] === ZERO) return false
  const digits = end - start
  if (digits !== LARGEST_SAFE.length) return digits > LARGEST_SAFE.length
  for (let i = 0; i < digits; i++) {
    const difference = codes[start + i]! - LARGEST_SAFE.charCodeAt(i)
    if (difference !== 0) return difference > 0
  }
  return false
}

/** Letters, digits, `+`, `-` and `.`: what numbers and literals are made of. */
function isWord(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === MINUS || code === DOT || code === 0x2b || isLetter(code | 0x20)
}

function isLetter(lower: number): boolean {
  return lower >= 0x61 && lower <= 0x7a
}

/**
 * The same document with large integers in quotes. What is no JSON stays none: only a whole number token is quoted, and
 * the one place where a string may stand and a number may not is before a colon, where nothing is quoted.
 */
function quoteLargeIntegers(text: string, codes: Codes): string {
  const { length } = text
  const parts: string[] = []
  let copied = 0
  let at = 0
  while (at < length) {
    const code = codes[at]!
    if (code === QUOTE) {
      at = afterString(codes, at, length)
    } else if (isWord(code)) {
      const start = at
      let digitsOnly = true
      for (at++; at < length && isWord(codes[at]!); at++) digitsOnly &&= isDigit(codes[at])
      const digits = code === MINUS ? start + 1 : start
      if (!digitsOnly || !isDigit(codes[digits]) || !isBeyondSafe(codes, digits, at)) continue
      const next = afterSpace(codes, at, length)
      if (next < length && codes[next] === COLON) continue
      parts.push(text.slice(copied, start), '"', text.slice(start, at), '"')
      copied = at
    } else {
      at++
    }
  }
  parts.push(text.slice(copied))
  return parts.join('')
}

// ── slices: the text is valid JSON from here on ───────────────────────────────────────────────────────────────────

interface Source {
  readonly text: string
  readonly codes: Codes
}

function afterSpace(codes: Codes, at: number, length = codes.length): number {
  let i = at
  while (i < length && codes[i]! <= 0x20) i++
  return i
}

function afterString(codes: Codes, at: number, length = codes.length): number {
  for (let i = at + 1; i < length; i++) {
    const code = codes[i]
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) i++
  }
  return length
}

/**
 * Walks the value that starts at `at` and returns where it ends. `value` is what it was parsed to; it has another type
 * where a later member of the same name has replaced it, and then nothing in it is worth remembering.
 */
function readValue(source: Source, at: number, value: unknown, depth: number): number {
  const code = source.codes[at]
  if (code === OPEN) {
    return isPlain(value) ? readObject(source, at, value, depth + 1) : afterContainer(source.codes, at, depth)
  }
  if (code === OPEN_LIST) {
    return Array.isArray(value) ? readList(source, at, value, depth + 1) : afterContainer(source.codes, at, depth)
  }
  return code === QUOTE ? afterString(source.codes, at) : afterScalar(source.codes, at)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function afterScalar(codes: Codes, at: number): number {
  let i = at + 1
  while (isWord(codes[i] ?? 0)) i++
  return i
}

function readObject(source: Source, start: number, object: Record<string, unknown>, depth: number): number {
  if (depth > DEPTH_MAX) throw tooDeep()
  const { codes, text } = source
  let at = afterSpace(codes, start + 1)
  while (codes[at] !== CLOSE) {
    const name = at
    const nameEnd = afterString(codes, at)
    at = afterSpace(codes, afterSpace(codes, nameEnd) + 1)
    const code = codes[at]
    const member = code === OPEN || code === OPEN_LIST ? object[nameAt(text, name, nameEnd)] : undefined
    at = afterSpace(codes, readValue(source, at, member, depth))
    if (codes[at] === COMMA) at = afterSpace(codes, at + 1)
  }
  sources.set(object, text.slice(start, at + 1))
  return at + 1
}

/** The name between the quotes at `start` and before `end`. */
function nameAt(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1)
  return name.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : name
}

function readList(source: Source, start: number, list: readonly unknown[], depth: number): number {
  if (depth > DEPTH_MAX) throw tooDeep()
  const { codes, text } = source
  let at = afterSpace(codes, start + 1)
  for (let index = 0; codes[at] !== CLOSE_LIST; index++) {
    const element = list[index]
    if (codes[at] === OPEN) {
      const end = afterContainer(codes, at, depth)
      if (isPlain(element)) sources.set(element, text.slice(at, end))
      at = end
    } else {
      at = readValue(source, at, element, depth)
    }
    at = afterSpace(codes, at)
    if (codes[at] === COMMA) at = afterSpace(codes, at + 1)
  }
  return at + 1
}

/** Where the object or array at `start` ends. The innermost loop of all: every record goes through it. */
function afterContainer(codes: Codes, start: number, outer: number): number {
  let depth = outer
  let at = start
  for (;;) {
    let code = codes[at++]!
    if (code === QUOTE) {
      while ((code = codes[at++]!) !== QUOTE) if (code === BACKSLASH) at++
      continue
    }
    code |= BRACKET_BIT
    if (code === OPEN) {
      if (++depth > DEPTH_MAX) throw tooDeep()
    } else if (code === CLOSE && --depth === outer) {
      return at
    }
  }
}

function tooDeep(): TidemarkError {
  return new TidemarkError('json_too_deep', `the document is nested more than ${DEPTH_MAX} levels deep`, {
    hint: 'No known service answers like this; check that the base URL points to the service itself.',
  })
}
