// Owns reading a part of a stream on order: what matches a filter at the source, a past range again, or records by their
// keys. They only upsert: no cursor, no anchored walk, no removal. What a range that breaks off leaves unread is a gap that later runs read.

import { meantBy } from '../../connector/filter-words.ts'
import type { Where } from '../../connector/page.ts'
import { isPaged, type PagedPass } from '../../connector/passes.ts'
import { errorReport, TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { knownNames } from '../../model/near-miss.ts'
import type { Key } from '../../model/record.ts'
import type { WalkRow } from '../../store/store.ts'
import { askByKey } from './ask-by-key.ts'
import { askPage, endOfWindow, type WhichPage } from './ask-page.ts'
import { openedRow } from './listing/walk-row.ts'
import { ProgressGuard } from './progress-guard.ts'
import { broughtBy, type Sight, storePage } from './rows/page.ts'
import { askedNow, beginPass, type PassEntry, type StreamRun, write } from './stream-run.ts'
import { restNote, rowOfHole } from './window/position.ts'

/** `--where field=value`: each field with the values that it may have, `open` among them. */
export type WhereValues = Readonly<Record<string, readonly string[]>>

/** Milliseconds since 1970; `since` is inclusive, `until` exclusive. */
export interface Range {
  readonly since: number | undefined
  readonly until: number | undefined
}

/** Local records looked up by key after a filtered read, at most. */
const BY_KEY_MAX = 10_000

/**
 * Reads what matches; then, by key, what is stored as matching and was not returned: it may have changed. `over` has ended
 * the run before it came to this stream. What is not read is told with the command that reads it: no later run goes on.
 */
export async function readFiltered(run: StreamRun, asked: WhereValues, over?: Error): Promise<void> {
  const wheres = expandWhere(run, asked)
  const pass = run.stream.passes.find(isPaged)
  if (!pass) return
  const entry = beginPass(run, pass.kind)
  const seen = new Set<Key>()
  const window = pass.kind === 'byCursor' ? { until: endOfWindow(pass, run.scope.http.now()) } : {}
  const [first = {}] = wheres
  const tryLogin = () => askPage(run, pass, { where: first, ...window }).page
  let left = wheres
  try {
    if (over) throw over
    for (const where of wheres) {
      await readPages(run, entry, pass, { where, ...window }, { seen })
      left = left.slice(1)
    }
    await readMissing(run, entry, { seen, wheres, tryLogin })
  } catch (error) {
    // What is missing is known only where all that matches has been read.
    run.asides.push(leftNote(run, left.length > 0 ? left : wheres))
    throw error
  }
  await endExhausted(run, entry, [])
}

function leftNote({ name, scope }: StreamRun, wheres: readonly Where[]): string {
  const [{ ...fields } = {}] = wheres
  const options = Object.keys(fields).map((field) => {
    const values = [...new Set(wheres.map((where) => where[field]))]
    return ` --where ${field}=${values.join(',')}`
  })
  const command = `tidemark sync ${scope.connection}/${name}${options.join('')}`
  return `${name}: what matches was not read to its end, and no later sync goes on with it; read it with: ${command}`
}

async function readMissing(
  run: StreamRun,
  entry: PassEntry,
  filtered: {
    readonly seen: ReadonlySet<Key>
    readonly wheres: readonly Where[]
    readonly tryLogin: () => Promise<unknown>
  },
): Promise<void> {
  const { seen, wheres, tryLogin } = filtered
  if (!run.stream.byKey) return
  const { store } = run.scope.world
  const keys = new Set<Key>()
  for (const where of wheres) {
    for (const [column, value] of Object.entries(where)) {
      for (const key of await store.records.keysWhere(run.row.no, column, [value], BY_KEY_MAX))
        if (!seen.has(key)) keys.add(key)
    }
  }
  await storeByKey(run, entry, [...keys], tryLogin)
}

/** Reads records by their keys. What the source does not return stays as it is: that proves no removal. */
async function storeByKey(
  run: StreamRun,
  entry: PassEntry,
  keys: readonly Key[],
  tryLogin: () => Promise<unknown>,
): Promise<void> {
  const { byKey } = run.stream
  if (!byKey) return
  const { http, options } = run.scope
  const ask = async (part: readonly Key[]) => {
    const askedAt = askedNow(run)
    const rows = await byKey.read({ http, options, keys: part, stored: new Map() })
    await storePage(run, entry, { rows, askedAt, walk: null, keepSeen: false })
  }
  const { failed } = await askByKey({ keys, batch: byKey.batch, ask, tryLogin })
  if (failed.size > 0) run.notes.push(notAskedFor(run, failed))
}

/** Reads the records of these keys: something has told that they changed. `over` has ended the run before. */
export async function readKeys(run: StreamRun, keys: readonly Key[], over?: Error): Promise<void> {
  if (over) throw over
  const entry = beginPass(run, 'refresh')
  const listing = run.stream.passes.find((pass) => isPaged(pass) && !pass.paid)
  const tryLogin = async () => {
    if (!listing || !isPaged(listing)) throw new Error('no page is free')
    const window = listing.kind === 'byCursor' ? { until: endOfWindow(listing, run.scope.http.now()) } : {}
    return askPage(run, listing, window).page
  }
  await storeByKey(run, entry, keys, tryLogin)
  await endExhausted(run, entry, [])
}

/** What is said of records that could not be read by their keys. */
export function notAskedFor({ name, scope }: StreamRun, failed: ReadonlyMap<Key, unknown>): string {
  const [[key, error] = []] = failed
  const others = failed.size === 1 ? '' : ` and ${failed.size - 1} more`
  return `${name}: record "${key}"${others} could not be read by key: ${errorReport(error, scope.scrub).message}`
}

/** Reads a range of a byCursor stream again. What is unread of it is a gap, also where `over` has ended the run before. */
export async function readRange(run: StreamRun, range: Range, over?: Error): Promise<void> {
  const pass = run.stream.passes.find((candidate) => candidate.kind === 'byCursor')
  if (!pass) {
    throw new TidemarkError('range_unsupported', `Stream "${run.name}" can't be read by time.`)
  }
  const entry = beginPass(run, pass.kind)
  const { unitMs = 1 } = pass
  const now = endOfWindow(pass, run.scope.http.now())
  const since = range.since === undefined ? undefined : Math.floor(range.since / unitMs)
  const until = range.until === undefined ? now : Math.ceil(range.until / unitMs)
  // What is dated ahead is looked for by every run.
  const end = Math.min(until, now)
  const at = run.scope.world.clock.now()
  const opened = openedRow(undefined, { walk: run.nextWalk, pass: pass.kind, at, fromTop: true })
  let rest = { row: opened, since: since ?? null, until: end }
  if (rest.since !== null && rest.since >= end) {
    if (over) throw over
    await readPages(run, entry, pass, { since, until })
    return endExhausted(run, entry, [])
  }
  const open = () => ({ ...rowOfHole(rest, pass.unitMs), note: restNote(rest, pass.unitMs) })
  await write(run, entry, { walks: [open()] })
  let isSorted = pass.sorted ?? true
  const onPage = ({ parsed }: Sight) => {
    for (const { record } of parsed) {
      const place = pass.order(record)
      isSorted &&= place >= (rest.since ?? Number.NEGATIVE_INFINITY)
      if (isSorted && place < end) rest = { ...rest, since: place }
    }
    if (!isSorted) rest = { ...rest, since: since ?? null }
  }
  try {
    if (over) throw over
    await readPages(run, entry, pass, { since, until }, { onPage })
  } catch (error) {
    await write(run, entry, { walks: [open()] })
    run.asides.push(`${run.name}: ${restNote(rest, pass.unitMs)}`)
    throw error
  }
  const closed = { closedAt: run.scope.world.clock.now(), ended: 'exhausted' as const }
  await endExhausted(run, entry, [{ ...open(), ...closed }])
}

async function endExhausted(run: StreamRun, entry: PassEntry, walks: readonly WalkRow[]): Promise<void> {
  entry.ended = 'exhausted'
  await write(run, entry, { walks })
}

async function readPages(
  run: StreamRun,
  entry: PassEntry,
  pass: PagedPass<unknown, unknown>,
  which: WhichPage,
  { seen = new Set(), onPage }: { readonly seen?: Set<Key>; readonly onPage?: (stored: Sight) => void } = {},
): Promise<void> {
  const guard = new ProgressGuard(run.name)
  let token: Json | undefined
  do {
    const asked = askPage(run, pass, { ...which, page: token })
    const page = await asked.page
    const work = {
      ...broughtBy(page, asked.at),
      walk: null,
      keepSeen: false,
      shown: seen,
    }
    const stored = await storePage(run, entry, work)
    for (const { incoming } of stored.parsed) seen.add(incoming.key)
    onPage?.(stored)
    guard.see(token, page.next, stored)
    token = page.next
  } while (token !== undefined)
}

/**
 * One filter per request: the product of the values asked for, `open` replaced by what the stream calls open.
 *
 * @throws TidemarkError where_unknown (stop)
 */
export function expandWhere(run: Pick<StreamRun, 'name' | 'stream'>, asked: WhereValues): readonly Where[] {
  const filters = run.stream.filters ?? {}
  let wheres: readonly Where[] = [{}]
  for (const [field, values] of Object.entries(asked)) {
    const filter = Object.hasOwn(filters, field) ? filters[field] : undefined
    if (!filter) {
      const known = Object.keys(filters)
      throw new TidemarkError('where_unknown', `Stream "${run.name}" can't be filtered by "${field}" at its source.`, {
        hint: known.length > 0 ? knownNames(field, known, 'It can by') : 'It has no filters.',
      })
    }
    const expanded = meantBy(filter, values)
    const wrong = expanded.filter((value) => !filter.values.includes(value))
    if (wrong.length > 0) {
      throw new TidemarkError('where_unknown', `"${wrong.join('", "')}" is no ${field} of stream "${run.name}".`, {
        hint: `${knownNames(wrong[0] ?? '', filter.values, 'One of')}${filter.open ? '; open' : ''}`,
      })
    }
    wheres = wheres.flatMap((where) => expanded.map((value) => ({ ...where, [field]: value })))
  }
  return wheres
}
