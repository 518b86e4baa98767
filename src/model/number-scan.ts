// Owns finding the numbers of a JSON text whose digits no JavaScript number holds, and putting in quotes those that
// connectors get as text. The search looks at every 16th character, since hardly any text has such a number.

import { afterSpace, afterString, type Codes, isWord } from './character-codes.ts'
import { comesAsText, isHeld, isNumberToken } from './exact-number.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b

/**
 * Numbers of up to 15 significant digits are held, unless they are extremely large or small. A longer one covers at least
 * so many characters, so that looking at every 16th cannot miss it.
 */
const STEP = 16

/** Numbers whose exponent may be beyond what a JavaScript number reaches. */
const EXTREME = /[0-9][eE][+-]?[0-9]{3}/g

/** A shorter number is held: `1e400` has so many characters. */
const SHORTEST = 5

/** Characters that numbers are made of. */
const IN_NUMBER = new Uint8Array(128)
for (const character of '0123456789.+-eE') IN_NUMBER[character.charCodeAt(0)] = 1

/**
 * Whether the text may hold a number that no JavaScript number holds. May say yes for digits inside of a string, never no
 * for a number.
 */
export function mayHoldInexact(text: string, codes: Codes): boolean {
  const { length } = text
  for (let at = 0; at < length; at += STEP) {
    if (IN_NUMBER[codes[at]!] !== 1) continue
    const start = startOfNumber(codes, at)
    const end = endOfNumber(codes, at, length)
    if (end - start >= STEP && isInexactAt(text, codes, start, end)) return true
    at = end
  }
  EXTREME.lastIndex = 0
  for (let match = EXTREME.exec(text); match; match = EXTREME.exec(text)) {
    const start = startOfNumber(codes, match.index)
    const end = endOfNumber(codes, match.index, length)
    if (isInexactAt(text, codes, start, end)) return true
    EXTREME.lastIndex = end
  }
  return false
}

function startOfNumber(codes: Codes, at: number): number {
  let start = at
  while (start > 0 && IN_NUMBER[codes[start - 1]!] === 1) start--
  return start
}

function endOfNumber(codes: Codes, at: number, length: number): number {
  let end = at + 1
  while (end < length && IN_NUMBER[codes[end]!] === 1) end++
  return end
}

/** Whether the characters from `start` to `end` stand where a number could, and are one that is not held. */
function isInexactAt(text: string, codes: Codes, start: number, end: number): boolean {
  if (start > 0) {
    const before = codes[start - 1]!
    if (before !== COLON && before !== COMMA && before !== OPEN_LIST && before > 0x20) return false
  }
  const token = text.slice(start, end)
  return !isHeld(token) && isNumberToken(token)
}

/**
 * The same document with the numbers in quotes that connectors get as text; and whether others are left that no
 * JavaScript number holds. What is no JSON stays none: only a whole number token is quoted, and the one place where a
 * string may stand and a number may not is before a colon, where nothing is quoted.
 */
export function quoteNumbers(text: string, codes: Codes): { readonly quoted: string; readonly isInexact: boolean } {
  const { length } = text
  const parts: string[] = []
  let isInexact = false
  let copied = 0
  let at = 0
  while (at < length) {
    const code = codes[at]!
    if (code === QUOTE) {
      at = afterString(codes, at, length)
    } else if (IN_NUMBER[code] === 1) {
      const start = at
      for (at++; at < length && isWord(codes[at]!); ) at++
      if (at - start < SHORTEST) continue
      const token = text.slice(start, at)
      if (isHeld(token) || !isNumberToken(token)) continue
      if (!comesAsText(token)) {
        isInexact = true
        continue
      }
      const next = afterSpace(codes, at, length)
      if (next < length && codes[next] === COLON) continue
      parts.push(text.slice(copied, start), '"', token, '"')
      copied = at
    } else {
      at++
    }
  }
  parts.push(text.slice(copied))
  return { quoted: parts.join(''), isInexact }
}
