// Owns schedules as people read them: a row each, with when it runs next, and why it may not.

import type { ScheduleStatus } from '../../engine/runs/documents.ts'
import { pausedText } from './pauses.ts'
import type { ColumnOf } from './table.ts'
import { ago } from './times.ts'

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

export const SCHEDULE_COLUMNS: readonly ColumnOf<ShownSchedule>[] = [
  { title: 'TARGET', of: ({ name }) => ({ text: name, style: 'bold' }) },
  { title: 'RUNS', of: ({ schedule }) => scheduleText(schedule) },
  { title: 'QUIET', optional: true, of: ({ schedule }) => schedule.quietHours ?? '-' },
  {
    title: 'NEXT',
    whole: true,
    of: ({ schedule, paused }, now) =>
      paused.length > 0 ? { text: pausedText(paused), style: 'magenta' } : nextText(schedule.nextRunAt, now),
  },
  { title: 'LAST', whole: true, optional: true, of: ({ schedule }, now) => ago(schedule.lastRunAt, now) },
]

/** Why a schedule runs nothing, of a connection; undefined: it runs something. */
export function idleText(connection: string, { stream, streams }: ScheduleStatus): string | undefined {
  if (streams.length > 0) return undefined
  return stream === null
    ? `note: every stream of ${connection} has a schedule of its own; that of ${connection} itself runs nothing`
    : `note: ${connection} has no stream ${stream}; take its schedule away with: tidemark schedule ${connection}/${stream} off`
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
