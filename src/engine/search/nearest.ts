// Owns finding the records whose vectors are nearest to one: by looking at all of them, in memory as far as they fit there.

import type { Embedder } from '../../embedders/embedder.ts'
import type { Clock } from '../../model/ports.ts'
import type { Key } from '../../model/record.ts'
import type { EmbeddedStream, Store, WrittenVector } from '../../store/store.ts'
import { isMadeBy } from '../followers/embeddings.ts'
import { KeptVectors } from './kept-vectors.ts'
import { type Middle, middleOf, type VectorSum } from './middle.ts'

/** Bytes of vectors that a process keeps in memory; what is beyond them is read for each search. */
const KEPT_BYTES_MAX = 256 * 2 ** 20
/** Records that are read at once. */
const READ_AT_ONCE = 4_096
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

/** The sum of a stream's vectors as they were when so much of it was read, whether they are still in memory or not. */
interface Summed {
  /** Of what is written of a stream: `placeOf`. */
  readonly of: string
  readonly sum: VectorSum
}

export class Nearest {
  readonly #clock: Pick<Clock, 'sleep'>
  /** By stream, in the order of their last use. */
  readonly #kept = new Map<number, Kept>()
  readonly #sums = new Map<number, Summed>()
  #middle: { readonly of: string; readonly middle: Middle } | undefined

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock
  }

  /** The nearest first. */
  async find(
    store: Store,
    { project, connection, embedder, limit, ...asked }: NearestQuery,
  ): Promise<readonly NearRecord[]> {
    const { length: dimensions } = asked.vector
    const notes = (await store.vectors.streams(project)).filter(
      (note) => isMadeBy(embedder, note.declared) && (connection ?? note.connection) === note.connection,
    )
    const middle = await this.#middleOf(store, notes, dimensions)
    const query = { ...asked, middle, since: asked.since ?? Number.NEGATIVE_INFINITY }
    const found: NearRecord[] = []
    let least = Number.NEGATIVE_INFINITY
    for (const note of notes) {
      const place = { streamNo: note.streamNo, connection: note.connection, stream: note.stream }
      const { vectors } = await this.#upToDate(store, note, dimensions)
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

  /** Of all that is looked at, so that what is near in one stream compares with what is near in another. */
  async #middleOf(store: Store, notes: readonly EmbeddedStream[], dimensions: number): Promise<Middle> {
    const sums: Summed[] = []
    for (const note of notes) {
      const known = this.#sums.get(note.streamNo)
      if (known?.of !== placeOf(note, dimensions)) await this.#upToDate(store, note, dimensions)
      sums.push(this.#sums.get(note.streamNo) as Summed)
    }
    const of = [dimensions, ...sums.map((one) => one.of)].join()
    if (this.#middle?.of !== of) {
      this.#middle = {
        of,
        middle: middleOf(
          sums.map(({ sum }) => sum),
          dimensions,
        ),
      }
    }
    return this.#middle.middle
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
    this.#sums.set(streamNo, { of: placeOf(note, dimensions), sum: kept.vectors.sum })
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

function placeOf({ streamNo, noteNo, declared, written }: EmbeddedStream, dimensions: number): string {
  return JSON.stringify([streamNo, noteNo, declared, written, dimensions])
}

/** Into its place among those that are nearer, `limit` in all. */
function insert(found: NearRecord[], near: NearRecord, limit: number): void {
  let at = found.length
  while (at > 0 && (found[at - 1] as NearRecord).nearness < near.nearness) at--
  found.splice(at, 0, near)
  if (found.length > limit) found.pop()
}
