// Owns `tidemark resume`: takes back `pause`. A login that ran out is not renewed by wishing.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { standingText } from '../pauses.ts'

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
  const standing = await tidemark.standing({ ...connection.row, paused })
  if (cli.options.json) await cli.json({ id, paused, standing })
  else if (standing.state === 'on') cli.out.line(`${id} runs again with the next sync.`)
  else cli.out.line(standingText(`${id} still`, standing))
  return standing.state === 'on' ? 0 : 4
}
