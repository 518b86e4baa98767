// Owns errors, sorted by two questions: how much does the fault concern (the scope), and who acts next (the verdict)?
// The scope comes first: what is wrong with one page is no reason to ask a person for a new login.

import { type ErrorCode, meaningOfCode, type SourceVerdict, type Verdict } from './error-table.ts'
import { CODE_MAX, MESSAGE_MAX, type Scrub, shown } from './shown.ts'

export type { ErrorCode, SourceVerdict, Verdict } from './error-table.ts'

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

/** How every message is written: a sentence with its values, which begins with a capital, a digit or a quote. */
export type Sentence = `${Initial}${string}.`

type Initial = Capital | '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '"'
// biome-ignore format: the alphabet
type Capital = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'N' | 'O' | 'P' | 'Q' | 'R' | 'S' | 'T' | 'U' | 'V' | 'W' | 'X' | 'Y' | 'Z'

/** A message with more at its end, before the full stop. */
export function extended(message: string, more: string): string {
  return message.replace(/\.?$/, (stop) => more + stop)
}

/**
 * A text from elsewhere (a library, a database) as a sentence. One that may begin with a secret is scrubbed before: with
 * a capital, it is no longer found.
 */
export function sentence(text: string): Sentence {
  const said = text.trim()
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}${/[.!?…]$/.test(said) ? '' : '.'}` as Sentence
}

export interface ErrorDetails {
  /** One sentence for the person who acts; it may end in a command. @default that of the code */
  readonly hint?: string | undefined
  /** `pause` becomes `stop` where a scope other than `login` is given. @default that of the code */
  readonly verdict?: SourceVerdict | undefined
  /** Absent: see `scopeOf`. */
  readonly scope?: Scope | undefined
  /** For `wait`: the earliest moment to ask again, in milliseconds since 1970 by our clock. */
  readonly retryAt?: number | undefined
  /** What is wrong with each option, where several may be. */
  readonly issues?: readonly OptionIssue[] | undefined
  /** How often it was tried before this was thrown, by whoever tries it; nobody above tries it again. */
  readonly tried?: number | undefined
  readonly cause?: unknown
}

/** What is wrong with an option of a connector. */
export interface OptionIssue {
  /** The name of the option; null: of several together. */
  readonly option: string | null
  /** Reads on after the name: `is missing`. Never a value. */
  readonly message: string
}

/**
 * An error that a person can act on: a stable `code` (lower_snake, listed in docs/errors.md), a message with the
 * values, and a hint. Everything that Tidemark throws on purpose is one; anything else is a bug.
 */
export class TidemarkError extends Error {
  /** One of the table, or a connector's own. */
  readonly code: string
  readonly hint: string | undefined
  readonly verdict: Verdict
  /** What the code that threw it declared; `scopeOf` has an answer for every error. */
  readonly scope: Scope | undefined
  readonly retryAt: number | undefined
  readonly tried: number | undefined
  readonly issues: readonly OptionIssue[] | undefined

  constructor(code: ErrorCode, message: Sentence, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    const verdict = this instanceof LeaseLost ? 'yield' : verdictOfSource(details.verdict, code)
    this.name = 'TidemarkError'
    this.code = code
    this.hint = details.hint ?? meaningOfCode(code).hint
    this.scope = details.scope
    this.verdict = verdictWithin(details.scope, verdict)
    this.retryAt = details.retryAt
    this.tried = details.tried
    this.issues = details.issues
  }
}

/**
 * What a connector throws, or says of an answer: any code in lower-case words joined by underscores, such as
 * `shop_closed`, and any text, which is shown as it is.
 */
export class ConnectorError extends TidemarkError {
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(code as ErrorCode, message as Sentence, details)
  }
}

/** Another process has taken the lease over: this one writes nothing more. The only error by which a run yields. */
export class LeaseLost extends TidemarkError {
  constructor(message: Sentence) {
    super('lease_lost', message)
  }
}

/** Only a refused login pauses a connection: nobody can log in to mend a page. */
function verdictWithin(scope: Scope | undefined, verdict: Verdict): Verdict {
  return verdict === 'pause' && scope !== undefined && scope !== 'login' ? 'stop' : verdict
}

/** What a connector asks for, or what its code means; anything else, which plain JavaScript may say, stops. */
export function verdictOfSource(asked: unknown, code: string): SourceVerdict {
  const verdict = asked ?? meaningOfCode(code).verdict
  return SOURCE_VERDICTS.find((one) => one === verdict) ?? 'stop'
}

export const SOURCE_VERDICTS = ['retry', 'wait', 'pause', 'skip', 'stop'] as const satisfies readonly SourceVerdict[]

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

/** An error as values: what `retold` makes one of again. */
export type ToldError = Omit<ErrorDetails, 'hint' | 'verdict' | 'retryAt'> & {
  readonly code: string
  readonly verdict?: Verdict | undefined
  readonly message: string
  readonly hint?: string | null | undefined
  /** ISO text in one that was reported. */
  readonly retryAt?: number | string | undefined
}

/** The same error, or one that was reported, with some of it changed. */
export function retold(error: ToldError, changed: ErrorDetails & { readonly message?: Sentence }): TidemarkError {
  if (error instanceof LeaseLost) return error
  const { code, message, hint, scope, retryAt, tried, cause } = error
  const verdict = verdictOfSource(error.verdict, code)
  const at = typeof retryAt === 'string' ? Date.parse(retryAt) : retryAt
  const details = { hint: hint ?? undefined, verdict, scope, retryAt: at, tried, cause }
  return new ConnectorError(code, changed.message ?? message, { ...details, ...changed })
}

/** An error as reports, the HTTP API and the database carry it. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly verdict: Verdict
  /** When it is worth asking again, where that is known. ISO text. */
  readonly retryAt?: string | undefined
}

/**
 * What to write about anything that was thrown, without secrets and in at most MESSAGE_MAX characters each; a stranger
 * becomes `unexpected` with the verdict `stop`. Never throws.
 */
export function errorReport(thrown: unknown, scrub: Scrub = (text) => text): ErrorReport {
  const told = (text: string) => shown(text, scrub, MESSAGE_MAX)
  const error = asError(thrown)
  if (error instanceof TidemarkError) {
    const { code, message, hint, verdict, retryAt } = error
    const hinted = hint === undefined ? null : told(textOf(hint))
    const report = { code: shown(textOf(code), scrub, CODE_MAX), message: told(textOf(message)), hint: hinted, verdict }
    return isTime(retryAt) ? { ...report, retryAt: new Date(retryAt).toISOString() } : report
  }
  const said = error === thrown ? `${error.name}: ${error.message}` : error.message
  return errorReport(new ConnectorError('unexpected', said), scrub)
}

function isTime(at: unknown): at is number {
  return typeof at === 'number' && Math.abs(at) <= 8.64e15
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
