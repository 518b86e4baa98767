// Owns time as people write and read it: `2d` and ISO 8601 for --since and --until, "3 min ago" in tables. Pure: now
// is always given.

import { durationMs, durationText } from '../model/duration.ts'
import { TidemarkError } from '../model/errors.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago (or how far ahead) a moment is, roughly; the date itself when it is more than a month away. */
export function relativeTime(at: number, now: number): string {
  const ms = now - at
  // What begins in 14 min 59 s begins in 15 min; what was 59 s ago was not a minute ago.
  const away = ms > 0 ? ms : roundedUp(-ms)
  if (away > 30 * DAY) return new Date(at).toISOString().slice(0, 10)
  if (away < 5_000) return 'just now'
  const text =
    away < MINUTE
      ? `${Math.floor(away / 1_000)} s`
      : away < HOUR
        ? `${Math.floor(away / MINUTE)} min`
        : away < DAY
          ? `${Math.floor(away / HOUR)} h`
          : plural(Math.floor(away / DAY), 'day')
  return ms > 0 ? `${text} ago` : `in ${text}`
}

function roundedUp(ms: number): number {
  const unit = ms < MINUTE ? 1_000 : MINUTE
  return Math.ceil(ms / unit) * unit
}

/** The same for an instant in ISO 8601; '-' for none. */
export function ago(instant: string | null, now: number): string {
  return instant === null ? '-' : relativeTime(Date.parse(instant), now)
}

/** How long something took, from two instants; until now while it goes on. */
export function took(startedAt: string, finishedAt: string | null, now: number): string {
  const end = finishedAt === null ? now : Date.parse(finishedAt)
  return durationText(Math.max(0, end - Date.parse(startedAt)))
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * A moment as a person gives it: ISO 8601 (a date is its midnight; without a zone it is UTC), or a duration before now,
 * such as 2d or 90m.
 *
 * @throws TidemarkError option_invalid
 */
export function parseMoment(text: string, option: string, now: number): number {
  const match = ISO.exec(text.trim())
  const at = match ? Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3]?.toUpperCase() ?? 'Z'}`) : Number.NaN
  if (Number.isFinite(at) && isRealDate(match?.[1] ?? '')) return at
  try {
    return now - durationMs(text)
  } catch {
    throw new TidemarkError('option_invalid', `--${option} is a moment, not "${text}"`, {
      hint: 'Write 2026-11-21, 2026-11-21T08:00Z, or how long ago: 90m, 12h, 2d.',
    })
  }
}

/** The parser takes 31 February for 3 March; a person did not mean that. */
function isRealDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`)
  return Number.isFinite(midnight.getTime()) && midnight.toISOString().startsWith(date)
}
