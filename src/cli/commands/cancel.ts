// Owns `tidemark cancel`: asks a run to stop at its next page, from whichever process.

import { cancel as operation } from '../../operations/cancel.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'cancel', operation, { summary: 'cancel a run' }).action(run(cancel))

async function cancel(cli: Cli, id: string): Promise<void> {
  const tidemark = await cli.open()
  const cancelled = await tidemark.cancel(id)
  const { status, connection } = await tidemark.run(id)
  if (cli.options.json) return cli.json({ id, connection, cancelled, status })
  // A run that is over is what was wanted: asking twice is no mistake.
  cli.out.line(
    cancelled
      ? `The run of ${connection} stops at its next page.`
      : `The run of ${connection} is over already: ${status}.`,
  )
}
