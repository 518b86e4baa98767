// Owns src/embedders/static/words.txt: the words of everyday English that the vocabulary of the model has only in pieces, such as
// "migraine" and "frugal". Each gets a vector of its own, which means more than the sum of its pieces. Words that are forms of
// others ("sneezes") are left out, since a text finds those.
//
//   apt-get install scowl
//   node scripts/embedder/words.ts /usr/share/dict/scowl

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { basesOf } from '../../src/embedders/word-pieces.ts'

const FOLDER = fileURLToPath(new URL('../../src/embedders/static/', import.meta.url))
/** Lists of the collection, from the commonest words to those that a small dictionary has. */
const LISTS = ['english', 'american', 'british'].flatMap((kind) => [10, 20, 35].map((size) => `${kind}-words.${size}`))
/** What the embedder asks for: letters without marks. */
const WORD = /^[a-z]{3,20}$/

const [, , scowl = ''] = process.argv
const pieces = new Set(linesOf(join(FOLDER, 'pieces.txt')))
const words = new Set(LISTS.flatMap((list) => linesOf(join(scowl, list))).filter((word) => WORD.test(word)))
const isKnown = (word: string) => pieces.has(word) || words.has(word)
const bases = [...words].filter((word) => !pieces.has(word) && !basesOf(word).some(isKnown))
writeFileSync(join(FOLDER, 'words.txt'), `${bases.toSorted().join('\n')}\n`)
console.log(`${bases.length} words`)

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'latin1').trimEnd().split('\n')
}
