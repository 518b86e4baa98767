// Owns the index of words: what it keeps of the text of a record.

import { WORDS_MAX, wordsOf } from '../../model/words.ts'
import { isRefusedValue } from '../../store/refused-value.ts'
import type { IndexedText, Store } from '../../store/store.ts'
import { declaredWords, type FindConnector } from './declared-texts.ts'
import { type Follower, INDEXER } from './follower.ts'
import { followTexts, type TextRecord } from './texts.ts'

/** Letters of a record's words, at most: what stands behind them is not found. A tsvector holds 1 MiB. */
const LETTERS_MAX = 200_000

export function indexer(find: FindConnector): Follower {
  return followTexts(
    {
      name: INDEXER,
      progress: (store) => store.texts,
      forgets: true,
      begin: async ({ store }) => ({
        declared: declaredWords,
        async put(streamNo, records) {
          await put(store, streamNo, records.map(indexedText))
          return 'written'
        },
      }),
    },
    find,
  )
}

/** A record whose words the database can't hold keeps no other from being found. */
async function put(store: Store, streamNo: number, texts: readonly IndexedText[]): Promise<void> {
  try {
    await store.texts.put(streamNo, texts)
  } catch (error) {
    if (!isRefusedValue(error)) throw error
    const [only] = texts
    if (texts.length === 1 && only) return store.texts.put(streamNo, [{ ...only, title: [], body: [] }])
    for (const one of texts) await put(store, streamNo, [one])
  }
}

function indexedText({ title, body, ...record }: TextRecord): IndexedText {
  const named = within(wordsOf(title), LETTERS_MAX)
  const left = LETTERS_MAX - lettersOf(named)
  return { ...record, title: named, body: within(body.flatMap(wordsOf), left).slice(0, WORDS_MAX) }
}

function lettersOf(words: readonly string[]): number {
  return words.reduce((sum, { length }) => sum + length, 0)
}

/** The first words, up to so many letters. */
function within(words: readonly string[], letters: number): readonly string[] {
  let left = letters
  const end = words.findIndex(({ length }) => (left -= length) < 0)
  return end < 0 ? words : words.slice(0, end)
}
