// Owns why connections stand still, and what follows for commands that mean all of them. Pure.

const WORDS: Readonly<Record<string, string>> = { user: 'paused', login: 'login needed' }

/** Why a connection stands still, in words: a person paused it, its login ended, it was disconnected. */
export function pausedText(reasons: readonly string[]): string {
  return reasons.map((reason) => WORDS[reason] ?? reason).join(', ')
}

/** A person wants it so. A connection that waits for a new login does not stand still: it says that it needs a person. */
export function standsStill(reasons: readonly string[]): boolean {
  return reasons.includes('user') || isDisconnected(reasons)
}

export function isDisconnected(reasons: readonly string[]): boolean {
  return reasons.includes('disconnected')
}
