// Owns when a connection, or one of its streams, is run by itself.

import { type ScheduleStatus, scheduleDocument } from '../engine/runs/documents.ts'
import { scheduleStatus } from '../engine/runs/report.ts'
import type { ScheduleWish } from '../engine/schedules/set-schedule.ts'
import { optional, text, timezone } from './fields.ts'
import { connectionInput } from './inputs.ts'
import { later } from './later.ts'
import { connectionRow, type Mirror, streamRow } from './mirror.ts'
import { operation } from './operation.ts'
import type { OneConnection } from './pause.ts'

const scheduling = later(() => import('../engine/schedules/set-schedule.ts'))

export const schedules = operation<OneConnection, Promise<readonly ScheduleStatus[]>>({
  name: 'schedules',
  does: 'Show the schedules of a connection.',
  scope: 'read',
  input: { connection: connectionInput },
  positional: ['connection'],
  list: 'schedules',
  listedBy: ['stream'],
  output: scheduleDocument,
  examples: [{ connection: 'me' }],
  run: async (mirror, { connection }) => schedulesOf(mirror, (await connectionRow(mirror, connection)).no),
})

type SetSchedule = ScheduleWish & OneConnection

export const schedule = operation<SetSchedule, Promise<readonly ScheduleStatus[]>>({
  name: 'schedule',
  does: 'Set when a connection runs.',
  details:
    'A server runs it then: the connection, or one of its streams. A stream with its own schedule is left out of the schedule of the connection. If runs were missed because nothing was serving, one run makes up for them. Every call sets the whole schedule: what is left out is removed.',
  scope: 'write',
  input: {
    connection: connectionInput,
    spec: text('every 15m, cron 0 3 * * * (five fields), adaptive (as it changes), or off', {
      sign: 'schedule',
      code: 'schedule_invalid',
    }),
    stream: optional(text('one of its streams, which then has a schedule of its own', { sign: 'stream' })),
    timezone: optional(timezone('for times of a day: an IANA name', { otherwise: 'the project’s' })),
    quietHours: optional(
      text('no scheduled run starts within, such as 08:00-20:00 or 22:00-06:00', {
        sign: 'from-to',
        code: 'quiet_hours_invalid',
      }),
    ),
  },
  positional: ['connection'],
  list: 'schedules',
  output: scheduleDocument,
  examples: [
    { connection: 'me', spec: 'every 15m' },
    { connection: 'shop', spec: 'cron 0 3 * * *', timezone: 'Europe/Berlin' },
    { connection: 'shop', stream: 'orders', spec: 'adaptive', quietHours: '22:00-06:00' },
    { connection: 'me', spec: 'off' },
  ],
  async run(mirror, { connection, ...wish }) {
    const row = await connectionRow(mirror, connection)
    const { stream, spec } = wish
    const before = await schedulesOf(mirror, row.no)
    // A stream that is no longer there may have a schedule still, which can be taken away.
    const isLeft = spec.trim() === 'off' && before.some((one) => one.stream === stream)
    if (stream !== undefined && !isLeft) await streamRow(mirror, row, stream)
    const { setSchedule } = await scheduling()
    await setSchedule(mirror, row, wish, mirror.everyMinMs)
    return schedulesOf(mirror, row.no)
  },
})

async function schedulesOf({ store, project }: Mirror, connectionNo: number): Promise<readonly ScheduleStatus[]> {
  const rows = await store.schedules.list(project, connectionNo)
  const names = (await store.streams.list(connectionNo)).map(({ stream }) => stream)
  return rows.map((row) => scheduleStatus(row, rows, names))
}
