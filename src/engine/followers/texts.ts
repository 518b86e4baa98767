// Owns an index of texts as it follows the records: a little after every run, so that nobody waits for it. What it is made of
// is declared by each stream; where that has changed, the stream is indexed anew. What an index keeps of a text is its own.

import type { Key } from '../../model/record.ts'
import type { ChangeRow, IndexedStream, IndexStore, RecordRow, Store } from '../../store/store.ts'
import { type Declared, declaredTexts, type FindConnector } from './declared-texts.ts'
import type { Follower, Part, Work } from './follower.ts'

/** Records that are indexed in one transaction. */
const AT_ONCE = 250
/** So many of them are indexed by a process that is about to end: a program that ends behind each sync gets on, too. */
const PARTS_LEAST = 8

export interface TextIndex {
  /** Of the follower. */
  readonly name: string
  readonly progress: (store: Store) => IndexStore
  /** Where the feed does not go back far enough: whether what the index has is forgotten before all is looked at again. */
  readonly forgets: boolean
  /** What it is made by while a follower works. */
  readonly begin: (work: Work) => Promise<TextWriter>
}

export interface TextWriter {
  /** By what a stream is indexed. Where that is not what it was, the stream is indexed anew. */
  declared(text: Declared): string
  /**
   * Writes what the index keeps of records, in place of what it had of them. `anew`: what it has of the stream fits them no
   * more, and the stream is indexed from its beginning.
   */
  put(streamNo: number, records: readonly TextRecord[]): Promise<'written' | 'anew'>
}

/** The text of a record. */
export interface TextRecord {
  readonly key: Key
  /** When its content changed last. */
  readonly at: number
  readonly removed: boolean
  readonly title: string
  readonly body: readonly string[]
}

/** A stream that declares its text. */
interface Indexed {
  readonly no: number
  readonly text: Declared
  readonly declared: string
}

/** How far a stream is indexed: its old entries are forgotten first, then live records are read, then removed ones. */
interface Place {
  readonly step: 'forget' | 'live' | 'removed'
  readonly after: Key | null
}

const START: Place = { step: 'forget', after: null }
const AGAIN: Place = { step: 'live', after: null }

export function followTexts(index: TextIndex, find: FindConnector): Follower {
  return { name: index.name, follow: async (work) => new Following(index, work, await index.begin(work)).follow(find) }
}

class Following {
  readonly #index: TextIndex
  readonly #work: Work
  readonly #writer: TextWriter
  readonly #progress: IndexStore

  constructor(index: TextIndex, work: Work, writer: TextWriter) {
    this.#index = index
    this.#work = work
    this.#writer = writer
    this.#progress = index.progress(work.store)
  }

  async follow(find: FindConnector): Promise<void> {
    const { searched: streams, bare, away } = await this.#streams(find)
    await this.#noteChanged(streams, bare)
    // A part is done when the next one is asked for, which ends by itself where the process does.
    for await (const part of this.#work.parts()) {
      await this.#leave(away, part)
      // Where the feed does not go back far enough, all is looked at anew: that is noted, and done behind the feed.
      if (part.anew) for (const one of streams.values()) await this.#note(one, this.#anew)
      else await this.#indexChanges(streams, part.changes)
    }
    await this.#indexWhole(streams)
  }

  get #anew(): Place {
    return this.#index.forgets ? START : AGAIN
  }

  /** What the streams of the project declare, as far as their connectors are here. */
  async #streams(find: FindConnector): Promise<Streams> {
    const { store, project } = this.#work
    const searched = new Map<string, Indexed>()
    const bare: number[] = []
    const away = new Map<string, number>()
    for (const { no, connection, stream, text } of await declaredTexts(store, project, find)) {
      if (text === null) bare.push(no)
      else if (text === undefined) away.set(placeOf(connection, stream), no)
      else searched.set(placeOf(connection, stream), { no, text, declared: this.#writer.declared(text) })
    }
    return { searched, bare, away }
  }

  async #note({ no, declared }: Indexed, place: Place | null): Promise<void> {
    const written = place === null ? null : JSON.stringify(place)
    await this.#progress.saveStream({ streamNo: no, declared, place: written })
  }

  /** Streams that were never indexed, or by another declaration, are to be; those that declare no text are forgotten. */
  async #noteChanged(streams: Streams['searched'], bare: readonly number[]): Promise<void> {
    const { project, signal } = this.#work
    const known = new Map((await this.#progress.streams(project)).map(({ streamNo, declared }) => [streamNo, declared]))
    for (const one of streams.values()) if (known.get(one.no) !== one.declared) await this.#note(one, START)
    for (const streamNo of bare.filter((no) => known.has(no))) {
      while ((await this.#progress.forget(streamNo, AT_ONCE)) > 0) if (signal.aborted) return
      await this.#progress.dropStream(streamNo)
    }
  }

  /** What is passed over here, since its connector is not, is noted for the next one that has it. */
  async #leave(away: Streams['away'], part: Part): Promise<void> {
    const passed = part.anew
      ? [...away.values()]
      : part.changes.flatMap(({ connection, stream }) => away.get(placeOf(connection, stream)) ?? [])
    if (passed.length === 0) return
    const notes = await this.#progress.streams(this.#work.project)
    const known = new Map(notes.map((note): [number, IndexedStream] => [note.streamNo, note]))
    for (const no of new Set(passed)) {
      const { declared, place = null } = known.get(no) ?? {}
      // One that was never indexed is, as soon as somebody knows its text; one whose beginning is before it stays there.
      if (declared === undefined || place === JSON.stringify(START)) continue
      await this.#progress.saveStream({ streamNo: no, declared, place: JSON.stringify(part.anew ? this.#anew : AGAIN) })
    }
  }

  async #places(): Promise<ReadonlyMap<number, string | null>> {
    const streams = await this.#progress.streams(this.#work.project)
    return new Map(streams.map(({ streamNo, place }) => [streamNo, place]))
  }

  /** Goes on with what is not indexed to its end, from where an earlier run or process stood. */
  async #indexWhole(streams: Streams['searched']): Promise<void> {
    const { signal } = this.#work
    const pending = await this.#places()
    let parts = 0
    for (const one of streams.values()) {
      let place = placeFrom(pending.get(one.no) ?? null)
      while (place !== null) {
        if (signal.aborted && ++parts > PARTS_LEAST) return
        place = await this.#indexPart(one, place)
        await this.#note(one, place)
        await this.#letOthers()
      }
    }
  }

  /** The store may answer without a pause: heartbeats, timers and answers of a server get their turn. */
  async #letOthers(): Promise<void> {
    const { clock, signal } = this.#work
    await clock.sleep(0, signal)
  }

  async #indexPart(one: Indexed, { step, after }: Place): Promise<Place | null> {
    if (step === 'forget') return (await this.#progress.forget(one.no, AT_ONCE)) > 0 ? START : AGAIN
    const removed = step === 'removed'
    const rows = await this.#put(one, removed, { limit: AT_ONCE, ...(after === null ? {} : { after }) })
    if (rows === 'anew') return START
    if (rows.length === AT_ONCE) return { step, after: rows.at(-1)?._key ?? null }
    return removed ? null : { step: 'removed', after: null }
  }

  /** What changed is read as it is now: of several changes of a record, the last one counts. */
  async #indexChanges(streams: Streams['searched'], changes: readonly ChangeRow[]): Promise<void> {
    const places = await this.#places()
    const start = JSON.stringify(START)
    const keys = new Map<string, Set<Key>>()
    for (const { connection, stream, key } of changes) {
      const place = placeOf(connection, stream)
      const one = streams.get(place)
      // Of a stream whose beginning is before us, all is read behind the feed, as it is then.
      if (one && places.get(one.no) !== start) keys.set(place, (keys.get(place) ?? new Set()).add(key))
    }
    for (const [place, changed] of keys) {
      const one = streams.get(place) as Indexed
      if ((await this.#indexKeys(one, [...changed])) === 'anew') await this.#note(one, START)
    }
  }

  async #indexKeys(one: Indexed, keys: readonly Key[]): Promise<'written' | 'anew'> {
    for (let i = 0; i < keys.length; i += AT_ONCE) {
      const part = keys.slice(i, i + AT_ONCE)
      for (const removed of [false, true]) {
        if ((await this.#put(one, removed, { limit: part.length, keys: part })) === 'anew') return 'anew'
      }
      await this.#letOthers()
    }
    return 'written'
  }

  /** Reads records and writes what the index keeps of them. */
  async #put({ no, text }: Indexed, removed: boolean, which: Which): Promise<readonly RecordRow[] | 'anew'> {
    const columns = [...new Set([text.title, ...(text.body ?? []), '_key', '_updated_at', '_removed_at'])]
    const rows = await this.#work.store.records.list({ streamNo: no, removed, columns, ...which })
    const records = rows.map((record) => textRecord(record, text, removed))
    return records.length > 0 && (await this.#writer.put(no, records)) === 'anew' ? 'anew' : rows
  }
}

interface Streams {
  /** By `connection/stream`. */
  readonly searched: ReadonlyMap<string, Indexed>
  /** Numbers of those that declare no text. */
  readonly bare: readonly number[]
  /** Numbers of those whose connectors are not here, by `connection/stream`. */
  readonly away: ReadonlyMap<string, number>
}

interface Which {
  readonly limit: number
  readonly after?: Key
  readonly keys?: readonly Key[]
}

/** Neither an id nor a stream's name has a slash. */
function placeOf(connection: string, stream: string): string {
  return `${connection}/${stream}`
}

function placeFrom(written: string | null): Place | null {
  return written === null ? null : (JSON.parse(written) as Place)
}

function textRecord(record: RecordRow, { title, body = [] }: Declared, removed: boolean): TextRecord {
  const at = Date.parse(String(record[removed ? '_removed_at' : '_updated_at']))
  return {
    key: record._key,
    at: Number.isFinite(at) ? at : 0,
    removed,
    title: textOf(record[title]),
    body: body.map((column) => textOf(record[column])).filter((part) => part !== ''),
  }
}

/** What a column holds, as text to read: of a list or an object in JSON, its texts. */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell)
  return ''
}
