// Owns what an index of texts has before it, and what of a project nobody here can index: judged by what is stored and declared
// now, whatever brought the mirror into that state. Pure but for reading where the index stands.

import type { IndexedStream, Store } from '../../store/store.ts'
import type { Declared, TextStream } from '../followers/declared-texts.ts'
import { OWN_READER } from '../history/feed.ts'

export interface IndexNow {
  /** Of the follower that makes it. */
  readonly name: string
  readonly notes: readonly IndexedStream[]
  /** Whether what was noted is how a stream is indexed today; `text` is undefined where its connector is not here. */
  readonly isOfToday: (declared: string, text: Declared | undefined) => boolean
}

/**
 * Changes of the feed that the index has not followed, or live records of streams that are not indexed to their end: the
 * larger of the two, since the one may tell of the other.
 */
export async function behind(
  store: Pick<Store, 'feed'>,
  project: string,
  streams: readonly TextStream[],
  index: IndexNow,
): Promise<number> {
  const [feed, readers] = await Promise.all([store.feed.bounds(project), store.feed.consumers(project)])
  const at = readers.find(({ name }) => name === OWN_READER + index.name)
  const changes = at && at.epoch === feed.epoch ? Math.max(0, feed.seq - at.seq) : feed.seq
  const notes = notesOf(index)
  const records = streams
    .filter((stream) => isLacking(stream, notes.get(stream.no), index))
    .reduce((sum, { totalRecords }) => sum + totalRecords, 0)
  return Math.max(changes, records)
}

/** Streams with records of which nobody here can say whether they have a text, and which no index has to its end. */
export function unknownHere(streams: readonly TextStream[], index: IndexNow): readonly TextStream[] {
  const notes = notesOf(index)
  return streams.filter(
    ({ no, text, totalRecords }) => text === undefined && totalRecords > 0 && notes.get(no)?.place !== null,
  )
}

function notesOf({ notes }: IndexNow): ReadonlyMap<number, IndexedStream> {
  return new Map(notes.map((note) => [note.streamNo, note]))
}

function isLacking({ text }: TextStream, note: IndexedStream | undefined, { isOfToday }: IndexNow): boolean {
  if (text === null) return false
  // It has a text where it was noted once.
  if (!note) return text !== undefined
  return note.place !== null || !isOfToday(note.declared, text)
}
