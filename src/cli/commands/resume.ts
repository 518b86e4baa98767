// Owns `tidemark resume`: takes back `pause`. A login that ran out is not renewed by wishing.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { pausedText } from '../pauses.ts'

export const declare: Declare = (program, run) =>
  program
    .command('resume')
    .summary('let a paused connection run again')
    .description(
      'Lets a connection run again that tidemark pause let stand still. One that waits for a login runs again with ' +
        'tidemark connect and new secrets; until then the exit code is 4.',
    )
    .argument('<connection>', 'the id of a connection')
    .addHelpText('after', examples('tidemark resume me'))
    .action(run(resume))

async function resume(cli: Cli, id: string): Promise<number> {
  const tidemark = await cli.open()
  const connection = await tidemark.connection(id)
  const paused = await connection.resume()
  if (cli.options.json) await cli.json({ id, paused })
  else if (paused.length === 0) cli.out.line(`${id} runs again with the next sync.`)
  else
    cli.out.line(
      `${id} still stands still: ${pausedText(paused)}. Give it a login: tidemark connect ${connection.row.connector} --id ${id}`,
    )
  return paused.length === 0 ? 0 : 4
}
