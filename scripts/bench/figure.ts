// Owns the shape of a measured figure.

export interface Figure {
  readonly name: string
  readonly value: number
  /** Empty for a ratio. */
  readonly unit: string
  /** What it should be, and whether it is. */
  readonly aim?: string
  readonly met?: boolean
}
