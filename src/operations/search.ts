// Owns the search for records by their words, and by what they mean.

import { z } from 'zod'
import type { Embedder } from '../embedders/embedder.ts'
import { type DocumentOf, document } from '../engine/document.ts'
import { declaredTexts, declaredWords, type TextStream } from '../engine/followers/declared-texts.ts'
import { areOf, isMadeBy } from '../engine/followers/embeddings.ts'
import { EMBEDDINGS, INDEXER } from '../engine/followers/follower.ts'
import { behind, type IndexNow, unknownHere } from '../engine/search/behind.ts'
import { fused } from '../engine/search/fusion.ts'
import { errorReport, TidemarkError } from '../model/errors.ts'
import { packed } from '../model/vectors.ts'
import { snippetOf, soughtWords } from '../model/words.ts'
import type { Store, TextQuery } from '../store/store.ts'
import { moment, optional, text, yesOrNo } from './fields.ts'
import { limit, ofConnection } from './inputs.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { type Moment, pastMillisecondsOf } from './moments.ts'
import { operation } from './operation.ts'
import { bodyOf, titleOf } from './record-titles.ts'

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
  /** Why only words were looked for, though meaning was asked for; null: there is nothing to tell. */
  notice: z.string().nullable(),
})
export type SearchReport = DocumentOf<typeof searchDocument>

export interface SearchInput {
  readonly text: string
  readonly connection?: string | undefined
  /** Only records that have changed since this moment. */
  readonly since?: Moment | undefined
  /** Records that the source no longer has, instead of the live ones. @default false */
  readonly removed?: boolean | undefined
  /** Looks for what the text means as well, whatever words the records have for it. @default false */
  readonly semantic?: boolean | undefined
  /** @default 20 */
  readonly limit?: number | undefined
}

export const LIMIT = 20
const LIMIT_MAX = 200
/** Words that are looked for at once, at most; the rest of what was typed is left out. */
const WORDS_MAX = 32
/** Records of each order, by words and by meaning, that are made into one, at least. */
const DEPTH_LEAST = 50

export const search = operation<SearchInput, Promise<SearchReport>>({
  name: 'search',
  does: 'Find records by their words or their meaning, in all streams that declare their text.',
  details:
    'Several words mean all of them; each may be the beginning of a word. Case, accents and punctuation do not matter. With semantic, records that mean the same in other words are found as well. The index follows the records a little after each run.',
  scope: 'read',
  input: {
    text: text('the words to look for', { sign: 'text' }),
    connection: ofConnection,
    since: optional(moment('only records that have changed since this time')),
    removed: optional(yesOrNo('records that the source no longer has, instead of the live ones')),
    semantic: optional(yesOrNo('look for what the text means as well, whatever words the records have for it')),
    limit: limit({ most: LIMIT_MAX, otherwise: String(LIMIT) }),
  },
  positional: ['text'],
  output: searchDocument,
  examples: [
    { text: 'typed sqlite' },
    { text: 'müller', connection: 'me', since: '30d' },
    { text: 'keeping bees in a city', semantic: true },
  ],
  async run(mirror, { text: typed, connection, since, removed = false, semantic = false, limit: most = LIMIT }) {
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
    const depth = semantic ? Math.max(most, DEPTH_LEAST) : most
    const query: TextQuery = { project, connection, words, removed, limit: depth, ...from }
    const embedder = semantic ? await mirror.embedderOf(project) : undefined
    const meant = embedder ? await findMeaning(mirror, embedder, typed, query) : NOTHING_MEANT
    const found = inOneOrder(await store.texts.find(query), meant.found).slice(0, most)
    const shown = await shownOf(mirror, found, words)
    const streams = await declaredTexts(store, project, (name) => mirror.connectors.find(name))
    const byWords = await wordsNow(mirror)
    const indexes = embedder ? [byWords, await vectorsNow(mirror, embedder)] : [byWords]
    const waits = indexes.map((index) => behind(store, project, streams, index))
    return {
      results: found.flatMap((one, i) => (shown[i] ? [{ ...placeOf(one), ...shown[i] }] : [])),
      waiting: Math.max(...(await Promise.all(waits))),
      notice: noticeOf(streams, unknownHere(ofAsked(streams, connection), byWords), found.length, meant.notice),
    }
  },
})

/** Said in place of "nothing found". */
export const NOTHING_SEARCHED =
  'No stream here can be searched: no connector of this project declares the text of its records.'

function ofAsked(streams: readonly TextStream[], connection: string | undefined): readonly TextStream[] {
  return streams.filter((stream) => (connection ?? stream.connection) === stream.connection)
}

function noticeOf(
  streams: readonly TextStream[],
  unknown: readonly TextStream[],
  found: number,
  meant: string | null,
): string | null {
  if (found === 0 && streams.every((stream) => stream.text === null)) return NOTHING_SEARCHED
  const told = [...(unknown.length === 0 ? [] : [notLookedThrough(unknown)]), ...(meant === null ? [] : [meant])]
  return told.length === 0 ? null : told.join(' ')
}

/** Connections that a notice names, at most. */
const NAMED_MAX = 5

/** Whether their records have a text, and which, their connectors alone know. */
function notLookedThrough(unknown: readonly TextStream[]): string {
  const names = [...new Map(unknown.map(({ connection, connector }) => [connection, connector]))]
  const named = names.slice(0, NAMED_MAX).map(([connection, connector]) => {
    return `${connection}, whose connector ${connector} is not here`
  })
  const more = names.length - named.length
  const all = more > 0 ? `${named.join('; ')}; and ${more} more` : named.join('; ')
  return `Not looked through: ${all}. A program or command that has it indexes them a little after its next run.`
}

type Found = Awaited<ReturnType<Store['texts']['find']>>[number]

interface Meant {
  /** The nearest first; null: meaning was not looked for. */
  readonly found: readonly Omit<Found, 'score'>[] | null
  readonly notice: string | null
}

const NOTHING_MEANT: Meant = { found: null, notice: null }

async function findMeaning(
  { store, nearest }: Mirror,
  embedder: Embedder,
  typed: string,
  query: TextQuery,
): Promise<Meant> {
  let vector: Float32Array | null | undefined
  try {
    ;[vector] = await embedder.embed([typed])
  } catch (error) {
    const { message, hint } = errorReport(error)
    return { found: null, notice: `Only words were looked for: ${message}${hint === null ? '' : ` ${hint}`}` }
  }
  if (!vector) {
    return {
      found: null,
      notice: 'Only words were looked for: the embedder, which knows English, knows none of these.',
    }
  }
  const found = await (await nearest()).find(store, { ...query, embedder, vector: packed(vector) })
  return { found, notice: await otherLength(store, query.project, embedder, vector.length) }
}

/** Vectors of different lengths do not compare: the model behind the embedder's name is another one than it was. */
async function otherLength(store: Store, project: string, embedder: Embedder, length: number): Promise<string | null> {
  for (const { streamNo, connection, stream, declared } of await store.vectors.streams(project)) {
    if (!isMadeBy(embedder, declared)) continue
    const kept = (await store.vectors.length(streamNo)) ?? length
    if (kept === length) continue
    return `Only words were looked for in ${connection}/${stream}: its vectors have ${kept} numbers, and those that the service gives now have ${length}. They are made anew when one of its texts changes.`
  }
  return null
}

async function wordsNow({ store, project }: Mirror): Promise<IndexNow> {
  return {
    name: INDEXER,
    notes: await store.texts.streams(project),
    isOfToday: (declared, by) => by === undefined || declared === declaredWords(by),
  }
}

/** Vectors that another embedder made are still to be made. */
async function vectorsNow({ store, project }: Mirror, embedder: Embedder): Promise<IndexNow> {
  return {
    name: EMBEDDINGS,
    notes: await store.vectors.streams(project),
    isOfToday: (declared, by) => areOf(embedder, declared, by),
  }
}

/** By words alone, their own scores stay. */
function inOneOrder(byWords: readonly Found[], byMeaning: Meant['found']): readonly Found[] {
  if (byMeaning === null) return byWords
  const both = fused<Omit<Found, 'score'>>([byWords, byMeaning], ({ streamNo, key }) => `${streamNo}/${key}`)
  return both.map(({ item, score }) => ({ ...item, score }))
}

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
      const parts = bodyOf(columns, declared)
      const title = titleOf(columns, declared) ?? ''
      shown.set(one, { title, snippet: snippetOf(parts.length === 0 ? title : parts.join(' '), words) })
    }
  }
  return found.map((one) => shown.get(one))
}
