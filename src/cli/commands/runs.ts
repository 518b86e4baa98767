// Owns `tidemark runs`: the newest runs, one line each.

import { count } from '../../model/plural.ts'
import { addCounts, NO_COUNTS, type RunReport } from '../../model/run.ts'
import { runs as operation, type RunsQuery } from '../../operations/runs.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { describeCounts, lookOf, noneText, statusText } from '../describe-run.ts'
import { type Cell, table } from '../terminal/table.ts'
import { ago, took } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'runs', operation, { args: ['connection'], examples: ['tidemark runs --json'] }).action(run(runs))

async function runs(cli: Cli, connection: string | undefined, options: Pick<RunsQuery, 'limit'>): Promise<void> {
  const tidemark = await cli.open()
  const found = await tidemark.runs({ ...options, connection })
  if (cli.options.json) return cli.json({ runs: found })
  if (found.length === 0) return cli.note('Nothing has run yet. See: tidemark sync --help')
  await cli.out.write(
    table(
      COLUMNS,
      found.map((one) => cells(one, cli.now())),
      cli.out,
    ),
  )
}

function cells(run: RunReport, now: number): Cell[] {
  const counts = run.streams.reduce((sum, stream) => addCounts(sum, stream.counts), NO_COUNTS)
  return [
    run.id,
    { text: run.connection, style: 'bold' },
    { text: statusText(run), style: lookOf(run.status).style },
    ago(run.startedAt, now),
    describeCounts({ ...counts, unchanged: 0 }, noneText(run.streams)),
    took(run.startedAt, run.finishedAt, now),
    count(run.requests),
    run.mode,
  ]
}

const COLUMNS = [
  { title: 'RUN', whole: true },
  { title: 'CONNECTION' },
  { title: 'STATUS' },
  { title: 'STARTED', whole: true },
  { title: 'FOUND' },
  { title: 'TOOK', align: 'right', optional: true },
  { title: 'REQUESTS', align: 'right', optional: true },
  { title: 'MODE', optional: true },
] as const
