// Owns `tidemark backup`: a consistent copy while syncs go on, verified, and with --drill proved by restoring it.

import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import type { Drill } from '../drill.ts'
import { besides, checkPlace, isSameFile, mirrorFile } from '../mirror-file.ts'

interface Options {
  readonly force?: boolean
  readonly drill?: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('backup')
    .summary('back up the database while it is in use')
    .description(
      'Copies the database as it is at this moment, while syncs continue, and verifies the copy. Its secrets are ' +
        'encrypted with your key, which is not part of the copy: keep the key somewhere else, or the secrets are ' +
        'lost. With --drill, the copy is restored to another place, read, and its secrets are decrypted; the result ' +
        'is printed.',
    )
    .argument('[file]', 'where to write the copy; with --drill it can be left out, and the copy is deleted again')
    .option('--force', 'replace the file if it exists')
    .option('--drill', 'restore the copy to another place and check that it works')
    .addHelpText(
      'after',
      examples(
        'tidemark backup mirror-2026-11-21.db',
        'tidemark backup mirror.bak --force --drill',
        'tidemark backup --drill',
      ),
    )
    .action(run(backup))

async function backup(
  cli: Cli,
  file: string | undefined,
  { force = false, drill: wantsDrill = false }: Options,
): Promise<number> {
  if (file === undefined && !wantsDrill) {
    throw new TidemarkError('argument_missing', 'no file was named for the copy', {
      hint: 'For example: tidemark backup mirror.bak, or tidemark backup --drill to try one without keeping it.',
    })
  }
  const [{ copyMirror }, { drill, drillLines }, { keysOf }] = await Promise.all([
    import('../../store/sqlite.ts'),
    import('../drill.ts'),
    import('../key-names.ts'),
  ])
  const from = mirrorFile(cli.options.database, 'backup')
  const to = file === undefined ? besides(from, 'drill') : resolve(file)
  if (isSameFile(to, from)) {
    throw new TidemarkError('argument_invalid', `${file} is the database itself`, {
      hint: 'Name another file for the copy, best on another disk.',
    })
  }
  checkPlace(to, 'the copy')
  try {
    const copy = await copyMirror({ from, to, draft: besides(to, 'partial'), force })
    const keys = await keysOf(to)
    const drilled = wantsDrill ? await drill(to, await cli.key()) : null
    if (cli.options.json) await cli.json({ file: file === undefined ? null : to, ...copy, keys, drill: drilled })
    else {
      const { paint } = cli.out
      if (file !== undefined) {
        const what = `${plural(copy.rows, 'row')}, ${megabytes(copy.bytes)}, verified`
        cli.out.line(`${paint('green', '✓')} ${paint('bold', file)}: ${what}`)
      }
      for (const [state, line] of drilled ? drillLines(drilled) : []) {
        cli.out.line(`${state === 'ok' ? paint('green', '✓') : paint('red', '✗')} ${line}`)
      }
      if (copy.secrets > 0) cli.note(keyNote(copy.secrets, keys))
    }
    return drilled && !isProved(drilled) ? 1 : 0
  } finally {
    if (file === undefined) rmSync(to, { force: true })
  }
}

function isProved({ key, secrets }: Drill): boolean {
  return key === null && secrets.failed.length === 0
}

function keyNote(secrets: number, keys: readonly string[]): string {
  const which = keys.length === 1 ? `the key ${keys[0]}` : `one of the keys ${keys.join(', ')}`
  return `Its ${plural(secrets, 'secret opens', 'secrets open')} only with ${which}, which is not in it: keep that apart from the copy.`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`
}
