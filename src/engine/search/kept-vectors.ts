// Owns the vectors of one stream in memory: blocks of records that stand side by side, brought up to date by what was written
// since, and how near each is to one that is looked for.

import type { Key } from '../../model/record.ts'
import { lengthOf, multiply } from '../../model/vectors.ts'
import type { WrittenVector } from '../../store/store.ts'
import { type Middle, VectorSum } from './middle.ts'

/** Records of a block. */
const BLOCK_ROWS = 4_096

/** What is less near than this, by the cosine of the angle, means something else. */
const COSINE_LEAST = 0.15

/** A record and how near it is: the cosine of the angle as it is seen from the middle, at most 1. */
export interface Near {
  readonly key: Key
  readonly nearness: number
}

export interface NearQuery {
  readonly vector: Int8Array
  /** Of the vectors among which it is looked for. */
  readonly middle: Middle
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
  /** Of each direction: its product with the middle, and how far from the middle it is; of the middle that is named. */
  readonly alongs: Float64Array
  readonly distances: Float64Array
  middle: Middle | null
}

export class KeptVectors {
  readonly dimensions: number
  readonly sum: VectorSum
  readonly #places = new Map<Key, number>()
  readonly #blocks: Block[] = []

  constructor(dimensions: number) {
    this.dimensions = dimensions
    this.sum = new VectorSum(dimensions)
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.#blocks.length * BLOCK_ROWS * (this.dimensions + 4 * Float64Array.BYTES_PER_ELEMENT + 1)
  }

  /** What has no vector, or one of another length, is near to nothing. */
  put({ key, at, removed, vector }: WrittenVector): void {
    const place = this.#places.get(key) ?? this.#places.size
    this.#places.set(key, place)
    const row = place % BLOCK_ROWS
    const block = (this.#blocks[Math.floor(place / BLOCK_ROWS)] ??= this.#newBlock())
    const fits = vector.length === this.dimensions
    const from = row * this.dimensions
    const length = fits ? lengthOf(vector) : 0
    this.sum.take(block.vectors.subarray(from, from + this.dimensions), block.lengths[row] ?? 0)
    this.sum.add(vector, length)
    if (fits) block.vectors.set(vector, from)
    block.keys[row] = key
    block.ats[row] = at
    block.removed[row] = removed ? 1 : 0
    block.lengths[row] = length
    block.middle = null
  }

  #newBlock(): Block {
    return {
      keys: [],
      ats: new Float64Array(BLOCK_ROWS),
      removed: new Uint8Array(BLOCK_ROWS),
      lengths: new Float64Array(BLOCK_ROWS),
      vectors: new Int8Array(BLOCK_ROWS * this.dimensions),
      alongs: new Float64Array(BLOCK_ROWS),
      distances: new Float64Array(BLOCK_ROWS),
      middle: null,
    }
  }

  /** Gives what is nearer than `least`, block by block; `least` is asked again as it rises. */
  find(query: NearQuery, least: () => number, found: (near: Near) => void): void {
    const { vector, middle, removed, since } = query
    if (vector.length !== this.dimensions) return
    const length = lengthOf(vector)
    const along = productOf(vector, middle) / length
    const distance = distanceOf(along, middle)
    const wanted = removed ? 1 : 0
    const products = new Int32Array(BLOCK_ROWS)
    for (const block of this.#blocks) {
      const { keys, ats, lengths } = block
      this.#seeFrom(middle, block, products)
      multiply(vector, block.vectors, keys.length, products)
      for (let row = 0; row < keys.length; row++) {
        const cosine = (products[row] as number) / (length * (lengths[row] as number))
        // Without a vector it is no number, or infinite.
        if (!(cosine > COSINE_LEAST) || block.removed[row] !== wanted || (ats[row] as number) < since) continue
        if (lengths[row] === 0) continue
        const product = cosine - along - (block.alongs[row] as number) + middle.square
        // What is the middle itself lies in no direction.
        const nearness = product / (distance * (block.distances[row] as number)) || 0
        if (nearness > least()) found({ key: keys[row] as Key, nearness: Math.min(1, nearness) })
      }
    }
  }

  /** The middle moves only when something was written: what is the same for every search is kept until then. */
  #seeFrom(middle: Middle, block: Block, products: Int32Array): void {
    if (block.middle === middle) return
    multiply(middle.direction, block.vectors, block.keys.length, products)
    for (let row = 0; row < block.keys.length; row++) {
      const along = ((products[row] as number) * middle.scale) / (block.lengths[row] as number)
      block.alongs[row] = along
      block.distances[row] = distanceOf(along, middle)
    }
    block.middle = middle
  }
}

function productOf(vector: Int8Array, { direction, scale }: Middle): number {
  return vector.reduce((sum, part, i) => sum + part * (direction[i] ?? 0), 0) * scale
}

/** Between a direction and the middle, as far as the direction goes `along` it. */
function distanceOf(along: number, { square }: Middle): number {
  return Math.sqrt(Math.max(0, 1 - 2 * along + square))
}
