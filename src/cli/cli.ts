// Owns what every command is given: the global options, the two outputs, the opened mirror, and what an interruption
// means. It closes what it opened.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Seams } from '../assemble.ts'
import { TidemarkError } from '../model/errors.ts'
import { jsonText } from '../model/json-text.ts'
import type { Logger } from '../model/ports.ts'
import type { Scrub } from '../model/shown.ts'
import type { OpenOptions } from '../open.ts'
import type { Database } from '../operations/mirror.ts'
import { PACKAGE_FOLDER } from '../program-files.ts'
import type { KeySource } from '../secrets/keys.ts'
import type { Tidemark } from '../tidemark.ts'
import type { LoadedConfig } from './config.ts'
import { envFile, findConfig, withEnvFile } from './folder.ts'
import type { writeFileWhole } from './terminal/file-output.ts'
import { Interruption } from './terminal/interruption.ts'
import { Output, type Stream, wantsColors } from './terminal/output.ts'
import { printable } from './terminal/printable.ts'
import { type ColumnOf, table } from './terminal/table.ts'

/** The options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly database: string
  readonly databaseFrom: 'option' | 'environment' | 'config' | 'default'
  readonly project: string
  readonly json: boolean
  readonly quiet: boolean
  readonly color: boolean
}

/** Secrets that a process keeps out of its messages, at most: those that it read last. */
const SECRETS_KEPT_MAX = 10_000

/** The surroundings of a command: a process, or what stands for one. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: Stream
  readonly stderr: Stream
  readonly environment: Readonly<Record<string, string | undefined>>
}

export class Cli {
  surroundings: Surroundings
  readonly interruption = new Interruption()
  /** Lets something be written where live lines may be drawn; whoever draws them takes this over. */
  above: (write: () => void) => void = (write) => write()
  /** Whether it runs until it is stopped: what goes wrong in one connection must not end it. */
  staysUp = false
  /** A text without the secrets that were read or given. */
  scrub: Scrub = (text) => text
  /** What main returns when nothing was thrown. */
  exitCode = 0
  /** What is wrong when nothing is left that could finish the command. */
  stalled: () => TidemarkError = stalled
  #options: GlobalOptions
  #config: LoadedConfig | undefined
  #out: Output | undefined
  #err: Output | undefined
  #key: KeySource | undefined
  readonly #opened: Tidemark[] = []
  readonly #secrets = new Set<string>()

  constructor(surroundings: Surroundings, options: GlobalOptions) {
    this.surroundings = surroundings
    this.#options = options
  }

  get options(): GlobalOptions {
    return this.#options
  }

  /** Takes the options over once the command line is read; before that, `--json` may be all that is known. */
  configure(options: GlobalOptions, config?: LoadedConfig): void {
    this.#options = options
    this.#config = config
  }

  /**
   * Reads the folder's `.env` and its configuration, if there are any.
   *
   * @throws TidemarkError config_missing, config_invalid
   */
  async readFolder(named: string | undefined): Promise<LoadedConfig | undefined> {
    const file = findConfig(named)
    this.surroundings = { ...this.surroundings, environment: withEnvFile(this.surroundings.environment, file) }
    if (file === undefined) return undefined
    const { loadConfig, neverLoaded } = await import('./config.ts')
    this.stalled = () => neverLoaded(file)
    const config = await loadConfig(file)
    this.stalled = stalled
    return config
  }

  /** What tidemark.config.ts says; undefined when there is none. */
  get config(): LoadedConfig | undefined {
    return this.#config
  }

  /** Results. */
  get out(): Output {
    const { stdout, environment } = this.surroundings
    return (this.#out ??= new Output(stdout, wantsColors(stdout, environment, this.#options.color)))
  }

  /** Progress, notes and errors. */
  get err(): Output {
    const { stderr, environment } = this.surroundings
    return (this.#err ??= new Output(stderr, wantsColors(stderr, environment, this.#options.color)))
  }

  /** Whether a person is there to be asked. */
  get mayAsk(): boolean {
    return this.surroundings.stdin.isTTY && this.err.isTerminal && !this.#options.json
  }

  /** @throws TidemarkError confirmation_missing where the answer is not this word */
  async confirm(question: string, word: string): Promise<void> {
    const { answer } = await import('./terminal/prompt.ts')
    const said = await answer(this.surroundings.stdin, this.surroundings.stderr, question)
    if (said.trim() !== word) throw new TidemarkError('confirmation_missing', 'Nothing was deleted.')
  }

  now(): number {
    return Date.now()
  }

  /**
   * Opens the mirror that the options name; it is closed when the command is over. A database or project that doesn't
   * exist is made only with `create: true`: whoever looks at a wrong name should learn that it is wrong.
   */
  async open(options: OpenOptions & Seams = {}): Promise<Tidemark> {
    const [{ assemble }, { scrubber }] = await Promise.all([import('../assemble.ts'), import('../http/scrub.ts')])
    this.scrub = scrubber(() => this.#secrets)
    const { database, project } = this.#options
    const key = options.key ?? (await this.key())
    const ours = { database, project, key, connectors: this.#config?.connectors ?? [], create: false }
    const { logger } = this
    const tidemark = await assemble({
      ...ours,
      ...(logger ? { logger } : {}),
      onSecret: this.#keepSecret,
      who: 'cli',
      ...options,
    })
    this.#opened.push(tidemark)
    return tidemark
  }

  /**
   * Brings the connections to what the configuration declares, and says what that has changed.
   *
   * @throws TidemarkError as `Tidemark.declare` does
   */
  async declareConnections(tidemark: Tidemark): Promise<void> {
    const declared = this.#config?.connections ?? []
    if (declared.length === 0) return
    for (const { connection, connector, outcome } of await tidemark.declare(declared)) {
      const done = outcome === 'changed' ? 'Changed' : 'Connected'
      if (outcome !== 'unchanged') this.note(`${done} ${connection} (${connector}), as ${this.#config?.file} declares`)
    }
  }

  /** Where this person's key is. One that others may read is used with a warning, once. */
  async key(): Promise<KeySource> {
    const { exposure, findKey } = await import('../secrets/keys.ts')
    this.#key ??= findKey(this.surroundings.environment, (exposed) => {
      const { message, hint } = exposure(exposed)
      this.above(() => this.note(`${this.err.paint('yellow', 'warning:')} ${printable(`${message} ${hint}`)}`))
      this.logger?.event('warn', 'key.exposed', { ...exposed })
    })
    return this.#key
  }

  /** The database that the options name, for what needs it not to be open. */
  async database(): Promise<Database> {
    return { database: this.#options.database, key: await this.key(), clock: this }
  }

  /**
   * Writes a result into a file as `writeFileWhole` does, and never over what the command itself lives on.
   *
   * @throws TidemarkError argument_invalid, output_failed; whatever `write` throws
   */
  async writeFile<T>(path: string, write: Parameters<typeof writeFileWhole<T>>[1]): Promise<T> {
    const [{ refuseOwnFile }, { writeFileWhole: written }] = await Promise.all([
      import('../operations/own-files.ts'),
      import('./terminal/file-output.ts'),
    ])
    const file = this.#config?.file
    const settings = [...(file === undefined ? [] : [file]), envFile(file)]
    await refuseOwnFile(path, { ...(await this.database()), settings })
    return written(path, write)
  }

  readonly #keepSecret = (text: string): void => {
    const [oldest] = this.#secrets
    if (oldest !== undefined && this.#secrets.size >= SECRETS_KEPT_MAX) this.#secrets.delete(oldest)
    this.#secrets.add(text)
  }

  get logger(): Logger | undefined {
    return loggerFor(this.surroundings.environment['TIDEMARK_LOG'], this)
  }

  /** The one JSON document of `--json`. */
  async json(value: unknown): Promise<void> {
    await this.out.write(`${jsonText(value, 2)}\n`)
  }

  /** Prints rows as a table for people. */
  async table<Row>(columns: readonly ColumnOf<Row>[], rows: readonly Row[], indent = ''): Promise<void> {
    const cells = rows.map((row) => columns.map((column) => column.of(row, this.now())))
    await this.out.write(table(columns, cells, { width: this.out.width, paint: this.out.paint, indent }))
  }

  /** Prints a list: the document of `--json`, or a table, or what is said of none. Whether it was a table. */
  async list<Row>(
    document: Readonly<Record<string, unknown>>,
    columns: readonly ColumnOf<Row>[],
    rows: readonly Row[],
    none: string,
  ): Promise<boolean> {
    if (this.#options.json) await this.json(document)
    else if (rows.length === 0) this.note(none)
    else {
      await this.table(columns, rows)
      return true
    }
    return false
  }

  /** Says what was done. */
  done(text: string): void {
    this.out.line(`${this.out.paint('green', '✓')} ${text}`)
  }

  /** Says what a person should know also when they asked for quiet. */
  warn(text: string): void {
    this.err.line(`${this.err.paint('yellow', 'warning:')} ${text}`)
  }

  /** Says something that is no result, unless the person asked for quiet. */
  note(text: string): void {
    if (!this.#options.quiet) this.err.line(text)
  }

  async close(): Promise<void> {
    await this.#settled()
    this.interruption.end()
    for (const tidemark of this.#opened.splice(0)) await tidemark.close()
    await this.flush()
  }

  /** What follows the runs of this command, such as the index of texts, is done before it ends; Ctrl-C leaves it to the next. */
  async #settled(): Promise<void> {
    const stop = this.interruption.graceful()
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))
    for (const tidemark of this.#opened) {
      if (!stop.aborted) await Promise.race([tidemark.settled(), stopped])
    }
  }

  /** Resolves when everything that was written has left: then the process may end. */
  async flush(): Promise<void> {
    await Promise.all([this.#out?.flush(), this.#err?.flush()])
  }
}

function stalled(): TidemarkError {
  return new TidemarkError('unexpected', 'The command awaits something that never comes.', {
    hint: 'This is a bug in a connector or in Tidemark. What was stored is kept.',
  })
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** With TIDEMARK_LOG=debug, info, warn or error: events from that level up, a line of JSON each, on stderr. */
function loggerFor(level: string | undefined, cli: Cli): Logger | undefined {
  if (level === undefined || level === '') return undefined
  const least = LEVELS.indexOf(level as (typeof LEVELS)[number])
  if (least < 0) {
    throw new TidemarkError('option_invalid', `TIDEMARK_LOG is "${level}".`, { hint: `One of: ${LEVELS.join(', ')}.` })
  }
  return {
    event(kind, name, values) {
      if (LEVELS.indexOf(kind) < least) return
      cli.err.line(jsonText({ at: new Date(cli.now()).toISOString(), level: kind, event: name, ...values }))
    },
  }
}

/** The version of this package. */
export function version(): string {
  const manifest = readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
