// Owns `tidemark sql`: one statement that reads, over the tables that every stream is.

import { plural } from '../../model/plural.ts'
import { sql as operation, type SqlInput } from '../../operations/sql.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { type FormatOptions, formatFor, withFormats, writeRows } from '../terminal/rows.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  withFormats(
    verb(program, 'sql', operation, {
      summary: 'ask the database',
      says:
        'tidemark tables lists all tables with their columns. The statement - is taken from standard input. A table on ' +
        'a terminal, a JSON array of objects elsewhere.',
      examples: [
        'tidemark sql "select language, count(*) stars from github_stars group by 1 order by 2 desc"',
        'tidemark sql "select * from runs limit 10" --format csv',
        'tidemark sql - < question.sql',
      ],
    }),
  ).action(run(ask))

type Options = FormatOptions & Omit<SqlInput, 'statement'>

async function ask(cli: Cli, asked: string, { format: wanted, crlf, ...limits }: Options): Promise<number> {
  const format = formatFor(cli, wanted)
  const statement = asked === '-' ? await fromStdin(cli) : asked
  // Opening it first makes the database and brings its tables up to date, as for every other command.
  const tidemark = await cli.open()
  let rows = 0
  const { truncated } = await tidemark.sql(statement, {
    ...limits,
    onRows: async (columns, all) => void (rows = await writeRows(cli, all, { format, columns, crlf })),
  })
  if (rows === 0 && format === 'table') cli.note('There are no such rows.')
  if (!truncated || limits.limit !== undefined) return 0
  // Whoever asked for no limit takes what came for everything.
  cli.warn(`only the first ${plural(rows, 'row')}; ask for more with --limit`)
  return 3
}

async function fromStdin(cli: Cli): Promise<string> {
  const { wholeInput } = await import('../terminal/prompt.ts')
  if (cli.mayAsk) cli.note('Type the statement; Ctrl-D ends it.')
  return wholeInput(cli.surroundings.stdin)
}
