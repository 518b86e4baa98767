// Owns the middle of the vectors among which something is looked for: what all of them have in common, and tells none from
// another. Nearness is seen from there. Pure.

import { packed } from '../../model/vectors.ts'

/**
 * Records of which the middle is pulled to the origin by half: what a few have in common is what they are about, and a single
 * one is its own middle.
 */
const RECORDS_OF_HALF = 32

export interface Middle {
  /** Each part, as a whole number, times `scale`. */
  readonly direction: Int8Array
  readonly scale: number
  /** Of its length, which is below 1. */
  readonly square: number
}

/** The sum of directions: of vectors, each with length 1. */
export class VectorSum {
  readonly parts: Float64Array
  count = 0

  constructor(dimensions: number) {
    this.parts = new Float64Array(dimensions)
  }

  /** One without a length has no direction, and changes nothing. */
  add(vector: Int8Array, length: number): void {
    this.#change(vector, length, 1)
  }

  take(vector: Int8Array, length: number): void {
    this.#change(vector, length, -1)
  }

  #change(vector: Int8Array, length: number, sign: 1 | -1): void {
    if (length === 0) return
    const { parts } = this
    const share = sign / length
    for (let i = 0; i < parts.length; i++) parts[i] = (parts[i] as number) + share * (vector[i] as number)
    this.count += sign
  }
}

export function middleOf(sums: readonly VectorSum[], dimensions: number): Middle {
  const mean = new Float32Array(dimensions)
  const count = sums.reduce((all, sum) => all + sum.count, 0) + RECORDS_OF_HALF
  for (const { parts } of sums)
    for (let i = 0; i < dimensions; i++) mean[i] = (mean[i] as number) + (parts[i] ?? 0) / count
  const direction = packed(mean)
  if (direction.length === 0) return { direction: new Int8Array(dimensions), scale: 0, square: 0 }
  const length = direction.reduce((sum, part) => sum + part * part, 0)
  // As long as what stands for it: distances are then those from a place that there is.
  const scale = Math.hypot(...mean) / Math.sqrt(length)
  return { direction, scale, square: scale * scale * length }
}
