// Owns `tidemark run`: one run, with all it says of itself.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { complaint } from '../complaint.ts'
import { describeRun } from '../describe-run.ts'
import { runProgressText } from '../progress.ts'
import { ago } from '../times.ts'

export const declare: Declare = (program, run) =>
  program
    .command('run')
    .summary('show one run')
    .description('Shows one run: what each stream brought, how its passes ended, and what kept it from being complete.')
    .argument('<run>', 'the id of a run, from: tidemark runs')
    .addHelpText(
      'after',
      examples('tidemark run 01K9ZS6X1C4H8W2V7Q3M5N0B9T', 'tidemark run 01K9ZS6X1C4H8W2V7Q3M5N0B9T --json'),
    )
    .action(run(show))

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
