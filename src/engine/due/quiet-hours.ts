// Owns quiet hours: a daily span of local time in which no scheduled run starts, such as 08:00-20:00, or 22:00-06:00
// over midnight. Pure.

import { type Sentence, TidemarkError } from '../../model/errors.ts'
import { instantOf, readingAt } from '../../model/local-time.ts'

/** Minutes since local midnight; `to` below `from` means the next day. */
export interface QuietHours {
  readonly from: number
  readonly to: number
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SHAPE = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/

/**
 * Reads `08:00-20:00`.
 *
 * @throws TidemarkError quiet_hours_invalid
 */
export function parseQuietHours(text: string): QuietHours {
  const [, h1, m1, h2, m2] = SHAPE.exec(text.trim()) ?? []
  const from = minutes(h1, m1)
  // Midnight at the end of a day is the one at the beginning of the next.
  const to = h2 === '24' && m2 === '00' ? 0 : minutes(h2, m2)
  if (from === undefined || to === undefined) throw invalid(`Quiet hours are two times of a day, not "${text}".`)
  if (from === to) throw invalid(`Quiet hours of "${text}" leave no time for a run.`)
  return { from, to }
}

/** As it is stored and shown: 08:00-20:00. */
export function quietHoursText({ from, to }: QuietHours): string {
  return `${clockText(from)}-${clockText(to)}`
}

/** Whether a clock in the zone is within them. The first minute is, the last is not. */
export function isQuiet(at: number, quiet: QuietHours | null, timezone: string): boolean {
  if (!quiet) return false
  const minute = Math.floor(readingAt(at, timezone) / MINUTE_MS) % (DAY_MS / MINUTE_MS)
  const { from, to } = quiet
  return from < to ? minute >= from && minute < to : minute >= from || minute < to
}

/** The earliest moment from `at` on that is not quiet. */
export function afterQuiet(at: number, quiet: QuietHours | null, timezone: string): number {
  if (!quiet || !isQuiet(at, quiet, timezone)) return at
  const reading = readingAt(at, timezone)
  const midnight = Math.floor(reading / DAY_MS) * DAY_MS
  const today = midnight + quiet.to * MINUTE_MS
  const end = today > reading ? today : today + DAY_MS
  const first = instantOf(end, timezone)
  // Where the clock is put back over the end, it comes twice, and the first time may have passed.
  return first > at ? first : instantOf(end, timezone, 'last')
}

function minutes(hours: string | undefined, rest: string | undefined): number | undefined {
  const [h, m] = [Number(hours ?? Number.NaN), Number(rest ?? Number.NaN)]
  return h <= 23 && m <= 59 ? h * 60 + m : undefined
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

function invalid(message: Sentence): TidemarkError {
  return new TidemarkError('quiet_hours_invalid', message)
}
