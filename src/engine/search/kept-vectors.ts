// Owns the vectors of one stream in memory: blocks of records that stand side by side, brought up to date by what was written
// since.

import type { Key } from '../../model/record.ts'
import { lengthOf, multiply } from '../../model/vectors.ts'
import type { WrittenVector } from '../../store/store.ts'

/** Records of a block. */
const BLOCK_ROWS = 4_096

/** A record and how near it is: the cosine of the angle, at most 1. */
export interface Near {
  readonly key: Key
  readonly nearness: number
}

export interface NearQuery {
  readonly vector: Int8Array
  readonly removed: boolean
  /** Only what has changed since, in milliseconds since 1970. */
  readonly since: number
}

interface Block {
  readonly keys: Key[]
  readonly ats: Float64Array
  readonly removed: Uint8Array
  /** 0: there is no vector. */
  readonly lengths: Float64Array
  readonly vectors: Int8Array
}

export class KeptVectors {
  readonly dimensions: number
  readonly #places = new Map<Key, number>()
  readonly #blocks: Block[] = []

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.#blocks.length * BLOCK_ROWS * (this.dimensions + 2 * Float64Array.BYTES_PER_ELEMENT + 1)
  }

  /** What has no vector, or one of another length, is near to nothing. */
  put({ key, at, removed, vector }: WrittenVector): void {
    const place = this.#places.get(key) ?? this.#places.size
    this.#places.set(key, place)
    const row = place % BLOCK_ROWS
    const block = (this.#blocks[Math.floor(place / BLOCK_ROWS)] ??= this.#newBlock())
    const fits = vector.length === this.dimensions
    block.keys[row] = key
    block.ats[row] = at
    block.removed[row] = removed ? 1 : 0
    block.lengths[row] = fits ? lengthOf(vector) : 0
    if (fits) block.vectors.set(vector, row * this.dimensions)
  }

  #newBlock(): Block {
    return {
      keys: [],
      ats: new Float64Array(BLOCK_ROWS),
      removed: new Uint8Array(BLOCK_ROWS),
      lengths: new Float64Array(BLOCK_ROWS),
      vectors: new Int8Array(BLOCK_ROWS * this.dimensions),
    }
  }

  /** Gives what is nearer than `least`, block by block; `least` is asked again as it rises. */
  find({ vector, removed, since }: NearQuery, least: () => number, found: (near: Near) => void): void {
    if (vector.length !== this.dimensions) return
    const length = lengthOf(vector)
    const wanted = removed ? 1 : 0
    const products = new Int32Array(BLOCK_ROWS)
    for (const block of this.#blocks) {
      const { keys, ats, lengths } = block
      multiply(vector, block.vectors, keys.length, products)
      for (let row = 0; row < keys.length; row++) {
        const nearness = (products[row] as number) / (length * (lengths[row] as number))
        // Without a vector it is no number, or infinite.
        if (!(nearness > least()) || block.removed[row] !== wanted || (ats[row] as number) < since) continue
        if (lengths[row] !== 0) found({ key: keys[row] as Key, nearness })
      }
    }
  }
}
