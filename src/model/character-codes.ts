// Owns a text as an array of character codes, which is several times faster to walk than the string itself.

export type Codes = Uint8Array | Uint16Array

// The codes of single characters are not exported: in a hot loop an imported constant is read again and again.
const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const BACKSLASH = 0x5c

/** Larger texts get an array of their own, so that one large body does not hold its memory for ever. */
const KEPT_CODES = 1 << 20

let narrow = Buffer.allocUnsafeSlow(1 << 16)
let wide = Buffer.allocUnsafeSlow(1 << 16)
let narrowCodes = new Uint8Array(narrow.buffer)
let wideCodes = new Uint16Array(wide.buffer)

/** Valid until the next call (everything here is synchronous), and only up to the text's length: old codes follow. */
export function codesOf(text: string): Codes {
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

/** The first place from `at` on that is no whitespace. */
export function afterSpace(codes: Codes, at: number, length = codes.length): number {
  let i = at
  while (i < length && codes[i]! <= 0x20) i++
  return i
}

/** Behind the string that begins at `at`. */
export function afterString(codes: Codes, at: number, length = codes.length): number {
  for (let i = at + 1; i < length; i++) {
    const code = codes[i]
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) i++
  }
  return length
}

/** Letters, digits, `+`, `-` and `.`: what numbers and literals are made of. */
export function isWord(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === MINUS || code === DOT || code === PLUS || isLetter(code | 0x20)
}

function isLetter(lower: number): boolean {
  return lower >= 0x61 && lower <= 0x7a
}
