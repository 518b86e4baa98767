// Owns how long ago, or how far ahead, a moment is in words. Pure: now is always given.

import { plural } from './plural.ts'

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
