// Owns `tidemark restore`: verifies a backup and puts it in place of the database, which stays beside it.

import { existsSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import type { KeySource } from '../../secrets/keys.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { besides, checkBackup, checkPlace, isSameFile, mirrorFile, ofBackup } from '../mirror-file.ts'

interface Options {
  readonly force?: boolean
  readonly drill?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('restore')
    .summary('restore a backup')
    .description(
      'Verifies a backup and makes it the database. An existing database is replaced only with --force, and is kept ' +
        'beside it under another name; a database that is in use is not touched. The key of the secrets is not in a ' +
        'backup: restore it as well. Readers of the change feed are told to start over.',
    )
    .argument('<file>', 'a file that tidemark backup made')
    .option('--force', 'replace a database that exists; the old one is kept aside')
    .option('--drill', 'only try it in another place; nothing is replaced')
    .addHelpText(
      'after',
      examples(
        'tidemark restore mirror.bak',
        'tidemark restore mirror.bak --drill',
        'tidemark restore mirror.bak --force',
      ),
    )
    .action(run(restore))

async function restore(cli: Cli, file: string, { force = false, drill: onlyDrill = false }: Options): Promise<number> {
  const [{ copyMirror, proveMirror }, { drill, drillLines }, { keysOf }] = await Promise.all([
    import('../../store/sqlite.ts'),
    import('../drill.ts'),
    import('../key-names.ts'),
  ])
  const { paint } = cli.out
  const key = await cli.key()
  if (onlyDrill) {
    checkBackup(file)
    const drilled = await drill(file, key).catch((error: unknown) => {
      throw ofBackup(error, file)
    })
    if (cli.options.json) await cli.json({ file: resolve(file), drill: drilled })
    else {
      for (const [state, line] of drillLines(drilled)) {
        cli.out.line(`${state === 'ok' ? paint('green', '✓') : paint('red', '✗')} ${line}`)
      }
    }
    return drilled.key || drilled.secrets.failed.length > 0 ? 1 : 0
  }
  const target = mirrorFile(cli.options.database, 'restore')
  checkBackup(file)
  if (isSameFile(file, target)) {
    throw new TidemarkError('argument_invalid', `${file} is the database itself`, {
      hint: 'Name the backup, and with --database where it should go.',
    })
  }
  checkPlace(target, 'the database')
  if (existsSync(target) && !force) throw targetExists(target)
  try {
    proveMirror(file)
  } catch (error) {
    throw ofBackup(error, file)
  }
  const fresh = besides(target, 'restored')
  const copy = await copyMirror({ from: file, to: fresh, draft: besides(target, 'partial'), force: false })
  const aside = await putInPlace(cli, target, fresh)
  const keys = await keysOf(target)
  if (cli.options.json) {
    await cli.json({ database: target, ...copy, keys, aside })
    return 0
  }
  cli.out.line(`${paint('green', '✓')} ${paint('bold', target)}: ${plural(copy.rows, 'row')}, verified`)
  if (aside) cli.out.line(`    the previous database is kept as ${aside}`)
  if (copy.secrets > 0) cli.note(await keyNote(keys, key))
  cli.note('Logins that were renewed since the backup may be refused: tidemark connect then gives new ones.')
  return 0
}

/** Whether the key that is found here is the one that opens it; without it the database can be read, and nothing synced. */
async function keyNote(keys: readonly string[], source: KeySource): Promise<string> {
  const { keyName } = await import('../../secrets/keys.ts')
  const found = await source.find().catch(() => undefined)
  const wanted = keys.join(' or ')
  if (found && keys.includes(keyName(found))) return `The current key ${wanted} opens its secrets.`
  const have = found ? `the one here is ${keyName(found)}` : 'there is none here'
  return (
    `warning: its secrets open only with the key ${wanted}, and ${have}. Bring it back, in TIDEMARK_KEY or as a file ` +
    'that TIDEMARK_KEY_FILE names, then see: tidemark doctor'
  )
}

/** Exchanges the files; returns where the old database is now. */
async function putInPlace(cli: Cli, target: string, fresh: string): Promise<string | null> {
  const { replaceMirror } = await import('../../store/sqlite.ts')
  const aside = `${target}.before-${new Date(cli.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
  const order = { file: target, by: fresh, aside: existsSync(aside) ? besides(aside, 'again') : aside }
  try {
    const isThere = existsSync(target)
    replaceMirror(order)
    return isThere ? order.aside : null
  } finally {
    rmSync(fresh, { force: true })
  }
}

function targetExists(target: string): TidemarkError {
  return new TidemarkError('database_exists', `${target} is there already`, {
    hint: 'Name another with --database, or replace it with --force (it is kept aside), or only try: --drill.',
  })
}
