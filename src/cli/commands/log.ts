// Owns `tidemark log`: what a run did, request by request.

import { type LogEntry, runLog as operation } from '../../operations/run-log.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { oneLine } from '../terminal/printable.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'log', operation, { summary: 'show what a run did, request by request' }).action(run(log))

async function log(cli: Cli, id: string): Promise<void> {
  const entries: LogEntry[] = []
  for await (const entry of (await cli.open()).runLog(id)) entries.push(entry)
  await cli.list({ log: entries }, COLUMNS, entries, 'Nothing is known of it.')
}

const COLUMNS: readonly ColumnOf<LogEntry>[] = [
  { title: 'AT', whole: true, of: ({ at }) => at?.slice(11, 23) ?? '' },
  { title: 'STREAM', of: ({ stream }) => stream ?? '' },
  {
    title: 'WHAT',
    of: ({ kind, text, request }) => {
      const isBad = kind === 'error' || (request !== null && request.outcome !== 'ok')
      return isBad ? { text: oneLine(text), style: 'red' } : oneLine(text)
    },
  },
]
