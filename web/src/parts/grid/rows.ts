// Owns what a grid asks of its rows: how many there are, and those that are known. Rows may come in parts, whenever they come.

export interface Rows<Row> {
  readonly total: number
  /** Undefined: it is not known yet. */
  readonly at: (i: number) => Row | undefined
  /** Says which rows are shown, the last one too, so that they are fetched. */
  readonly need: (from: number, to: number) => void
}

/**
 * Rows that are all there.
 *
 * @public
 */
export function listed<Row>(rows: readonly Row[]): Rows<Row> {
  return { total: rows.length, at: (i) => rows[i], need: () => {} }
}
