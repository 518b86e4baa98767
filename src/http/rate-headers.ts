// Owns what the headers of an answer say about limits: how long to wait, how much is left, when it starts anew. Services
// write numbers, dates and lists of them in many forms; what can't be read counts as not said, never as "at once". Pure.

import { httpDate, instantOf } from './http-dates.ts'

/** All in milliseconds from now; undefined where the headers say nothing that can be read. Nothing is negative. */
export interface RateReading {
  /** From Retry-After and its variants. */
  readonly retryAfterMs: number | undefined
  /** Requests left in the current window. */
  readonly remaining: number | undefined
  /** Until the window starts anew. */
  readonly resetMs: number | undefined
}

type Headers = Readonly<Record<string, string>>
type Window = Pick<RateReading, 'remaining' | 'resetMs'>

const PREFIXES = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-', 'rate-limit-'] as const
/** Numbers above these are no span in seconds but a date: in seconds, milliseconds, microseconds since 1970. */
const EPOCH_SECONDS = 1e9
const EPOCH_MS = 1e12
const EPOCH_US = 1e15
/** Windows are told in whole seconds, some rounded down: a second more makes sure that the new one has begun. */
const RESET_MARGIN_MS = 1_000
/** No service means more than this; a larger number is damage, and must not stop a connection for years. */
export const WAIT_MAX_MS = 7 * 86_400_000
/** What an answer that refuses nothing may ask for: windows are of a day at most, and a wrong header must cost no more. */
export const UNREFUSED_WAIT_MAX_MS = 86_400_000
/** Headers are short; a longer one is not looked at. */
const HEADER_MAX = 1_000

/**
 * Reads Retry-After, the X-RateLimit family (a reset is a date in seconds on GitHub, a number of seconds on Reddit), and
 * the RateLimit fields of the IETF drafts. Of a list (a header that came twice), the most careful value counts. `now` is
 * the source's clock, since its dates are by its clock.
 */
export function readRate(headers: Headers, now: number): RateReading {
  // A date is by the clock of whoever answered; the same answer tells it best.
  const base = httpDate(headers['date']) ?? now
  const retryAfterMs =
    largest(valuesOf(headers['retry-after'] ?? headers['x-retry-after']).map((one) => waitOf(one, base))) ??
    largest(valuesOf(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms']).map((one) => scaled(one, 1)))
  for (const prefix of PREFIXES) {
    const remaining = headers[`${prefix}remaining`]
    const reset = headers[`${prefix}reset`] ?? headers[`${prefix}reset-after`]
    if (remaining === undefined && reset === undefined) continue
    return {
      retryAfterMs,
      remaining: smallest(valuesOf(remaining).map(amount)),
      resetMs: largest(valuesOf(reset).map((one) => resetOf(one, base))),
    }
  }
  return { retryAfterMs, ...structured(headers['ratelimit'], headers['ratelimit-policy'], base) }
}

/** How long a refused request has to wait by its headers; undefined when they don't say. Zero: its time is over. */
export function waitByHeaders(rate: RateReading): number | undefined {
  if (rate.retryAfterMs !== undefined) return rate.retryAfterMs
  return rate.remaining === undefined || rate.remaining < 1 ? rate.resetMs : undefined
}

/** How much of a wait that an answer's headers ask for is believed, by the status of the answer. */
export function believed(ms: number, status: number): number {
  return Math.min(ms, status < 400 ? UNREFUSED_WAIT_MAX_MS : WAIT_MAX_MS)
}

/** The values of a header, which may be a list. The comma within a date separates nothing. */
function valuesOf(header: string | undefined): readonly string[] {
  if (header === undefined || header.length > HEADER_MAX) return []
  const values: string[] = []
  let weekday = ''
  for (const part of header.split(',')) {
    const value = part.trim()
    if (weekday === '' && /^[A-Za-z]{3,9}$/.test(value)) {
      weekday = value
      continue
    }
    values.push(weekday === '' ? value : `${weekday}, ${value}`)
    weekday = ''
  }
  if (weekday !== '') values.push(weekday)
  return values
}

/** A span or a date, as milliseconds from `now`. */
function waitOf(value: string, now: number): number | undefined {
  const number = amount(value)
  if (number !== undefined) return fromNumber(number, now, 0)
  const at = instantOf(value)
  return at === undefined ? spanOf(value) : limited(at - now)
}

function resetOf(value: string, now: number): number | undefined {
  const number = amount(value)
  if (number !== undefined) return fromNumber(number, now, RESET_MARGIN_MS)
  const at = instantOf(value)
  const ms = at === undefined ? spanOf(value) : at - now
  return ms === undefined ? undefined : limited(ms + RESET_MARGIN_MS)
}

function fromNumber(number: number, now: number, marginMs: number): number {
  if (number < EPOCH_SECONDS) return limited(number * 1_000 + marginMs)
  const sinceEpoch = number < EPOCH_MS ? number * 1_000 : number < EPOCH_US ? number : number / 1_000
  return limited(sinceEpoch - now + marginMs)
}

/** `30s`, `1m30s`, `250ms`. */
function spanOf(value: string): number | undefined {
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?$/.exec(value)
  if (value !== '' && match) {
    const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
    return limited(hours * 3_600_000 + minutes * 60_000 + seconds * 1_000)
  }
  return value.endsWith('ms') ? scaled(value.slice(0, -2), 1) : undefined
}

function scaled(value: string, unitMs: number): number | undefined {
  const number = amount(value)
  return number === undefined ? undefined : limited(number * unitMs)
}

/**
 * The RateLimit field in its forms: `limit=100, remaining=3, reset=20`, or items such as `"default";r=3;t=20`, of which
 * the tightest counts. Where an item does not say when it starts anew, the window of its policy does.
 */
function structured(field: string | undefined, policy: string | undefined, now: number): Window {
  const items = valuesOf(field).map(parametersOf)
  const policies = new Map(valuesOf(policy).map((item) => [nameOf(item), parametersOf(item)]))
  const windows = items.some((item) => item.has('r'))
    ? valuesOf(field).map((text, i) => windowOf(items[i]!, 'r', 't', policies.get(nameOf(text)), now))
    : [windowOf(new Map(items.flatMap((item) => [...item])), 'remaining', 'reset', undefined, now)]
  const remaining = smallest(windows.map((one) => one.remaining))
  const tightest = windows.filter((one) => one.remaining === remaining)
  return { remaining, resetMs: largest(tightest.map((one) => one.resetMs)) }
}

function windowOf(
  item: ReadonlyMap<string, string>,
  left: string,
  reset: string,
  policy: ReadonlyMap<string, string> | undefined,
  now: number,
): Window {
  const resets = item.get(reset) ?? policy?.get('w')
  return { remaining: amount(item.get(left)), resetMs: resets === undefined ? undefined : resetOf(resets, now) }
}

function nameOf(item: string): string {
  return item.split(';')[0]!.trim().replaceAll('"', '')
}

/** The parameters of an item: `"default";r=3;t=20` has r and t. */
function parametersOf(item: string): ReadonlyMap<string, string> {
  const pairs = item.split(';').map((part) => part.split('='))
  return new Map(pairs.flatMap(([name = '', value]) => (value === undefined ? [] : [[name.trim(), value.trim()]])))
}

function amount(value: string | undefined): number | undefined {
  const text = value?.trim().replaceAll('"', '')
  return text !== undefined && /^\+?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? Number(text) : undefined
}

function limited(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), WAIT_MAX_MS)
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
