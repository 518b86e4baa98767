// Owns errors that nothing handles, of a timer, an event or a promise that is not awaited: whose they are, and what becomes
// of the command. A promise that was rejected leaves the process as it was, and the command goes on. After an exception
// nobody knows what was left half done: a command ends at once, and a server as soon as its runs have stopped.

import { fileURLToPath } from 'node:url'
import { asError, errorReport, sentence, TidemarkError } from '../model/errors.ts'
import { LOG_TEXT_MAX, shown } from '../model/shown.ts'
import type { Cli } from './cli.ts'
import { complain, complaint } from './terminal/complaint.ts'

/** How long a server may take to end after an exception, in milliseconds. */
const STRAY_GRACE_MS = 15_000

export class Strays {
  readonly #cli: Cli
  readonly #onRejection = (problem: unknown) => this.#survive(problem)
  readonly #onException = (problem: unknown) => void this.#end(problem)
  #isEnding = false
  /** The exit code of a command that comes to its end all the same; 0: nothing is wrong. */
  exitCode: 0 | 1 = 0

  constructor(cli: Cli) {
    this.#cli = cli
    process.on('unhandledRejection', this.#onRejection).on('uncaughtException', this.#onException)
  }

  stop(): void {
    process.off('unhandledRejection', this.#onRejection).off('uncaughtException', this.#onException)
  }

  #survive(problem: unknown): void {
    this.#tell(problem)
    if (!this.#cli.staysUp) this.exitCode = 1
  }

  async #end(problem: unknown): Promise<void> {
    const cli = this.#cli
    // The first one says why; what breaks while the command ends would only hide it.
    if (this.#isEnding) return
    this.#isEnding = true
    this.exitCode = 1
    if (cli.staysUp) {
      this.#tell(problem)
      setTimeout(() => process.exit(1), STRAY_GRACE_MS).unref()
      return cli.interruption.stop()
    }
    await complain(cli, unhandled(problem))
    await cli.flush()
    process.exit(1)
  }

  #tell(problem: unknown): void {
    const cli = this.#cli
    const report = errorReport(unhandled(problem), cli.scrub)
    cli.above(() => cli.err.line(complaint(report, cli.err.paint)))
    const stack = shown(`${asError(problem).stack}`, cli.scrub, LOG_TEXT_MAX)
    cli.logger?.event('error', 'error.unhandled', { message: report.message, stack })
  }
}

function unhandled(problem: unknown): TidemarkError {
  const error = asError(problem)
  const place = placeIn(error.stack ?? '')
  const said = `Nothing handles an error of a connector, of the configuration or of Tidemark: ${error.name}: ${error.message}`
  return new TidemarkError('error_unhandled', sentence(place === undefined ? said : `${said} (at ${place})`), {
    cause: error,
  })
}

/** The first place of a stack that is in a file: where the error was made. */
function placeIn(stack: string): string | undefined {
  const [, url, path] = /(file:\/\/[^\s()]+)|\((\/[^()\n]+)\)/.exec(stack) ?? []
  return url === undefined ? path : fileURLToPath(url)
}
