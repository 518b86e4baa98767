// Owns `tidemark coverage`: which times of each stream were read.

import { coverage as operation } from '../../operations/coverage.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'coverage', operation, {
    args: ['connection'],
    summary: 'show which times were read, and which not',
    examples: ['tidemark coverage shop'],
  }).action(run(coverage))

async function coverage(cli: Cli, connection: string): Promise<void> {
  const found = await (await cli.open()).coverage(connection)
  const rows = found.flatMap(({ stream, intervals }): readonly Row[] =>
    (intervals ?? [{ kind: '-', from: '-', to: '-', note: 'its order is no time' }]).map((one) => ({ stream, ...one })),
  )
  await cli.list({ coverage: found }, COLUMNS, rows, 'Nothing was read yet.')
}

interface Row {
  readonly stream: string
  readonly kind: string
  readonly from: string | null
  readonly to: string
  readonly note: string
}

const COLUMNS: readonly ColumnOf<Row>[] = [
  { title: 'STREAM', of: ({ stream }) => stream },
  { title: 'WHAT', whole: true, of: ({ kind }) => ({ text: kind, style: 'bold' }) },
  { title: 'FROM', whole: true, of: ({ from }) => from ?? 'the beginning' },
  { title: 'TO', whole: true, of: ({ to }) => to },
  { title: 'NOTE', optional: true, of: ({ note }) => note },
]
