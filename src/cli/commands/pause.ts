// Owns `tidemark pause`.

import { pause as operation } from '../../operations/pause.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { alsoText, standingText } from '../terminal/pauses.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) => verb(program, 'pause', operation).action(run(pause))

async function pause(cli: Cli, id: string): Promise<void> {
  const tidemark = await cli.open()
  const report = await tidemark.perform(operation, { connection: id })
  const { standing, paused } = report
  if (cli.options.json) return cli.json(report)
  cli.out.line(`${id} is paused${alsoText(paused)}.`)
  // A pause on top of a login that is needed: one command mends both.
  cli.note(standing.state === 'paused' ? `Let it run again with: ${standing.mend}` : standingText(id, standing))
}
