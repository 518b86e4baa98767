// Owns the index of texts as it follows the records: a little after every run, so that nobody waits for it. What it is made of
// is declared by each stream; where that has changed, the stream is indexed anew.

import type { Connector, Stream } from '../../connector/connector.ts'
import type { Key } from '../../model/record.ts'
import { WORDS_MAX, wordsOf } from '../../model/words.ts'
import { isRefusedValue } from '../../store/refused-value.ts'
import type { ChangeRow, IndexedText, RecordRow, Store, StreamRow } from '../../store/store.ts'
import { type Follower, INDEXER, type Work } from './follower.ts'

/** Letters of a record's words, at most: what stands behind them is not found. A tsvector holds 1 MiB. */
const LETTERS_MAX = 200_000
/** Records that are indexed in one transaction. */
const AT_ONCE = 250
/** So many of them are indexed by a process that is about to end: a program that ends behind each sync gets on, too. */
const PARTS_LEAST = 8

type FindConnector = (name: string) => Promise<Connector | undefined>
type Declared = NonNullable<Stream['text']>

/** A stream that declares its text. */
interface Indexed {
  readonly row: StreamRow
  readonly text: Declared
}

export function indexer(find: FindConnector): Follower {
  return {
    name: INDEXER,
    async follow(work) {
      const { store, project } = work
      const { searched: streams, bare } = await streamsOf(store, project, find)
      // A part is done when the next one is asked for, which ends by itself where the process does.
      for await (const part of work.parts()) {
        // Where the feed does not go back far enough, all is indexed anew: that is noted, and done behind the feed.
        if (part.anew) for (const { row, text } of streams.values()) await note(store, row.no, text, START)
        else await indexChanges(work, streams, part.changes)
      }
      await noteChanged(work, streams, bare)
      await indexWhole(work, streams)
    },
  }
}

/** How far a stream is indexed: its old words are forgotten first, then live records are read, then removed ones. */
interface Place {
  readonly step: 'forget' | 'live' | 'removed'
  readonly after: Key | null
}

const START: Place = { step: 'forget', after: null }

async function note(store: Store, streamNo: number, text: Declared, place: Place | null): Promise<void> {
  const written = place === null ? null : JSON.stringify(place)
  await store.texts.saveStream({ streamNo, declared: JSON.stringify(text), place: written })
}

/** What the streams of a project declare, as far as their connectors are here. */
interface Streams {
  /** By `connection/stream`. */
  readonly searched: ReadonlyMap<string, Indexed>
  /** Numbers of those that declare no text. */
  readonly bare: readonly number[]
}

/** A stream whose connector is not here stays as it is indexed. */
async function streamsOf(store: Store, project: string, find: FindConnector): Promise<Streams> {
  const searched = new Map<string, Indexed>()
  const bare: number[] = []
  for (const { no, id, connector: name } of await store.connections.list(project)) {
    const connector = await find(name)
    if (!connector) continue
    for (const row of await store.streams.list(no)) {
      const text = connector.streams[row.stream]?.text
      if (text) searched.set(placeOf(id, row.stream), { row, text })
      else bare.push(row.no)
    }
  }
  return { searched, bare }
}

/** Neither an id nor a stream's name has a slash. */
function placeOf(connection: string, stream: string): string {
  return `${connection}/${stream}`
}

/** Streams that were never indexed, or by another declaration, are to be; those that declare no text are forgotten. */
async function noteChanged(
  { store, project, signal }: Work,
  streams: ReadonlyMap<string, Indexed>,
  bare: readonly number[],
): Promise<void> {
  const known = new Map((await store.texts.streams(project)).map(({ streamNo, declared }) => [streamNo, declared]))
  for (const { row, text } of streams.values()) {
    if (known.get(row.no) !== JSON.stringify(text)) await note(store, row.no, text, START)
  }
  for (const streamNo of bare.filter((no) => known.has(no))) {
    while ((await store.texts.forget(streamNo, AT_ONCE)) > 0) if (signal.aborted) return
    await store.texts.dropStream(streamNo)
  }
}

/** Goes on with what is not indexed to its end, from where an earlier run or process stood. */
async function indexWhole(work: Work, streams: ReadonlyMap<string, Indexed>): Promise<void> {
  const { store, project, signal } = work
  const pending = new Map((await store.texts.streams(project)).map(({ streamNo, place }) => [streamNo, place]))
  let parts = 0
  for (const { row, text } of streams.values()) {
    let place = placeFrom(pending.get(row.no) ?? null)
    while (place !== null) {
      if (signal.aborted && ++parts > PARTS_LEAST) return
      place = await indexPart(work, { row, text }, place)
      await note(store, row.no, text, place)
      await letOthers(work)
    }
  }
}

function placeFrom(written: string | null): Place | null {
  return written === null ? null : (JSON.parse(written) as Place)
}

/** The store may answer without a pause: heartbeats, timers and answers of a server get their turn. */
async function letOthers({ clock, signal }: Work): Promise<void> {
  await clock.sleep(0, signal)
}

async function indexPart({ store }: Work, { row, text }: Indexed, { step, after }: Place): Promise<Place | null> {
  if (step === 'forget') {
    return (await store.texts.forget(row.no, AT_ONCE)) > 0 ? START : { step: 'live', after: null }
  }
  const removed = step === 'removed'
  const query = { streamNo: row.no, removed, limit: AT_ONCE, columns: columnsOf(text) }
  const rows = await store.records.list({ ...query, ...(after === null ? {} : { after }) })
  await put(
    store,
    row.no,
    rows.map((record) => indexedText(record, text, removed)),
  )
  if (rows.length === AT_ONCE) return { step, after: rows.at(-1)?._key ?? null }
  return removed ? null : { step: 'removed', after: null }
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

/** What changed is read as it is now: of several changes of a record, the last one counts. */
async function indexChanges(
  work: Work,
  streams: ReadonlyMap<string, Indexed>,
  changes: readonly ChangeRow[],
): Promise<void> {
  const { store } = work
  const keys = new Map<string, Set<Key>>()
  for (const { connection, stream, key } of changes) {
    const place = placeOf(connection, stream)
    if (streams.has(place)) keys.set(place, (keys.get(place) ?? new Set()).add(key))
  }
  for (const [place, changed] of keys) {
    const { row, text } = streams.get(place) as Indexed
    const all = [...changed]
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const part = all.slice(i, i + AT_ONCE)
      for (const removed of [false, true]) {
        const query = { streamNo: row.no, removed, limit: part.length, columns: columnsOf(text) }
        const rows = await store.records.list({ ...query, keys: part })
        await put(
          store,
          row.no,
          rows.map((record) => indexedText(record, text, removed)),
        )
      }
      await letOthers(work)
    }
  }
}

function columnsOf({ title, body = [] }: Declared): readonly string[] {
  return [...new Set([title, ...body, '_key', '_updated_at', '_removed_at'])]
}

function indexedText(record: RecordRow, { title, body = [] }: Declared, removed: boolean): IndexedText {
  const at = Date.parse(String(record[removed ? '_removed_at' : '_updated_at']))
  const named = within(wordsOf(textOf(record[title])), LETTERS_MAX)
  const left = LETTERS_MAX - lettersOf(named)
  return {
    key: record._key,
    title: named,
    body: within(
      body.flatMap((column) => wordsOf(textOf(record[column]))),
      left,
    ).slice(0, WORDS_MAX),
    at: Number.isFinite(at) ? at : 0,
    removed,
  }
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

/** What a column holds, as text to read: of a list or an object in JSON, its texts. */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell)
  return ''
}
