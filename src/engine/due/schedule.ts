// Owns what a schedule means: `every 15m`, `cron 0 3 * * *`, `adaptive` or `off`, and when it is due next. Pure. A due
// time is an instant that is stored; what was missed while nobody ran is one run, however much it was.
//
//   nextDue({ kind: 'every', everyMs: 900_000 }, 'UTC', { due: noon, now: noon + 100, adaptiveMs: 0 })  // 12:15

import { durationMs } from '../../model/duration.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isTimezone } from '../../model/local-time.ts'
import { didYouMean } from '../../model/near-miss.ts'
import { checkCron, nextCron } from './cron.ts'
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
      return { kind: 'cron', pattern: checkCron(rest) }
    case 'adaptive':
      if (rest.length === 0) return { kind: 'adaptive' }
      break
    case 'off':
      if (rest.length === 0) return undefined
      break
    default:
  }
  throw new TidemarkError('schedule_invalid', `"${text}" is not a valid schedule.`, { hint: FORMS })
}

/** @throws TidemarkError timezone_invalid */
export function checkTimezone(name: string): string {
  if (isTimezone(name)) return name
  throw new TidemarkError('timezone_invalid', `There is no time zone "${name}".`, {
    hint: `${didYouMean(name, Intl.supportedValuesOf('timeZone'))}Use an IANA name, such as Europe/Berlin, America/New_York or UTC.`,
  })
}

function interval(text: string, whole: string, leastMs: number): number {
  let ms: number
  try {
    ms = durationMs(text)
  } catch {
    throw new TidemarkError('schedule_invalid', `"${whole}" names no interval.`, {
      hint: 'Write a number and a unit, such as every 15m, every 6h or every 1d.',
    })
  }
  if (ms >= leastMs && ms <= EVERY_MAX_MS && ms > 0) return ms
  const [bound, limit] = ms > EVERY_MAX_MS ? ['long', `${EVERY_MAX_MS / 86_400_000}d`] : ['short', msText(leastMs)]
  throw new TidemarkError('schedule_invalid', `"${whole}" is too ${bound} an interval.`, {
    hint: `The ${bound === 'long' ? 'longest' : 'shortest'} is: every ${limit}`,
  })
}

function msText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
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
