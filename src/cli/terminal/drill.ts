// Owns what a restore drill has proved, as lines for people.

import { count, plural } from '../../model/plural.ts'
import type { Drill } from '../../operations/backup/documents.ts'
import type { Cli } from '../cli.ts'

export function isProved({ key, secrets }: Drill): boolean {
  return key === null && secrets.failed.length === 0
}

const KEY_HINT = 'Bring the right key back: in TIDEMARK_KEY, or as a file that TIDEMARK_KEY_FILE names.'

/** A line for each thing that was proved, or was not. */
export function sayDrill(cli: Cli, { copy, streams, records, read, secrets, key }: Drill): void {
  const failed = (text: string) => cli.out.line(`${cli.out.paint('red', '✗')} ${text}`)
  const whole = `${plural(copy.rows, 'row')} in ${plural(copy.tables, 'table')}`
  cli.done(`restored and whole: ${whole}, every page and index checked`)
  const opened = `${plural(streams, 'stream')} with ${plural(records, 'record')}`
  cli.done(`opens as a mirror: ${opened}, ${count(read)} of them read`)
  if (key) failed(`the key opens nothing (${key.code}): ${key.message}\n    ${KEY_HINT}`)
  else if (copy.secrets === 0) cli.done('has no secrets, and needs no key')
  else if (secrets.failed.length === 0) {
    cli.done(`the key opens ${secrets.opened === 1 ? 'the one secret' : `all ${plural(secrets.opened, 'secret')}`}`)
  }
  for (const { secret, error } of secrets.failed) failed(`${secret} does not open: ${error.message}`)
}
