// Owns what a schedule means: `every 15m`, `cron 0 3 * * *`, `adaptive` or `off`, and when it is due next. Pure. A due
// time is an instant that is stored; what was missed while nobody ran is one run, however much it was.
//
//   nextDue({ kind: 'every', everyMs: 900_000 }, 'UTC', { due: noon, now: noon + 100, adaptiveMs: 0 })  // 12:15

import { Cron } from 'croner'
import { durationMs } from '../../model/duration.ts'
import { TidemarkError } from '../../model/errors.ts'
import { instantOf, isTimezone, readingAt } from '../../model/local-time.ts'
import { didYouMean } from '../../model/near-miss.ts'
import { afterQuiet, type QuietHours } from './quiet-hours.ts'

export type Schedule =
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly pattern: string }
  | { readonly kind: 'adaptive' }

/** The shortest interval of a schedule, in milliseconds. */
export const EVERY_MIN_MS = 60_000
/** And the longest. */
export const EVERY_MAX_MS = 366 * 86_400_000

const FORMS = 'Write "every 15m", "cron 0 3 * * *", adaptive or off.'

/**
 * Reads a schedule; undefined is `off`. What is stored was checked when it was set, with the minimum of that time, so it
 * is read with `everyMinMs: 0`.
 *
 * @throws TidemarkError schedule_invalid
 */
export function parseSchedule(text: string, { everyMinMs = EVERY_MIN_MS } = {}): Schedule | undefined {
  const [kind = '', ...rest] = text.trim().split(/\s+/)
  switch (kind.toLowerCase()) {
    case 'every':
      return { kind: 'every', everyMs: interval(rest.join(' '), text, everyMinMs) }
    case 'cron':
      return { kind: 'cron', pattern: cronPattern(rest) }
    case 'adaptive':
      if (rest.length === 0) return { kind: 'adaptive' }
      break
    case 'off':
      if (rest.length === 0) return undefined
      break
    default:
  }
  throw new TidemarkError('schedule_invalid', `"${text}" is no schedule`, { hint: FORMS })
}

/** @throws TidemarkError timezone_invalid */
export function checkTimezone(name: string): string {
  if (isTimezone(name)) return name
  throw new TidemarkError('timezone_invalid', `there is no time zone "${name}"`, {
    hint: `${didYouMean(name, Intl.supportedValuesOf('timeZone'))}Use an IANA name, such as Europe/Berlin, America/New_York or UTC.`,
  })
}

function interval(text: string, whole: string, leastMs: number): number {
  let ms: number
  try {
    ms = durationMs(text)
  } catch {
    throw new TidemarkError('schedule_invalid', `"${whole}" names no interval`, {
      hint: 'Write a number and a unit, such as every 15m, every 6h or every 1d.',
    })
  }
  if (ms >= leastMs && ms <= EVERY_MAX_MS && ms > 0) return ms
  const [bound, limit] = ms > EVERY_MAX_MS ? ['long', `${EVERY_MAX_MS / 86_400_000}d`] : ['short', msText(leastMs)]
  throw new TidemarkError('schedule_invalid', `"${whole}" is too ${bound} an interval`, {
    hint: `The ${bound === 'long' ? 'longest' : 'shortest'} is: every ${limit}`,
  })
}

function msText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
}

const CRON_HINT = 'Five fields: minute, hour, day of the month, month, day of the week, such as "cron 0 3 * * *".'

function cronPattern(fields: readonly string[]): string {
  const pattern = fields.join(' ')
  if (fields.length !== 5) {
    const six = fields.length === 6 ? ' (there is no field for seconds)' : ''
    throw new TidemarkError('schedule_invalid', `"cron ${pattern}" has ${fields.length} fields, not 5${six}`, {
      hint: CRON_HINT,
    })
  }
  // A question mark would stand for the time at which the pattern is read, another one each time.
  if (pattern.includes('?')) {
    throw new TidemarkError('schedule_invalid', `"cron ${pattern}": a "?" has no meaning here`, { hint: 'Write *.' })
  }
  try {
    if (readingCron(pattern).nextRun(new Date(0))) return pattern
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^\w+: /, '').replace(/\.$/, '') : String(error)
    throw new TidemarkError('schedule_invalid', `"cron ${pattern}": ${why}`, { hint: CRON_HINT })
  }
  throw new TidemarkError('schedule_invalid', `"cron ${pattern}" names a day that never comes`, { hint: CRON_HINT })
}

/** A pattern over readings of a clock, which know no zone. */
function readingCron(pattern: string): Cron {
  return new Cron(pattern, { timezone: 'UTC', mode: '5-part', paused: true })
}

export interface Moment {
  readonly now: number
  /** When it was due last; undefined when it was only just set. */
  readonly due?: number | undefined
  /** The interval of an adaptive schedule, as learned so far. */
  readonly adaptiveMs: number
}

/** The next time after `now` at which it is due, quiet hours left aside. */
export function nextDue(schedule: Schedule, timezone: string, { now, due, adaptiveMs }: Moment): number {
  switch (schedule.kind) {
    case 'every': {
      // In step with the first time, so that a run that began late doesn't move the later ones.
      if (due === undefined || due > now) return now + schedule.everyMs
      return due + (Math.floor((now - due) / schedule.everyMs) + 1) * schedule.everyMs
    }
    case 'cron':
      return nextCron(schedule.pattern, timezone, now)
    default:
      return now + adaptiveMs
  }
}

/** The same, not within quiet hours. */
export function nextStart(
  schedule: Schedule,
  { timezone, quiet }: { timezone: string; quiet: QuietHours | null },
  moment: Moment,
): number {
  return afterQuiet(nextDue(schedule, timezone, moment), quiet, timezone)
}

/** Readings of a pattern that are looked at, at most, for one that lies ahead: an hour of every minute that comes twice. */
const READINGS_MAX = 200

/**
 * A time of day that a clock leaves out runs when the clock jumps; one that comes twice runs the first time. A pattern of
 * every hour is none of certain times: it goes on in real time, through the hour that comes twice, too.
 */
function nextCron(pattern: string, timezone: string, now: number): number {
  if (pattern.split(' ')[1] === '*') {
    const cron = new Cron(pattern, { timezone, mode: '5-part', paused: true })
    return found(pattern, cron.nextRun(new Date(now))?.getTime())
  }
  const cron = readingCron(pattern)
  let reading = readingAt(now, timezone)
  for (let i = 0; i < READINGS_MAX; i++) {
    reading = found(pattern, cron.nextRun(new Date(reading))?.getTime())
    const at = instantOf(reading, timezone)
    if (at > now) return at
  }
  throw new RangeError(`"${pattern}" has no next time in ${timezone}`)
}

function found(pattern: string, at: number | undefined): number {
  if (at === undefined) throw new RangeError(`"${pattern}" has no next time`)
  return at
}
