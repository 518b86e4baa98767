// Owns finding the records whose vectors are nearest to one: by looking at all of them, in memory as far as they fit there.

import type { Embedder } from '../../embedders/embedder.ts'
import type { Clock } from '../../model/ports.ts'
import type { Key } from '../../model/record.ts'
import type { EmbeddedStream, Store, WrittenVector } from '../../store/store.ts'
import { isMadeBy } from '../followers/embeddings.ts'
import { KeptVectors } from './kept-vectors.ts'

/** Bytes of vectors that a process keeps in memory; what is beyond them is read for each search. */
const KEPT_BYTES_MAX = 256 * 2 ** 20
/** Records that are read at once. */
const READ_AT_ONCE = 4_096
/** What is less near than this means something else. */
const NEARNESS_LEAST = 0.2

export interface NearestQuery {
  readonly project: string
  /** Only of this connection. */
  readonly connection?: string | undefined
  readonly embedder: Embedder
  readonly vector: Int8Array
  readonly removed: boolean
  /** Only what has changed since, in milliseconds since 1970. */
  readonly since?: number | undefined
  readonly limit: number
}

export interface NearRecord {
  readonly streamNo: number
  readonly connection: string
  readonly stream: string
  readonly key: Key
  readonly nearness: number
}

interface Kept {
  readonly noteNo: number
  readonly declared: string
  readonly vectors: KeptVectors
  written: number
}

export class Nearest {
  readonly #clock: Pick<Clock, 'sleep'>
  /** By stream, in the order of their last use. */
  readonly #kept = new Map<number, Kept>()

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock
  }

  /** The nearest first. */
  async find(
    store: Store,
    { project, connection, embedder, limit, ...asked }: NearestQuery,
  ): Promise<readonly NearRecord[]> {
    const query = { ...asked, since: asked.since ?? Number.NEGATIVE_INFINITY }
    const found: NearRecord[] = []
    let least = NEARNESS_LEAST
    for (const note of await store.vectors.streams(project)) {
      if (connection !== undefined && connection !== note.connection) continue
      if (!isMadeBy(embedder, note.declared)) continue
      const place = { streamNo: note.streamNo, connection: note.connection, stream: note.stream }
      const { vectors } = await this.#upToDate(store, note, query.vector.length)
      vectors.find(
        query,
        () => least,
        (near) => {
          insert(found, { ...place, ...near }, limit)
          if (found.length === limit) least = (found.at(-1) as NearRecord).nearness
        },
      )
    }
    return found
  }

  async #upToDate(store: Store, note: EmbeddedStream, dimensions: number): Promise<Kept> {
    const { streamNo, noteNo, declared, written } = note
    const before = this.#kept.get(streamNo)
    const isSame = before?.noteNo === noteNo && before.declared === declared && before.vectors.dimensions === dimensions
    const kept = isSame ? before : { noteNo, declared, vectors: new KeptVectors(dimensions), written: 0 }
    this.#kept.delete(streamNo)
    this.#kept.set(streamNo, kept)
    while (kept.written < written) {
      const rows = await store.vectors.read(streamNo, kept.written, READ_AT_ONCE)
      for (const row of rows) kept.vectors.put(row)
      kept.written = rows.length < READ_AT_ONCE ? written : (rows.at(-1) as WrittenVector).written
      await this.#clock.sleep(0)
    }
    this.#forgetOldest()
    return kept
  }

  /** What was looked for last stays, up to so many bytes; a stream that takes more than that alone does not. */
  #forgetOldest(): void {
    let bytes = 0
    for (const { vectors } of this.#kept.values()) bytes += vectors.bytes
    for (const [oldest, { vectors }] of this.#kept) {
      if (bytes <= KEPT_BYTES_MAX) return
      bytes -= vectors.bytes
      this.#kept.delete(oldest)
    }
  }
}

/** Into its place among those that are nearer, `limit` in all. */
function insert(found: NearRecord[], near: NearRecord, limit: number): void {
  let at = found.length
  while (at > 0 && (found[at - 1] as NearRecord).nearness < near.nearness) at--
  found.splice(at, 0, near)
  if (found.length > limit) found.pop()
}
