// Owns `tidemark resume`: exit code 4 where a login is needed all the same.

import { resume as operation } from '../../operations/pause.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { standingText } from '../terminal/pauses.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verb(program, 'resume', operation, { says: 'Until then the exit code is 4.' }).action(run(resume))

async function resume(cli: Cli, id: string): Promise<number> {
  const tidemark = await cli.open()
  const before = (await tidemark.connection(id)).row.paused
  const report = await tidemark.perform(operation, { connection: id })
  const { standing } = report
  if (cli.options.json) await cli.json(report)
  else if (standing.state === 'on')
    cli.out.line(before.length > 0 ? `${id} runs again with the next sync.` : `${id} is not paused.`)
  else cli.out.line(standingText(`${id} still`, standing))
  return standing.state === 'on' ? 0 : 4
}
