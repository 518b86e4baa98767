// Owns the planted faults of search: what is found that should not be, and what is not found any more.

import { edit, type PlantedFault } from './fault.ts'

const TEXTS = 'src/engine/followers/texts.ts'
const SEARCH = 'test/promises/search.test.ts'
const BEHIND = 'test/promises/search-behind.test.ts'
const MEANING = 'test/promises/semantic-search.test.ts'
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
        TEXTS,
        'records.list({ streamNo: no, removed, columns',
        'records.list({ streamNo: no, removed: false, columns',
      ),
    ],
    caughtBy: { tests: [SEARCH], only: 'follows what changes' },
  },
  {
    id: 'declaration-is-not-looked-at',
    mode: 'FM-14',
    what: 'a stream that declares another text stays indexed by the one before',
    edits: [edit(TEXTS, 'known.get(one.no) !== one.declared', '!known.has(one.no)')],
    caughtBy: { tests: [SEARCH], only: 'declares other text' },
  },
  {
    id: 'index-begins-again-and-again',
    mode: 'FM-16',
    what: 'an index that was cut begins at its beginning',
    edits: [
      edit(
        TEXTS,
        'let place = placeFrom(pending.get(one.no) ?? null)',
        'let place = pending.get(one.no) ? START : placeFrom(null)',
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
  {
    id: 'vectors-stay-as-they-were',
    mode: 'FM-14',
    what: 'a process that keeps vectors in memory does not see what was written since',
    edits: [
      edit(
        'src/engine/search/nearest.ts',
        'while (kept.written < written)',
        'while (kept.written === 0 && written > 0)',
      ),
    ],
    caughtBy: { tests: [MEANING], only: 'follow what changes' },
  },
  {
    id: 'vectors-of-strangers-are-compared',
    mode: 'FM-14',
    what: 'vectors that another embedder made are compared with those of this one',
    edits: [edit('src/engine/search/nearest.ts', 'isMadeBy(embedder, note.declared) && ', '')],
    caughtBy: { tests: [MEANING], only: 'another embedder' },
  },
  {
    id: 'seen-from-where-it-was',
    mode: 'FM-33',
    what: 'nearness is seen from the origin, where all texts of one kind are near to each other',
    edits: [edit('src/engine/search/middle.ts', 'const RECORDS_OF_HALF = 32', 'const RECORDS_OF_HALF = 1e12')],
    caughtBy: { tests: ['test/promises/search-recall.test.ts'], only: 'most questions' },
  },
  {
    id: 'middle-of-before',
    mode: 'FM-14',
    what: 'how far vectors are from the middle is kept, though the middle has moved',
    edits: [
      edit(
        'src/engine/search/kept-vectors.ts',
        'if (block.middle === middle) return',
        'if (block.middle !== null) return',
      ),
    ],
    caughtBy: { tests: ['test/engine/search.test.ts'], only: 'seen from the middle' },
  },
  {
    id: 'every-text-is-embedded-again',
    mode: 'FM-16',
    what: 'a text that is still the same is embedded again, which may cost something',
    edits: [edit('src/engine/followers/embeddings.ts', 'known.get(record.key) !== digest', 'digest !== undefined')],
    caughtBy: { tests: [MEANING], only: 'still the same' },
  },
  {
    id: 'failing-embedder-fails-the-search',
    mode: 'FM-33',
    what: 'an embedder that is away takes the search by words with it',
    edits: [
      edit(
        'src/operations/search.ts',
        'const { message, hint } = errorReport(error)',
        'if (error) throw error\n    const { message, hint } = errorReport(error)',
      ),
    ],
    caughtBy: { tests: ['test/promises/own-embedder.test.ts'], only: 'fails no run' },
  },
  {
    id: 'another-table-of-letters',
    mode: 'FM-53',
    what: 'one of the databases takes letters of some scripts for none, and parts words there',
    edits: [edit('src/store/sqlite/dialect.ts', "tokenize = 'ascii'", "tokenize = 'unicode61 remove_diacritics 0'")],
    caughtBy: { tests: ['test/conformance/sqlite.test.ts'], only: 'in every script' },
  },
  {
    id: 'refused-text-holds-its-batch',
    mode: 'FM-33',
    what: 'one text that the service refuses keeps all that are sent with it from their vectors',
    edits: [
      edit(
        'src/engine/followers/portions.ts',
        "if (!(error instanceof TidemarkError) || error.code !== 'request_refused') throw error",
        'if (error) throw error',
      ),
    ],
    caughtBy: { tests: ['test/promises/own-embedder.test.ts'], only: 'refused for good' },
  },
  {
    id: 'refusal-of-all-is-taken-for-one-of-texts',
    mode: 'FM-16',
    what: 'a service that refuses everything is asked for each text, and the texts count as refused',
    edits: [
      edit('src/engine/followers/portions.ts', 'await this.#embedder.embed([PLAIN], this.#signal)', 'PLAIN.trim()'),
    ],
    caughtBy: { tests: ['test/promises/own-embedder.test.ts'], only: 'refuses everything' },
  },
  {
    id: 'vectors-of-two-lengths-are-kept',
    mode: 'FM-14',
    what: 'vectors of another length stand beside those that were made before, which nothing finds any more',
    edits: [
      edit(
        'src/engine/followers/embeddings.ts',
        'vector && vector.length !== (length ??= vector.length)',
        'vector && vector.length < 0',
      ),
    ],
    caughtBy: { tests: ['test/promises/own-embedder.test.ts'], only: 'another length' },
  },
  {
    id: 'unindexed-is-nothing-found',
    mode: 'FM-33',
    what: 'a stream that was never indexed counts as one of which nothing waits',
    edits: [edit('src/engine/search/behind.ts', 'if (!note) return text !== undefined', 'if (!note) return false')],
    caughtBy: { tests: [BEHIND], only: 'counts as waiting' },
  },
  {
    id: 'passed-over-without-its-connector',
    mode: 'FM-33',
    what: 'what a program without the connector passes over is never indexed',
    edits: [edit(TEXTS, 'await this.#leave(away, part)', 'if (away.size < 0) await this.#leave(away, part)')],
    caughtBy: { tests: [BEHIND], only: 'without the connector' },
  },
]
