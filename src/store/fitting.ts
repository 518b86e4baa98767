// Owns how many rows are read at a time where each may be large. Pure.

/** How much text of rows in quarantine is read at a time, in bytes. */
export const QUARANTINE_BYTES_MAX = 16 * 2 ** 20

/** How much text of contents that lack new columns is read at a time, in bytes. */
export const FILL_BYTES_MAX = 16 * 2 ** 20

/** How many of the rows, from the first on, fit into so many bytes; the first one always does. */
export function fitting(bytes: readonly number[], bytesMax: number): number {
  let sum = 0
  const end = bytes.findIndex((size, i) => (sum += size) > bytesMax && i > 0)
  return end < 0 ? bytes.length : end
}
