// Owns `tidemark connect`: makes a connection or changes its options and secrets. Secrets come from the environment,
// from stdin or from a hidden prompt, so that they need not stand in a command line.

import { TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type Declare, examples } from '../command.ts'
import { collect, parsePair } from '../values.ts'

interface Options {
  readonly id: string
  readonly set?: readonly string[]
  readonly secretEnv?: readonly string[]
  readonly secretStdin?: string
  readonly record?: string
}

export const declare: Declare = (program, run) =>
  program
    .command('connect')
    .summary('connect an account of a service')
    .description(
      'Connects an account of a service. With the id of a connection that exists, changes the options that are given, ' +
        'keeps the others, and lets it run again. What a service needs: tidemark connectors <name>',
    )
    .argument('<connector>', 'the service, such as github')
    .requiredOption('--id <id>', 'what this connection is called from now on')
    .option('--set <name=value>', 'an option of the connector (may be repeated)', collect)
    .option('--secret-env <name=VARIABLE>', 'a secret option, from an environment variable (may be repeated)', collect)
    .option('--secret-stdin <name>', 'a secret option, from standard input')
    .option('--record <folder>', 'sync once and keep the answers in this folder, without secrets, to test with')
    .addHelpText(
      'after',
      examples(
        'tidemark connect github --id me --set user=ada',
        'tidemark connect github --id me --secret-env token=GITHUB_TOKEN',
        'pass show github | tidemark connect github --id me --secret-stdin token',
        'tidemark connect github --id me --set user=ada --record recordings/github',
      ),
    )
    .action(run(connect))

async function connect(cli: Cli, name: string, options: Options): Promise<number | void> {
  const [{ optionFields }, { connectionDocument }] = await Promise.all([
    import('../../connector/options.ts'),
    import('../connection-document.ts'),
  ])
  const record = options.record === undefined ? undefined : await import('../record-sync.ts')
  const recorder = record?.recorderFor(options.record as string)
  const tidemark = await cli.open({ create: true, ...(recorder ? { transport: recorder.transport } : {}) })
  const known = await tidemark.connector(name)
  const connector = recorder ? recorder.watch(known) : known
  const existing = await tidemark.store.connection(tidemark.project, options.id)
  const fields = optionFields(connector.service.options)
  const given = await givenOptions(cli, options)
  for (const { name: field, secret } of fields) {
    if (secret && options.set?.some((pair) => pair.startsWith(`${field}=`))) warnOfHistory(cli, field)
  }
  if (!existing) await askForSecrets(cli, fields, given)
  const connection = await tidemark.connect(connector, { id: options.id, options: Object.fromEntries(given) })
  const row = (await tidemark.store.connection(tidemark.project, options.id)) ?? connection.row
  const document = connectionDocument(row, Object.keys(connector.streams))
  const mode = existing ? 'full' : 'auto'
  const recordNow = async () =>
    recorder && record?.recordSync(cli, connection, { recorder, folder: options.record as string, mode })
  if (cli.options.json) {
    const recorded = await recordNow()
    const more = recorded ? { recording: recorded.recording, run: recorded.run } : {}
    await cli.json({ ...document, ...more })
    return recorded?.exitCode
  }
  const { paint } = cli.out
  cli.out.line(
    `${paint('green', '✓')} ${existing ? 'Changed' : 'Connected'} ${paint('bold', row.id)} (${row.connector})`,
  )
  cli.out.line(`    streams   ${document.streams.join(', ')}`)
  cli.out.line(`    webhooks  ${document.webhookUrl}`)
  if (row.paused.length > 0) cli.note(`note: it stands still (${row.paused.join(', ')}): tidemark resume ${row.id}`)
  const recorded = await recordNow()
  if (recorded) record?.sayRecorded(cli, recorded)
  else cli.note(`Next: tidemark sync ${row.id}`)
  return recorded?.exitCode
}

/** Everything that was given, by name; an option that was given twice has two values and therefore none. */
async function givenOptions(
  cli: Cli,
  { set = [], secretEnv = [], secretStdin }: Options,
): Promise<Map<string, string>> {
  const given = new Map<string, string>()
  const add = (name: string, value: string) => {
    if (given.has(name)) throw new TidemarkError('option_conflict', `the option "${name}" was given twice`)
    given.set(name, value)
  }
  for (const text of set) add(...parsePair(text, 'set'))
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
  const { hiddenAnswer, wholeInput } = await import('../prompt.ts')
  const { stdin, stderr } = cli.surroundings
  const value = cli.mayAsk ? await hiddenAnswer(stdin, stderr, `${name}: `) : await wholeInput(stdin)
  if (value !== '') return value
  throw new TidemarkError('secret_missing', `standard input has no value for "${name}"`)
}

async function askForSecrets(
  cli: Cli,
  fields: readonly { name: string; secret: boolean; required: boolean; description: string }[],
  given: Map<string, string>,
): Promise<void> {
  const missing = fields.filter(({ name, secret, required }) => secret && required && !given.has(name))
  if (missing.length === 0 || !cli.mayAsk) return
  const { hiddenAnswer } = await import('../prompt.ts')
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
