// Owns when a byCursor pass looks at what its source dates ahead of its own clock. Pure.

/** How often to look, in milliseconds, while no record is known to be dated ahead. */
export const LOOK_AHEAD_EVERY_MS = 3_600_000

/** What is known of what lies ahead. */
export interface KnownAhead {
  /** How many records the last look found. */
  readonly ahead?: number
  /** When it was taken. */
  readonly lookedAhead?: number
}

/** Whether the look is worth its request. */
export function isLookDue({ ahead = 0, lookedAhead }: KnownAhead, now: number): boolean {
  // Where the clock was set back, the last look is one of the future.
  const isRecent = lookedAhead !== undefined && lookedAhead <= now && now - lookedAhead < LOOK_AHEAD_EVERY_MS
  return ahead > 0 || !isRecent
}
