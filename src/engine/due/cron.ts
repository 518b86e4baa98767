// Owns cron patterns of five fields: which are read, and when one is due next in a time zone. Pure. What a pattern means
// hangs on the times that it names, not on how it names them: `0 */1 * * *`, `0 0-23 * * *` and `0 * * * *` are one.
//
// croner reads the fields and finds the next time of a clock that is never changed; what a change of the clock does is
// decided here:
// - Certain hours are times of day. One that the clock leaves out comes when the clock jumps; of one that comes twice,
//   the first counts.
// - Every hour is none of certain times. It goes on in real time: what the clock leaves out is left out, and an hour that
//   comes twice counts twice.

import { Cron } from 'croner'
import { TidemarkError } from '../../model/errors.ts'
import { type ClockReading, instantOf, readingAt } from '../../model/local-time.ts'
import { plural } from '../../model/plural.ts'

const HINT = 'Five fields: minute, hour, day of the month, month, day of the week, such as "cron 0 3 * * *".'

/** @throws TidemarkError schedule_invalid */
export function checkCron(fields: readonly string[]): string {
  const pattern = fields.join(' ')
  if (fields.length !== 5) {
    const six = fields.length === 6 ? ' (there is no field for seconds)' : ''
    throw new TidemarkError(
      'schedule_invalid',
      `"cron ${pattern}" has ${plural(fields.length, 'field')}, not 5${six}.`,
      {
        hint: HINT,
      },
    )
  }
  // A question mark would stand for the time at which the pattern is read, another one each time.
  if (pattern.includes('?')) {
    throw new TidemarkError('schedule_invalid', `"cron ${pattern}": a "?" has no meaning here.`, { hint: 'Write *.' })
  }
  try {
    if (cronOf(pattern).nextRun(new Date(0))) return pattern
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^\w+: /, '').replace(/\.$/, '') : String(error)
    throw new TidemarkError('schedule_invalid', `"cron ${pattern}": ${why}.`, { hint: HINT })
  }
  throw new TidemarkError('schedule_invalid', `"cron ${pattern}" names a day that never comes.`, {
    hint: 'Name a day that one of its months has: cron 0 3 30 4 * is the 30th of April.',
  })
}

/** The next time after `now` at which a pattern is due. */
export function nextCron(pattern: string, timezone: string, now: number): number {
  const plain = plainPattern(pattern)
  const cron = cronOf(plain)
  const next = (reading: ClockReading): ClockReading => {
    const found = cron.nextRun(new Date(reading))
    if (!found) throw new RangeError(`"${pattern}" has no next time`)
    return found.getTime()
  }
  return plain.split(' ')[1] === '*' ? nextInRealTime(next, timezone, now) : nextTimeOfDay(next, timezone, now)
}

/** Readings of a pattern that are looked at, at most, for one that lies ahead: an hour of every minute that comes twice. */
const READINGS_MAX = 200

function nextTimeOfDay(next: (after: ClockReading) => ClockReading, timezone: string, now: number): number {
  let reading = readingAt(now, timezone)
  for (let i = 0; i < READINGS_MAX; i++) {
    reading = next(reading)
    const at = instantOf(reading, timezone)
    if (at > now) return at
  }
  throw new RangeError(`there is no next time in ${timezone}`)
}

/** Changes of the clock that are passed, at most: as many as there are years to a 29 February on a certain weekday. */
const CHANGES_MAX = 200

function nextInRealTime(next: (after: ClockReading) => ClockReading, timezone: string, now: number): number {
  let from = now
  let reading = readingAt(from, timezone)
  for (let i = 0; i < CHANGES_MAX; i++) {
    const offset = readingAt(from, timezone) - from
    const at = next(reading) - offset
    const change = nextChange(from, at, timezone)
    if (change === undefined) return at
    // The clock reads something else from here on, and its first reading counts, too.
    from = change
    reading = readingAt(change, timezone) - 1
  }
  throw new RangeError(`there is no next time in ${timezone}`)
}

/** A zone keeps its offset for longer than this. */
const STEP_MS = 12 * 3_600_000

/** When the clock is changed first after `from` and until `to`, that moment included. */
function nextChange(from: number, to: number, timezone: string): number | undefined {
  const offsetAt = (at: number) => readingAt(at, timezone) - at
  const before = offsetAt(from)
  for (let early = from; early < to; early += STEP_MS) {
    let late = Math.min(early + STEP_MS, to)
    if (offsetAt(late) === before) continue
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2)
      if (offsetAt(middle) === before) early = middle
      else late = middle
    }
    return late
  }
  return undefined
}

/** A pattern over readings of a clock, which know no zone. */
function cronOf(pattern: string): Cron {
  return new Cron(pattern, { timezone: 'UTC', mode: '5-part', paused: true })
}

/** For each field: a pattern that only it narrows, over a span in which `*` has so many times. */
const PROBES: readonly { readonly of: (field: string) => string; readonly days: number; readonly times: number }[] = [
  { of: (field) => `${field} 0 * * *`, days: 1, times: 60 },
  { of: (field) => `0 ${field} * * *`, days: 1, times: 24 },
  { of: (field) => `0 0 ${field} * *`, days: 365, times: 365 },
  { of: (field) => `0 0 1 ${field} *`, days: 365, times: 12 },
  // Five weeks: the first Monday of a month is not every Monday.
  { of: (field) => `0 0 * * ${field}`, days: 35, times: 35 },
]

const PROBED_MAX = 1_000
const probed = new Map<string, boolean>()

/** The pattern with a plain `*` for each field that leaves nothing out. */
function plainPattern(pattern: string): string {
  const fields = pattern.split(' ')
  return fields.map((field, place) => (leavesNothingOut(field, place) ? '*' : field)).join(' ')
}

function leavesNothingOut(field: string, place: number): boolean {
  if (field === '*') return true
  // One value, or several by their steps from two on, is never all.
  if (/^[a-z0-9]+$/i.test(field)) return false
  const name = `${place} ${field}`
  const known = probed.get(name)
  if (known !== undefined) return known
  const isAll = takesAll(field, place)
  if (probed.size >= PROBED_MAX) probed.clear()
  probed.set(name, isAll)
  return isAll
}

const DAY_MS = 86_400_000
/** A year that is no leap year, and begins with the first hour of a day. */
const PROBE_FROM = Date.UTC(2023, 0, 1)

function takesAll(field: string, place: number): boolean {
  const { of, days, times } = PROBES[place]!
  const cron = cronOf(of(field))
  const end = PROBE_FROM + days * DAY_MS
  let count = 0
  for (let at = PROBE_FROM - 1_000; count <= times; count++) {
    const next = cron.nextRun(new Date(at))?.getTime()
    if (next === undefined || next >= end) break
    at = next
  }
  return count === times
}
