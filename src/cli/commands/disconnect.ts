// Owns `tidemark disconnect`: the login is forgotten and nothing is read any more; with --purge nothing is left.

import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { count } from '../table.ts'

interface Options {
  readonly purge?: boolean
  readonly yes?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('disconnect')
    .summary('forget a login, or a whole connection')
    .description(
      'Forgets the secrets and schedules of a connection and lets it stand still; its records stay, and tidemark connect ' +
        'brings it back. With --purge everything is deleted that was ever stored of it: records, history, runs. The ' +
        'change feed of the project begins anew then, because it cannot say that.',
    )
    .argument('<connection>', 'the id of a connection')
    .option('--purge', 'delete its records, their history and its runs, too')
    .option('--yes', 'without being asked')
    .addHelpText(
      'after',
      examples('tidemark disconnect me', 'tidemark disconnect me --purge', 'tidemark disconnect me --purge --yes'),
    )
    .action(run(disconnect))

async function disconnect(cli: Cli, id: string, { purge = false, yes = false }: Options): Promise<void> {
  const tidemark = await cli.open()
  if (purge) {
    const row = await tidemark.store.connection(tidemark.project, id)
    const streams = row ? await tidemark.store.streams(row.no) : []
    const records = streams.reduce((sum, { totalRecords }) => sum + totalRecords, 0)
    if (row && !yes) await confirm(cli, id, records)
    const rows = await tidemark.care.purge(id, (gone) => {
      if (cli.err.isTerminal && !cli.options.quiet) cli.surroundings.stderr.write(`\r${count(gone)} rows deleted`)
    })
    if (cli.err.isTerminal && !cli.options.quiet) cli.err.line()
    if (cli.options.json) return cli.json({ id, purged: true, rows })
    return cli.out.line(`${id} is gone, with ${count(records)} records (${count(rows)} rows in all).`)
  }
  const secrets = await tidemark.care.disconnect(id)
  const row = await tidemark.store.connection(tidemark.project, id)
  if (cli.options.json) return cli.json({ id, purged: false, secrets, paused: row?.paused ?? [] })
  const forgotten = `${secrets} secret${secrets === 1 ? '' : 's'}`
  cli.out.line(`${id} is disconnected: ${forgotten} forgotten, its records stay.`)
  cli.note(`Back: tidemark connect ${row?.connector} --id ${id}. Delete all of it: tidemark disconnect ${id} --purge`)
}

/** @throws TidemarkError confirmation_missing when nobody is there, or somebody says no */
async function confirm(cli: Cli, id: string, records: number): Promise<void> {
  const what = `deletes ${count(records)} records of "${id}" and all their history`
  if (!cli.mayAsk) {
    throw new TidemarkError('confirmation_missing', `--purge ${what}, and nobody is there to be asked`, {
      hint: 'Say --yes to go on.',
    })
  }
  const { answer } = await import('../prompt.ts')
  const said = await answer(cli.surroundings.stdin, cli.surroundings.stderr, `This ${what}. Type the id to go on: `)
  if (said.trim() !== id) throw new TidemarkError('confirmation_missing', 'nothing was deleted')
}
