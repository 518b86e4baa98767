// Owns `tidemark activity`: what has changed lately.

import { type Activity, type ActivityQuery, activity as operation } from '../../operations/activity.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'activity', operation, {
    args: ['connection'],
    summary: 'list what has changed',
    examples: ['tidemark activity me --op remove', 'tidemark activity --json'],
  }).action(run(activity))

async function activity(
  cli: Cli,
  connection: string | undefined,
  options: Omit<ActivityQuery, 'connection'>,
): Promise<void> {
  const found = await (await cli.open()).activity({ ...options, connection })
  await cli.list({ activity: found }, COLUMNS, found, 'Nothing has changed yet.')
}

const COLUMNS: readonly ColumnOf<Activity>[] = [
  { title: 'WHEN', whole: true, of: ({ at }, now) => ago(at, now) },
  { title: 'WHAT', whole: true, of: ({ op }) => ({ text: op, style: 'bold' }) },
  { title: 'CONNECTION', of: ({ connection }) => connection },
  { title: 'STREAM', of: ({ stream }) => stream },
  { title: 'KEY', of: ({ key }) => key },
  { title: 'TITLE', optional: true, of: ({ title }) => title ?? '-' },
]
