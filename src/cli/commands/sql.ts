// Owns `tidemark sql`: one statement that reads, over the tables that every stream is.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { formatFor, ROW_FORMATS, type RowFormat, writeRows } from '../rows.ts'
import { oneOf, wholeNumber } from '../values.ts'

interface Options {
  readonly format?: RowFormat
  readonly limit?: number
  readonly timeout?: number
}

const ROWS_MAX = 100_000
const TIMEOUT_SECONDS = 30

export const declare: Declare = (program, run) =>
  program
    .command('sql')
    .summary('ask the database')
    .description(
      'Runs one statement that reads. Every stream is a table named <connector>_<stream>, with _all (removed records ' +
        'too), _versions, _snapshots and _daily beside it; runs, gaps, quarantine, requests, changes and streams are ' +
        'tables as well. A table on a terminal, a JSON array of objects elsewhere.',
    )
    .argument('<statement>', 'a statement that reads')
    .option('--format <format>', `one of: ${ROW_FORMATS.join(', ')}`, oneOf('format', ROW_FORMATS))
    .option('--limit <n>', `rows, at most (default: ${ROWS_MAX})`, wholeNumber('limit', 10_000_000))
    .option('--timeout <seconds>', `how long it may take (default: ${TIMEOUT_SECONDS})`, wholeNumber('timeout', 86_400))
    .addHelpText(
      'after',
      examples(
        'tidemark sql "select language, count(*) stars from github_stars group by 1 order by 2 desc"',
        'tidemark sql "select * from runs limit 10" --format csv',
      ),
    )
    .action(run(sql))

async function sql(cli: Cli, statement: string, { format: asked, limit, timeout }: Options): Promise<number> {
  const format = formatFor(cli, asked)
  const { runSql } = await import('../../store/console.ts')
  // Opening it first makes the database and brings its tables up to date, as for every other command.
  const tidemark = await cli.open()
  const { database } = cli.options
  const result = await runSql({
    database,
    project: tidemark.project,
    sql: statement,
    rowsMax: limit ?? ROWS_MAX,
    timeoutMs: (timeout ?? TIMEOUT_SECONDS) * 1_000,
  })
  await writeRows(cli, result.rows, { format, columns: result.columns })
  if (!result.truncated || limit !== undefined) return 0
  // Whoever asked for no limit takes what came for everything.
  cli.err.line(`${cli.err.paint('yellow', 'warning:')} only the first ${ROWS_MAX} rows; ask for more with --limit`)
  return 3
}
