// Owns which words a text has, for whoever looks for them: the same for what is stored and for what a person types, in every
// script, on every database. Pure.

/** Rises whenever texts have other words than before: what is indexed is indexed anew then. */
export const WORDS_RULES = 2
/** Words of one text, at most: what stands behind them is not found. */
export const WORDS_MAX = 10_000
/** Letters of a word, at most; the rest of a longer one is left out. */
const LETTERS_MAX = 64

/** Letters and digits, with the marks that belong to them. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu
/** Scripts that write no spaces between words, with the signs that they share. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+/gu
/** Signs inside of words that mean nothing: where a word may be broken, letters that (do not) join, a stretched line. */
const SILENT = /\u00ad|\u0640|\u200c|\u200d|\u2060|\ufeff/g
/** What a decomposition leaves as it is, as people without that key type it. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  þ: 'th',
  ð: 'd',
  // As it is written at the end of a word.
  ς: 'σ',
}

/** Lower case, without accents and other marks: `Müller` and `muller` are one, and so are `ﬁ` and `fi`. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(SILENT, '')
    .replaceAll(/[ßøđłæœıþðς]/g, (letter) => PLAIN[letter] ?? letter)
}

/**
 * The words of a text, in their order. Of scripts that write no spaces, every two signs that stand side by side are a word,
 * and so is the last one alone: `東京都` has `東京`, `京都` and `都`, so that any part of it is found by its signs.
 */
export function wordsOf(text: string): readonly string[] {
  return partsOf(text, (signs) => signs.map((_, at) => signs.slice(at, at + 2).join('')))
}

/**
 * The words that a person looks for, each once. The last sign of an unspaced run is no word of its own here, unless it is all
 * that was typed: `東京` asks for `東京`, not for `京` as well.
 */
export function soughtWords(text: string): readonly string[] {
  const pairs = (signs: readonly string[]) => signs.slice(1).map((sign, at) => `${signs[at]}${sign}`)
  return [...new Set(partsOf(text, (signs) => (signs.length === 1 ? signs : pairs(signs))))]
}

/** The words of a text, `WORDS_MAX` at most, in their order; `split` makes words of the signs of an unspaced run. */
function partsOf(text: string, split: (signs: readonly string[]) => readonly string[]): readonly string[] {
  const words: string[] = []
  const add = (word: string) => {
    if (word !== '') words.push(word.length > LETTERS_MAX ? Array.from(word).slice(0, LETTERS_MAX).join('') : word)
  }
  for (const [run] of folded(text).matchAll(WORD)) {
    let from = 0
    for (const { 0: unspaced, index } of run.matchAll(UNSPACED)) {
      add(run.slice(from, index))
      for (const word of split(Array.from(unspaced))) add(word)
      from = index + unspaced.length
    }
    add(run.slice(from))
    if (words.length >= WORDS_MAX) return words.slice(0, WORDS_MAX)
  }
  return words
}

/** Characters of a snippet, at most. */
const SNIPPET_CHARS = 160

/** The part of a text in which the first of the words stands, on one line; from its beginning where none does. */
export function snippetOf(text: string, words: readonly string[]): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const place = placeOf(line, words)
  const from = place < SNIPPET_CHARS / 2 ? 0 : line.lastIndexOf(' ', place - SNIPPET_CHARS / 4) + 1
  const part = Array.from(line.slice(from, from + SNIPPET_CHARS * 2))
    .slice(0, SNIPPET_CHARS)
    .join('')
  return `${from > 0 ? '…' : ''}${part}${from + part.length < line.length ? '…' : ''}`
}

/**
 * Where a text first has a word that begins with one of these; 0: nowhere. Folding may change its length: it is folded piece
 * by piece, up to the first one.
 */
function placeOf(text: string, words: readonly string[]): number {
  for (const { 0: piece, index } of text.matchAll(/[^\s]+/g)) {
    if (wordsOf(piece).some((one) => words.some((word) => one.startsWith(word)))) return index
  }
  return 0
}
