// Owns `tidemark backup`: a consistent copy while syncs go on, verified, and with --drill proved by restoring it.

import { plural } from '../../model/plural.ts'
import { type BackupInput, backup as operation } from '../../operations/backup.ts'
import { perform } from '../../operations/perform.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { isProved, sayDrill } from '../terminal/drill.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) => verb(program, 'backup', operation).action(run(backup))

async function backup(cli: Cli, file: string | undefined, options: Omit<BackupInput, 'file'>): Promise<number> {
  const made = await perform(operation, await cli.database(), file === undefined ? {} : { file }, options)
  const { rows, bytes, secrets, keys, drill } = made
  if (cli.options.json) await cli.json(made)
  else {
    const what = `${plural(rows, 'row')}, ${(bytes / 1_048_576).toFixed(1)} MiB, verified`
    if (file !== undefined) cli.done(`${cli.out.paint('bold', file)}: ${what}`)
    if (drill) sayDrill(cli, drill)
    if (secrets > 0) cli.note(keyNote(secrets, keys))
  }
  return drill && !isProved(drill) ? 1 : 0
}

function keyNote(secrets: number, keys: readonly string[]): string {
  const which = keys.length === 1 ? `the key ${keys[0]}` : `one of the keys ${keys.join(', ')}`
  return `Its ${plural(secrets, 'secret opens', 'secrets open')} only with ${which}, which is not in it: keep that apart from the copy.`
}
