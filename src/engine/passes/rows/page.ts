// Owns the way of one page into the store: parse each row, store the page in its parts, tell what was found in it.
// What the page means for the walk is decided by the pass, through `decide`, with the records and what is known of them.

import type { Page } from '../../../connector/page.ts'
import { TidemarkError } from '../../../model/errors.ts'
import type { Head, Key } from '../../../model/record.ts'
import { MESSAGE_MAX, shown } from '../../../model/shown.ts'
import type { Content, Quarantined, RequestRow } from '../../../store/store.ts'
import type { PageNumber } from '../page-number.ts'
import type { PassEntry, StreamRun, Writing } from '../stream-run.ts'
import { newFields } from './drift.ts'
import { growColumns } from './grow.ts'
import { asOther, belongsTo, headsWith } from './others.ts'
import { chunks, type PageOrigin, PageParts, RECORDS_PER_CHECKPOINT_MAX, stopIfOver } from './page-parts.ts'
import { parseRows } from './parse.ts'
import { type Parsed, type ReadRow, setAsideRead } from './shape.ts'
import { contentText, isRepeat } from './upsert.ts'

export interface PageWork extends PageOrigin {
  readonly rows: readonly unknown[]
  /** Columns that the page tells of. @default none */
  readonly columns?: Page['columns']
  /** What the parser has made of each of them, where somebody has read them before. @default they are read now */
  readonly read?: readonly ReadRow[]
  /** What the pass asks of a record. A record of which it throws is set aside. */
  readonly examine?: (record: unknown) => unknown
  /** @default the next number of the run */
  readonly number?: PageNumber
}

/** What the answer to a request brings, whoever asked: its rows, what was parsed of them ahead, and the columns that it tells of. */
export function broughtBy(
  { records: rows, columns }: Pick<Page, 'records' | 'columns'>,
  askedAt: number,
  read?: readonly ReadRow[],
): Pick<PageWork, 'rows' | 'read' | 'columns' | 'askedAt'> {
  return { rows, columns, askedAt, ...(read ? { read } : {}) }
}

export interface Sight {
  /** The rows that were understood, in the source's order; those of other streams are among them, and are not stored. */
  readonly parsed: readonly Parsed[]
  /** How many rows there were, less those that the page before had shown as they are. */
  readonly fetched: number
  /** Rows that could not be read, with their key where at least that could be; also those of other streams. */
  readonly unread: readonly Quarantined[]
  readonly heads: ReadonlyMap<Key, Head>
  /** What is stored of the records that came with another text. */
  readonly contents: ReadonlyMap<Key, Content>
}

/** What a page means for its walk. */
export interface PageDecision<T> {
  /** Written with the page. */
  readonly save: Pick<Writing, 'walks' | 'kept' | 'forgetSeen' | 'intents'>
  readonly decided: T
}

export interface StoredPage<T> extends Sight {
  readonly inserted: number
  readonly unchanged: number
  /** What was decided as the page was written. */
  readonly decided: T
}

const NOTHING: PageDecision<undefined> = { save: {}, decided: undefined }

/** Stores a page. `decide` is called again when the page had to be decided again; what it starts, it starts once. */
export async function storePage<T = undefined>(
  run: StreamRun,
  entry: PassEntry,
  work: PageWork,
  decide: (sight: Sight) => PageDecision<T> = () => NOTHING as PageDecision<T>,
): Promise<StoredPage<T>> {
  const { scope } = run
  if (work.columns) await growColumns(run, work.columns)
  const page = work.number?.value ?? scope.nextPage()
  if (work.number) work.number.value = page
  numberRequests(scope.ledger, page)
  const rows = await readRows(run, page, work, () => stopIfOver(run, entry))
  const { parsed, quarantine, unread } = rows
  const others = parsed.filter((one) => one.isOther)
  const own = others.length === 0 ? parsed : parsed.filter((one) => !one.isOther)
  const setAside: Rows['setAside'] = (record, error) => {
    rows.setAside(record, error)
    if (own !== parsed) own.splice(own.indexOf(record), 1)
  }
  const fields = newFields(run.fields, work.rows)
  tellDrift(run, page, fields)
  const parts = new PageParts(run, entry, {
    ...work,
    page,
    refuse: setAside,
    others: others.map(({ incoming }) => incoming.key),
  })
  const ahead = chunks(quarantine, RECORDS_PER_CHECKPOINT_MAX).slice(0, -1)
  const { decided, ...written } = await parts.store(own, ahead, (known) => {
    const fetched = fetchedOf(work, own) - (work.rows.length - own.length - quarantine.length)
    const sight = {
      parsed,
      fetched,
      unread: [...quarantine, ...unread],
      ...known,
      heads: headsWith(known.heads, others),
    }
    const { save, decided: meaning } = decide(sight)
    const last = quarantine.slice(ahead.length * RECORDS_PER_CHECKPOINT_MAX)
    const counts = { fetched: sight.fetched }
    return { writing: { ...save, pages: 1, quarantine: last, fields, counts }, decided: { ...sight, decided: meaning } }
  })
  if (work.rows.length > 0) run.shown = work.rows
  run.told.see(run.parser, { parsed: own, contents: decided.contents })
  for (const { incoming } of decided.parsed) run.shownKeys?.add(incoming.key)
  scope.onPage(run)
  scope.world.logger.event('debug', 'page.stored', {
    run: scope.runId,
    stream: run.name,
    page,
    new: written.inserted,
    unchanged: written.unchanged,
    total: run.expected,
  })
  return { ...decided, ...written }
}

/** The rows of a page: those that can be read, and those that are set aside. */
interface Rows {
  readonly parsed: Parsed[]
  readonly quarantine: Quarantined[]
  /** Those of other streams that can't be read. They may be anything, and are theirs to set aside. */
  readonly unread: Quarantined[]
  /** Takes a record out of those that can be read. */
  readonly setAside: (record: Parsed, error: unknown) => void
}

async function readRows(run: StreamRun, page: number, work: PageWork, lookForEnd: () => void): Promise<Rows> {
  const { scope, stream, name } = run
  const { rows, askedAt, examine } = work
  const read = work.read ?? (await parseRows(run, work, lookForEnd))
  const parsed: Parsed[] = []
  const quarantine: Quarantined[] = []
  const unread: Quarantined[] = []
  const isOwn = belongsTo(stream)
  const places = new Map<Parsed, number>()
  const { version, volatile = [] } = stream
  const told = (one: Quarantined): Quarantined => {
    const message = shown(one.message, scope.scrub, MESSAGE_MAX)
    const { key, code } = one
    scope.world.logger.event('warn', 'record.quarantined', { run: scope.runId, stream: name, page, key, code, message })
    return { ...one, message, askedAt, ...(volatile.length > 0 ? { content: contentText(one.raw, volatile) } : {}) }
  }
  for (let i = 0; i < rows.length; i++) {
    const result = read[i] as ReadRow
    let own = true
    try {
      own = isOwn(rows[i])
      if ('incoming' in result) {
        examine?.(result.record)
        parsed.push(own ? result : asOther(result))
        places.set(result, i)
        continue
      }
    } catch (error) {
      // The row is not to blame.
      if (error instanceof TidemarkError && error.code === 'connector_invalid') throw error
      if ('incoming' in result) {
        quarantine.push(told(setAsideRead(result, i, error, version !== undefined)))
        continue
      }
    }
    if (own) {
      quarantine.push(told(result.quarantined))
      continue
    }
    // Whatever its key is said to be, it is none of this stream's.
    unread.push({ ...result.quarantined, key: null })
  }
  const setAside = (record: Parsed, error: unknown) => {
    quarantine.push(told(setAsideRead(record, places.get(record) ?? 0, error, version !== undefined)))
    parsed.splice(parsed.indexOf(record), 1)
  }
  return { parsed, quarantine, unread, setAside }
}

/** How many rows there were, less those that the page before had shown as they are. */
function fetchedOf({ rows, repeats }: PageWork, parsed: readonly Parsed[]): number {
  return repeats?.size ? rows.length - parsed.filter((record) => isRepeat(record, repeats)).length : rows.length
}

/** Rows that have taken another form. The first page of all shows the form; what comes later changes it. */
function tellDrift({ scope, name, fields: known }: StreamRun, page: number, fields: readonly string[]): void {
  if (fields.length === 0 || known.size === 0) return
  scope.world.logger.event('warn', 'schema.drifted', { run: scope.runId, stream: name, page, fields })
}

/** What was asked since the page before was asked for it; a page that is read ahead comes into the ledger later. */
function numberRequests(ledger: RequestRow[], page: number): void {
  for (const [i, request] of ledger.entries()) if (request.page === undefined) ledger[i] = { ...request, page }
}
