// Owns `tidemark keys`: which key opens the secrets, and its rotation while everything goes on.

import { sentence, TidemarkError } from '../../model/errors.ts'
import { plural } from '../../model/plural.ts'
import { yesOrNo } from '../../operations/fields.ts'
import { forgetOldKeys, resetKey, rotateKeys, showKey } from '../../operations/keys.ts'
import type { RotationReport } from '../../secrets/rotate.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { verbs } from '../verb.ts'

export const declare: Declare = (program, run) =>
  verbs(
    program,
    {
      name: 'keys',
      run,
      summary: 'show, rotate or reset the encryption key',
      says:
        'A key from TIDEMARK_KEY is replaced by the one in TIDEMARK_KEY_NEW: rotate, put the new key in place ' +
        'everywhere, and rotate again.',
      extra: { yes: yesOrNo('do not ask before something is deleted (needed without a terminal)') },
    },
    {
      show: { operation: showKey, act: show },
      rotate: { operation: rotateKeys, act: rotate },
      'forget-old': { operation: forgetOldKeys, omit: ['dryRun'], act: forget },
      reset: { operation: resetKey, omit: ['dryRun'], act: reset },
    },
  )

interface Options {
  readonly forgetOld?: boolean
  readonly yes?: boolean
}

const OTHERS_LOCKED_OUT =
  'Other databases of this user, and backups made before, that still need one of them lose their logins for good.'

/** @throws TidemarkError confirmation_missing when somebody says no, or nobody is there to be asked */
async function confirm(cli: Cli, { yes = false }: Options, what: string): Promise<void> {
  if (yes) return
  if (!cli.mayAsk) throw new TidemarkError('confirmation_missing', sentence(what))
  await cli.confirm(`${what} Type yes to go on: `, 'yes')
}

async function forget(cli: Cli, options: Options): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const files = await tidemark.forgetOldKeys({ dryRun: true })
  if (files.length > 0) {
    await confirm(cli, options, `This deletes ${files.join(', ')}. ${OTHERS_LOCKED_OUT}`)
  }
  const deleted = files.length > 0 ? await tidemark.forgetOldKeys() : []
  if (cli.options.json) return cli.json({ deleted })
  if (deleted.length === 0) return cli.note('There are no old keys that this database does not need.')
  for (const file of deleted) cli.out.line(`Deleted ${file}`)
}

async function reset(cli: Cli, options: Options): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const lost = await tidemark.resetKey({ dryRun: true })
  if (lost.length > 0) {
    const of = lost.map(({ project, connection, secrets }) => `${project}/${connection} (${secrets.join(', ')})`)
    const what = `This forgets the secrets that no key at hand opens: ${of.join('; ')}.`
    await confirm(cli, options, `${what} With the lost key they could still be opened.`)
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

async function rotate(cli: Cli, options: Options): Promise<void> {
  const tidemark = await cli.open({ anyProject: true })
  const { forgetOld = false } = options
  if (forgetOld) {
    const what = 'This rotates the key and then deletes every old key file, that of the current key too.'
    await confirm(cli, options, `${what} ${OTHERS_LOCKED_OUT}`)
  }
  const { keyFiles, ...report } = await tidemark.rotateKeys({ forgetOld })
  const { outcome, deleted } = report
  if (cli.options.json) return cli.json(report)
  cli.done(outcomeText(report))
  for (const secret of report.unreadable) cli.warn(`no key opens ${secret}; it is left as it is`)
  for (const file of deleted) cli.out.line(`    deleted ${file}`)
  if (deleted.length > 0) {
    const [those, them] = deleted.length === 1 ? ['that key', 'it'] : ['those keys', 'them']
    cli.warn(`a backup made before this needs ${those}, and nothing here has ${them} any more: make a new backup`)
  }
  if (outcome === 'prepared') {
    cli.note(
      `Next: set TIDEMARK_KEY to the new key everywhere, without TIDEMARK_KEY_NEW, and run: tidemark keys rotate`,
    )
  } else if (keyFiles.length > 0) {
    const files = keyFiles.join(', ')
    cli.note(
      keyFiles.length === 1
        ? `The old key stays as ${files}: other databases and older backups may need it. When none does: tidemark keys forget-old`
        : `Old keys stay as ${files}: other databases and older backups may need them. Delete them when none does.`,
    )
  }
}

function outcomeText({ outcome, from, to, secrets }: RotationReport): string {
  const sealed = `re-encrypted ${plural(secrets, 'secret')}`
  if (outcome === 'prepared') return `Both ${from} and ${to} open this database now; ${sealed}.`
  if (outcome === 'finished') return `Only key ${to} opens this database now; ${sealed}.`
  return `Replaced key ${from} with ${to}; ${sealed}.`
}
