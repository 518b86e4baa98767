// Owns `tidemark pause`: a connection stands still because a person wants it to.

import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { pausedText } from '../pauses.ts'

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
  const paused = await (await tidemark.connection(id)).pause()
  if (cli.options.json) return cli.json({ id, paused })
  cli.out.line(`${id} stands still: ${pausedText(paused)}.`)
  cli.note(`Let it run again with: tidemark resume ${id}`)
}
