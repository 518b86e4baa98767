// Owns when a byCursor pass looks at what its source dates ahead of its own clock. Pure.

/** How often to look, in milliseconds, while no record is known to be dated ahead. */
export const LOOK_AHEAD_EVERY_MS = 3_600_000
/** How often to look beyond LOOK_AHEAD_MS, in milliseconds. */
export const LOOK_FAR_EVERY_MS = 86_400_000

/** What is known of what lies ahead. */
export interface KnownAhead {
  /** How many records the last look found. */
  readonly ahead?: number
  /** How many of them lie beyond LOOK_AHEAD_MS. */
  readonly far?: number
  /** When it was taken. */
  readonly lookedAhead?: number
  /** When it last reached as far as there are times. */
  readonly lookedFar?: number
}

/** Whether the look is worth its request. */
export function isLookDue({ ahead = 0, far = 0, lookedAhead }: KnownAhead, now: number): boolean {
  // What lies far ahead, by a typo for instance, is not worth a request in every run.
  return ahead > far || !isRecent(lookedAhead, now, LOOK_AHEAD_EVERY_MS)
}

/** Whether a look that is due reaches beyond LOOK_AHEAD_MS. */
export function isFarLookDue({ lookedFar }: KnownAhead, now: number): boolean {
  return !isRecent(lookedFar, now, LOOK_FAR_EVERY_MS)
}

function isRecent(at: number | undefined, now: number, everyMs: number): boolean {
  // Where the clock was set back, the last look is one of the future.
  return at !== undefined && at <= now && now - at < everyMs
}
