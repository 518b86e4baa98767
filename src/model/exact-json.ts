// Owns reading JSON without losing anything: whole numbers that a JavaScript number cannot hold become strings with the
// source's digits, and every record of a page can be asked for the exact text it was parsed from, and for its exact
// numbers.
//
// The text is copied once into an array of character codes. One walk samples it for long numbers (before parsing),
// another finds where the records begin and end (after parsing, when the text is known to be valid, and with the parsed
// value in hand to tell which object each slice belongs to).

import { type AttachedText, attachedText } from './attached-text.ts'
import { afterSpace, afterString, type Codes, codesOf, isWord } from './character-codes.ts'
import { TidemarkError } from './errors.ts'
import { ExactNumber, isHeld } from './exact-number.ts'
import { mayHoldInexact, quoteNumbers } from './number-scan.ts'

/** How deep a document may be nested. What reads JSON after us may recurse, and must not run out of stack. */
export const DEPTH_MAX = 512

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
/** `[` and `]` become `{` and `}` with this bit, so that one comparison finds both. */
const BRACKET_BIT = 0x20

/** The text of records and envelopes. */
const sources = attachedText()

/** The text of what is inside of a record, where a copy of its numbers would lose digits. */
const inner = attachedText()

/** What comes from a document with such numbers. */
const inexact = new WeakSet<object>()

/**
 * Parses JSON as JSON.parse does, but for whole numbers beyond 2^53 - 1 in magnitude, and numbers too large for any
 * JavaScript number (1e400): these become strings as the source wrote them. A fraction is the nearest number, however many
 * digits it has; `exactOf` knows them all. Afterwards `sourceText` knows the records.
 *
 * @throws SyntaxError for text that is not JSON, as JSON.parse; TidemarkError json_too_deep (stop) beyond DEPTH_MAX
 */
export function parseExact(text: string): unknown {
  const codes = codesOf(text)
  const { quoted, isInexact } = mayHoldInexact(text, codes)
    ? quoteNumbers(text, codes)
    : { quoted: text, isInexact: false }
  const value: unknown = JSON.parse(quoted)
  if (typeof value === 'object' && value !== null) {
    readValue({ text, codes, isInexact, into: sources }, afterSpace(codes, 0), value, 0)
  }
  return value
}

/**
 * Parses JSON as JSON.parse does, but for numbers that no JavaScript number holds: these become an ExactNumber, or what
 * `number` makes of their digits.
 *
 * @throws SyntaxError for text that is not JSON
 */
export function parseDigits(text: string, number: (digits: string) => unknown = exactNumber): unknown {
  return mayHoldInexact(text, codesOf(text)) ? parseWithDigits(text, number) : JSON.parse(text)
}

function parseWithDigits(text: string, number: (digits: string) => unknown): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined || isHeld(context.source)) return value
    return number(context.source)
  })
}

function exactNumber(digits: string): ExactNumber {
  return new ExactNumber(digits)
}

/**
 * The exact text that a row was parsed from, without surrounding whitespace. Known for objects and lists that are elements
 * of a list, as long as no outer object is one already (the records of a page), and for the objects around them (the
 * envelope). Undefined for all others, copies included.
 */
export function sourceText(value: object): string | undefined {
  return sources.get(value)
}

/** The text of a record: what its source sent, else, for a record that a connector composed, its JSON. */
export function rawText(value: object): string {
  return keptText(value) ?? JSON.stringify(value)
}

/** What its source sent of a record; undefined for one that a connector composed. Parsed once more, it makes the same one. */
export function keptText(value: object): string | undefined {
  return sources.get(value) ?? innerText(value)
}

/**
 * The record with an ExactNumber wherever its source wrote a number that no JavaScript number holds. Undefined when
 * `parseExact` has lost no digits of it, and for a record that a connector composed.
 */
export function exactOf(value: object): unknown {
  if (!inexact.has(value)) return undefined
  const text = keptText(value)
  if (text === undefined || !mayHoldInexact(text, codesOf(text))) return undefined
  return parseWithDigits(text, exactNumber)
}

/** As long as nobody has changed the value. */
function innerText(value: object): string | undefined {
  const text = inner.get(value)
  if (text === undefined) return undefined
  const { quoted } = quoteNumbers(text, codesOf(text))
  return JSON.stringify(JSON.parse(quoted)) === JSON.stringify(value) ? text : undefined
}

// ── slices: the text is valid JSON from here on ───────────────────────────────────────────────────────────────────

interface Source {
  readonly text: string
  readonly codes: Codes
  /** It has fractions that no JavaScript number holds. */
  readonly isInexact: boolean
  readonly into: AttachedText
}

function keep({ text, isInexact, into }: Source, value: object, start: number, end: number): void {
  into.set(value, text.slice(start, end))
  if (isInexact) inexact.add(value)
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
  keep(source, object, start, at + 1)
  return at + 1
}

/** The name between the quotes at `start` and before `end`. */
function nameAt(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1)
  return name.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : name
}

function readList(source: Source, start: number, list: readonly unknown[], depth: number): number {
  if (depth > DEPTH_MAX) throw tooDeep()
  const { codes } = source
  let at = afterSpace(codes, start + 1)
  for (let index = 0; codes[at] !== CLOSE_LIST; index++) {
    const element = list[index]
    const first = at
    if (codes[at] === OPEN) {
      at = readRecord(source, at, element, depth)
    } else {
      at = readValue(source, at, element, depth)
      if (Array.isArray(element)) keep(source, element, first, at)
    }
    at = afterSpace(codes, at)
    if (codes[at] === COMMA) at = afterSpace(codes, at + 1)
  }
  return at + 1
}

/** An object in a list. What is inside of it matters only where a copy of its numbers would lose digits. */
function readRecord(source: Source, start: number, record: unknown, depth: number): number {
  if (source.isInexact && isPlain(record)) {
    const end = readObject({ ...source, into: inner }, start, record, depth + 1)
    keep(source, record, start, end)
    return end
  }
  const end = afterContainer(source.codes, start, depth)
  if (isPlain(record)) keep(source, record, start, end)
  return end
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
  return new TidemarkError('json_too_deep', `The document is nested more than ${DEPTH_MAX} levels deep.`)
}
