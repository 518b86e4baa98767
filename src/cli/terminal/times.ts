// Owns time as people read it: "3 min ago" in tables, how long something took. Pure: now is always given.

import { durationText } from '../../model/duration.ts'
import { relativeTime } from '../../model/relative-time.ts'

/** The same for an instant in ISO 8601; '-' for none. */
export function ago(instant: string | null, now: number): string {
  return instant === null ? '-' : relativeTime(Date.parse(instant), now)
}

/** How long something took, from two instants; until now while it goes on. */
export function took(startedAt: string, finishedAt: string | null, now: number): string {
  const end = finishedAt === null ? now : Date.parse(finishedAt)
  return durationText(Math.max(0, end - Date.parse(startedAt)))
}
