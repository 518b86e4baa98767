// Owns the search for records by their words.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { INDEXER } from '../engine/followers/follower.ts'
import { textOf } from '../engine/followers/indexer.ts'
import { OWN_READER } from '../engine/history/feed.ts'
import { TidemarkError } from '../model/errors.ts'
import { snippetOf, soughtWords } from '../model/words.ts'
import type { Store } from '../store/store.ts'
import { moment, optional, text, yesOrNo } from './fields.ts'
import { limit, ofConnection } from './inputs.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'

const searchDocument = document({
  /** The best first. */
  results: z.array(
    document({
      connection: z.string(),
      stream: z.string(),
      key: z.string(),
      title: z.string(),
      /** The part of the text in which the words stand. */
      snippet: z.string(),
      /** The greater the better; to be compared within one answer only. */
      score: z.number(),
    }),
  ),
  /** Changes and records that are stored and not indexed yet: a little after the next run they are. */
  waiting: z.number(),
})
export type SearchReport = DocumentOf<typeof searchDocument>

export interface SearchInput {
  readonly text: string
  readonly connection?: string | undefined
  /** Only records that have changed since this moment. */
  readonly since?: Moment | undefined
  /** Records that the source no longer has, instead of the live ones. @default false */
  readonly removed?: boolean | undefined
  /** @default 20 */
  readonly limit?: number | undefined
}

const LIMIT = 20
const LIMIT_MAX = 200
/** Words that are looked for at once, at most; the rest of what was typed is left out. */
const WORDS_MAX = 32

export const search = operation<SearchInput, Promise<SearchReport>>({
  name: 'search',
  does: 'Find records by their words, in all streams that declare their text.',
  details:
    'Several words mean all of them; each may be the beginning of a word. Case, accents and punctuation do not matter. The index follows the records a little after each run.',
  scope: 'read',
  input: {
    text: text('the words to look for', { sign: 'text' }),
    connection: ofConnection,
    since: optional(moment('only records that have changed since this time')),
    removed: optional(yesOrNo('records that the source no longer has, instead of the live ones')),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  positional: ['text'],
  output: searchDocument,
  examples: [{ text: 'typed sqlite' }, { text: 'müller', connection: 'me', since: '30d' }],
  async run(mirror, { text: typed, connection, since, removed = false, limit: most = LIMIT }) {
    const { store, project } = mirror
    if (connection !== undefined) await connectionRow(mirror, connection)
    const words = soughtWords(typed).slice(0, WORDS_MAX)
    if (words.length === 0) {
      throw new TidemarkError('option_invalid', 'There is no word in the text to look for.', {
        hint: 'Type letters or digits of one word or more.',
      })
    }
    const from =
      since === undefined ? {} : { since: await pastMillisecondsOf(mirror, { name: 'since', moment: since }) }
    const found = await store.texts.find({ project, connection, words, removed, limit: most, ...from })
    const shown = await shownOf(mirror, found, words)
    return {
      results: found.flatMap((one, i) => (shown[i] ? [{ ...placeOf(one), ...shown[i] }] : [])),
      waiting: await waiting(store, project),
    }
  },
})

type Found = Awaited<ReturnType<Store['texts']['find']>>[number]

function placeOf({ connection, stream, key, score }: Found) {
  return { connection, stream, key, score: Math.max(0, score) }
}

/** Title and snippet of each, in the same order; undefined: it is gone meanwhile. */
async function shownOf({ store, project, connectors }: Mirror, found: readonly Found[], words: readonly string[]) {
  const rows = await store.connections.list(project)
  const shown = new Map<Found, { readonly title: string; readonly snippet: string }>()
  for (const streamNo of new Set(found.map((one) => one.streamNo))) {
    const those = found.filter((one) => one.streamNo === streamNo)
    const { connection, stream } = those[0] as Found
    const connector = await connectors.find(rows.find(({ id }) => id === connection)?.connector ?? '')
    const declared = connector?.streams[stream]?.text
    const contents = await store.records.contents(
      streamNo,
      those.map(({ key }) => key),
    )
    for (const one of those) {
      const columns = contents.get(one.key)?.columns
      if (!columns) continue
      const own = declared ? textOf(columns[declared.title]) : ''
      const parts = (declared?.body ?? []).map((column) => textOf(columns[column])).filter((part) => part !== '')
      // What has no title of its own is called by how it begins.
      const title = own === '' ? snippetOf(parts[0] ?? '', []) : own
      shown.set(one, { title, snippet: snippetOf(parts.length === 0 ? title : parts.join(' '), words) })
    }
  }
  return found.map((one) => shown.get(one))
}

/** How much of the feed the index has before it, and how many records of streams that it is still making. */
async function waiting(store: Store, project: string): Promise<number> {
  const [feed, readers, streams] = await Promise.all([
    store.feed.bounds(project),
    store.feed.consumers(project),
    store.texts.streams(project),
  ])
  const at = readers.find(({ name }) => name === OWN_READER + INDEXER)
  const behind = at && at.epoch === feed.epoch ? Math.max(0, feed.seq - at.seq) : feed.seq
  const pending = new Set(streams.flatMap(({ streamNo, place }) => (place === null ? [] : [streamNo])))
  if (pending.size === 0) return behind
  let records = 0
  for (const { no } of await store.connections.list(project)) {
    for (const row of await store.streams.list(no)) if (pending.has(row.no)) records += row.totalRecords
  }
  return behind + records
}
