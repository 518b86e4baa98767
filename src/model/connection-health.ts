// Owns how a connection is, as one of five words that every face shows the same way. Pure.

/**
 * - `bad`: it is not read, or its last run failed; a person must act.
 * - `busy`: a run is under way.
 * - `warn`: something is not as it should be, and what is there can be used.
 * - `idle`: it was never read.
 * - `good`: all is as it should be. A connection that a person has paused is as good as it was left.
 */
export const HEALTHS = ['bad', 'busy', 'warn', 'idle', 'good'] as const
export type ConnectionHealth = (typeof HEALTHS)[number]

/** What is known of a connection. */
interface Seen {
  readonly needsLogin: boolean
  /** The source refuses one of its streams. */
  readonly isUnavailable: boolean
  readonly isRunning: boolean
  /** How its last run ended; null: there was none. */
  readonly lastStatus: string | null
  /** Things that a person has to do. */
  readonly todos: number
}

/** Of several words that hold, the first of the list that a person acts on. */
export function connectionHealth({ needsLogin, isUnavailable, isRunning, lastStatus, todos }: Seen): ConnectionHealth {
  if (needsLogin || lastStatus === 'failed' || isUnavailable) return 'bad'
  if (isRunning) return 'busy'
  if (todos > 0) return 'warn'
  return lastStatus === null ? 'idle' : 'good'
}
