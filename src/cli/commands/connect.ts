// Owns `tidemark connect`: makes a connection or changes its options and secrets.

import type { Connector } from '../../connector/connector.ts'
import { optionFields } from '../../connector/options.ts'
import { findsAtSource } from '../../connector/passes.ts'
import type { CheckOutcome, CheckReport } from '../../engine/runs/documents.ts'
import { TidemarkError } from '../../model/errors.ts'
import { count } from '../../model/plural.ts'
import type { OpenOptions } from '../../open.ts'
import { connect as operation } from '../../operations/connect.ts'
import { text } from '../../operations/fields.ts'
import type { Tidemark } from '../../tidemark.ts'
import type { Cli } from '../cli.ts'
import type { Declare } from '../command.ts'
import { askForSecrets, type GivenOptions, givenOptions, warnOfSecrets } from '../connect/options.ts'
import type { ExitCode } from '../exit-codes.ts'
import { complaint } from '../terminal/complaint.ts'
import { oneLine, printable } from '../terminal/printable.ts'
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
    on: ['check'],
    extra: {
      record: text('sync once and keep the answers in this folder, without secrets, to test with', { sign: 'folder' }),
    },
    examples: [
      'tidemark connect github --id me --secret-env token=GITHUB_TOKEN',
      'pass show github | tidemark connect github --id me --secret-stdin token',
      'tidemark connect github --id me --unset user',
      'tidemark connect github --id me --set user=ada --record recordings/github',
    ],
  }).action(run(connect))

async function connect(cli: Cli, name: string, { id, ...options }: Options): Promise<number | void> {
  if (id === undefined) {
    // What is misspelt is told first: an example would repeat it.
    await (await rehearsal(cli)).connector(name)
    throw new TidemarkError('option_missing', 'The option --id is missing: what this connection is called.', {
      hint: `For example: tidemark connect ${name} --id me`,
    })
  }
  const record = options.record === undefined ? undefined : await import('../connect/record.ts')
  const recorder = record?.recorderFor(options.record as string)
  const transport = recorder ? { transport: recorder.transport } : {}
  const there = await openThere(cli, transport)
  const known = await (there ?? (await rehearsal(cli))).connector(name)
  const connector = recorder ? recorder.watch(known) : known
  const existing = await there?.store.connections.find(there.project, id)
  const fields = optionFields(connector.service.options)
  const given = await givenOptions(cli, options)
  warnOfSecrets(cli, fields, options.set)
  if (!existing) await askForSecrets(cli, { connector: known, id }, given)
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
  if (document.streams.length > 0) cli.out.line(`    streams   ${document.streams.join(', ')}`)
  const files = uploadsOf(connector)
  const isFed = isFedByFiles(connector)
  // A service that is not asked for anything has not answered either.
  if (checked && !(isFed && files.length > 0 && checked.outcome === 'ok')) sayCheck(cli, row.connector, checked)
  const isLoginGiven = fields.some(({ name: field, secret }) => secret && given.has(field))
  if (!checked && before.includes('login') && (isSame || !isLoginGiven)) {
    cli.note(
      'note: the login is the same as before, and its service has refused it; give a new one with --secret-env or --secret-stdin',
    )
  }
  const recorded = await recordNow()
  if (recorded) record?.sayRecorded(cli, recorded)
  else if (isGood)
    for (const line of nextSteps(row.id, files, { isFed, asks: completes(connector, row.options) })) cli.note(line)
  return recorded?.exitCode ?? (checked && exitCodeOfCheck(checked))
}

interface FedByFiles {
  readonly stream: string
  readonly accepts: string
}

/** The streams that read files, and which. */
function uploadsOf({ streams }: Connector): readonly FedByFiles[] {
  return Object.entries(streams).flatMap(([stream, { passes }]) =>
    passes.flatMap((pass) => (pass.kind === 'upload' ? [{ stream, accepts: pass.accepts }] : [])),
  )
}

/** Whether nothing but files tells what there is. */
function isFedByFiles({ streams }: Connector): boolean {
  return !Object.values(streams).some(({ passes }) => passes.some(findsAtSource))
}

/** Whether a sync with these options reads more of what files told of. */
function completes({ streams }: Connector, options: unknown): boolean {
  return Object.values(streams).some(({ passes }) =>
    passes.some((pass) => pass.kind === 'refresh' && (!pass.enabled || pass.enabled(options))),
  )
}

function nextSteps(
  id: string,
  files: readonly FedByFiles[],
  { isFed, asks }: Record<'isFed' | 'asks', boolean>,
): readonly string[] {
  const uploads = files.map(({ stream, accepts }) => `tidemark upload ${id}/${stream} <file>   (${accepts})`)
  const sync = `tidemark sync ${id}`
  if (!isFed) return [`Next: ${sync}`, ...uploads.map((command) => `Or from a file: ${command}`)]
  const steps = uploads.map((command, i) => `${i === 0 ? 'Next: ' : '      '}${command}`)
  return asks ? [...steps, `Then: ${sync}   (reads what the file does not tell)`] : steps
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

/** The connection is made in any case. Without a network nothing is wrong with it, and the next sync tells. */
const EXIT_CODES: Readonly<Record<CheckOutcome, ExitCode>> = {
  ok: 0,
  refused: 4,
  wrong: 2,
  unreachable: 0,
  unclear: 0,
  skipped: 0,
}

function exitCodeOfCheck({ outcome }: CheckReport): ExitCode {
  return EXIT_CODES[outcome]
}

/** Whether a sync would come to anything. */
function mayBeRead({ outcome }: CheckReport): boolean {
  return EXIT_CODES[outcome] === 0 && outcome !== 'unreachable'
}

/** What follows "Connected me (github)" where something is in the way, which `isKnown` from before; else ''. */
function obstacleText(connector: string, { outcome }: CheckReport, isKnown = false): string {
  switch (outcome) {
    case 'refused':
      return isKnown ? `, and ${connector} still refuses its login` : `, but ${connector} refused its login`
    case 'wrong':
      return ', but it cannot be read with these options'
    case 'unreachable':
      return `, but ${connector} did not answer`
    default:
      return ''
  }
}

/** What the service said: on stdout if it is good, on stderr if not. */
function sayCheck(cli: Cli, connector: string, report: CheckReport): void {
  const { outcome, account, requestsLeft, error } = report
  if (outcome === 'ok') {
    const left =
      requestsLeft === null ? [] : [`${count(requestsLeft)} ${requestsLeft === 1 ? 'request' : 'requests'} left`]
    const facts = [...(account === null ? [] : [oneLine(account)]), ...left].join(', ')
    return cli.out.line(`    ${connector} answered${facts === '' ? '' : `: ${facts}`}`)
  }
  if (error && !mayBeRead(report)) return cli.err.line(complaint(error, cli.err.paint))
  if (outcome === 'unclear' && error) {
    return cli.warn(`the login could not be checked: ${printable(error.message)}`)
  }
  cli.note(`Not checked: ${error ? printable(error.message) : 'each of its requests costs money'}`)
}
