// Owns `tidemark removals`: what runs have put on hold or removed, and a person's decision about it.

import type { Decided, Verdict } from '../../engine/held/decide-removals.ts'
import type { Removals } from '../../engine/runs/report.ts'
import { reasonText } from '../../model/coverage.ts'
import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import { count, plural } from '../../model/plural.ts'
import { relativeTime } from '../../model/relative-time.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare, examples } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import { type Cell, table } from '../terminal/table.ts'

const VERBS = ['list', 'approve', 'reject', 'undo'] as const

export const declare: Declare = (program, run) =>
  program
    .command('removals')
    .summary('decide on removals that are held, or undo a run’s')
    .description(
      'Lists the removals that runs hold or have made, the records that you keep, and records that the last full pass no ' +
        'longer listed and the next run will confirm. approve: removes what a run holds, or, after a reject or an undo, ' +
        'what you kept. reject: keeps the records until the source lists them again. undo: restores everything that a ' +
        'run has removed (or that you approved) with its last content, and keeps it.',
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
  const waiting = await Promise.all(
    rows
      .filter(({ unconfirmed }) => unconfirmed > 0)
      .map(async (row) => [row, await tidemark.unconfirmed(row)] as const),
  )
  if (cli.options.json) {
    const keys = new Map<Removals, readonly string[]>(waiting)
    return cli.json({ removals: rows.map((row) => ({ ...row, unconfirmedKeys: keys.get(row) ?? [] })) })
  }
  if (rows.length === 0) return cli.note('Nothing is held, nothing waits, and no run has removed anything.')
  const { out } = cli
  const cells = rows.map((row): Cell[] => [
    row.run,
    `${row.connection}/${row.stream}`,
    relativeTime(Date.parse(row.at), cli.now()),
    count(row.held),
    count(row.removed),
    count(row.kept),
    count(row.unconfirmed),
    row.reason ?? '',
  ])
  await out.write(table(COLUMNS, cells, { width: out.width, paint: out.paint }))
  for (const [row, keys] of waiting) cli.out.line(waitingText(row, keys))
  const held = rows.find((row) => row.held > 0)
  if (held) cli.note(`Decide with: tidemark removals approve ${held.run} (or reject)`)
}

/** Keys that are named in the list for people; `--json` has them all. */
const KEYS_SHOWN = 20

/** What waits for no person: a second witness decides it. */
function waitingText({ connection, stream, unconfirmed }: Removals, keys: readonly string[]): string {
  const more = unconfirmed > KEYS_SHOWN ? ` and ${count(unconfirmed - KEYS_SHOWN)} more` : ''
  const named = keys.slice(0, KEYS_SHOWN).map(oneLine).join(', ')
  return `\n${oneLine(`${connection}/${stream}`)}: ${reasonText('unconfirmed', unconfirmed)}: ${named}${more}`
}

const COLUMNS = [
  { title: 'RUN', whole: true },
  { title: 'STREAM' },
  { title: 'WHEN', whole: true },
  { title: 'HELD', align: 'right' },
  { title: 'REMOVED', align: 'right' },
  { title: 'KEPT', align: 'right' },
  { title: 'WAITING', align: 'right' },
  { title: 'WHY HELD' },
] as const
