// Owns `tidemark workers`: who works on the database, what waits for them, and the limits that they share.

import { durationText } from '../../model/duration.ts'
import { workers as operation, type Workers } from '../../operations/workers.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { ColumnOf } from '../terminal/table.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'workers', operation, {
    summary: 'show who works on the database, and what waits',
    examples: ['tidemark workers --json'],
  }).action(run(workers))

async function workers(cli: Cli): Promise<void> {
  const shown = await (await cli.open()).workers()
  if (cli.options.json) return cli.json(shown)
  if (shown.workers.length === 0) cli.note('Nobody works on it. See: tidemark serve --help')
  else await cli.table(WORKERS, shown.workers)
  const { due, dueSince, ordered, running } = shown.queue
  const since = dueSince === null ? '' : ` (the first since ${ago(dueSince, cli.now())})`
  cli.out.line(`${running} under way, ${due} due${since}, ${ordered} ordered`)
  if (shown.limits.length > 0) await cli.table(LIMITS, shown.limits)
}

const WORKERS: readonly ColumnOf<Workers['workers'][number]>[] = [
  { title: 'WORKER', of: ({ host, pid }) => ({ text: `${host} ${pid}`, style: 'bold' }) },
  { title: 'RUNS', whole: true, of: ({ running, together }) => `${running} of ${together}` },
  { title: 'STARTED', whole: true, of: ({ startedAt }, now) => ago(startedAt, now) },
  { title: 'SEEN', whole: true, of: ({ seenAt }, now) => ago(seenAt, now) },
]

const LIMITS: readonly ColumnOf<Workers['limits'][number]>[] = [
  { title: 'LIMIT', of: ({ key }) => ({ text: key, style: 'bold' }) },
  {
    title: 'ALLOWS',
    whole: true,
    of: ({ capacity, perMs }) => (capacity === null || perMs === null ? '-' : `${capacity} in ${durationText(perMs)}`),
  },
  { title: 'LEFT', whole: true, of: ({ left }) => (left === null ? '-' : String(left)) },
  { title: 'WAITING', whole: true, of: ({ waiting }) => String(waiting) },
  { title: 'BLOCKED', of: ({ blockedUntil }, now) => (blockedUntil === null ? '-' : ago(blockedUntil, now)) },
]
