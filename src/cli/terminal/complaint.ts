// Owns how an error leaves the program: as two lines for a person on stderr, as one document with --json on stdout, as
// an exit code. Also what commander finds wrong in a command line, in our words.

import type { CommanderError } from 'commander'
import { asError, type ErrorCode, type ErrorReport, errorReport, sentence, TidemarkError } from '../../model/errors.ts'
import type { Cli } from '../cli.ts'
import { type ExitCode, exitCodeOfError } from '../exit-codes.ts'
import { asSpoken } from '../written.ts'
import type { Paint } from './output.ts'
import { oneLine, printable } from './printable.ts'

/** `code: message`, and the hint on a line of its own; before them whose error it is, where that is not clear. */
export function complaint({ code, message, hint }: ErrorReport, paint: Paint, whose?: string): string {
  // The code says already that a run was cancelled.
  const said = code === 'cancelled' ? message.replace(/^The run was cancelled; what/, 'What') : message
  const owner = whose === undefined ? '' : `${paint('bold', oneLine(whose))}: `
  const head = `${owner}${paint('red', `${code}:`)} ${printable(said)}`
  return hint === null ? head : `${head}\n${paint('dim', 'hint:')} ${printable(hint)}`
}

/** Tells an error that ended the command, and returns the exit code that it means. */
export async function complain(cli: Cli, error: unknown): Promise<ExitCode> {
  const report = errorReport(asSpoken(error), cli.scrub)
  cli.err.line(complaint(report, cli.err.paint))
  if (cli.surroundings.environment['TIDEMARK_DEBUG'] === '1') cli.err.line(cli.scrub(stackOf(error)))
  if (cli.options.json) await cli.json({ error: report })
  return exitCodeOfError(report)
}

function stackOf(error: unknown): string {
  const { stack, cause } = asError(error)
  return cause === undefined ? `${stack}` : `${stack}\ncaused by ${stackOf(cause)}`
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  'commander.unknownCommand': 'command_unknown',
  'commander.unknownOption': 'option_unknown',
  'commander.optionMissingArgument': 'option_invalid',
  'commander.invalidArgument': 'option_invalid',
  'commander.missingMandatoryOptionValue': 'option_missing',
  'commander.conflictingOption': 'option_conflict',
  'commander.missingArgument': 'argument_missing',
  'commander.excessArguments': 'argument_unexpected',
}

/** What commander found wrong; undefined when it only showed help or the version. */
export function usageError(error: CommanderError, command: string | undefined): TidemarkError | undefined {
  if (error.exitCode === 0) return undefined
  // Without a command commander shows the help and throws the name of that.
  if (error.code === 'commander.help') {
    return new TidemarkError('command_missing', 'No command was given.')
  }
  const [said = '', suggestion] = error.message.replace(/^error: /, '').split(/\n/)
  const isKnown = command !== undefined && error.code !== 'commander.unknownCommand'
  const see = `See: tidemark ${isKnown ? `${command} ` : ''}--help`
  const hint = suggestion === undefined ? see : `${suggestion.replace(/^\(|\)$/g, '')} ${see}`
  return new TidemarkError(CODES[error.code] ?? 'option_invalid', sentence(said), { hint })
}
