// Owns schedules as people read them: a row each, with when it runs next, and why it may not.

import type { ScheduleStatus } from '../engine/runs/report.ts'
import { pausedText } from './pauses.ts'
import type { Cell } from './terminal/table.ts'
import { ago } from './terminal/times.ts'

export interface ShownSchedule {
  /** `<connection>`, or `<connection>/<stream>`. */
  readonly name: string
  readonly schedule: Pick<ScheduleStatus, 'schedule' | 'timezone' | 'quietHours' | 'nextRunAt' | 'lastRunAt'>
  /** Why the connection stands still, if it does. */
  readonly paused: readonly string[]
}

export function placeName(connection: string, stream: string | null): string {
  return stream === null ? connection : `${connection}/${stream}`
}

export const SCHEDULE_COLUMNS = [
  { title: 'SCHEDULE OF' },
  { title: 'RUNS' },
  { title: 'QUIET', optional: true },
  { title: 'NEXT', whole: true },
  { title: 'LAST', whole: true, optional: true },
] as const

export function scheduleRow({ name, schedule, paused }: ShownSchedule, now: number): Cell[] {
  const { quietHours, nextRunAt, lastRunAt } = schedule
  return [
    { text: name, style: 'bold' },
    scheduleText(schedule),
    quietHours ?? '-',
    paused.length > 0 ? { text: pausedText(paused), style: 'magenta' } : nextText(nextRunAt, now),
    ago(lastRunAt, now),
  ]
}

export function nextText(nextRunAt: string | null, now: number): string {
  return nextRunAt !== null && Date.parse(nextRunAt) <= now ? 'due' : ago(nextRunAt, now)
}

/** The zone matters where there are times of a day. */
export function scheduleText({
  schedule,
  timezone,
  quietHours,
}: Pick<ScheduleStatus, 'schedule' | 'timezone' | 'quietHours'>): string {
  return schedule.startsWith('cron') || quietHours !== null ? `${schedule} (${timezone})` : schedule
}
