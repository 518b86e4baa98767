// Owns how a text is taken apart into the pieces of a vocabulary: its words, each whole or by the word that it is a form of,
// and else greedily into the longest pieces that are known. Pure.

import { folded } from '../model/words.ts'

/** Number of each piece in its vocabulary; `##` stands before one that begins inside of a word. */
export type Vocabulary = ReadonlyMap<string, number>

const WORD = /[\p{L}\p{N}]+/gu
/** Letters of a word, at most: a longer one means nothing. */
const WORD_MAX = 64
/** Letters of a piece, on average, from which on pieces mean something: of any word, every letter is a piece. */
const LETTERS_LEAST = 2

/** Words that stand in every text and say nothing of what it is about. */
const FUNCTION_WORDS = new Set(
  (
    'a about above after again against all also am an and any are as at be because been before being below between both ' +
    'but by can could did do does doing done down during each either else few for from further get got had has have ' +
    'having he her here hers herself him himself his how however i if in into is it its itself just least less let many ' +
    'may me might mine more most much must my myself neither no nor not of off on once only or other our ours ourselves ' +
    'out over own per quite rather same shall she should since so some such than that the their theirs them themselves ' +
    'then there these they this those though through thus to too under until up upon us very via was we were what when ' +
    'where whether which while who whom whose why will with within without would yet you your yours yourself ' +
    's t re ve ll d m don'
  ).split(' '),
)

/** The pieces of the words of a text, `most` at most. Function words are left out, unless there is nothing else. */
export function piecesOf(text: string, vocabulary: Vocabulary, most: number): readonly number[] {
  const meant: number[] = []
  const others: number[] = []
  for (const [word] of folded(text).matchAll(WORD)) {
    const pieces = piecesOfWord(word, vocabulary)
    if (FUNCTION_WORDS.has(word)) others.push(...pieces)
    else meant.push(...pieces)
    if (meant.length >= most) break
  }
  return (meant.length > 0 ? meant : others).slice(0, most)
}

/** Endings of a word that mean little beside what stands before them. */
const ENDINGS = ['ings', 'ing', 'ed', 'ers', 'er', 'ors', 'or', 'ly', 'ness', 'able']
/** Letters before an ending, at least. */
const STEM_LEAST = 3

/** The words that an English word may be a form of, the likeliest first, as far as its spelling tells: some are none. */
export function basesOf(word: string): readonly string[] {
  const bases: string[] = []
  if (word.endsWith('ies')) bases.push(`${word.slice(0, -3)}y`)
  if (word.endsWith('es')) bases.push(word.slice(0, -1), word.slice(0, -2))
  else if (word.endsWith('s') && !word.endsWith('ss')) bases.push(word.slice(0, -1))
  for (const ending of ENDINGS) {
    const stem = word.slice(0, -ending.length)
    if (!word.endsWith(ending) || stem.length < STEM_LEAST) continue
    bases.push(stem, `${stem}e`)
    if (stem.length > STEM_LEAST && stem.at(-1) === stem.at(-2)) bases.push(stem.slice(0, -1))
    if (stem.endsWith('i')) bases.push(`${stem.slice(0, -1)}y`)
  }
  return bases
}

/** None: the word has a part that is not known, or nothing but single letters. */
function piecesOfWord(word: string, vocabulary: Vocabulary): readonly number[] {
  const whole = vocabulary.get(word)
  if (whole !== undefined) return [whole]
  if (word.length > WORD_MAX) return []
  const base = basesOf(word).find((one) => vocabulary.has(one))
  return base === undefined ? partsOf(word, vocabulary) : [vocabulary.get(base) as number]
}

function partsOf(word: string, vocabulary: Vocabulary): readonly number[] {
  const pieces: number[] = []
  for (let from = 0; from < word.length; ) {
    let to = word.length
    let piece: number | undefined
    for (; to > from; to--) {
      piece = vocabulary.get(from === 0 ? word.slice(0, to) : `##${word.slice(from, to)}`)
      if (piece !== undefined) break
    }
    if (piece === undefined) return []
    pieces.push(piece)
    from = to
  }
  return word.length / pieces.length >= LETTERS_LEAST ? pieces : []
}
