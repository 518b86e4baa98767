// Owns reading lists out of a JSON file of any size: the rows of the lists that are wanted, as they come by, in memory
// for one row and one piece of the file. The rest of the file is checked to be JSON in its structure, and forgotten.

import { TidemarkError } from '../model/errors.ts'
import { parseExact } from '../model/exact-json.ts'
import { plural } from '../model/plural.ts'

/** How deep a file may be nested. */
const FILE_DEPTH_MAX = 64
/** Characters of a row, of the name of a member, and of a number. */
const ROW_CHARS_MAX = 1_000_000
/** Bytes that are read at a time. */
const PIECE_BYTES = 65_536

/** What stands at a place that is wanted, or a portion of it. */
export interface JsonList {
  /** The names of the members that lead to it. */
  readonly path: readonly string[]
  /** `null` often means an empty list; `other` is what is neither a list nor null. */
  readonly found: 'list' | 'null' | 'other'
  /** Its next rows. The first portion of a list is empty: the list is there. */
  readonly rows: readonly unknown[]
}

/**
 * The lists at the paths that are wanted, in the order of the file; a list comes in portions. Paths lead through objects,
 * not through lists. A row is parsed from its own text, so that no digit is lost. UTF-8 and UTF-16 are understood.
 *
 *   for await (const { rows } of jsonLists(bytes, (path) => path.at(-1) === 'FavoriteVideoList')) …
 *
 * @throws TidemarkError upload_unreadable (stop) when it is not JSON or breaks off; upload_too_large (stop) when it is nested
 *   more than 64 levels deep, or has a row of more than a million characters
 */
export async function* jsonLists(
  bytes: AsyncIterable<Uint8Array>,
  isWanted: (path: readonly string[]) => boolean,
): AsyncGenerator<JsonList> {
  const scanner = new Scanner(isWanted)
  for await (const text of decoded(bytes)) {
    scanner.read(text)
    yield* scanner.take()
  }
  scanner.end()
  yield* scanner.take()
}

// ── bytes to text ──────────────────────────────────────────────────────────────────────────────────────────────────

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decode: ((piece?: Uint8Array) => string) | undefined
  // What comes before the encoding is known.
  let head = Buffer.alloc(0)
  for await (const portion of bytes) {
    for (let at = 0; at < portion.length; at += PIECE_BYTES) {
      const piece = portion.subarray(at, at + PIECE_BYTES)
      if (decode) {
        yield decode(piece)
        continue
      }
      head = Buffer.concat([head, piece])
      if (head.length < 2) continue
      decode = decoderOf(head)
      yield decode(head)
    }
  }
  if (decode) yield decode()
  else yield head.toString()
}

/** By the byte order mark, or by the zero in the first character: JSON begins with one of ASCII. */
function decoderOf(head: Uint8Array): (piece?: Uint8Array) => string {
  const [first = 0, second = 0] = head
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
  const decoder = new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8', { fatal: true })
  return (piece) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw invalid('its bytes are no text in UTF-8 or UTF-16')
    }
  }
}

// ── text to rows ───────────────────────────────────────────────────────────────────────────────────────────────────

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

class Scanner {
  readonly #isWanted: (path: readonly string[]) => boolean
  /** What is open, outermost first: objects and lists. */
  readonly #open: number[] = []
  /** How many of them are lists. */
  #lists = 0
  /** The names on the way to where we are, as long as no list is open. */
  readonly #path: string[] = []
  #expected: Expected = 'value'
  #inside: 'nothing' | 'text' | 'scalar' = 'nothing'
  #isName = false
  #isEscaped = false
  /** How many are open inside of the list whose rows are wanted; 0: none is. */
  #rowsAt = 0
  /** A scalar is at a path that is wanted: only its end tells whether it is null. */
  #isWantedScalar = false
  /** Where in the present piece the text that must be kept begins; -1: none must. */
  #from = -1
  /** What came of it in earlier pieces. */
  #kept = ''
  #found: JsonList[] = []

  constructor(isWanted: (path: readonly string[]) => boolean) {
    this.#isWanted = isWanted
  }

  take(): readonly JsonList[] {
    const found = this.#found
    this.#found = []
    return found
  }

  read(text: string): void {
    let at = 0
    while (at < text.length) {
      if (this.#inside === 'text') {
        at = this.#readText(text, at)
        continue
      }
      const code = text.charCodeAt(at)
      if (this.#inside === 'scalar') {
        if (isOfScalar(code)) at++
        else this.#endScalar(text, at)
      } else {
        if (!isSpace(code)) this.#readToken(text, at, code)
        at++
      }
    }
    if (this.#from < 0) return
    this.#kept += text.slice(this.#from)
    this.#from = 0
    if (this.#kept.length > ROW_CHARS_MAX) throw tooLong()
  }

  end(): void {
    if (this.#inside === 'scalar') this.#endScalar('', 0)
    if (this.#expected !== 'nothing' || this.#inside !== 'nothing') throw invalid('it breaks off before its end')
  }

  #readToken(text: string, at: number, code: number): void {
    switch (code) {
      case QUOTE:
        this.#inside = 'text'
        this.#isName = this.#expected === 'name' || this.#expected === 'name or end'
        if (!this.#isName) this.#startValue(at, 'other')
        else if (this.#lists === 0) this.#from = at
        return
      case OPEN:
        this.#startValue(at, 'other')
        this.#push(OPEN)
        this.#expected = 'name or end'
        return
      case OPEN_LIST:
        this.#startValue(at, 'list')
        this.#push(OPEN_LIST)
        this.#lists++
        this.#expected = 'value or end'
        return
      case CLOSE:
        this.#expect('name or end', 'comma or end')
        return this.#close(text, at, OPEN)
      case CLOSE_LIST:
        this.#expect('value or end', 'comma or end')
        return this.#close(text, at, OPEN_LIST)
      case COMMA:
        this.#expect('comma or end')
        this.#expected = this.#open.at(-1) === OPEN ? 'name' : 'value'
        return
      case COLON:
        this.#expect('colon')
        this.#expected = 'value'
        return
      default:
        if (!isOfScalar(code)) throw invalid(`"${text.charAt(at)}" stands where ${this.#expected} is expected`)
        this.#startValue(at, 'scalar')
        this.#inside = 'scalar'
    }
  }

  #startValue(at: number, kind: 'list' | 'scalar' | 'other'): void {
    this.#expect('value', 'value or end')
    if (this.#rowsAt > 0) {
      if (this.#open.length === this.#rowsAt) this.#from = at
      return
    }
    // Kept for its check.
    if (kind === 'scalar') this.#from = at
    if (this.#lists > 0 || !this.#isWanted(this.#path)) return
    if (kind === 'scalar') {
      this.#isWantedScalar = true
      return
    }
    if (kind === 'list') this.#rowsAt = this.#open.length + 1
    this.#found.push({ path: [...this.#path], found: kind, rows: [] })
  }

  /** A value has ended before `end`. */
  #endValue(text: string, end: number): void {
    if (this.#rowsAt > 0 && this.#open.length === this.#rowsAt) this.#endRow(this.#keptTo(text, end))
    if (this.#lists === 0) this.#path.pop()
    this.#expected = this.#open.length === 0 ? 'nothing' : 'comma or end'
  }

  #endRow(text: string): void {
    const row = parsed(text)
    const last = this.#found.at(-1)
    if (last && last.rows.length > 0) (last.rows as unknown[]).push(row)
    else this.#found.push({ path: [...this.#path], found: 'list', rows: [row] })
  }

  #push(kind: number): void {
    if (this.#open.push(kind) > FILE_DEPTH_MAX) throw tooLarge(`it is nested more than ${FILE_DEPTH_MAX} levels deep`)
  }

  #close(text: string, at: number, kind: number): void {
    if (this.#open.pop() !== kind) throw invalid(`"${text.charAt(at)}" closes what is not open`)
    if (kind === OPEN_LIST) this.#lists--
    if (this.#open.length < this.#rowsAt) this.#rowsAt = 0
    this.#endValue(text, at + 1)
  }

  /** Reads on inside of quotes; gives where it stopped. */
  #readText(text: string, start: number): number {
    let at = start
    if (this.#isEscaped) {
      this.#isEscaped = false
      at++
    }
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        this.#inside = 'nothing'
        if (this.#isName) this.#endName(text, at + 1)
        else this.#endValue(text, at + 1)
        return at + 1
      }
      if (code === BACKSLASH && ++at === text.length) this.#isEscaped = true
    }
    return text.length
  }

  #endName(text: string, end: number): void {
    if (this.#lists === 0) this.#path.push(String(parsed(this.#keptTo(text, end))))
    this.#expected = 'colon'
  }

  #endScalar(text: string, end: number): void {
    this.#inside = 'nothing'
    if (this.#rowsAt === 0) {
      const value = parsed(this.#keptTo(text, end))
      if (this.#isWantedScalar) {
        this.#found.push({ path: [...this.#path], found: value === null ? 'null' : 'other', rows: [] })
        this.#isWantedScalar = false
      }
    }
    this.#endValue(text, end)
  }

  /** The text that was kept, up to here. */
  #keptTo(text: string, end: number): string {
    const whole = this.#kept + text.slice(this.#from, end)
    this.#kept = ''
    this.#from = -1
    if (whole.length > ROW_CHARS_MAX) throw tooLong()
    return whole
  }

  #expect(...expected: readonly Expected[]): void {
    if (expected.includes(this.#expected)) return
    throw invalid(
      this.#expected === 'nothing' ? 'something follows its end' : `it lacks a ${this.#expected} where one is due`,
    )
  }
}

/** Of numbers, true, false and null: whether they are any is seen at their end. */
function isOfScalar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2d ||
    code === 0x2b ||
    code === 0x2e ||
    code === 0x45
  )
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function parsed(text: string): unknown {
  try {
    // As an element of a list, an object keeps its exact text.
    return (parseExact(`[${text}]`) as readonly unknown[])[0]
  } catch (error) {
    if (error instanceof TidemarkError) throw error
    throw invalid(`it has ${JSON.stringify(text.slice(0, 60))}`)
  }
}

function invalid(why: string): TidemarkError {
  return new TidemarkError('upload_unreadable', `The file is not the JSON that it should be: ${why}.`)
}

function tooLarge(why: string): TidemarkError {
  return new TidemarkError('upload_too_large', `The file is larger than what is read: ${why}.`)
}

function tooLong(): TidemarkError {
  return tooLarge(`it has a row of more than ${plural(ROW_CHARS_MAX, 'character')}`)
}
