// Owns `tidemark records`: the records of a stream, as many as there are, as fast as they are taken.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { asOfMoment } from '../reckoning.ts'
import { formatFor, ROW_FORMATS, type RowFormat, writeRows } from '../rows.ts'
import { collect, oneOf, parsePair, parseTarget, wholeNumber } from '../values.ts'

interface Options {
  readonly removed?: boolean
  readonly asOf?: string
  readonly limit?: number
  readonly where?: readonly string[]
  readonly format?: RowFormat
  readonly raw?: boolean
}

/** On a terminal a first look is enough, unless the person says how much. */
const LOOK = 50

export const declare: Declare = (program, run) =>
  program
    .command('records')
    .summary('print the records of a stream')
    .description(
      'Prints the records of a stream in order of their key: a table on a terminal (its first rows, unless --limit says ' +
        'how many), a JSON array elsewhere. JSON lines and CSV take any number of records at constant memory.',
    )
    .argument('<stream>', 'which stream: <connection>/<stream>')
    .option('--removed', 'the records that the source no longer has, instead of the live ones')
    .option(
      '--as-of <time>',
      'as they were at this time: a day, a time, or how long ago (2026-11-01, yesterday, "2 days ago", 7d)',
    )
    .option('--limit <n>', 'how many, at most', wholeNumber('limit'))
    .option('--where <column=value>', 'only records with this value in a column (may be repeated)', collect)
    .option('--raw', 'with each record its JSON text as the source gave it, in _raw (JSON and JSON lines)')
    .option('--format <format>', `one of: ${ROW_FORMATS.join(', ')}`, oneOf('format', ROW_FORMATS))
    .addHelpText(
      'after',
      examples(
        'tidemark records me/stars --limit 10',
        'tidemark records me/stars --where language=TypeScript --format csv > stars.csv',
        'tidemark records me/stars --removed --json',
        'tidemark records me/stars --as-of 2026-11-01 --json',
      ),
    )
    .action(run(records))

async function records(cli: Cli, target: string, options: Options): Promise<void> {
  const { connection: id, stream } = parseTarget(target)
  const tidemark = await cli.open()
  const connection = await tidemark.connection(id)
  const { shape } = await connection.stream(stream)
  const { whereFor, recordColumns, shownRecord } = await import('../record-view.ts')
  const where = whereFor(
    shape,
    (options.where ?? []).map((text) => parsePair(text, 'where')),
  )
  const format = formatFor(cli, options.format)
  const isLook = format === 'table' && cli.out.isTerminal && options.limit === undefined
  const limit = isLook ? LOOK : options.limit
  const asOf = await asOfMoment(cli, tidemark, options.asOf)
  const found = connection.records(stream, {
    removed: options.removed ?? false,
    asOf,
    where,
    limit,
  })
  const shown = async function* () {
    for await (const record of found) yield shownRecord(record, options.raw ?? false)
  }
  const count = await writeRows(cli, shown(), { format, columns: recordColumns(shape, options.removed ?? false) })
  if (isLook && count === LOOK) cli.note(`The first ${LOOK}; all of them with --limit, --format csv or --format jsonl.`)
  if (count === 0 && asOf !== undefined) {
    await (await import('../as-of.ts')).noteUnknownPast(cli, tidemark, connection, { stream, asOf })
  }
  if (count === 0 && format === 'table') cli.note(`${target} has no such records.`)
}
