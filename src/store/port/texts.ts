// Owns the index of texts: which records of a project have which words. It is derived from the records, and may be made anew.

import type { Key } from '../../model/record.ts'

/** How far an index of records is made: of each stream by itself. */
export interface IndexStore {
  /** Forgets what the index has of a stream, at most so many of its records at once. Gives how many it has forgotten. */
  forget(streamNo: number, limit: number): Promise<number>
  /** What each stream of the project was indexed by; see `IndexedStream`. */
  streams(project: string): Promise<readonly IndexedStream[]>
  /** Notes by what a stream is indexed now, and how far that has come. */
  saveStream(stream: IndexedStream): Promise<void>
  /** A stream is not searched any more. */
  dropStream(streamNo: number): Promise<void>
}

export interface TextStore extends IndexStore {
  /** Writes the words of records, in place of those that they had. */
  put(streamNo: number, texts: readonly IndexedText[]): Promise<void>
  /** Records that have all of the words, each at the beginning of one of theirs; the best first. */
  find(query: TextQuery): Promise<readonly FoundText[]>
}

export interface IndexedText {
  readonly key: Key
  readonly title: readonly string[]
  readonly body: readonly string[]
  /** When its content changed last. */
  readonly at: number
  readonly removed: boolean
}

export interface IndexedStream {
  readonly streamNo: number
  /** By what it was indexed, as the indexer writes it: what was declared as its text. */
  readonly declared: string
  /** How far its records are indexed, as the indexer writes it; null: all of them are. */
  readonly place: string | null
}

export interface TextQuery {
  readonly project: string
  /** Only of this connection. */
  readonly connection?: string | undefined
  readonly words: readonly string[]
  readonly removed: boolean
  /** Only what has changed since, in milliseconds since 1970. */
  readonly since?: number | undefined
  readonly limit: number
}

export interface FoundText {
  readonly streamNo: number
  readonly connection: string
  readonly stream: string
  readonly key: Key
  /** Above 0; the greater the better, among the results of one query. */
  readonly score: number
}
