// Owns `tidemark connect`: makes a connection or changes its options and secrets. Secrets come from the environment,
// from stdin or from a hidden prompt, so that they need not stand in a command line.

import type { Connector } from '../../connector/connector.ts'
import type { OptionField } from '../../connector/options.ts'
import { TidemarkError } from '../../model/errors.ts'
import type { OpenOptions } from '../../open.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { collect, parsePair } from '../values.ts'

interface Options {
  readonly id: string
  readonly set?: readonly string[]
  readonly unset?: readonly string[]
  readonly secretEnv?: readonly string[]
  readonly secretStdin?: string
  readonly record?: string
  readonly check: boolean
}

export const declare: Declare = (program, run) =>
  program
    .command('connect')
    .summary('connect an account of a service')
    .description(
      'Connects an account of a service. With the id of a connection that exists, changes the options that are given, ' +
        'keeps the others, and lets it run again. Then the service is asked once whether it takes the login: exit code 4 ' +
        'if not, and the connection waits for another one. What a service needs: tidemark connectors <name>',
    )
    .argument('<connector>', 'the service, such as github')
    .requiredOption('--id <id>', 'what this connection is called from now on')
    .option('--set <name=value>', 'an option of the connector (may be repeated)', collect)
    .option('--unset <name>', 'take an option away again (may be repeated)', collect)
    .option('--secret-env <name=VARIABLE>', 'a secret option, from an environment variable (may be repeated)', collect)
    .option('--secret-stdin <name>', 'a secret option, from standard input')
    .option('--no-check', 'ask the service nothing')
    .option('--record <folder>', 'sync once and keep the answers in this folder, without secrets, to test with')
    .addHelpText(
      'after',
      examples(
        'tidemark connect github --id me --set user=ada',
        'tidemark connect github --id me --secret-env token=GITHUB_TOKEN',
        'pass show github | tidemark connect github --id me --secret-stdin token',
        'tidemark connect github --id me --unset user',
        'tidemark connect github --id me --set user=ada --record recordings/github',
      ),
    )
    .action(run(connect))

async function connect(cli: Cli, name: string, options: Options): Promise<number | void> {
  const [{ optionFields }, check] = await Promise.all([
    import('../../connector/options.ts'),
    import('../connection-check.ts'),
  ])
  const { exitCodeOfCheck, mayBeRead, obstacleText, sayCheck } = check
  const record = options.record === undefined ? undefined : await import('../record-sync.ts')
  const recorder = record?.recorderFor(options.record as string)
  const transport = recorder ? { transport: recorder.transport } : {}
  const there = await openThere(cli, transport)
  const known = await (there ?? (await rehearsal(cli))).connector(name)
  const connector = recorder ? recorder.watch(known) : known
  const existing = await there?.store.connections.find(there.project, options.id)
  const given = await givenOptions(cli, options)
  await settleSecrets(cli, optionFields(connector.service.options), { given, set: options.set, isNew: !existing })
  if (!there) await (await rehearsal(cli)).connect(known, { id: options.id, options: Object.fromEntries(given) })
  const isSame = existing !== undefined && (await hasAlready(there, known, options.id, given))
  const tidemark = there ?? (await cli.open({ create: true, ...transport }))
  const connection = await tidemark.connect(connector, { id: options.id, options: Object.fromEntries(given) })
  // A sync that is recorded tells more than a check.
  const checked = options.check && !recorder ? await connection.check() : undefined
  const row = (await tidemark.store.connections.find(tidemark.project, options.id)) ?? connection.row
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
  const secrets = optionFields(connector.service.options).filter(({ secret }) => secret)
  if (!checked && before.includes('login') && (isSame || !secrets.some((field) => given.has(field.name)))) {
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

/** Warns of secrets in the command line, and asks for those that a new connection lacks. */
async function settleSecrets(
  cli: Cli,
  fields: readonly OptionField[],
  { given, set, isNew }: { given: Map<string, string | null>; set: readonly string[] | undefined; isNew: boolean },
): Promise<void> {
  for (const { name, secret } of fields) {
    if (secret && set?.some((pair) => pair.startsWith(`${name}=`))) warnOfHistory(cli, name)
  }
  if (isNew) await askForSecrets(cli, fields, given)
}

/** Everything that was given, by name; an option that was given twice has two values and therefore none. */
async function givenOptions(
  cli: Cli,
  { set = [], unset = [], secretEnv = [], secretStdin }: Options,
): Promise<Map<string, string | null>> {
  const given = new Map<string, string | null>()
  const add = (name: string, value: string | null) => {
    if (given.has(name)) throw new TidemarkError('option_conflict', `the option "${name}" was given twice`)
    given.set(name, value)
  }
  for (const text of set) add(...parsePair(text, 'set'))
  for (const name of unset) add(name, null)
  for (const text of secretEnv) {
    const [name, variable] = parsePair(text, 'secret-env')
    const value = cli.surroundings.environment[variable]
    if (value === undefined || value === '') {
      throw new TidemarkError(
        'secret_missing',
        `the environment variable ${variable} is ${value === '' ? 'empty' : 'not set'}`,
        {
          hint: `Set it for this command: ${variable}=… tidemark connect …`,
        },
      )
    }
    add(name, value)
  }
  if (secretStdin !== undefined) add(secretStdin, await fromStdin(cli, secretStdin))
  return given
}

async function fromStdin(cli: Cli, name: string): Promise<string> {
  const { hiddenAnswer, wholeInput } = await import('../terminal/prompt.ts')
  const { stdin, stderr } = cli.surroundings
  const value = cli.mayAsk ? await hiddenAnswer(stdin, stderr, `${name}: `) : await wholeInput(stdin)
  if (value !== '') return value
  throw new TidemarkError('secret_missing', `standard input has no value for "${name}"`, {
    hint: `Pipe it in: pass show … | tidemark connect … --secret-stdin ${name}`,
  })
}

async function askForSecrets(
  cli: Cli,
  fields: readonly OptionField[],
  given: Map<string, string | null>,
): Promise<void> {
  const missing = fields.filter(({ name, secret, required }) => secret && required && !given.has(name))
  if (missing.length === 0 || !cli.mayAsk) return
  const { hiddenAnswer } = await import('../terminal/prompt.ts')
  for (const { name, description } of missing) {
    cli.err.line(cli.err.paint('dim', description))
    const value = await hiddenAnswer(cli.surroundings.stdin, cli.surroundings.stderr, `${name} (hidden): `)
    if (value !== '') given.set(name, value)
  }
}

function warnOfHistory(cli: Cli, field: string): void {
  cli.err.line(
    `${cli.err.paint('yellow', 'warning:')} "${field}" is a secret, and a command line may be kept in the shell's ` +
      `history and seen by others: next time use --secret-env ${field}=VARIABLE or --secret-stdin ${field}`,
  )
}
