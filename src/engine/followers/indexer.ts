// Owns the index of texts as it follows the records: a little after every run, so that nobody waits for it. What it is made of
// is declared by each stream; where that has changed, the stream is indexed anew.

import type { Connector, Stream } from '../../connector/connector.ts'
import type { Key } from '../../model/record.ts'
import { wordsOf } from '../../model/words.ts'
import type { ChangeRow, IndexedText, RecordRow, Store, StreamRow } from '../../store/store.ts'
import type { Follower, Work } from './follower.ts'

/** The follower's name, by which its position is kept. */
export const INDEXER = 'search'
/** Records that are indexed in one transaction. */
const AT_ONCE = 250

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
      const { store, project, signal } = work
      const streams = await indexedStreams(store, project, find)
      await indexChanged(work, streams)
      for await (const part of work.parts()) {
        if (part.anew) {
          for (const stream of streams.values()) await indexWhole(work, stream)
        } else {
          await indexChanges(store, streams, part.changes)
        }
        if (signal.aborted) return
      }
    },
  }
}

/** Streams by `connection/stream`. One whose connector is not here stays as it is indexed. */
async function indexedStreams(
  store: Store,
  project: string,
  find: FindConnector,
): Promise<ReadonlyMap<string, Indexed>> {
  const found = new Map<string, Indexed>()
  for (const { no, id, connector: name } of await store.connections.list(project)) {
    const connector = await find(name)
    if (!connector) continue
    for (const row of await store.streams.list(no)) {
      const text = connector.streams[row.stream]?.text
      if (text) found.set(placeOf(id, row.stream), { row, text })
    }
  }
  return found
}

/** Neither an id nor a stream's name has a slash. */
function placeOf(connection: string, stream: string): string {
  return `${connection}/${stream}`
}

/** Streams that were never indexed, or by another declaration. */
async function indexChanged(work: Work, streams: ReadonlyMap<string, Indexed>): Promise<void> {
  const { store, project, signal } = work
  const known = new Map((await store.texts.streams(project)).map(({ streamNo, declared }) => [streamNo, declared]))
  for (const stream of streams.values()) {
    if (signal.aborted) return
    if (known.get(stream.row.no) !== JSON.stringify(stream.text)) await indexWhole(work, stream)
  }
}

async function indexWhole({ store, signal }: Work, { row, text }: Indexed): Promise<void> {
  while ((await store.texts.forget(row.no, AT_ONCE * 4)) > 0) if (signal.aborted) return
  for (const removed of [false, true]) {
    let after: Key | undefined
    for (;;) {
      if (signal.aborted) return
      const query = { streamNo: row.no, removed, limit: AT_ONCE, columns: columnsOf(text) }
      const rows = await store.records.list({ ...query, ...(after === undefined ? {} : { after }) })
      await store.texts.put(
        row.no,
        rows.map((record) => indexedText(record, text, removed)),
      )
      after = rows.at(-1)?._key
      if (rows.length < AT_ONCE) break
    }
  }
  await store.texts.saveStream(row.no, JSON.stringify(text))
}

/** What changed is read as it is now: of several changes of a record, the last one counts. */
async function indexChanges(
  store: Store,
  streams: ReadonlyMap<string, Indexed>,
  changes: readonly ChangeRow[],
): Promise<void> {
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
        await store.texts.put(
          row.no,
          rows.map((record) => indexedText(record, text, removed)),
        )
      }
    }
  }
}

function columnsOf({ title, body = [] }: Declared): readonly string[] {
  return [...new Set([title, ...body, '_key', '_updated_at', '_removed_at'])]
}

function indexedText(record: RecordRow, { title, body = [] }: Declared, removed: boolean): IndexedText {
  const at = Date.parse(String(record[removed ? '_removed_at' : '_updated_at']))
  return {
    key: record._key,
    title: wordsOf(textOf(record[title])),
    body: body.flatMap((column) => wordsOf(textOf(record[column]))),
    at: Number.isFinite(at) ? at : 0,
    removed,
  }
}

/** What a column holds, as text to read: of a list or an object in JSON, its texts. */
export function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell)
  return ''
}
