// Owns `tidemark quarantine`: the records that could not be read, and reading them again.

import type { SetAside } from '../../engine/runs/report.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { plural } from '../describe-run.ts'
import { oneLine } from '../printable.ts'
import { type Cell, count, table } from '../table.ts'
import { relativeTime } from '../times.ts'

const VERBS = ['list', 'retry'] as const

export const declare: Declare = (program, run) =>
  program
    .command('quarantine')
    .summary('see the records that could not be read, and read them again')
    .description(
      'Lists the records that could not be read, each with its error; their text is in the table "quarantine". retry: ' +
        'reads them again with the connector as it is now; what can be read becomes a record, in its right order.',
    )
    .argument('[verb]', `one of: ${VERBS.join(', ')} (default: list)`)
    .argument('[connection]', 'of this connection only')
    .addHelpText(
      'after',
      examples('tidemark quarantine', 'tidemark quarantine retry', 'tidemark quarantine retry shop'),
    )
    .action(run(quarantine))

async function quarantine(cli: Cli, verb: string = 'list', connection?: string): Promise<number> {
  const query = connection === undefined ? {} : { connection }
  if (verb === 'list') return list(cli, query)
  if (verb === 'retry') return retry(cli, query)
  throw new TidemarkError('option_invalid', `quarantine has no "${verb}"`, { hint: `One of: ${VERBS.join(', ')}` })
}

async function list(cli: Cli, query: { connection?: string }): Promise<number> {
  const tidemark = await cli.open()
  const rows: SetAside[] = []
  for await (const row of tidemark.quarantine(query)) rows.push(row)
  if (cli.options.json) await cli.json({ quarantine: rows })
  else if (rows.length === 0) cli.note('Every record could be read.')
  else {
    const { out } = cli
    const cells = rows.map((row): Cell[] => [
      `${row.connection}/${row.stream}`,
      row.key ?? '(none)',
      relativeTime(Date.parse(row.at), cli.now()),
      count(row.times),
      oneLine(row.message),
    ])
    await out.write(table(COLUMNS, cells, { width: out.width, paint: out.paint }))
    cli.note('When the connector can read them: tidemark quarantine retry')
  }
  return 0
}

const COLUMNS = [
  { title: 'STREAM' },
  { title: 'KEY' },
  { title: 'LAST SEEN' },
  { title: 'TIMES', align: 'right' },
  { title: 'ERROR' },
] as const

/** What still can't be read keeps the mirror incomplete: exit code 3. */
async function retry(cli: Cli, query: { connection?: string }): Promise<number> {
  const tidemark = await cli.open()
  const { released, remaining } = await tidemark.retryQuarantine(query)
  if (cli.options.json) await cli.json({ released, remaining })
  else {
    cli.out.line(`${plural(released, 'record')} could be read now; ${plural(remaining.length, 'record')} still can't.`)
    for (const { connection, stream, key, message } of remaining.slice(0, 20)) {
      cli.out.line(oneLine(`  ${connection}/${stream} ${key ?? '(no key)'}: ${message}`))
    }
  }
  return remaining.length > 0 ? 3 : 0
}
