// Owns `tidemark disconnect`: the login is forgotten and nothing is read any more; with --purge nothing is left.

import { TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'

interface Options {
  readonly purge?: boolean
  readonly yes?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('disconnect')
    .summary('remove a login, or a connection with all its data')
    .description(
      'Deletes the secrets and schedules of a connection and stops running it. Its records stay, and tidemark ' +
        'connect brings it back. With --purge, all data of the connection is deleted: records, history and runs. The ' +
        'change feed of the project then starts over, because it has no entry for that.',
    )
    .argument('<connection>', 'the id of a connection')
    .option('--purge', 'also delete its records, their history and its runs')
    .option('--yes', 'do not ask for confirmation (without a terminal nothing is asked)')
    .addHelpText(
      'after',
      examples('tidemark disconnect me', 'tidemark disconnect me --purge', 'tidemark disconnect me --purge --yes'),
    )
    .action(run(disconnect))

async function disconnect(cli: Cli, id: string, { purge = false, yes = false }: Options): Promise<void> {
  const tidemark = await cli.open()
  const declaredIn = cli.config?.connections.some((one) => one.id === id) ? cli.config.file : null
  if (purge) {
    const row = await tidemark.store.connection(tidemark.project, id)
    const streams = row ? await tidemark.store.streams(row.no) : []
    const records = streams.reduce((sum, { totalRecords }) => sum + totalRecords, 0)
    if (row && !yes && cli.mayAsk) await confirm(cli, id, records)
    const rows = await tidemark.care.purge(id, (gone) => {
      if (cli.err.isTerminal && !cli.options.quiet) cli.surroundings.stderr.write(`\r${plural(gone, 'row')} deleted`)
    })
    if (cli.err.isTerminal && !cli.options.quiet) cli.err.line()
    if (cli.options.json) await cli.json({ id, purged: true, rows, declaredIn })
    else cli.out.line(`${id} is gone, with ${plural(records, 'record')} (${plural(rows, 'row')} in all).`)
    return warnOfDeclared(cli, id, declaredIn)
  }
  const secrets = await tidemark.care.disconnect(id)
  const row = await tidemark.store.connection(tidemark.project, id)
  if (cli.options.json) {
    await cli.json({ id, purged: false, secrets, paused: row?.paused ?? [], declaredIn })
    return warnOfDeclared(cli, id, declaredIn)
  }
  const forgotten = plural(secrets, 'secret')
  cli.out.line(`${id} is disconnected: ${forgotten} forgotten, its records stay.`)
  const back = row ? `Back: ${(await tidemark.standing(row)).mend}. ` : ''
  cli.note(`${back}Delete all of it: tidemark disconnect ${id} --purge`)
  warnOfDeclared(cli, id, declaredIn)
}

/** What a configuration declares is made again by the next sync, and whoever has just deleted it should know. */
function warnOfDeclared(cli: Cli, id: string, file: string | null): void {
  if (file === null) return
  cli.err.line(
    `${cli.err.paint('yellow', 'warning:')} ${file} declares ${id}: the next sync or serve connects it again. ` +
      'Take it out of that file to keep it away.',
  )
}

/**
 * Asks whoever is at the terminal. A script has said --purge, and nobody is there to say it again.
 *
 * @throws TidemarkError confirmation_missing when somebody says no
 */
async function confirm(cli: Cli, id: string, records: number): Promise<void> {
  const what = `deletes ${plural(records, 'record')} of "${id}" and all their history`
  const { answer } = await import('../prompt.ts')
  const said = await answer(cli.surroundings.stdin, cli.surroundings.stderr, `This ${what}. Type the id to go on: `)
  if (said.trim() !== id) throw new TidemarkError('confirmation_missing', 'nothing was deleted')
}
