// Owns `tidemark connections`: what is connected, with its options, without its secrets.

import { jsonText } from '../../model/json-text.ts'
import { plural } from '../../model/plural.ts'
import type { ConnectionDocument } from '../../operations/documents/connection.ts'
import { listConnections as operation } from '../../operations/list-connections.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { isDisconnected, pausedText, standingText } from '../terminal/pauses.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'connections', operation, {
    summary: 'list what is connected',
    examples: ['tidemark connections --json'],
  }).action(run(connections))

async function connections(cli: Cli, { all = false }: { all?: boolean }): Promise<void> {
  const tidemark = await cli.open()
  const every = await tidemark.listConnections({ all: true })
  const documents = all ? every : every.filter(({ paused }) => !isDisconnected(paused))
  if (cli.options.json) return cli.json({ connections: documents })
  const hidden = every.length - documents.length
  if (documents.length === 0) cli.note('Nothing is connected. See: tidemark connect --help')
  if (hidden > 0) cli.note(`${plural(hidden, 'more is', 'more are')} disconnected: tidemark connections --all`)
  await cli.table(COLUMNS, documents)
  for (const { id, standing } of documents) if (standing.state !== 'on') cli.note(standingText(id, standing))
}

function optionsText(options: unknown): string {
  return Object.entries((options ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : jsonText(value)}`)
    .join(' ')
}

const COLUMNS: readonly ColumnOf<ConnectionDocument>[] = [
  { title: 'ID', of: ({ id }) => ({ text: id, style: 'bold' }) },
  { title: 'CONNECTOR', of: ({ connector }) => connector },
  { title: 'STREAMS', of: ({ streams }) => streams.join(', ') },
  {
    title: 'STATE',
    of: ({ paused }) => (paused.length > 0 ? { text: pausedText(paused), style: 'magenta' } : 'on'),
  },
  { title: 'CREATED', whole: true, of: ({ createdAt }, now) => ago(createdAt, now) },
  { title: 'OPTIONS', of: ({ options }) => optionsText(options) },
]
