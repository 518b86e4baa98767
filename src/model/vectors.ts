// Owns vectors as they are stored and compared: a byte for each dimension, which keeps their direction. Pure.

/** The greatest whole number of a dimension. */
const MOST = 127

/** A vector of any length as whole numbers from -127 to 127, of the same direction. */
export function packed(vector: Float32Array): Int8Array {
  let greatest = 0
  for (const part of vector) greatest = Math.max(greatest, Math.abs(part))
  if (greatest === 0 || !Number.isFinite(greatest)) return new Int8Array(0)
  return Int8Array.from(vector, (part) => Math.round((part / greatest) * MOST))
}

/** How long a packed vector is. */
export function lengthOf(vector: Int8Array): number {
  return Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0))
}

/** The product of a vector with each of the first `count` that stand one behind the other in `rows`, into `out`. */
export function multiply(vector: Int8Array, rows: Int8Array, count: number, out: Int32Array): void {
  const { length } = vector
  for (let row = 0, at = 0; row < count; row++) {
    let sum = 0
    // Whole numbers of 32 bits throughout: that is what makes it fast.
    for (let i = 0; i < length; i++, at++) sum = (sum + (vector[i] as number) * (rows[at] as number)) | 0
    out[row] = sum
  }
}
