// Owns `tidemark schedule`: when a connection, or one of its streams, is read by itself.

import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { placeName, SCHEDULE_COLUMNS, scheduleRow, scheduleText } from '../schedule-rows.ts'
import { table } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { parseTarget } from '../values.ts'

interface Options {
  readonly timezone?: string
  readonly quietHours?: string
}

export const declare: Declare = (program, run) =>
  program
    .command('schedule')
    .summary('set when a connection runs')
    .description(
      'Sets when tidemark serve runs a connection, or one of its streams; a stream with its own schedule is left ' +
        'out of the schedule of the connection. Without a schedule, shows the current one; without a target, shows ' +
        'all. If runs were missed because nothing was serving, one run makes up for them. Every call sets the whole ' +
        'schedule: an option that you leave out is removed.',
    )
    .argument('[target]', 'a connection, or a stream of it: <connection>[/<stream>]')
    .argument('[schedule...]', '"every 15m", "cron 0 3 * * *" (five fields), adaptive (as it changes), or off')
    .option('--timezone <zone>', 'for times of a day: an IANA name (default: the project’s)')
    .option('--quiet-hours <from-to>', 'no scheduled run starts within, such as 08:00-20:00 or 22:00-06:00')
    .addHelpText(
      'after',
      examples(
        'tidemark schedule me "every 15m"',
        'tidemark schedule shop "cron 0 3 * * *" --timezone Europe/Berlin',
        'tidemark schedule shop/orders adaptive --quiet-hours 22:00-06:00',
        'tidemark schedule me',
        'tidemark schedule',
        'tidemark schedule me off',
      ),
    )
    .action(run(schedule))

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
    throw new TidemarkError('argument_missing', 'a schedule is missing: its options are set with it', {
      hint: `For example: tidemark schedule ${target} "every 15m" --quiet-hours 08:00-20:00`,
    })
  }
  // The library would say how its own call is written.
  if (timezone !== undefined) (await import('../../engine/due/schedule.ts')).checkTimezone(timezone)
  const all = await connection.schedule(words.length > 0 ? { spec, stream, timezone, quietHours } : undefined)
  const shown = stream === undefined ? all : all.filter((one) => one.stream === stream)
  if (cli.options.json) return cli.json({ connection: id, schedules: shown })
  const set = words.length > 0 ? shown.find((one) => one.stream === (stream ?? null)) : undefined
  if (set) {
    cli.out.line(`${target}: ${scheduleText(set)}; next ${ago(set.nextRunAt, cli.now())}.`)
    return cli.note('It runs while tidemark serve does.')
  }
  if (words.length > 0) return cli.out.line(goneText(target, stream))
  if (shown.length === 0) return cli.note(`${target} has no schedule. Set one: tidemark schedule ${target} "every 15m"`)
  const { paused } = await connection.status()
  const rows = shown.map((one) => scheduleRow({ name: placeName(id, one.stream), schedule: one, paused }, cli.now()))
  await cli.out.write(table(SCHEDULE_COLUMNS, rows, cli.out))
}

/** All schedules of the project. */
async function list(cli: Cli, { timezone, quietHours }: Options): Promise<void> {
  if (timezone !== undefined || quietHours !== undefined) {
    throw new TidemarkError('argument_missing', 'a schedule belongs to a connection, or to a stream of it', {
      hint: 'Name it: tidemark schedule <connection> "every 15m" --quiet-hours 08:00-20:00',
    })
  }
  const tidemark = await cli.open()
  const connections = await tidemark.status()
  const all = connections.flatMap(({ id, paused, schedules }) => schedules.map((one) => ({ id, paused, one })))
  if (cli.options.json) return cli.json({ schedules: all.map(({ id, one }) => ({ connection: id, ...one })) })
  if (all.length === 0) return cli.note('There are no schedules. Set one: tidemark schedule <connection> "every 15m"')
  const rows = all.map(({ id, paused, one }) =>
    scheduleRow({ name: placeName(id, one.stream), schedule: one, paused }, cli.now()),
  )
  await cli.out.write(table(SCHEDULE_COLUMNS, rows, cli.out))
}

function goneText(target: string, stream: string | undefined): string {
  return `${target} has no schedule${stream === undefined ? '' : ' of its own'} now.`
}
