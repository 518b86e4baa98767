// Owns `tidemark tables`: what `tidemark sql` can read, with columns, rows, and what a row of each is.

import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import { count, plural } from '../../model/plural.ts'
import type { TableRow } from '../../store/store.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { type Cell, table } from '../terminal/table.ts'

export const declare: Declare = (program, run) =>
  program
    .command('tables')
    .summary('what sql can read: tables, columns, rows')
    .description(
      'Lists the tables that tidemark sql reads: those of the streams, then Tidemark’s own. With a name, that one with ' +
        'all its columns. Rows of …_daily are counted when it is named; it takes a while where there are many.',
    )
    .argument('[name]', 'a table')
    .addHelpText('after', examples('tidemark tables', 'tidemark tables github_stars', 'tidemark tables --json'))
    .action(run(tables))

/** A table as `--json` prints it. */
interface Shown {
  readonly table: string
  readonly what: string
  /** Null: not counted. */
  readonly rows: number | null
  readonly columns: readonly string[]
}

async function tables(cli: Cli, name?: string): Promise<void> {
  const { store, project } = await cli.open()
  const all = await store.tables.list(project)
  const chosen = name === undefined ? all : [named(all, name)]
  const shown: Shown[] = []
  for (const row of chosen) {
    const isCounted = name !== undefined || row.of?.part !== 'daily'
    const rows = isCounted ? await store.tables.countRows(project, row.name) : null
    shown.push({ table: row.name, what: whatOf(row), rows, columns: row.columns })
  }
  if (cli.options.json) return cli.json({ tables: shown })
  const [only] = shown
  if (name !== undefined && only) return tellOne(cli, only)
  const cells = shown.map(({ table: one, rows, what, columns }): Cell[] => [
    { text: one, style: 'bold' },
    rows === null ? '-' : count(rows),
    what,
    columns.join(', '),
  ])
  await cli.out.write(table(COLUMNS, cells, cli.out))
  if (chosen.every(({ of }) => of === null)) cli.note('Nothing is connected yet; streams will be tables here.')
  cli.note('All columns of one: tidemark tables <name>. Ask with: tidemark sql "select …"')
}

function tellOne(cli: Cli, { table: name, what, rows, columns }: Shown): void {
  const { paint } = cli.out
  cli.out.line(`${paint('bold', name)}: ${what}; ${plural(rows ?? 0, 'row')}`)
  for (const column of columns) cli.out.line(`    ${column}`)
  cli.note(`Ask with: tidemark sql "select * from ${name} limit 10"`)
}

function named(all: readonly TableRow[], name: string): TableRow {
  const found = all.find((one) => one.name === name.toLowerCase())
  if (found) return found
  const names = all.map((one) => one.name)
  throw new TidemarkError('table_unknown', `there is no table "${name}"`, { hint: knownNames(name, names) })
}

function whatOf({ name, of }: TableRow): string {
  if (of === null) return OWN[name] ?? 'of Tidemark itself'
  return PARTS[of.part].replace('…', `${of.connector}/${of.stream}`)
}

const PARTS: Readonly<Record<NonNullable<TableRow['of']>['part'], string>> = {
  '': 'live records of …',
  all: 'records of …, removed ones too',
  versions: 'every content that records of … have had',
  snapshots: 'metrics of … by record and run',
  daily: 'metrics of … by record and day',
}

/** What a row of Tidemark's own tables is. */
const OWN: Readonly<Record<string, string>> = {
  streams: 'connection and stream: how complete, how fresh',
  runs: 'run: when, how it ended, what it counted',
  requests: 'request that a run made',
  changes: 'insert, update, restore or remove, in order',
  gaps: 'what is known to be missing',
  quarantine: 'record that could not be read',
  held_removals: 'removal that waits for you',
  unconfirmed_removals: 'record that is not listed any more; the next run confirms',
  kept_records: 'record that stays by your decision',
  schedules: 'schedule: what, when next, when last',
  source_fields: 'field of a source’s rows, and since when',
}

const COLUMNS = [
  { title: 'TABLE', whole: true },
  { title: 'ROWS', align: 'right' },
  { title: 'A ROW IS' },
  { title: 'COLUMNS', optional: true },
] as const
