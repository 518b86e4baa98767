// Owns `tidemark schedule`: when a connection, or one of its streams, is read by itself.

import { Argument } from 'commander'
import type { ScheduleStatus } from '../../engine/runs/documents.ts'
import { TidemarkError } from '../../model/errors.ts'
import { schedule as operation } from '../../operations/schedule.ts'
import { parseTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { idleText, placeName, SCHEDULE_COLUMNS, type ShownSchedule, scheduleText } from '../terminal/schedules.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

interface Options {
  readonly timezone?: string
  readonly quietHours?: string
}

export const declare: Declare = (program, run) =>
  verb(program, 'schedule', operation, {
    args: ['connection', 'stream', 'spec'],
    written: [
      new Argument('[target]', 'a connection, or a stream of it: <connection>[/<stream>]'),
      new Argument('[schedule...]', operation.input.spec.about),
    ],
    says: 'Without a schedule, shows the current one; without a target, shows all.',
    examples: ['tidemark schedule me', 'tidemark schedule'],
  }).action(run(schedule))

async function schedule(
  cli: Cli,
  target: string | undefined,
  words: readonly string[],
  options: Options,
): Promise<void> {
  if (target === undefined) return list(cli, options)
  const { connection: id, stream } = target.includes('/') ? parseTarget(target) : { connection: target }
  const tidemark = await cli.open()
  const spec = words.join(' ')
  const connection = await tidemark.connection(id)
  const { timezone, quietHours } = options
  if (words.length === 0 && (timezone !== undefined || quietHours !== undefined)) {
    throw new TidemarkError('argument_missing', 'A schedule is missing: its options are set with it.', {
      hint: `For example: tidemark schedule ${target} "every 15m" --quiet-hours 08:00-20:00`,
    })
  }
  const all = await connection.schedule(words.length > 0 ? { spec, stream, timezone, quietHours } : undefined)
  const shown = stream === undefined ? all : all.filter((one) => one.stream === stream)
  if (cli.options.json) return cli.json({ connection: id, schedules: shown })
  const set = words.length > 0 ? shown.find((one) => one.stream === (stream ?? null)) : undefined
  if (set) {
    const next = set.nextRunAt === null ? '' : `; next ${ago(set.nextRunAt, cli.now())}`
    const quiet = set.quietHours === null ? '' : `, not during ${set.quietHours}`
    cli.out.line(`${target}: ${scheduleText(set)}${quiet}${next}.`)
    sayIdle(cli, id, all)
    return cli.note('It runs while tidemark serve does.')
  }
  if (words.length > 0) return cli.out.line(goneText(target, stream))
  if (shown.length === 0) return cli.note(`${target} has no schedule. Set one: tidemark schedule ${target} "every 15m"`)
  const { paused } = await connection.status()
  const rows = shown.map((one): ShownSchedule => ({ name: placeName(id, one.stream), schedule: one, paused }))
  await cli.table(SCHEDULE_COLUMNS, rows)
  sayIdle(cli, id, all)
}

/** Says which schedules run nothing. */
function sayIdle(cli: Cli, id: string, schedules: readonly ScheduleStatus[]): void {
  for (const text of schedules.flatMap((one) => idleText(id, one) ?? [])) cli.note(text)
}

/** All schedules of the project. */
async function list(cli: Cli, { timezone, quietHours }: Options): Promise<void> {
  if (timezone !== undefined || quietHours !== undefined) {
    throw new TidemarkError('argument_missing', 'A schedule belongs to a connection, or to a stream of it.', {
      hint: 'Name it: tidemark schedule <connection> "every 15m" --quiet-hours 08:00-20:00',
    })
  }
  const tidemark = await cli.open()
  const connections = await tidemark.status()
  const rows = connections.flatMap(({ id, paused, schedules }) =>
    schedules.map((one) => ({ connection: id, name: placeName(id, one.stream), schedule: one, paused })),
  )
  const schedules = rows.map(({ connection, schedule: one }) => ({ connection, ...one }))
  const none = 'There are no schedules. Set one: tidemark schedule <connection> "every 15m"'
  if (!(await cli.list({ schedules }, SCHEDULE_COLUMNS, rows, none))) return
  for (const { id, schedules: own } of connections) sayIdle(cli, id, own)
}

function goneText(target: string, stream: string | undefined): string {
  return `${target} has no schedule${stream === undefined ? '' : ' of its own'} now.`
}
