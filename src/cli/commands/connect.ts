// Owns `tidemark connect`: makes a connection or changes its options and secrets.

import type { Connector } from '../../connector/connector.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { OpenOptions } from '../../open.ts'
import { connect as operation } from '../../operations/connect.ts'
import { text } from '../../operations/fields.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import type { GivenOptions } from '../connector-options.ts'
import { verb } from '../verb.ts'

interface Options extends GivenOptions {
  readonly id?: string
  readonly record?: string
  readonly check: boolean
}

export const declare: Declare = (program, run) =>
  verb(program, 'connect', operation, {
    details:
      'With the id of a connection that exists, changes the options that are given, keeps the others, and resumes it.',
    says:
      'Then the service is asked once whether it takes the login: exit code 4 if not, and the connection waits for ' +
      'another one. What a service needs: tidemark connectors <name>',
    omit: ['check'],
    extra: {
      record: text('sync once and keep the answers in this folder, without secrets, to test with', { sign: 'folder' }),
    },
    examples: [
      'tidemark connect github --id me --secret-env token=GITHUB_TOKEN',
      'pass show github | tidemark connect github --id me --secret-stdin token',
      'tidemark connect github --id me --unset user',
      'tidemark connect github --id me --set user=ada --record recordings/github',
    ],
  })
    .option('--no-check', 'ask the service nothing')
    .action(run(connect))

async function connect(cli: Cli, name: string, { id, ...options }: Options): Promise<number | void> {
  if (id === undefined) {
    throw new TidemarkError('option_missing', 'The option --id is missing: what this connection is called.', {
      hint: `For example: tidemark connect ${name} --id me`,
    })
  }
  const [{ optionFields }, check, { askForSecrets, givenOptions, warnOfSecrets }] = await Promise.all([
    import('../../connector/options.ts'),
    import('../connection-check.ts'),
    import('../connector-options.ts'),
  ])
  const { exitCodeOfCheck, mayBeRead, obstacleText, sayCheck } = check
  const record = options.record === undefined ? undefined : await import('../record-sync.ts')
  const recorder = record?.recorderFor(options.record as string)
  const transport = recorder ? { transport: recorder.transport } : {}
  const there = await openThere(cli, transport)
  const known = await (there ?? (await rehearsal(cli))).connector(name)
  const connector = recorder ? recorder.watch(known) : known
  const existing = await there?.store.connections.find(there.project, id)
  const fields = optionFields(connector.service.options)
  const given = await givenOptions(cli, options)
  warnOfSecrets(cli, fields, options.set)
  if (!existing) await askForSecrets(cli, fields, given)
  if (!there) await (await rehearsal(cli)).connect(known, { id, options: Object.fromEntries(given) })
  const isSame = existing !== undefined && (await hasAlready(there, known, id, given))
  const tidemark = there ?? (await cli.open({ create: true, ...transport }))
  const connection = await tidemark.connect(connector, { id, options: Object.fromEntries(given) })
  // A sync that is recorded tells more than a check.
  const checked = options.check && !recorder ? await connection.check() : undefined
  const row = (await tidemark.store.connections.find(tidemark.project, id)) ?? connection.row
  const document = await connection.document()
  const mode = existing ? 'full' : 'auto'
  const recordNow = async () =>
    recorder &&
    record?.recordSync(
      cli,
      { tidemark, connection: connection.id },
      { recorder, folder: options.record as string, mode },
    )
  if (cli.options.json) {
    const recorded = await recordNow()
    const more = recorded ? { recording: recorded.recording, run: recorded.run } : {}
    await cli.json({ ...document, check: checked ?? null, ...more })
    return recorded?.exitCode ?? (checked && exitCodeOfCheck(checked))
  }
  const { paint } = cli.out
  const called = `${paint('bold', row.id)} (${row.connector})`
  const before = existing?.paused ?? []
  const resumed = before.some((reason) => !row.paused.includes(reason))
  const done = outcomeText(called, { isNew: !existing, isSame, resumed })
  const isGood = !checked || mayBeRead(checked)
  const obstacle = checked ? obstacleText(row.connector, checked, isSame && before.includes('login')) : ''
  cli.out.line(`${isGood ? paint('green', '✓') : paint('yellow', '!')} ${done}${obstacle}`)
  cli.out.line(`    streams   ${document.streams.join(', ')}`)
  if (checked) sayCheck(cli, row.connector, checked)
  const isLoginGiven = fields.some(({ name: field, secret }) => secret && given.has(field))
  if (!checked && before.includes('login') && (isSame || !isLoginGiven)) {
    cli.note(
      'note: the login is the same as before, and its service has refused it; give a new one with --secret-env or --secret-stdin',
    )
  }
  const recorded = await recordNow()
  if (recorded) record?.sayRecorded(cli, recorded)
  else if (isGood) cli.note(`Next: tidemark sync ${row.id}`)
  return recorded?.exitCode ?? (checked && exitCodeOfCheck(checked))
}

/** Whether everything that was given is so already. What can't be opened is about to be replaced. */
async function hasAlready(
  tidemark: Tidemark | undefined,
  connector: Connector,
  id: string,
  given: ReadonlyMap<string, string | null>,
): Promise<boolean> {
  const asked = tidemark?.isConnected(connector, { id, options: Object.fromEntries(given) })
  return (await asked?.catch(() => false)) ?? false
}

function outcomeText(
  name: string,
  { isNew, isSame, resumed }: Record<'isNew' | 'isSame' | 'resumed', boolean>,
): string {
  if (isNew) return `Connected ${name}`
  if (!isSame) return `Changed ${name}`
  return resumed ? `Resumed ${name}; nothing changed` : `${name} is unchanged`
}

/** The database and project that are there; undefined when one of them has to be made. */
async function openThere(cli: Cli, transport: OpenOptions): Promise<Tidemark | undefined> {
  try {
    return await cli.open(transport)
  } catch (error) {
    const isMissing = error instanceof TidemarkError && ['database_missing', 'project_unknown'].includes(error.code)
    if (isMissing) return undefined
    throw error
  }
}

/** What is gone when the command is over: whoever asks for what can't be connected leaves no empty database behind. */
function rehearsal(cli: Cli): Promise<Tidemark> {
  return cli.open({ database: ':memory:', create: true, key: new Uint8Array(32) })
}
