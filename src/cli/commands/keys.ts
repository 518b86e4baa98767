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
    .summary('show, rotate or reset the encryption key')
    .description(
      'Shows the key that encrypts the secrets (by a name that does not reveal it), or rotates it: a new key, a new ' +
        'data key, and every secret encrypted again, while other processes keep working. If it is interrupted, ' +
        'nothing is lost and the same command continues. A key from TIDEMARK_KEY is replaced by the one in ' +
        'TIDEMARK_KEY_NEW: rotate, put the new key in place everywhere, and rotate again. forget-old deletes the old key ' +
        'files that this database does not need. reset is for a lost key: it forgets the secrets, of all projects, that ' +
        'no key at hand opens; connect those connections again with new logins.',
    )
    .addArgument(action('[action]', ACTIONS, 'show, rotate, forget-old or reset (default: show)'))
    .option(
      '--forget-old',
      'delete all old key files at the end; use it only if no other database or backup needs them',
    )
    .option('--yes', 'do not ask before something is deleted (needed without a terminal)')
    .addHelpText(
      'after',
      examples('tidemark keys show', 'tidemark keys rotate', 'tidemark keys forget-old', 'tidemark keys reset'),
    )
    .action(run(keys))

const ACTIONS = ['show', 'rotate', 'forget-old', 'reset']

interface Options {
  readonly forgetOld?: boolean
  readonly yes?: boolean
}

async function keys(cli: Cli, asked = 'show', { forgetOld = false, yes = false }: Options = {}): Promise<void> {
  if (forgetOld && asked !== 'rotate') {
    throw new TidemarkError('option_conflict', '--forget-old belongs to a rotation.', {
      hint: 'Without a rotation: tidemark keys forget-old',
    })
  }
  if (asked === 'rotate') return rotate(cli, { forgetOld, yes })
  if (asked === 'show') return show(cli)
  if (asked === 'forget-old') return forget(cli, yes)
  if (asked === 'reset') return reset(cli, yes)
  throw new TidemarkError('argument_invalid', `keys has no action "${asked}"`, {
    hint: knownNames(asked, ACTIONS, 'One of'),
  })
}

const OTHERS_LOCKED_OUT =
  'Other databases of this user, and backups made before, that still need one of them lose their logins for good.'

/** @throws TidemarkError confirmation_missing when somebody says no, or nobody is there to be asked */
async function confirm(cli: Cli, { yes, what }: { yes: boolean; what: string }): Promise<void> {
  if (yes) return
  if (!cli.mayAsk) {
    throw new TidemarkError('confirmation_missing', what, { hint: 'Say --yes to go on without being asked.' })
  }
  const { answer } = await import('../terminal/prompt.ts')
  const said = await answer(cli.surroundings.stdin, cli.surroundings.stderr, `${what} Type yes to go on: `)
  if (said.trim() !== 'yes') throw new TidemarkError('confirmation_missing', 'Nothing was deleted.')
}

async function forget(cli: Cli, yes: boolean): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const files = await tidemark.forgetOldKeys({ dryRun: true })
  if (files.length > 0) {
    await confirm(cli, { yes, what: `This deletes ${files.join(', ')}. ${OTHERS_LOCKED_OUT}` })
  }
  const deleted = files.length > 0 ? await tidemark.forgetOldKeys() : []
  if (cli.options.json) return cli.json({ deleted })
  if (deleted.length === 0) return cli.note('There are no old keys that this database does not need.')
  for (const file of deleted) cli.out.line(`Deleted ${file}`)
}

async function reset(cli: Cli, yes: boolean): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const lost = await tidemark.resetKey({ dryRun: true })
  if (lost.length > 0) {
    const of = lost.map(({ project, connection, secrets }) => `${project}/${connection} (${secrets.join(', ')})`)
    const what = `This forgets the secrets that no key at hand opens: ${of.join('; ')}.`
    await confirm(cli, { yes, what: `${what} With the lost key they could still be opened.` })
  }
  const forgotten = lost.length > 0 ? await tidemark.resetKey() : []
  if (cli.options.json) return cli.json({ connections: forgotten })
  if (forgotten.length === 0) return cli.note('Nothing to forget: the key at hand opens every secret.')
  for (const { project, connection, connector, secrets } of forgotten) {
    cli.out.line(`${project}/${connection}: forgot ${secrets.join(', ')}; login needed.`)
    const given = secrets.map((name) => ` --secret-env ${name}=VARIABLE`).join('')
    cli.note(`    tidemark connect ${connector} --id ${connection} --project ${project}${given}`)
  }
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

async function rotate(cli: Cli, { forgetOld, yes }: Required<Options>): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  if (forgetOld) {
    const what = 'This rotates the key and then deletes every old key file, that of the current key too.'
    await confirm(cli, { yes, what: `${what} ${OTHERS_LOCKED_OUT}` })
  }
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
