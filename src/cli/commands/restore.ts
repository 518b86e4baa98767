// Owns `tidemark restore`: verifies a backup and puts it in place of the database, which stays beside it.

import { plural } from '../../model/plural.ts'
import { restore as operation, type RestoreInput } from '../../operations/backup.ts'
import { perform } from '../../operations/perform.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { isProved, sayDrill } from '../terminal/drill.ts'
import { verb } from '../verb.ts'

export const declare: Declare = (program, run) => verb(program, 'restore', operation).action(run(restore))

async function restore(cli: Cli, file: string, options: Omit<RestoreInput, 'file'>): Promise<number> {
  const restored = await perform(operation, await cli.database(), { file }, options)
  if (cli.options.json) await cli.json(restored)
  if ('drill' in restored) {
    if (!cli.options.json) sayDrill(cli, restored.drill)
    return isProved(restored.drill) ? 0 : 1
  }
  if (cli.options.json) return 0
  const { database, rows, aside, secrets, keys } = restored
  cli.done(`${cli.out.paint('bold', database)}: ${plural(rows, 'row')}, verified`)
  if (aside) cli.out.line(`    the previous database is kept as ${aside}`)
  if (secrets > 0) cli.note(await keyNote(cli, keys))
  cli.note('Logins that were renewed since the backup may be refused: tidemark connect then gives new ones.')
  return 0
}

/** Whether the key that is found here is the one that opens it; without it the database can be read, and nothing synced. */
async function keyNote(cli: Cli, keys: readonly string[]): Promise<string> {
  const { keyName } = await import('../../secrets/keys.ts')
  const source = await cli.key()
  const found = await source.find().catch(() => undefined)
  const wanted = keys.join(' or ')
  if (found && keys.includes(keyName(found))) return `The current key ${wanted} opens its secrets.`
  const have = found ? `the one here is ${keyName(found)}` : 'there is none here'
  return (
    `warning: its secrets open only with the key ${wanted}, and ${have}. Bring it back, in TIDEMARK_KEY or as a file ` +
    'that TIDEMARK_KEY_FILE names, then see: tidemark doctor'
  )
}
