// Owns moments as they are given to an operation: a Date, milliseconds, or text as people write it: a day, a time of day,
// or how long ago. Days and times without a zone of their own are those of the project.

import { TidemarkError } from '../model/errors.ts'
import { type ClockReading, instantOf, readingAt } from '../model/local-time.ts'
import { didYouMean } from '../model/near-miss.ts'
import type { Mirror } from './mirror.ts'

/** A number is milliseconds since 1970; text is what `parseMoment` reads. */
export type Moment = Date | number | string

/** What a moment is counted from. */
export interface Reckoning {
  /** Milliseconds since 1970. */
  readonly now: number
  /** The IANA name of the zone in which days begin and clocks are read. */
  readonly timezone: string
}

const DAY_MS = 86_400_000
/** The first and the last moment that can be meant: years have four digits, as every database and reader of ISO 8601 takes them. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z')
const LATEST = Date.parse('9999-12-31T23:59:59.999Z')
const MONTHS_MAX = 12 * 2_000

/** Days by name, as days from today. */
const DAYS = { yesterday: -1, today: 0, tomorrow: 1 } as const

const UNITS_MS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(?:ms|milliseconds?)$/, 1],
  [/^(?:s|secs?|seconds?)$/, 1_000],
  [/^(?:m|mins?|minutes?)$/, 60_000],
  [/^(?:h|hrs?|hours?)$/, 3_600_000],
  [/^(?:d|days?)$/, DAY_MS],
  [/^(?:w|weeks?)$/, 7 * DAY_MS],
]

const CLOCK = String.raw`\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?`
const ISO = new RegExp(String.raw`^(\d{4}-\d{2}-\d{2})(?:[t ](${CLOCK})\s?(z|[+-]\d{2}:?\d{2})?)?$`)
const NAMED_DAY = new RegExp(String.raw`^(?:(yesterday|today|tomorrow)(?: at)?)?(?:^| |$)(${CLOCK})?$`)
const AGO = /^(an?|\d{1,15}(?:\.\d{1,9})?) ?([a-z]{1,12})(?: ago)?$/

/** How a TIME may be written, for help and hints. */
export const TIME_EXAMPLES =
  'a day (2026-11-21, yesterday), a time (2026-11-21T08:00Z, "yesterday 18:00"), or how long ago (90m, 12h, 7d, "2 days ago")'

type Reckoned = Pick<Mirror, 'store' | 'project'> & { readonly clock: Pick<Mirror['clock'], 'now'> }

/** Days and times without a zone are those of the project, unless another zone is given. */
export async function reckoningOf({ store, project, clock }: Reckoned, timezone?: string): Promise<Reckoning> {
  if (timezone !== undefined) return { now: clock.now(), timezone }
  const own = (await store.projects.list()).find(({ id }) => id === project)
  return { now: clock.now(), timezone: own?.timezone ?? 'UTC' }
}

/**
 * Whole milliseconds since 1970, as they are stored. `name` is what the moment is called where it was given.
 *
 * @throws TidemarkError moment_invalid
 */
export async function millisecondsOf(
  mirror: Reckoned,
  {
    name,
    moment,
    timezone,
  }: { readonly name: string; readonly moment: Moment; readonly timezone?: string | undefined },
): Promise<number> {
  if (typeof moment === 'string') return parseMoment(moment, name, await reckoningOf(mirror, timezone))
  const at = Math.floor(Number(moment))
  if (isMeant(at)) return at
  throw new TidemarkError('moment_invalid', `The option ${name} is no moment.`, {
    hint: `Give a Date or milliseconds since 1970, of the years 1 to 9999, or text: ${TIME_EXAMPLES}.`,
  })
}

const isMeant = (at: number) => at >= EARLIEST && at <= LATEST

/** How far the clock of a caller may be ahead of ours. */
const AHEAD_MAX_MS = 60_000

/**
 * The same, of something that has happened already: what will be, nobody knows yet.
 *
 * @throws TidemarkError moment_invalid
 */
export async function pastMillisecondsOf(
  mirror: Reckoned,
  given: { readonly name: string; readonly moment: Moment; readonly timezone?: string | undefined },
): Promise<number> {
  const at = await millisecondsOf(mirror, given)
  checkPast(at, given.name, mirror.clock.now())
  return at
}

/** @throws TidemarkError moment_invalid */
export function checkPast(at: number, name: string, now: number): void {
  if (at <= now + AHEAD_MAX_MS) return
  throw new TidemarkError('moment_invalid', `The option ${name} is in the future: ${new Date(at).toISOString()}.`, {
    hint: `It is ${new Date(now).toISOString()} now. Write ${TIME_EXAMPLES}.`,
  })
}

/**
 * A moment as a person writes it, in milliseconds since 1970: ISO 8601, `now`, `today`, `yesterday`, a time of day, or how
 * long ago. A day means its midnight; what has no zone is read in that of the reckoning.
 *
 * @throws TidemarkError moment_invalid
 */
export function parseMoment(text: string, name: string, reckoning: Reckoning): number {
  const said = text.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  const at = said === 'now' ? reckoning.now : (onCalendar(said, reckoning) ?? ago(said, reckoning))
  if (at !== undefined && isMeant(at)) return Math.floor(at)
  throw new TidemarkError('moment_invalid', `The option ${name} can't be read as a time: "${text}".`, {
    hint: `${didYouMean(said, [...Object.keys(DAYS), 'now'])}Write ${TIME_EXAMPLES}.`,
  })
}

/** ISO 8601, a day by its name, a time of day. */
function onCalendar(said: string, { now, timezone }: Reckoning): number | undefined {
  const [iso, date, clock = '00:00', zone] = ISO.exec(said) ?? []
  if (iso !== undefined && date !== undefined) {
    if (!isRealDate(date)) return undefined
    if (zone !== undefined) return momentOrNothing(Date.parse(`${date}T${clock}${zone.toUpperCase()}`))
    const reading = momentOrNothing(Date.parse(`${date}T${clock}Z`))
    return reading === undefined ? undefined : instantOf(reading, timezone)
  }
  const [named, day, time] = NAMED_DAY.exec(said) ?? []
  if (named === undefined || said === '') return undefined
  const midnight = midnightOf(readingAt(now, timezone)) + DAYS[(day ?? 'today') as keyof typeof DAYS] * DAY_MS
  const into = time === undefined ? 0 : momentOrNothing(Date.parse(`1970-01-01T${time}Z`))
  return into === undefined ? undefined : instantOf(midnight + into, timezone)
}

/** `7d`, `2 days ago`, `an hour ago`; months and years by the calendar. */
function ago(said: string, { now, timezone }: Reckoning): number | undefined {
  const [, amount, unit = ''] = AGO.exec(said) ?? []
  if (amount === undefined) return undefined
  const n = /^an?$/.test(amount) ? 1 : Number(amount)
  const ms = UNITS_MS.find(([pattern]) => pattern.test(unit))?.[1]
  if (ms !== undefined) return now - n * ms
  const months = /^months?$/.test(unit) ? n : /^(?:y|years?)$/.test(unit) ? n * 12 : Number.NaN
  return Number.isInteger(months) && months <= MONTHS_MAX
    ? instantOf(monthsBefore(readingAt(now, timezone), months), timezone)
    : undefined
}

/** The same day and time so many months before; where the month is too short, its last day. */
function monthsBefore(reading: ClockReading, months: number): ClockReading {
  const from = new Date(reading)
  const month = from.getUTCMonth() - months
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Math.min(from.getUTCDate(), lastDay)
  return Date.UTC(from.getUTCFullYear(), month, day) + (reading - midnightOf(reading))
}

function midnightOf(reading: ClockReading): ClockReading {
  return Math.floor(reading / DAY_MS) * DAY_MS
}

function momentOrNothing(at: number): number | undefined {
  return Number.isFinite(at) ? at : undefined
}

/** The parser takes 31 February for 3 March; a person did not mean that. */
function isRealDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`)
  return Number.isFinite(midnight.getTime()) && midnight.toISOString().startsWith(date)
}
