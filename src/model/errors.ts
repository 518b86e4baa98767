// Owns errors, sorted by two questions: how much does the fault concern (the scope), and who acts next (the verdict)?
// The scope comes first: what is wrong with one page is no reason to ask a person for a new login.

import { CODE_MAX, MESSAGE_MAX, type Scrub, shown } from './shown.ts'

/**
 * How much a fault concerns; everything outside of the scope may still be read.
 *
 * - `key`: one record that was asked for by its key.
 * - `page`: one page of a listing; the pages before and after it may be readable.
 * - `stream`: everything that the stream lists; the other streams of the connection are still read.
 * - `login`: the credentials, hence every request of the connection until somebody renews them.
 * - `run`: everything that the run does: a rate limit, a budget, the lease, the database, the disk, cancellation.
 */
export type Scope = 'key' | 'page' | 'stream' | 'login' | 'run'

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
  /** `pause` becomes `stop` where a scope other than `login` is given. @default 'stop' */
  readonly verdict?: Verdict | undefined
  /** Absent: see `scopeOf`. */
  readonly scope?: Scope | undefined
  /** For `wait`: the earliest moment to ask again, in milliseconds since 1970 by our clock. */
  readonly retryAt?: number | undefined
  /** How often it was tried before this was thrown, by whoever tries it; nobody above tries it again. */
  readonly tried?: number | undefined
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
  /** What the code that threw it declared; `scopeOf` has an answer for every error. */
  readonly scope: Scope | undefined
  readonly retryAt: number | undefined
  readonly tried: number | undefined

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TidemarkError'
    this.code = code
    this.hint = details.hint
    this.scope = details.scope
    this.verdict = verdictWithin(details.scope, details.verdict ?? 'stop')
    this.retryAt = details.retryAt
    this.tried = details.tried
  }
}

/** Only a refused login pauses a connection: nobody can log in to mend a page. */
function verdictWithin(scope: Scope | undefined, verdict: Verdict): Verdict {
  return verdict === 'pause' && scope !== undefined && scope !== 'login' ? 'stop' : verdict
}

/** The scope that an error has when nothing was declared: a stranger, and a fault of nobody's login, concern the stream. */
export function scopeOf(error: unknown): Scope {
  if (!(error instanceof TidemarkError)) return 'stream'
  return error.scope ?? SCOPE_BY_VERDICT[error.verdict]
}

const SCOPE_BY_VERDICT: Readonly<Record<Verdict, Scope>> = {
  retry: 'stream',
  wait: 'run',
  pause: 'login',
  skip: 'key',
  stop: 'stream',
  yield: 'run',
}

/**
 * Whether an error that reading one page of a listing (or a few records by key) threw is the fault of that page alone,
 * so that other pages of the stream may still be readable: the source refuses or breaks this page, or the connector
 * trips over what is on it. False for logins, limits, budgets, leases, the database and cancellation, and where the
 * host can't be reached at all. Meaningless for errors from anywhere else.
 */
export function isPageFault(error: unknown): boolean {
  // Connectors may throw anything while they read a page, and what they throw themselves seldom names a scope.
  if (!(error instanceof TidemarkError)) return true
  if (error.scope !== undefined) return error.scope === 'page' || error.scope === 'key'
  return error.verdict === 'retry' || error.verdict === 'stop' || error.verdict === 'skip'
}

/** The same error with another scope. */
export function withScope(error: TidemarkError, scope: Scope): TidemarkError {
  const { code, message, hint, verdict, retryAt, tried, cause } = error
  return new TidemarkError(code, message, { hint, verdict, scope, retryAt, tried, cause })
}

/** An error as reports, the HTTP API and the database carry it. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly verdict: Verdict
}

/**
 * What to write about anything that was thrown, without secrets and in at most MESSAGE_MAX characters each; a stranger
 * becomes `unexpected` with the verdict `stop`. Never throws.
 */
export function errorReport(thrown: unknown, scrub: Scrub = (text) => text): ErrorReport {
  const told = (text: string) => shown(text, scrub, MESSAGE_MAX)
  const error = asError(thrown)
  if (error instanceof TidemarkError) {
    const { code, message, hint, verdict } = error
    const hinted = hint === undefined ? null : told(textOf(hint))
    return { code: shown(textOf(code), scrub, CODE_MAX), message: told(textOf(message)), hint: hinted, verdict }
  }
  const message = told(error === thrown ? `${error.name}: ${error.message}` : error.message)
  return { code: 'unexpected', message, hint: 'This is a bug in Tidemark; please report it.', verdict: 'stop' }
}

/**
 * What foreign code threw, as an error that can be looked at: itself where it is one whose parts can be read. Code may throw
 * anything: null, a symbol, a Proxy, an error whose message is a getter that throws. Never throws.
 */
export function asError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) {
      const { name, message, stack = '' } = thrown
      if ([name, message, stack].every((part) => typeof part === 'string')) return thrown
    }
  } catch {
    // What can't be read is replaced.
  }
  return new Error(textOf(thrown))
}

/** Anything as text, as far as it has one. */
function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'something without a text of its own was thrown'
  }
}
