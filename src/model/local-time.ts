// Owns local time: what a wall clock in a time zone reads at an instant, and which instant a reading means, on the days
// too when clocks are put forward or back. Pure; the zones are those that the runtime knows.

/** What a wall clock reads, written as the milliseconds that this reading would be in UTC. */
export type ClockReading = number

const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** Whether the runtime knows a time zone of this name (IANA: `Europe/Berlin`, `UTC`). */
export function isTimezone(name: string): boolean {
  // An offset is no zone: JavaScript takes `+05:30`, IANA and PostgreSQL do not.
  if (/^[+-]/.test(name)) return false
  try {
    return formatOf(name) !== undefined
  } catch {
    return false
  }
}

/** What a clock in the zone reads at an instant. */
export function readingAt(at: number, timezone: string): ClockReading {
  const parts = new Map(
    formatOf(timezone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0
  const seconds = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return seconds + (((at % 1_000) + 1_000) % 1_000)
}

/**
 * When a clock in the zone reads this. A reading that comes twice means its first time, or the last if so asked; one that
 * the clock leaves out means the moment at which it jumps.
 */
export function instantOf(reading: ClockReading, timezone: string, which: 'first' | 'last' = 'first'): number {
  const offsetAt = (at: number) => readingAt(at, timezone) - at
  // A zone does not change its offset twice in two days.
  const before = offsetAt(reading - DAY_MS)
  const after = offsetAt(reading + DAY_MS)
  const moments = [reading - before, reading - after].filter((at) => readingAt(at, timezone) === reading)
  if (moments.length > 0) return which === 'first' ? Math.min(...moments) : Math.max(...moments)
  let [early, late] = [reading - after, reading - before]
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2)
    if (offsetAt(middle) === before) early = middle
    else late = middle
  }
  return late
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timezone, format)
  return format
}
