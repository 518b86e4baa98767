// Owns `tidemark tables`: what `tidemark sql` can read, with columns, rows, and what a row of each is.

import { count, plural } from '../../model/plural.ts'
import { tables as operation, type Table } from '../../operations/tables.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'tables', operation, {
    summary: 'what sql can read: tables, columns, rows',
    examples: ['tidemark tables --json'],
  }).action(run(tables))

async function tables(cli: Cli, name?: string): Promise<void> {
  const tidemark = await cli.open()
  const found = await tidemark.tables(name)
  const [only] = found
  if (name !== undefined && only && !cli.options.json) return tellOne(cli, only)
  if (!(await cli.list({ tables: found }, COLUMNS, found, ''))) return
  if ((await tidemark.connections()).length === 0) cli.note('Nothing is connected yet; streams will be tables here.')
  cli.note('All columns of one: tidemark tables <name>. Ask with: tidemark sql "select …"')
}

function tellOne(cli: Cli, { table, what, rows, columns }: Table): void {
  const { paint } = cli.out
  cli.out.line(`${paint('bold', table)}: ${what}; ${plural(rows ?? 0, 'row')}`)
  for (const column of columns) cli.out.line(`    ${column}`)
  cli.note(`Ask with: tidemark sql "select * from ${table} limit 10"`)
}

const COLUMNS: readonly ColumnOf<Table>[] = [
  { title: 'TABLE', whole: true, of: ({ table }) => ({ text: table, style: 'bold' }) },
  { title: 'ROWS', align: 'right', of: ({ rows }) => (rows === null ? '-' : count(rows)) },
  { title: 'A ROW IS', of: ({ what }) => what },
]
