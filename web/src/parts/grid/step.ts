// Owns how a movement of a tall list is understood: row by row, or to a part of it. Pure.

interface Movement {
  /** So many pixels of the area, to this place of it, which ends there. */
  readonly by: number
  readonly at: number
  readonly end: number
  /** Of what is in sight. */
  readonly height: number
  /** By a wheel or a finger. */
  readonly isTurned: boolean
}

/**
 * Whether a movement goes row by row, not to the same part of a list that is taller than its area. A wheel that is turned hard moves
 * by more than two windows in one step, and by what it was turned all the same.
 */
export function isStep({ by, at, end, height, isTurned }: Movement): boolean {
  return (isTurned || Math.abs(by) < 2 * height) && at > 0 && at < end - 1
}
