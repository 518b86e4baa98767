// Owns `tidemark connections`: what is connected, with its options, without its secrets.

import { plural } from '../../model/plural.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { isDisconnected, pausedText, standingText } from '../pauses.ts'
import { jsonText } from '../printable.ts'
import { type Cell, table } from '../table.ts'
import { ago } from '../times.ts'

export const declare: Declare = (program, run) =>
  program
    .command('connections')
    .summary('list what is connected')
    .description(
      'Lists the connections of the project: options without secrets, streams, and webhook addresses (with --json).',
    )
    .option('--all', 'those too that are disconnected, whose records are still here')
    .addHelpText('after', examples('tidemark connections', 'tidemark connections --all', 'tidemark connections --json'))
    .action(run(connections))

async function connections(cli: Cli, { all = false }: { all?: boolean }): Promise<void> {
  const { connectionDocument } = await import('../connection-document.ts')
  const tidemark = await cli.open()
  const stored = await tidemark.store.connections(tidemark.project)
  const rows = all ? stored : stored.filter(({ paused }) => !isDisconnected(paused))
  const documents = await Promise.all(
    rows.map(async (row) => {
      // From the store, so that a connection is listed whose connector is not there.
      const streams = await tidemark.store.streams(row.no)
      return connectionDocument(
        row,
        streams.map(({ stream }) => stream),
      )
    }),
  )
  if (cli.options.json) return cli.json({ connections: documents })
  const hidden = stored.length - rows.length
  if (documents.length === 0) cli.note('Nothing is connected. See: tidemark connect --help')
  if (hidden > 0) cli.note(`${plural(hidden, 'more is', 'more are')} disconnected: tidemark connections --all`)
  if (documents.length === 0) return
  const cells = documents.map(({ id, connector, streams, options, paused, createdAt }): Cell[] => [
    { text: id, style: 'bold' },
    connector,
    streams.join(', '),
    paused.length > 0 ? { text: pausedText(paused), style: 'magenta' } : 'on',
    ago(createdAt, cli.now()),
    optionsText(options),
  ])
  await cli.out.write(table(COLUMNS, cells, cli.out))
  for (const row of rows) {
    if (row.paused.length > 0) cli.note(standingText(row.id, await tidemark.standing(row)))
  }
}

function optionsText(options: unknown): string {
  return Object.entries((options ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : jsonText(value)}`)
    .join(' ')
}

const COLUMNS = [
  { title: 'ID' },
  { title: 'CONNECTOR' },
  { title: 'STREAMS' },
  { title: 'STATE' },
  { title: 'MADE', whole: true },
  { title: 'OPTIONS' },
] as const
