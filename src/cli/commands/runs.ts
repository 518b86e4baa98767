// Owns `tidemark runs`: the newest runs, one line each.

import { count } from '../../model/plural.ts'
import { addCounts, NO_COUNTS, type RunReport } from '../../model/run.ts'
import { runs as operation, type RunsQuery } from '../../operations/runs.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { describeCounts, lookOf, noneText, statusText } from '../terminal/runs.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago, took } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'runs', operation, {
    args: ['connection'],
    examples: ['tidemark runs --json'],
  }).action(run(runs))

async function runs(cli: Cli, connection: string | undefined, options: Omit<RunsQuery, 'connection'>): Promise<void> {
  const tidemark = await cli.open()
  const found = await tidemark.runs({ ...options, connection })
  const isFiltered = Object.keys(options).some((name) => name !== 'limit')
  const none = isFiltered ? 'No run fits.' : 'Nothing has run yet. See: tidemark sync --help'
  await cli.list({ runs: found }, COLUMNS, found, none)
}

function foundText({ streams }: RunReport): string {
  const counts = streams.reduce((sum, stream) => addCounts(sum, stream.counts), NO_COUNTS)
  return describeCounts({ ...counts, unchanged: 0 }, noneText(streams))
}

const COLUMNS: readonly ColumnOf<RunReport>[] = [
  { title: 'RUN', whole: true, of: ({ id }) => id },
  { title: 'CONNECTION', of: ({ connection }) => ({ text: connection, style: 'bold' }) },
  { title: 'STATUS', of: (run) => ({ text: statusText(run), style: lookOf(run.status).style }) },
  { title: 'STARTED', whole: true, of: ({ startedAt }, now) => ago(startedAt, now) },
  { title: 'FOUND', of: foundText },
  {
    title: 'TOOK',
    align: 'right',
    optional: true,
    of: ({ startedAt, finishedAt }, now) => took(startedAt, finishedAt, now),
  },
  { title: 'REQUESTS', align: 'right', optional: true, of: ({ requests }) => count(requests) },
  { title: 'MODE', optional: true, of: ({ mode }) => mode },
]
