// Owns text from outside as a terminal may show it: nothing in it can move the cursor, colour, hide or reverse what
// stands around it, and its width in columns is known. Pure.

import { UNSAFE_BUT_LINES } from '../../model/json-text.ts'

/** C0 and C1 controls, DEL, and the marks that turn the direction of text around (Unicode bidi, "Trojan source"). */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** The text on one line: line breaks and tabs are spaces, every other control is written out, such as \x1b. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNSAFE, writtenOut)
}

/** The same for text that may have several lines. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll('\r\n', '\n').replace(UNSAFE_BUT_LINES, writtenOut)
}

function writtenOut(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

const ASCII = /^[\u0020-\u007e]*$/
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u

let segmenter: Intl.Segmenter | undefined

function graphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

function widthOfGrapheme(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}

/** How many columns a terminal gives to the text: two for East Asian letters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes(text)) width += widthOfGrapheme(segment)
  return width
}

/** The text in at most `width` columns; what is too long ends with …. */
export function cut(text: string, width: number): string {
  // Most texts are short and plain; a very long one is never measured to its end.
  const head = text.length > width * 16 ? text.slice(0, width * 16) : text
  if (head === text && widthOf(text) <= width) return text
  if (width < 1) return ''
  let taken = ''
  let left = width - 1
  for (const { segment } of graphemes(head)) {
    const needed = widthOfGrapheme(segment)
    if (needed > left) break
    taken += segment
    left -= needed
  }
  return `${taken}…`
}

/** The text in lines of at most `width` columns, broken between words; a word that is longer stands alone. */
export function wrapped(text: string, width: number, indent = ''): string {
  if (widthOf(text) <= width) return text
  const lines: string[] = []
  const [first = '', ...words] = text.split(' ')
  let line = first
  for (const word of words) {
    if (line.trim() !== '' && widthOf(`${line} ${word}`) > width) {
      lines.push(line)
      line = indent + word
    } else line += ` ${word}`
  }
  return [...lines, line].join('\n')
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}
