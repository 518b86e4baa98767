// Owns `tidemark pause`: a connection stands still because a person wants it to.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { pausedText, standingText } from '../pauses.ts'

export const declare: Declare = (program, run) =>
  program
    .command('pause')
    .summary('let a connection stand still')
    .description(
      'Lets a connection stand still: no sync reads it until tidemark resume. A run under way goes on to its end.',
    )
    .argument('<connection>', 'the id of a connection')
    .addHelpText('after', examples('tidemark pause me'))
    .action(run(pause))

async function pause(cli: Cli, id: string): Promise<void> {
  const tidemark = await cli.open()
  const connection = await tidemark.connection(id)
  const paused = await connection.pause()
  const standing = await tidemark.standing({ ...connection.row, paused })
  if (cli.options.json) return cli.json({ id, paused, standing })
  cli.out.line(`${id} stands still: ${pausedText(paused)}.`)
  // A pause on top of a login that is needed: one command mends both.
  cli.note(standing.state === 'paused' ? `Let it run again with: ${standing.mend}` : standingText(id, standing))
}
