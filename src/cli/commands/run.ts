// Owns `tidemark run`: one run, with all it says of itself.

import { run as operation } from '../../operations/run.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { complaint } from '../terminal/complaint.ts'
import { runProgressText } from '../terminal/progress.ts'
import { describeRun } from '../terminal/runs.ts'
import { ago } from '../terminal/times.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) => verb(program, 'run', operation).action(run(show))

async function show(cli: Cli, id: string): Promise<void> {
  const tidemark = await cli.open()
  const run = await tidemark.run(id)
  if (cli.options.json) return cli.json(run)
  const { out } = cli
  out.line(describeRun(run, out.paint, cli.now()))
  if (run.progress) out.line(`    ${runProgressText(run.progress)}`)
  out.line(`    mode ${run.mode}, started ${ago(run.startedAt, cli.now())} (${run.startedAt})`)
  if (run.error) out.line(`    ${complaint(run.error, out.paint).replaceAll('\n', '\n    ')}`)
}
