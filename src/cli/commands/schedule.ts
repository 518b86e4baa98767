// Owns `tidemark schedule`: when a connection, or one of its streams, is read by itself.

import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { placeName, SCHEDULE_COLUMNS, scheduleRow } from '../schedule-rows.ts'
import { table } from '../table.ts'
import { ago } from '../times.ts'
import { parseTarget } from '../values.ts'

interface Options {
  readonly timezone?: string
  readonly quietHours?: string
}

export const declare: Declare = (program, run) =>
  program
    .command('schedule')
    .summary('say when a connection is read by itself')
    .description(
      'Sets when tidemark serve reads a connection, or one of its streams, which is then left out of the connection’s ' +
        'own schedule; without a schedule, shows what is set. What was missed while nothing served is one run, as soon ' +
        'as something does. Each command says all there is to a schedule: an option that is left out is not kept.',
    )
    .argument('<target>', 'a connection, or a stream of it: <connection>[/<stream>]')
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
        'tidemark schedule me off',
      ),
    )
    .action(run(schedule))

async function schedule(cli: Cli, target: string, words: readonly string[], options: Options): Promise<void> {
  const { connection: id, stream } = target.includes('/') ? parseTarget(target) : { connection: target }
  const tidemark = await cli.open()
  const connection = await tidemark.connection(id)
  const spec = words.join(' ')
  const { timezone, quietHours } = options
  if (words.length === 0 && (timezone !== undefined || quietHours !== undefined)) {
    throw new TidemarkError('argument_missing', 'a schedule is missing: its options are set with it', {
      hint: `For example: tidemark schedule ${target} "every 15m" --quiet-hours 08:00-20:00`,
    })
  }
  const all = await connection.schedule(words.length > 0 ? { spec, stream, timezone, quietHours } : undefined)
  const shown = stream === undefined ? all : all.filter((one) => one.stream === stream)
  if (cli.options.json) return cli.json({ connection: id, schedules: shown })
  const set = words.length > 0 ? shown.find((one) => one.stream === (stream ?? null)) : undefined
  if (set) {
    cli.out.line(`${target}: ${set.schedule} (${set.timezone}); next ${ago(set.nextRunAt, cli.now())}.`)
    return cli.note('It runs while tidemark serve does.')
  }
  if (words.length > 0) return cli.out.line(`${target} has no schedule of its own now.`)
  if (shown.length === 0) return cli.note(`${target} has no schedule. Set one: tidemark schedule ${target} "every 15m"`)
  const { paused } = await connection.status()
  const rows = shown.map((one) => scheduleRow({ name: placeName(id, one.stream), schedule: one, paused }, cli.now()))
  await cli.out.write(table(SCHEDULE_COLUMNS, rows, cli.out))
}
