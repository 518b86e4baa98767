// Owns the small ports through which the engine touches the world's nondeterminism: time, chance and the log. Nothing
// else in the engine may be nondeterministic, so that a simulation that holds these (with the store's and the
// transport's) can replay any run by its seed.

export interface Clock {
  /** Milliseconds since 1970, by the wall. May step. */
  now(): number
  /** Milliseconds on a clock that never steps; only differences mean anything. */
  mono(): number
  /** Resolves after `ms`, or at once when `signal` aborts: the caller looks at the signal. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * As `sleep`, for a pause between two looks of something that runs beside the work, a heartbeat for instance: nothing
   * waits for it, so a clock whose sleeping takes no time must let it take its time. Absent: `sleep`.
   */
  tick?(ms: number, signal?: AbortSignal): Promise<void>
}

/** A pause that nothing waits for. */
export function tick(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return clock.tick ? clock.tick(ms, signal) : clock.sleep(ms, signal)
}

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** A new identifier that sorts by time of creation: 26 characters, Crockford base 32 (a ULID). */
  id(now: number): string
}

/** A log event: a stable dotted name (docs/operating.md lists them) and its values. Never a secret. */
export interface Logger {
  event(level: 'debug' | 'info' | 'warn' | 'error', name: string, values: Readonly<Record<string, unknown>>): void
}

export const silentLogger: Logger = { event() {} }
