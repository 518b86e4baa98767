// Owns the moment of `--as-of`, and what is said of it.

import { checkPast, parseMoment, type Reckoning, reckoningOf } from '../operations/moments.ts'
import type { Tidemark } from '../tidemark.ts'
import type { Cli } from './cli.ts'

/** An instant with its zone, or how long ago: nothing that a person could take for another moment. */
const EXACT = /^(?:now|(?:an?|\d[\d.]*)\s?[a-z]+(?: ago)?|\d{4}-[^:]*:.*(?:z|[+-]\d{2}:?\d{2}))$/i

/** The moment of `--as-of`, in milliseconds since 1970. A day or a time without a zone is told as the instant that it is. */
export async function asOfMoment(cli: Cli, tidemark: Tidemark, text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return undefined
  const { store, project } = tidemark
  const reckoning = await reckoningOf({ store, project, clock: cli })
  const at = parseMoment(text, '--as-of', reckoning)
  checkPast(at, '--as-of', reckoning.now)
  if (!EXACT.test(text.trim())) cli.note(`note: as of ${new Date(at).toISOString()}${dayText(at, reckoning)}`)
  return at
}

function dayText(at: number, { timezone }: Reckoning): string {
  if (timezone === 'UTC') return ''
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  return ` (${format.format(at)} in ${timezone})`
}
