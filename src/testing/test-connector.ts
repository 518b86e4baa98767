// Owns testConnector: all checks of an author's promises, on a source over real sockets or on a recording.
//
//   const report = await testConnector(notebook, { url: 'http://127.0.0.1:4000' }, { options: { token: 'demo-token' } })
//
// Between connector and source stands a proxy of our own, which makes everything that may go wrong go wrong. So the
// source may be any HTTP server that stands still while it is asked. The engine, its HTTP client and its database are
// the real ones; only sleeping takes no time.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Connector, Stream } from '../connector/connector.ts'
import { isPaged } from '../connector/passes.ts'
import { compileStream } from '../engine/passes/rows/shape.ts'
import { checkOptions } from '../engine/runs/connection.ts'
import { TidemarkError } from '../model/errors.ts'
import { streamUnknown } from '../model/unknown-name.ts'
import type { Bench, Bill, Check, Control, FileSample, Knowledge } from './checks/check.ts'
import { DAMAGE_CHECKS } from './checks/damage.ts'
import { Broken, NotStaged, notStaged } from './checks/found.ts'
import { KNOWN_CHECKS } from './checks/known.ts'
import { LIMIT_CHECKS } from './checks/limits.ts'
import { LISTING_CHECKS } from './checks/listing.ts'
import { readingPasses } from './checks/reading-pass.ts'
import { ROW_CHECKS } from './checks/rows.ts'
import { controlRun, REMOVAL_CHECK, RUN_CHECKS } from './checks/runs.ts'
import { checkSchema } from './checks/schema.ts'
import { secretsStaySecret } from './checks/secrets.ts'
import { UPLOAD_CHECKS } from './checks/uploads.ts'
import { UPSTREAM_CHECKS } from './checks/upstream.ts'
import { pageReader, type Walked } from './checks/walk.ts'
import { hearConsole } from './evidence.ts'
import type { Tape } from './recording.ts'
import { type CheckName, type CheckResult, type ConnectorReport, PROMISES, PromisesBroken } from './report.ts'
import { Stage } from './stage.ts'

/** A server that speaks the service's API on this machine: an emulator, or anything else that has an address. */
export interface Source {
  /** Such as `http://127.0.0.1:4000`; the connector gets it as `baseUrl`. */
  readonly url: string
}

export interface TestConnectorOptions<O> {
  /**
   * The options of a connection, without `baseUrl` and `allowPrivateNetwork`. A function is asked for every new
   * connection: needed where credentials are renewed meanwhile. @default those of the recording
   */
  readonly options?: Given<O> | (() => Given<O>)
  /** Names of the streams to check. @default all */
  readonly streams?: readonly string[]
  /** The keys that the source has for a stream, or how many. */
  readonly truth?: Readonly<Record<string, () => Iterable<string> | number | Promise<Iterable<string> | number>>>
  /** Removes one record of a stream at the source; may return its key. */
  readonly remove?: Readonly<Record<string, () => unknown>>
  /** Files of the streams that read uploads. */
  readonly uploads?: Readonly<Record<string, UploadSample>>
  /** What the vendor of upstream runs has billed so far, by its own account. */
  readonly bill?: () => Bill | Promise<Bill>
  /** Makes the next upstream run fail after a part of its rows. */
  readonly failNextRun?: () => unknown
  /** Makes the source's access tokens run out. */
  readonly expireLogin?: () => unknown
  /** Puts the source back before every check, where asking changes it. */
  readonly reset?: () => unknown
  /** Checks that don't apply to this service, each with the reason; they are reported as skipped. */
  readonly skip?: Readonly<Partial<Record<CheckName, string>>>
}

/** Files that a person might upload to a stream: each as a path, or its bytes. */
export interface UploadSample {
  /** An export of an account that has some records, whole. */
  readonly file: string | Uint8Array
  /** What the files are called, where no path tells: some services tell by the name what a file holds. */
  readonly name?: string
  /** The keys that the file holds, or how many. */
  readonly holds?: Iterable<string> | number
  /** An earlier export of the same account, which had other records. */
  readonly older?: string | Uint8Array
  /** An export without the list of this stream. @default a file of the same format that is none of the service */
  readonly without?: string | Uint8Array
}

type Given<O> = Partial<O> & Readonly<Record<string, unknown>>

/**
 * Checks the promises of a connector's author, stream by stream, and returns what was kept and what could not be staged.
 *
 * @throws PromisesBroken (code `promises_broken`) when a promise is broken; its message lists each with stream, page and
 *   key, and it carries the whole report. TidemarkError source_invalid, stream_unknown, options_invalid, recording_invalid
 */
export async function testConnector<O>(
  connector: Connector<O>,
  source: Source | Tape,
  options: TestConnectorOptions<O> = {},
): Promise<ConnectorReport> {
  const tested = connector as unknown as Connector
  checkSource(tested, source)
  const given = options.options ?? ('kind' in source ? source.options : {})
  const ask = typeof given === 'function' ? (given as () => Record<string, unknown>) : () => given
  const stage = await Stage.open({ connector: tested, source, options: ask })
  const checks: CheckResult[] = []
  try {
    checkOptions(tested, 'tested', stage.options())
    await hearConsole(
      (text) => stage.evidence.look('what the connector writes to the console', text),
      async () => {
        checks.push(...(await checkAll(stage, tested, options as TestConnectorOptions<never>, 'kind' in source)))
      },
    )
  } finally {
    await stage.close()
  }
  const report = reportOf(tested.service.name, checks)
  if (report.failed > 0) throw new PromisesBroken(report)
  return report
}

function reportOf(connector: string, checks: readonly CheckResult[]): ConnectorReport {
  const skipped = checks.filter((check) => check.skipped).length
  const passed = checks.filter((check) => check.ok && !check.skipped).length
  return { connector, checks, passed, failed: checks.length - passed - skipped, skipped }
}

function checkSource(connector: Connector, source: Source | Tape): void {
  if ('kind' in source) {
    if (source.connector === connector.service.name) return
    throw new TidemarkError('source_invalid', `The recording in ${source.folder} is of ${source.connector}.`, {
      hint: `Record one with: tidemark connect ${connector.service.name} --id <id> --record <folder>`,
    })
  }
  const host = URL.parse(source.url)?.hostname ?? ''
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) return
  throw new TidemarkError('source_invalid', `The source "${source.url}" is not on this machine.`, {
    hint: 'A real service would be asked hundreds of times: record it, or write a small server that answers like it.',
  })
}

function streamNames(connector: Connector, asked: readonly string[] | undefined): readonly string[] {
  const all = Object.keys(connector.streams)
  const unknown = asked?.find((name) => !all.includes(name))
  if (unknown === undefined) return asked ?? all
  throw streamUnknown(`Connector ${connector.service.name}`, unknown, all)
}

const PAGE_CHECKS: readonly Check[] = [
  ...LISTING_CHECKS.filter(({ level }) => level < 4),
  ...RUN_CHECKS,
  ...LISTING_CHECKS.filter(({ level }) => level > 4),
  ...DAMAGE_CHECKS,
  ...LIMIT_CHECKS,
  ...ROW_CHECKS,
]

/** What a stream with these passes promises. A summary promises no more than its declaration: it asks nobody. */
function checksOf({ passes }: Stream): readonly Check[] {
  const turnsPages = passes.some((pass) => isPaged(pass))
  const isUpstream = passes.some((pass) => 'job' in pass && pass.kind !== 'refresh')
  const refreshes = passes.find((pass) => pass.kind === 'refresh')
  const reads = turnsPages || isUpstream
  return [
    ...(turnsPages ? PAGE_CHECKS : []),
    ...(isUpstream ? [...RUN_CHECKS, ...UPSTREAM_CHECKS, ...LIMIT_CHECKS] : []),
    ...(passes.some(({ kind }) => kind === 'upload') ? UPLOAD_CHECKS : []),
    ...(refreshes ? KNOWN_CHECKS : []),
    ...(reads ? [REMOVAL_CHECK] : []),
  ]
}

async function checkAll(
  stage: Stage,
  connector: Connector,
  options: TestConnectorOptions<never>,
  isRecording: boolean,
): Promise<readonly CheckResult[]> {
  const names = streamNames(connector, options.streams)
  const results: CheckResult[] = []
  for (const name of names) {
    const check = () => Promise.resolve(checkSchema(connector, name))
    results.push(await judge('schema-is-valid', name, stage, options, check))
  }
  // With a schema that is none no connection can be made, whichever stream is to be read.
  const sound = results.every(({ ok }) => ok)
  for (const name of names) {
    const bench = sound ? benchFor(stage, connector, name, options, isRecording) : undefined
    results.push(...(await checkStream(stage, { name, stream: connector.streams[name] as Stream }, bench, options)))
  }
  const read = names.filter((name) => connector.streams[name]?.passes.some((pass) => isPaged(pass) || 'job' in pass))
  const secrets = () => (sound ? secretsStaySecret(stage, read) : notStaged(buildsOn('schema-is-valid')))
  results.push(await judge('secrets-stay-secret', null, stage, options, secrets))
  return results
}

function buildsOn(name: CheckName): string {
  return `it builds on ${name}, which is broken`
}

/** All checks of one stream; those that build on a broken promise are skipped. */
async function checkStream(
  stage: Stage,
  { name, stream }: { readonly name: string; readonly stream: Stream },
  bench: Bench | undefined,
  options: TestConnectorOptions<never>,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = []
  let stop: { level: number; name: CheckName } | undefined = bench ? undefined : { level: 0, name: 'schema-is-valid' }
  for (const check of checksOf(stream)) {
    if (stop && stop.level < check.level) {
      results.push({ name: check.name, stream: name, ok: true, skipped: true, message: buildsOn(stop.name) })
      continue
    }
    const result = await judge(check.name, name, stage, options, () => check.run(bench as Bench))
    results.push(result)
    if (!result.ok && check.level < 6) stop ??= { level: check.level, name: check.name }
  }
  return results
}

function benchFor(
  stage: Stage,
  connector: Connector,
  name: string,
  options: TestConnectorOptions<never>,
  isRecording: boolean,
): Bench {
  const stream = connector.streams[name] as Stream
  const knowledge: Knowledge = {
    truth: options.truth?.[name],
    remove: options.remove?.[name],
    expireLogin: options.expireLogin,
    bill: options.bill,
    failNextRun: options.failNextRun,
    files: filesOf(options.uploads?.[name]),
    isRecording,
  }
  const walks = new Map<unknown, Walked>()
  let control: Control | undefined
  const bench: Bench = {
    stage,
    name,
    stream,
    parser: compileStream(connector, name),
    knowledge,
    passes: readingPasses(stream),
    async walk(pass, need = 'all') {
      let walked = walks.get(pass.read)
      if (!walked) {
        walked = await (await pageReader(bench, pass)).walk()
        walks.set(pass.read, walked)
        stage.proxy.missing.length = 0
      }
      const enough = walked.missing === undefined || (need === 'some' && walked.pages.length > 0)
      return enough ? walked : notStaged(`the recording has no answer to ${walked.missing}`)
    },
    control: async () => (control ??= await controlRun(bench)),
  }
  return bench
}

function filesOf(sample: UploadSample | undefined): FileSample | undefined {
  if (!sample) return undefined
  const { file, name, holds, older, without } = sample
  const bytesOf = (given: string | Uint8Array) => (typeof given === 'string' ? readFileSync(given) : given)
  return {
    bytes: bytesOf(file),
    name: name ?? (typeof file === 'string' ? basename(file) : undefined),
    holds,
    older: older === undefined ? undefined : bytesOf(older),
    without: without === undefined ? undefined : bytesOf(without),
  }
}

/** Runs one check on a healthy source, and says what came of it. */
async function judge(
  name: CheckName,
  stream: string | null,
  stage: Stage,
  { skip, reset }: TestConnectorOptions<never>,
  run: () => Promise<string>,
): Promise<CheckResult> {
  const why = skip?.[name]
  if (why !== undefined) return { name, stream, ok: true, skipped: true, message: why }
  stage.proxy.plan = undefined
  stage.proxy.missing.length = 0
  try {
    await reset?.()
    const message = await run()
    const [missing] = stage.proxy.missing
    if (missing === undefined) return { name, stream, ok: true, message }
    return { name, stream, ok: true, skipped: true, message: `the recording has no answer to ${missing}` }
  } catch (error) {
    const [missing] = stage.proxy.missing
    if (missing !== undefined)
      return { name, stream, ok: true, skipped: true, message: `the recording has no answer to ${missing}` }
    if (error instanceof NotStaged) return { name, stream, ok: true, skipped: true, message: error.message }
    const found = error instanceof Error ? error.message : String(error)
    const message = error instanceof Broken ? found : `${PROMISES[name]}: it failed with ${found}`
    return { name, stream, ok: false, message }
  } finally {
    stage.proxy.plan = undefined
    await stage.closeMirrors()
  }
}
