// Owns the vectors of texts: one for each record, by an embedder. They are derived from the records, and may be made anew.

import type { Key } from '../../model/record.ts'
import type { IndexedStream, IndexStore } from './texts.ts'

export interface VectorStore extends IndexStore {
  /** The same as of other indexes, and how far its vectors can be read. */
  streams(project: string): Promise<readonly EmbeddedStream[]>
  /** The digests of the texts that the records have vectors of, as far as they have one. */
  digests(streamNo: number, keys: readonly Key[]): Promise<ReadonlyMap<Key, string>>
  /** Of how many dimensions the vectors of a stream are; undefined: there is none. */
  length(streamNo: number): Promise<number | undefined>
  /** Writes what is known of records, in place of what was. Nothing is written of a stream that was not noted before. */
  put(streamNo: number, records: readonly EmbeddedRecord[]): Promise<void>
  /** What was written behind a place in the order of writing, 0 for all: the first `limit` of it. */
  read(streamNo: number, after: number, limit: number): Promise<readonly WrittenVector[]>
}

export interface EmbeddedStream extends IndexedStream {
  readonly connection: string
  readonly stream: string
  /** Of this stream's notes: a stream that was dropped and came back has another number, and is read from its beginning. */
  readonly noteNo: number
  /** The place of what was written last. */
  readonly written: number
}

export interface EmbeddedRecord {
  readonly key: Key
  /** When its content changed last. */
  readonly at: number
  readonly removed: boolean
  /** Undefined: the text is the one whose vector is stored. */
  readonly made?: { readonly digest: string; readonly vector: Int8Array } | undefined
}

export interface WrittenVector {
  readonly key: Key
  readonly at: number
  readonly removed: boolean
  /** Empty: the embedder knew no word of its text. */
  readonly vector: Int8Array
  /** Its place in the order of writing; no two of a stream have the same. */
  readonly written: number
}
