// Owns `tidemark quarantine`: the records that could not be read, and reading them again.

import type { SetAside } from '../../engine/runs/report.ts'
import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import { count, plural } from '../../model/plural.ts'
import { relativeTime } from '../../model/relative-time.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare, examples } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import { type Cell, table } from '../terminal/table.ts'
import { wholeNumber } from '../values.ts'

const VERBS = ['list', 'retry'] as const
/** Records that are listed, unless the person says how many. */
const LIMIT = 50
/** Of those that still can't be read, how many are told. */
const TOLD = 20

export const declare: Declare = (program, run) =>
  program
    .command('quarantine')
    .summary('list the records that could not be read, or read them again')
    .description(
      'Lists the records that could not be read, each with its error; the table "quarantine" has their text. retry: ' +
        'reads them again with the current connector; each one that can be read becomes a record, in its right order.',
    )
    .addArgument(action('[verb]', VERBS, `one of: ${VERBS.join(', ')} (default: list)`))
    .argument('[connection]', 'only those of this connection')
    .option('--limit <n>', `how many are listed (default: ${LIMIT})`, wholeNumber('limit'))
    .option('--all', 'list also texts of which a newer content was read since')
    .addHelpText(
      'after',
      examples(
        'tidemark quarantine',
        'tidemark quarantine list shop --limit 200',
        'tidemark quarantine list --all',
        'tidemark quarantine retry',
        'tidemark quarantine retry shop',
      ),
    )
    .action(run(quarantine))

async function quarantine(
  cli: Cli,
  verb: string = 'list',
  connection?: string,
  { limit, all = false }: { limit?: number; all?: boolean } = {},
): Promise<number> {
  const query = connection === undefined ? {} : { connection }
  if (verb === 'list') return list(cli, query, { limit: limit ?? LIMIT, all })
  if (verb === 'retry' && (limit !== undefined || all)) {
    const given = all ? '--all' : '--limit'
    throw new TidemarkError('option_conflict', `${given} is for the list; retry reads all again`)
  }
  if (verb === 'retry') return retry(cli, query)
  throw new TidemarkError('argument_invalid', `quarantine has no "${verb}"`, {
    hint: knownNames(verb, VERBS, 'One of'),
  })
}

async function list(
  cli: Cli,
  query: { connection?: string },
  { limit, all }: { limit: number; all: boolean },
): Promise<number> {
  const tidemark = await cli.open()
  const rows: SetAside[] = []
  let more = 0
  let superseded = 0
  for await (const row of tidemark.quarantine(query)) {
    if (row.supersededAt !== null && !all) superseded++
    else if (rows.length < limit) rows.push(row)
    else more++
  }
  if (cli.options.json) {
    await cli.json({ quarantine: rows, more })
    return 0
  }
  if (rows.length === 0) cli.note('Every record could be read.')
  else {
    const { out } = cli
    const cells = rows.map((row): Cell[] => [
      `${row.connection}/${row.stream}`,
      row.key ?? '(no key)',
      relativeTime(Date.parse(row.at), cli.now()),
      count(row.times),
      oneLine(row.supersededAt === null ? row.message : `(superseded) ${row.message}`),
    ])
    await out.write(table(COLUMNS, cells, { width: out.width, paint: out.paint }))
    const of = query.connection === undefined ? '' : ` ${query.connection}`
    if (more > 0) cli.note(`… and ${count(more)} more: tidemark quarantine list${of} --limit ${rows.length + more}`)
    cli.note('When the connector can read them: tidemark quarantine retry')
  }
  if (superseded > 0) {
    const texts = plural(superseded, 'older text is', 'older texts are')
    cli.note(`${texts} kept, of which a newer content is known: tidemark quarantine list --all`)
  }
  return 0
}

const COLUMNS = [
  { title: 'STREAM' },
  { title: 'KEY' },
  { title: 'LAST SEEN', whole: true },
  { title: 'TIMES', align: 'right' },
  { title: 'ERROR' },
] as const

/** What still can't be read keeps the mirror incomplete: exit code 3. */
async function retry(cli: Cli, query: { connection?: string }): Promise<number> {
  const tidemark = await cli.open()
  const { released, remaining } = await tidemark.retryQuarantine(query)
  if (cli.options.json) await cli.json({ released, remaining })
  else if (released + remaining.length === 0) cli.note('Nothing is in quarantine.')
  else {
    cli.out.line(`${plural(released, 'record')} could be read now; ${plural(remaining.length, 'record')} still can't.`)
    for (const { connection, stream, key, message } of remaining.slice(0, TOLD)) {
      cli.out.line(oneLine(`  ${connection}/${stream} ${key ?? '(no key)'}: ${message}`))
    }
    if (remaining.length > TOLD) cli.note(`… and ${count(remaining.length - TOLD)} more: tidemark quarantine`)
  }
  return remaining.length > 0 ? 3 : 0
}
