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
  throw new TidemarkError('argument_invalid', `"${asked}" is nothing to do with keys`, {
    hint: knownNames(asked, ['show', 'rotate'], 'One of'),
  })
}

async function show(cli: Cli): Promise<void> {
  const [{ keyName }, { keyNames }] = await Promise.all([import('../../secrets/keys.ts'), import('../key-names.ts')])
  const { store, care } = await cli.open({ anyProject: true })
  const found = await care.key.find()
  const wanted = await keyNames(store)
  const dataKeys = (await store.dataKeys()).length
  const key = found ? keyName(found) : null
  await care.checkKey()
  if (cli.options.json) return cli.json({ key, place: care.key.place, wanted, dataKeys })
  if (key === null) return cli.out.line(`There is no key yet; one is made at ${care.key.place} with the first secret.`)
  cli.out.line(`${cli.out.paint('bold', key)}  ${care.key.place}`)
  if (dataKeys === 0) cli.out.line('    nothing is sealed with it in this database yet')
  else if (!wanted.includes(key))
    cli.out.line(`    this database is still under ${wanted.join(', ')}: tidemark keys rotate`)
  else if (wanted.length > 1)
    cli.out.line(`    this database opens with ${wanted.join(' and ')} until: tidemark keys rotate`)
  else cli.out.line('    opens the secrets of this database')
}

async function rotate(cli: Cli, forgetOld: boolean): Promise<void> {
  const { care } = await cli.open({ anyProject: true })
  const before = await care.key.exchange.kept()
  const report = await care.rotateKeys({ forgetOld })
  const { outcome, from, to, retired } = report
  // The key that was in place is kept as one of the old ones first.
  const old = new Set([...before, ...(outcome === 'rotated' && from !== to ? [from] : [])])
  const deleted = forgetOld ? [...old].filter((name) => !retired.includes(name)) : []
  const fileOf = (name: string) => `${care.key.file}.${name}`
  if (cli.options.json) return cli.json({ ...report, deleted: deleted.map(fileOf) })
  const { paint } = cli.out
  cli.out.line(`${paint('green', '✓')} ${sentence(report)}`)
  for (const secret of report.unreadable)
    cli.err.line(`${paint('yellow', 'warning:')} no key opens ${secret}; it is left as it is`)
  for (const name of deleted) cli.out.line(`    deleted ${fileOf(name)}`)
  if (deleted.length > 0) {
    const them = deleted.length === 1 ? 'that key' : 'those keys'
    cli.err.line(
      `${paint('yellow', 'warning:')} a backup made before this needs ${them}, and nothing here has ${deleted.length === 1 ? 'it' : 'them'} any more: make a new backup`,
    )
  }
  if (outcome === 'prepared') {
    cli.note(
      `Next: set TIDEMARK_KEY to the new key everywhere, without TIDEMARK_KEY_NEW, and run: tidemark keys rotate`,
    )
  } else if (retired.length > 0) {
    const files = retired.map(fileOf).join(', ')
    cli.note(
      retired.length === 1
        ? `The old key stays as ${files}: other databases and older backups may need it. Delete it when none does.`
        : `Old keys stay as ${files}: other databases and older backups may need them. Delete them when none does.`,
    )
  }
}

function sentence({ outcome, from, to, secrets }: RotationReport): string {
  const sealed = `${plural(secrets, 'secret')} sealed anew`
  if (outcome === 'prepared') return `Both ${from} and ${to} open this database now; ${sealed}.`
  if (outcome === 'finished') return `This database is under the key ${to} alone now; ${sealed}.`
  return `The key ${from} is followed by ${to}; ${sealed}.`
}
