// Owns `tidemark removals`: what runs have put on hold or removed, and a person's decision about it.

import type { Decided, Verdict } from '../../engine/held/decide-removals.ts'
import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare, examples } from '../command.ts'
import { plural } from '../describe-run.ts'
import { oneLine } from '../printable.ts'
import { type Cell, count, table } from '../table.ts'
import { relativeTime } from '../times.ts'

const VERBS = ['list', 'approve', 'reject', 'undo'] as const

export const declare: Declare = (program, run) =>
  program
    .command('removals')
    .summary('decide on removals that are held, or undo a run’s')
    .description(
      'Lists what runs have put on hold or removed, and what you keep of it. approve: what a run holds is removed; after ' +
        'a reject or an undo, what you kept. reject: it stays, until the source lists it again. undo: all that a run has ' +
        'removed (or that you approved of it) comes back with its last content, and stays.',
    )
    .addArgument(action('[verb]', VERBS, `one of: ${VERBS.join(', ')} (default: list)`))
    .argument('[run]', 'the id of a run, from the list')
    .addHelpText(
      'after',
      examples('tidemark removals', 'tidemark removals approve 01K9ZS6X1C4H8W2V7Q3M5N0B9T', 'tidemark removals --json'),
    )
    .action(run(removals))

async function removals(cli: Cli, verb: string = 'list', run?: string): Promise<void> {
  if (!(VERBS as readonly string[]).includes(verb)) {
    throw new TidemarkError('argument_invalid', `removals has no "${verb}"`, {
      hint: knownNames(verb, VERBS, 'One of'),
    })
  }
  if (verb === 'list') return list(cli)
  if (run === undefined) {
    throw new TidemarkError('argument_missing', `removals ${verb} needs the id of a run`, {
      hint: 'List them: tidemark removals',
    })
  }
  const tidemark = await cli.open()
  const decided = await tidemark.decideRemovals(verb as Verdict, run)
  if (cli.options.json) return cli.json(decided)
  for (const line of tell(decided)) cli.out.line(line)
}

const TOLD: Readonly<Record<Verdict, (records: string) => string>> = {
  approve: (records) => `${records} removed`,
  reject: (records) => `${records} kept; they stay until the source lists them again`,
  undo: (records) => `${records} brought back, and kept until the source lists them again`,
}

function tell({ verdict, streams }: Decided): readonly string[] {
  return streams.map(({ connection, stream, records }) => {
    return oneLine(`${connection}/${stream}: ${TOLD[verdict](plural(records, 'record'))}.`)
  })
}

async function list(cli: Cli): Promise<void> {
  const tidemark = await cli.open()
  const rows = await tidemark.removals()
  if (cli.options.json) return cli.json({ removals: rows })
  if (rows.length === 0) return cli.note('Nothing is held, and no run has removed anything.')
  const { out } = cli
  const cells = rows.map((row): Cell[] => [
    row.run,
    `${row.connection}/${row.stream}`,
    relativeTime(Date.parse(row.at), cli.now()),
    count(row.held),
    count(row.removed),
    count(row.kept),
    row.reason ?? '',
  ])
  await out.write(table(COLUMNS, cells, { width: out.width, paint: out.paint }))
  const waiting = rows.find(({ held }) => held > 0)
  if (waiting) cli.note(`Decide with: tidemark removals approve ${waiting.run} (or reject)`)
}

const COLUMNS = [
  { title: 'RUN', whole: true },
  { title: 'STREAM' },
  { title: 'WHEN', whole: true },
  { title: 'HELD', align: 'right' },
  { title: 'REMOVED', align: 'right' },
  { title: 'KEPT', align: 'right' },
  { title: 'WHY HELD' },
] as const
