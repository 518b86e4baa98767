// Owns what the moments on a command line are counted from: now, and the time zone of the project.

import type { Tidemark } from '../open.ts'
import type { Cli } from './cli.ts'
import { parseMoment, type Reckoning } from './moments.ts'

/** Days and times without a zone are those of the project, unless another zone is given. */
export async function reckoningOf({ store, project }: Tidemark, now: number, timezone?: string): Promise<Reckoning> {
  if (timezone !== undefined) return { now, timezone }
  const own = (await store.projects()).find(({ id }) => id === project)
  return { now, timezone: own?.timezone ?? 'UTC' }
}

/** An instant with its zone, or how long ago: nothing that a person could take for another moment. */
const EXACT = /^(?:now|(?:an?|\d[\d.]*)\s?[a-z]+(?: ago)?|\d{4}-[^:]*:.*(?:z|[+-]\d{2}:?\d{2}))$/i

/** The moment of `--as-of`, in milliseconds since 1970. A day or a time without a zone is told as the instant that it is. */
export async function asOfMoment(cli: Cli, tidemark: Tidemark, text: string | undefined): Promise<number | undefined> {
  if (text === undefined) return undefined
  const reckoning = await reckoningOf(tidemark, cli.now())
  const at = parseMoment(text, 'as-of', reckoning)
  if (!EXACT.test(text.trim())) cli.note(`note: as of ${new Date(at).toISOString()}${dayText(at, reckoning)}`)
  return at
}

function dayText(at: number, { timezone }: Reckoning): string {
  if (timezone === 'UTC') return ''
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' })
  return ` (${format.format(at)} in ${timezone})`
}
