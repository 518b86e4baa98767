// Owns what `records` and `export` share: the columns that they show, the filter of `--where`, and the moment of `--as-of`.

import type { Connection } from '../connection.ts'
import { recordNames } from '../engine/history/read-records.ts'
import type { StreamShape } from '../model/record.ts'
import { relativeTime } from '../model/relative-time.ts'
import { columnUnknown } from '../model/unknown-name.ts'
import { checkPast, parseMoment, type Reckoning, reckoningOf } from '../operations/moments.ts'
import type { Tidemark } from '../tidemark.ts'
import type { Cli } from './cli.ts'

const TIMES = ['_first_seen_at', '_updated_at']
const REMOVAL = ['_removed_at', '_removed_reason']

interface Wanted {
  readonly format: string
  readonly removed?: boolean
  /** As a person names them; undefined: those that the format has. */
  readonly columns?: readonly string[]
  readonly raw?: boolean
}

/**
 * The columns that are read and written, in their order. JSON has everything but the source's text, which is often ten
 * times as long; in other formats the telling ones stand first.
 *
 * @throws TidemarkError column_unknown
 */
export function columnsFor(shape: StreamShape, { format, removed = false, columns, raw = false }: Wanted) {
  for (const name of columns ?? []) checkColumn(shape, name)
  const isJson = format === 'json' || format === 'jsonl'
  const whole = isJson
    ? recordNames(shape).filter((name) => name !== '_raw')
    : ['_key', ...(removed ? REMOVAL : []), ...shape.columns.map(({ name }) => name), ...TIMES]
  const chosen = columns ?? whole
  return raw && !chosen.includes('_raw') ? [...chosen, '_raw'] : chosen
}

/** @throws TidemarkError column_unknown */
export function checkOrder(shape: StreamShape, order: string | undefined): void {
  if (order !== undefined) checkColumn(shape, order.split(':', 1)[0] ?? '')
}

/** @throws TidemarkError column_unknown */
function checkColumn(shape: StreamShape, name: string): void {
  const names = recordNames(shape)
  if (names.includes(name)) return
  throw columnUnknown(shape.stream, name, names)
}

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

/** Runs that are looked through for the first one that read a stream; of more it is not said when that was. */
const RUNS = 10_000

/** Says that at this moment (milliseconds since 1970) nothing of the stream was known, if so. */
export async function noteUnknownPast(
  cli: Cli,
  { store, project }: Tidemark,
  { id, row: { no } }: Connection,
  { stream, asOf }: { readonly stream: string; readonly asOf: number },
): Promise<void> {
  const runs = await store.runs.list({ project, connectionNo: no, limit: RUNS })
  const first = runs.findLast(({ passes }) => passes.some((pass) => pass.stream === stream && pass.pages > 0))
  if (first && (asOf >= first.startedAt || runs.length === RUNS)) return
  const when = first ? `was first read ${relativeTime(first.startedAt, cli.now())}` : 'has not been read yet'
  cli.note(`note: ${id}/${stream} ${when}; nothing is known about earlier times`)
}
