// Owns `tidemark keys`: which key opens the secrets, and its rotation while everything goes on.

import { TidemarkError } from '../../model/errors.ts'
import { knownNames } from '../../model/near-miss.ts'
import { plural } from '../../model/plural.ts'
import type { RotationReport } from '../../secrets/rotate.ts'
import type { Cli } from '../cli.ts'
import { action, type Declare, examples } from '../command.ts'

export const declare: Declare = (program, run) =>
  program
    .command('keys')
    .summary('show or rotate the encryption key')
    .description(
      'Shows the key that encrypts the secrets (by a name that does not reveal it), or rotates it: a new key, a new ' +
        'data key, and every secret encrypted again, while other processes keep working. If it is interrupted, ' +
        'nothing is lost and the same command continues. A key from TIDEMARK_KEY is replaced by the one in ' +
        'TIDEMARK_KEY_NEW: rotate, put the new key in place everywhere, and rotate again.',
    )
    .addArgument(action('[action]', ['show', 'rotate'], 'show or rotate (default: show)'))
    .option(
      '--forget-old',
      'delete all old key files at the end; use it only if no other database or backup needs them',
    )
    .addHelpText('after', examples('tidemark keys show', 'tidemark keys rotate', 'tidemark keys rotate --forget-old'))
    .action(run(keys))

async function keys(cli: Cli, asked = 'show', { forgetOld = false }: { forgetOld?: boolean } = {}): Promise<void> {
  if (asked === 'rotate') return rotate(cli, forgetOld)
  if (asked === 'show') return show(cli)
  throw new TidemarkError('argument_invalid', `keys has no action "${asked}"`, {
    hint: knownNames(asked, ['show', 'rotate'], 'One of'),
  })
}

async function show(cli: Cli): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const report = await tidemark.showKey()
  if (cli.options.json) return cli.json(report)
  const { key, place, wanted, dataKeys } = report
  if (key === null) return cli.out.line(`There is no key yet; one is made at ${place} with the first secret.`)
  cli.out.line(`${cli.out.paint('bold', key)}  ${place}`)
  if (dataKeys === 0) cli.out.line('    nothing is encrypted with it in this database yet')
  else if (!wanted.includes(key))
    cli.out.line(`    this database is still under ${wanted.join(', ')}: tidemark keys rotate`)
  else if (wanted.length > 1)
    cli.out.line(`    this database opens with ${wanted.join(' and ')} until: tidemark keys rotate`)
  else cli.out.line('    opens the secrets of this database')
}

async function rotate(cli: Cli, forgetOld: boolean): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const { keyFiles, ...report } = await tidemark.rotateKeys({ forgetOld })
  const { outcome, deleted } = report
  if (cli.options.json) return cli.json(report)
  const { paint } = cli.out
  cli.out.line(`${paint('green', '✓')} ${sentence(report)}`)
  for (const secret of report.unreadable)
    cli.err.line(`${paint('yellow', 'warning:')} no key opens ${secret}; it is left as it is`)
  for (const file of deleted) cli.out.line(`    deleted ${file}`)
  if (deleted.length > 0) {
    const [those, them] = deleted.length === 1 ? ['that key', 'it'] : ['those keys', 'them']
    cli.err.line(
      `${paint('yellow', 'warning:')} a backup made before this needs ${those}, and nothing here has ${them} any more: make a new backup`,
    )
  }
  if (outcome === 'prepared') {
    cli.note(
      `Next: set TIDEMARK_KEY to the new key everywhere, without TIDEMARK_KEY_NEW, and run: tidemark keys rotate`,
    )
  } else if (keyFiles.length > 0) {
    const files = keyFiles.join(', ')
    cli.note(
      keyFiles.length === 1
        ? `The old key stays as ${files}: other databases and older backups may need it. Delete it when none does.`
        : `Old keys stay as ${files}: other databases and older backups may need them. Delete them when none does.`,
    )
  }
}

function sentence({ outcome, from, to, secrets }: RotationReport): string {
  const sealed = `re-encrypted ${plural(secrets, 'secret')}`
  if (outcome === 'prepared') return `Both ${from} and ${to} open this database now; ${sealed}.`
  if (outcome === 'finished') return `Only key ${to} opens this database now; ${sealed}.`
  return `Replaced key ${from} with ${to}; ${sealed}.`
}
