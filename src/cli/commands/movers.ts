// Owns `tidemark movers`: the records whose metric has moved the most.

import { TidemarkError } from '../../model/errors.ts'
import { type MoversInput, type MoversReport, movers as operation } from '../../operations/movers.ts'
import { streamTarget } from '../../operations/targets.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

type Options = Partial<Omit<MoversInput, 'connection' | 'stream'>>

export const declare: Declare = (program, run) =>
  verb(program, 'movers', operation, {
    says: '`tidemark connectors <name>` lists the metrics of a stream.',
    examples: [
      'tidemark movers me/stars --metric stargazers_count --since 30d',
      'tidemark movers me/stars --metric forks_count --by percent --json',
    ],
  }).action(run(movers))

async function movers(cli: Cli, target: string, { metric, ...options }: Options): Promise<void> {
  const tidemark = await cli.open()
  const { connection: id, stream } = await streamTarget(tidemark, target)
  const connection = await tidemark.connection(id)
  if (metric === undefined) {
    const { metrics } = (await connection.stream(stream)).shape
    throw new TidemarkError('option_missing', 'The option --metric is missing.', {
      hint: metrics.length > 0 ? `One of: ${metrics.join(', ')}` : `Stream "${stream}" has no metrics.`,
    })
  }
  const report = await connection.movers(stream, { metric, ...options })
  await cli.list({ ...report }, COLUMNS, report.movers, `No record of ${target} has moved since then.`)
}

const COLUMNS: readonly ColumnOf<MoversReport['movers'][number]>[] = [
  { title: 'KEY', whole: true, of: ({ key }) => ({ text: key, style: 'bold' }) },
  { title: 'FROM', align: 'right', of: ({ from }) => String(from.value) },
  { title: 'TO', align: 'right', of: ({ to }) => String(to.value) },
  { title: 'CHANGE', align: 'right', of: ({ change }) => (Number(change) > 0 ? `+${String(change)}` : String(change)) },
  { title: '%', align: 'right', of: ({ percent }) => (percent === null ? '-' : percent.toFixed(1)) },
  { title: 'TITLE', optional: true, of: ({ title }) => title ?? '-' },
]
