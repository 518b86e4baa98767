// Owns what one request may take: tries, time, bytes, waits and redirects.

export interface HttpLimits {
  /** Tries of one request, the first included. @default 5 */
  readonly attempts: number
  /** Until an answer is complete. @default 30_000 */
  readonly timeoutMs: number
  /** Of one body, decompressed. @default 64 MiB */
  readonly bytesMax: number
  /**
   * What may be waited for rate limits: by one request in all its waits together, and by all requests of the client in
   * waits of `LONG_WAIT_MS` and more. @default 60_000
   */
  readonly waitMaxMs: number
  /** Redirects followed in one try. @default 3 */
  readonly redirects: number
}

export const LIMITS: HttpLimits = {
  attempts: 5,
  timeoutMs: 30_000,
  bytesMax: 64 << 20,
  waitMaxMs: 60_000,
  redirects: 3,
}

/** By so much a block may end later than it was set for, on its way through the store. */
export const ROUNDING_MS = 50
/** Shorter waits are the pace that a limit sets; these add up over all requests, and a run that has waited its share ends. */
export const LONG_WAIT_MS = 10_000
