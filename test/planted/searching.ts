// Owns the planted faults of search: what is found that should not be, and what is not found any more.

import { edit, type PlantedFault } from './fault.ts'

const INDEXER = 'src/engine/followers/indexer.ts'
const SEARCH = 'test/promises/search.test.ts'
const WORDS = { tests: ['test/model/words.test.ts'] }

export const SEARCHING: readonly PlantedFault[] = [
  {
    id: 'any-word-will-do',
    mode: 'FM-33',
    what: 'a record that has one of the words is found',
    edits: [
      edit(
        'src/store/sqlite/dialect.ts',
        'words.map((word) => `"${word}"*`).join(\' \')',
        'words.map((word) => `"${word}"*`).join(\' OR \')',
      ),
    ],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'all of the words' },
  },
  {
    id: 'removed-are-not-indexed',
    mode: 'FM-33',
    what: 'a record that was removed is found as if it were live',
    edits: [
      edit(
        INDEXER,
        'const query = { streamNo: row.no, removed, limit: part.length',
        'const query = { streamNo: row.no, removed: false, limit: part.length',
      ),
    ],
    caughtBy: { tests: [SEARCH], only: 'follows what changes' },
  },
  {
    id: 'declaration-is-not-looked-at',
    mode: 'FM-14',
    what: 'a stream that declares another text stays indexed by the one before',
    edits: [edit(INDEXER, 'known.get(row.no) !== JSON.stringify(text)', '!known.has(row.no)')],
    caughtBy: { tests: [SEARCH], only: 'declares other text' },
  },
  {
    id: 'index-begins-again-and-again',
    mode: 'FM-16',
    what: 'an index that was cut begins at its beginning',
    edits: [
      edit(
        INDEXER,
        'let place = placeFrom(pending.get(row.no) ?? null)',
        'let place = pending.get(row.no) ? START : placeFrom(null)',
      ),
    ],
    caughtBy: { tests: [SEARCH], only: 'goes on where it stood' },
  },
  {
    id: 'umlauts-are-other-letters',
    mode: 'FM-33',
    what: 'a word is found with its accents only',
    edits: [edit('src/model/words.ts', ".replaceAll(/\\p{M}+/gu, '')", '')],
    caughtBy: WORDS,
  },
]
