// Owns what the headers of an answer say about limits: how long to wait, how much is left, when it starts anew. Pure.

/** All in milliseconds from now; undefined where the headers say nothing. */
export interface RateReading {
  /** From Retry-After. */
  readonly retryAfterMs: number | undefined
  /** Requests left in the current window. */
  readonly remaining: number | undefined
  /** Until the window starts anew. */
  readonly resetMs: number | undefined
}

type Headers = Readonly<Record<string, string>>

const PREFIXES = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-'] as const
/** Above this a number of seconds is a date since 1970, and above the next one a date in milliseconds. */
const EPOCH_SECONDS = 1e9
const EPOCH_MS = 1e12
/** Windows are told in whole seconds, some rounded down: a second more makes sure that the new one has begun. */
const RESET_MARGIN_MS = 1_000
/** No service means more than this; a larger number is damage, and must not stop a connection for years. */
const WAIT_MAX_MS = 7 * 86_400_000

/**
 * Reads Retry-After, the X-RateLimit family (a reset is a date in seconds on GitHub, a number of seconds on Reddit), and
 * the RateLimit fields of the IETF drafts. `now` is the source's clock, since its dates are by its clock.
 */
export function readRate(headers: Headers, now: number): RateReading {
  // A date is by the clock of whoever answered; the same answer tells it best.
  const retryAfterMs = retryAfter(headers['retry-after'], httpDate(headers['date']) ?? now)
  for (const prefix of PREFIXES) {
    const remaining = headers[`${prefix}remaining`]
    if (remaining === undefined) continue
    return { retryAfterMs, remaining: amount(remaining), resetMs: reset(headers[`${prefix}reset`], now) }
  }
  return { retryAfterMs, ...structured(headers['ratelimit'], now) }
}

/** How long a refused request has to wait by its headers; undefined when they don't say. */
export function waitByHeaders(rate: RateReading): number | undefined {
  if (rate.retryAfterMs !== undefined) return rate.retryAfterMs
  return rate.remaining !== undefined && rate.remaining < 1 ? rate.resetMs : undefined
}

function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  const seconds = amount(value)
  if (seconds !== undefined) return limited(seconds * 1_000)
  const date = httpDate(value)
  return date === undefined ? undefined : limited(date - now)
}

function reset(value: string | undefined, now: number): number | undefined {
  const number = amount(value)
  if (number === undefined) return undefined
  if (number >= EPOCH_MS) return limited(number - now + RESET_MARGIN_MS)
  if (number >= EPOCH_SECONDS) return limited(number * 1_000 - now + RESET_MARGIN_MS)
  return limited(number * 1_000 + RESET_MARGIN_MS)
}

/** `limit=100, remaining=3, reset=20`, or `"default";r=3;t=20`. */
function structured(value: string | undefined, now: number): Pick<RateReading, 'remaining' | 'resetMs'> {
  if (value === undefined) return { remaining: undefined, resetMs: undefined }
  const remaining = /(?:^|[;,\s])(?:remaining|r)=(\d+)/.exec(value)?.[1]
  const seconds = /(?:^|[;,\s])(?:reset|t)=(\d+)/.exec(value)?.[1]
  return { remaining: amount(remaining), resetMs: reset(seconds, now) }
}

function amount(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}

function limited(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), WAIT_MAX_MS)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/

/**
 * Milliseconds since 1970 of a date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`). Undefined for anything else:
 * Date.parse would make a date even of "page 7".
 */
export function httpDate(value: string | undefined): number | undefined {
  const match = HTTP_DATE.exec(value?.trim() ?? '')
  const month = MONTHS.indexOf(match?.[2] ?? '')
  if (!match || month < 0) return undefined
  const [, day, , year, hours, minutes, seconds] = match.map(Number)
  return Date.UTC(year!, month, day, hours, minutes, seconds)
}
