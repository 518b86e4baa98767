// Owns errors, sorted by the only question that matters at three in the morning: who acts next?

/**
 * Who acts next when something failed.
 *
 * - `retry`: the engine, by asking again with backoff; costs an attempt.
 * - `wait`: the engine, once the limit's time has come; costs no attempt.
 * - `pause`: a person, who must log in again; the connection stands still until then.
 * - `skip`: nobody now; the one record is set aside in quarantine and the page goes on.
 * - `stop`: a person, who must change the configuration or the connector; the run fails.
 * - `yield`: another process, which holds the lease now; this one drops what is unwritten.
 */
export type Verdict = 'retry' | 'wait' | 'pause' | 'skip' | 'stop' | 'yield'

export interface ErrorDetails {
  /** One sentence for the person who acts. */
  readonly hint?: string | undefined
  /** @default 'stop' */
  readonly verdict?: Verdict | undefined
  /** For `wait`: the earliest moment to ask again, in milliseconds since 1970 by our clock. */
  readonly retryAt?: number | undefined
  readonly cause?: unknown
}

/**
 * An error that a person can act on: a stable `code` (lower_snake, listed in docs/errors.md), a message with the
 * values, and a hint. Everything that Tidemark throws on purpose is one; anything else is a bug.
 */
export class TidemarkError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly verdict: Verdict
  readonly retryAt: number | undefined

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TidemarkError'
    this.code = code
    this.hint = details.hint
    this.verdict = details.verdict ?? 'stop'
    this.retryAt = details.retryAt
  }
}

/** An error as reports, the HTTP API and the database carry it. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly verdict: Verdict
}

/** What to write about anything that was thrown; a stranger becomes `unexpected` with the verdict `stop`. */
export function errorReport(error: unknown): ErrorReport {
  if (error instanceof TidemarkError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null, verdict: error.verdict }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { code: 'unexpected', message, hint: 'This is a bug in Tidemark; please report it.', verdict: 'stop' }
}
