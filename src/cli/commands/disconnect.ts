// Owns `tidemark disconnect`: the login is forgotten and nothing is read any more; with --purge nothing is left.

import { plural } from '../../model/plural.ts'
import { disconnect as operation } from '../../operations/disconnect.ts'
import { yesOrNo } from '../../operations/fields.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { verb } from '../verb.ts'

interface Options {
  readonly purge?: boolean
  readonly yes?: boolean
}

export const declare: Declare = (program, run) =>
  verb(program, 'disconnect', operation, {
    summary: 'remove a login, or a connection with all its data',
    says:
      'tidemark connect brings it back. With --purge, all data of the connection is deleted: records, history and runs. ' +
      'The change feed of the project then starts over, because it cannot express a purge.',
    extra: {
      purge: yesOrNo('also delete its records, their history and its runs'),
      yes: yesOrNo('do not ask for confirmation (without a terminal nothing is asked)'),
    },
    examples: ['tidemark disconnect me --purge', 'tidemark disconnect me --purge --yes'],
  }).action(run(disconnect))

async function disconnect(cli: Cli, id: string, { purge = false, yes = false }: Options): Promise<void> {
  const tidemark = await cli.open()
  const declaredIn = cli.config?.connections.some((one) => one.id === id) ? cli.config.file : null
  if (purge) {
    const [status] = await tidemark.status({ connection: id })
    const records = status?.totalRecords ?? 0
    // A script has said --purge, and nobody is there to say it again.
    if (!yes && cli.mayAsk) {
      const what = `deletes ${plural(records, 'record')} of "${id}" and all their history`
      await cli.confirm(`This ${what}. Type the id to go on: `, id)
    }
    const onPart = (gone: number) => {
      if (cli.err.isTerminal && !cli.options.quiet) cli.surroundings.stderr.write(`\r${plural(gone, 'row')} deleted`)
    }
    const rows = await tidemark.purge(id, { onPart })
    if (cli.err.isTerminal && !cli.options.quiet) cli.err.line()
    if (cli.options.json) await cli.json({ id, purged: true, rows, declaredIn })
    else cli.out.line(`${id} is gone, with ${plural(records, 'record')} (${plural(rows, 'row')} in all).`)
    return warnOfDeclared(cli, id, declaredIn)
  }
  const secrets = await tidemark.disconnect(id)
  const [status] = await tidemark.status({ connection: id })
  if (cli.options.json) {
    await cli.json({ id, purged: false, secrets, paused: status?.paused ?? [], declaredIn })
    return warnOfDeclared(cli, id, declaredIn)
  }
  const forgotten = secrets > 0 ? ` ${plural(secrets, 'secret')} forgotten,` : ''
  cli.out.line(`${id} is disconnected:${forgotten} its records stay.`)
  // What was never given need not be given again.
  const back = secrets > 0 ? status?.standing.mend : `tidemark connect ${status?.connector} --id ${id}`
  cli.note(`Back: ${back}. Delete all of it: tidemark disconnect ${id} --purge`)
  warnOfDeclared(cli, id, declaredIn)
}

/** What a configuration declares is made again by the next sync, and whoever has just deleted it should know. */
function warnOfDeclared(cli: Cli, id: string, file: string | null): void {
  if (file === null) return
  cli.warn(
    `${file} declares ${id}: the next sync or serve connects it again. Take it out of that file to keep it away.`,
  )
}
