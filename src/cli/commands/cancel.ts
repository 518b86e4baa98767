// Owns `tidemark cancel`: asks a run to stop at its next page, from whichever process.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { lookOf } from '../describe-run.ts'

export const declare: Declare = (program, run) =>
  program
    .command('cancel')
    .summary('cancel a run')
    .description(
      'Asks a run to stop at its next page. What it has read is kept; the rest is a gap that the next sync closes.',
    )
    .argument('<run>', 'the id of a run, from: tidemark runs')
    .addHelpText('after', examples('tidemark cancel 01K9ZS6X1C4H8W2V7Q3M5N0B9T'))
    .action(run(cancel))

async function cancel(cli: Cli, id: string): Promise<void> {
  const tidemark = await cli.open()
  const cancelled = await tidemark.cancel(id)
  const { status, connection } = await tidemark.run(id)
  if (cli.options.json) return cli.json({ id, connection, cancelled, status })
  // A run that is over is what was wanted: asking twice is no mistake.
  cli.out.line(
    cancelled
      ? `The run of ${connection} stops at its next page.`
      : `The run of ${connection} is over already: ${lookOf(status).words}.`,
  )
}
