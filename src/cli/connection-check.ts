// Owns what `connect` says of the one request that it makes: whether the service took the login, and which exit code that is.

import type { CheckOutcome, CheckReport } from '../engine/runs/documents.ts'
import { count } from '../model/plural.ts'
import type { Cli } from './cli.ts'
import { complaint } from './complaint.ts'
import type { ExitCode } from './exit-codes.ts'
import { oneLine, printable } from './terminal/printable.ts'

/** The connection is made in any case. Without a network nothing is wrong with it, and the next sync tells. */
const EXIT_CODES: Readonly<Record<CheckOutcome, ExitCode>> = {
  ok: 0,
  refused: 4,
  wrong: 2,
  unreachable: 0,
  unclear: 0,
  skipped: 0,
}

export function exitCodeOfCheck({ outcome }: CheckReport): ExitCode {
  return EXIT_CODES[outcome]
}

/** Whether a sync would come to anything. */
export function mayBeRead({ outcome }: CheckReport): boolean {
  return EXIT_CODES[outcome] === 0 && outcome !== 'unreachable'
}

/** What follows "Connected me (github)" where something is in the way, which `isKnown` from before; else ''. */
export function obstacleText(connector: string, { outcome }: CheckReport, isKnown = false): string {
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
export function sayCheck(cli: Cli, connector: string, report: CheckReport): void {
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
