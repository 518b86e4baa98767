// Owns the hours of a day in which a scheduled full pass is welcome: those in which least changes at the source, as the
// connection's own runs have seen it. A full pass that is due waits for them, though not for ever. Pure.

import { readingAt } from '../../model/local-time.ts'
import type { Look } from './adaptive.ts'

/** So many of the 24 hours are those of least change. */
export const CALM_HOURS = 8
/** A full pass waits until it is this much later than it is due: twice as many runs, twice the time. */
export const FULL_PATIENCE = 2
/** How many of a connection's last runs the hours are learned from, … */
export const HOURS_RUNS = 400
/** … and for how long what was learned is used, in milliseconds. */
export const HOURS_KEPT_MS = 6 * 3_600_000

const HOUR_MS = 3_600_000
/** Before so much was seen, no hour is known to be better than another. */
const SEEN_MIN_MS = 3 * 24 * HOUR_MS
/** A look after so long does not tell in which hour something changed. */
const SINCE_MAX_MS = 3 * HOUR_MS

/** Changes per hour of the day, by the clock of a zone; undefined until every hour was seen. */
export function changesByHour(looks: readonly Look[], timezone: string): readonly number[] | undefined {
  const changes = new Array<number>(24).fill(0)
  const seen = new Array<number>(24).fill(0)
  for (const look of looks) {
    if (look.sinceMs === 0 || look.sinceMs > SINCE_MAX_MS) continue
    // What was found is spread over the hours in which it may have come.
    for (let at = look.at - look.sinceMs; at < look.at; ) {
      const part = Math.min(look.at - at, HOUR_MS - (at % HOUR_MS))
      const hour = Math.floor(readingAt(at, timezone) / HOUR_MS) % 24
      seen[hour]! += part
      changes[hour]! += (look.changes * part) / look.sinceMs
      at += part
    }
  }
  const total = seen.reduce((sum, ms) => sum + ms, 0)
  if (total < SEEN_MIN_MS || seen.includes(0)) return undefined
  return changes.map((n, hour) => (n * HOUR_MS) / seen[hour]!)
}

/** Whether a full pass that is due had better wait: more changes in this hour than in the calm ones. */
export function isBusyHour(byHour: readonly number[] | undefined, at: number, timezone: string): boolean {
  if (!byHour) return false
  const hour = Math.floor(readingAt(at, timezone) / HOUR_MS) % 24
  const calm = byHour.toSorted((a, b) => a - b)[CALM_HOURS - 1]!
  return byHour[hour]! > calm
}
