// Owns `tidemark sql`: one statement that reads, over the tables that every stream is.

import { TidemarkError } from '../../model/errors.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { CRLF, formatFor, ROW_FORMATS, type RowFormat, writeRows } from '../terminal/rows.ts'
import { oneOf, wholeNumber } from '../values.ts'

interface Options {
  readonly format?: RowFormat
  readonly crlf?: boolean
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
        'tables as well; tidemark tables lists all, with their columns. A table on a terminal, a JSON array of objects elsewhere.',
    )
    .argument('<statement>', 'a statement that reads; - takes it from standard input')
    .option('--format <format>', `one of: ${ROW_FORMATS.join(', ')}`, oneOf('format', ROW_FORMATS))
    .option(...CRLF)
    .option('--limit <n>', `rows, at most (default: ${ROWS_MAX})`, wholeNumber('limit', 10_000_000))
    .option('--timeout <seconds>', `how long it may take (default: ${TIMEOUT_SECONDS})`, wholeNumber('timeout', 86_400))
    .addHelpText(
      'after',
      examples(
        'tidemark sql "select language, count(*) stars from github_stars group by 1 order by 2 desc"',
        'tidemark sql "select * from runs limit 10" --format csv',
        'tidemark sql - < question.sql',
      ),
    )
    .action(run(ask))

async function ask(cli: Cli, statement: string, { format: asked, crlf, limit, timeout }: Options): Promise<number> {
  const format = formatFor(cli, asked)
  const { openSql } = await import('../../store/console.ts')
  const sql = statement === '-' ? await fromStdin(cli) : statement
  // Opening it first makes the database and brings its tables up to date, as for every other command.
  const tidemark = await cli.open()
  const { database } = cli.options
  const seconds = timeout ?? TIMEOUT_SECONDS
  const limits = { rowsMax: limit ?? ROWS_MAX, timeoutMs: seconds * 1_000 }
  const hinted = async (error: unknown) => {
    throw await withHint(error, tidemark, { sql, seconds })
  }
  const answer = await openSql({ database, project: tidemark.project, sql, ...limits }).catch(hinted)
  try {
    await writeRows(cli, answer.rows, { format, columns: answer.columns, crlf }).catch(hinted)
  } finally {
    answer.close()
  }
  if (!answer.isTruncated() || limit !== undefined) return 0
  // Whoever asked for no limit takes what came for everything.
  cli.warn(`only the first ${ROWS_MAX} rows; ask for more with --limit`)
  return 3
}

async function fromStdin(cli: Cli): Promise<string> {
  const { wholeInput } = await import('../terminal/prompt.ts')
  if (cli.mayAsk) cli.note('Type the statement; Ctrl-D ends it.')
  return wholeInput(cli.surroundings.stdin)
}

/** What was probably meant, where a table or column does not exist; how to give more time, where it was too short. */
async function withHint(error: unknown, { store, project }: Tidemark, asked: { sql: string; seconds: number }) {
  if (!(error instanceof TidemarkError)) return error
  const { code, message, verdict } = error
  const again = (hint: string) => new TidemarkError(code, message, { hint, verdict, cause: error })
  if (code === 'sql_timeout') return again(`Ask for less, or give it longer: --timeout ${asked.seconds * 10}`)
  if (code !== 'sql_failed') return error
  const { sqlHint } = await import('../sql-hints.ts')
  const hint = sqlHint(message, asked.sql, await store.tables.list(project))
  return hint === undefined ? error : again(hint)
}
