// Owns the way of one page into the store: parse each row, store the page in its parts, tell what was found in it.
// What the page means for the walk is decided by the pass, through `decide`, with the records and what is known of them.

import { TidemarkError } from '../../../model/errors.ts'
import type { Head, Key } from '../../../model/record.ts'
import { MESSAGE_MAX, shown } from '../../../model/shown.ts'
import type { Content, Quarantined, RequestRow } from '../../../store/store.ts'
import type { PassEntry, StreamRun, Writing } from '../stream-run.ts'
import { newFields } from './drift.ts'
import { type PageOrigin, PageParts } from './page-parts.ts'
import { type Parsed, setAsideRead } from './shape.ts'
import { contentText, isRepeat } from './upsert.ts'

export interface PageWork extends PageOrigin {
  readonly rows: readonly unknown[]
  /** What the pass asks of a record. A record of which it throws is set aside. */
  readonly examine?: (record: unknown) => unknown
}

export interface Sight {
  /** The rows that were understood, in the source's order. */
  readonly parsed: readonly Parsed[]
  /** How many rows there were, less those that the page before had shown as they are. */
  readonly fetched: number
  /** Rows that could not be read, with their key where at least that could be. */
  readonly unread: readonly Quarantined[]
  readonly heads: ReadonlyMap<Key, Head>
  /** What is stored of the records that came with another text. */
  readonly contents: ReadonlyMap<Key, Content>
}

/** What a page means for its walk. */
export interface PageDecision<T> {
  /** Written with the page. */
  readonly save: Pick<Writing, 'walks' | 'kept' | 'forgetSeen'>
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
  const page = scope.nextPage()
  numberRequests(scope.ledger, page)
  const rows = readRows(run, work)
  const { parsed, quarantine } = rows
  const fields = newFields(run.fields, work.rows)
  tellFindings(run, page, quarantine, fields)
  const refuse = (record: Parsed, error: unknown) => {
    const one = rows.setAside(record, error)
    tellFindings(run, page, [one], [])
  }
  const parts = new PageParts(run, entry, { ...work, page, refuse })
  const { decided, ...written } = await parts.store(parsed, (known) => {
    const sight = { parsed, fetched: fetchedOf(work, parsed), unread: quarantine, ...known }
    const { save, decided: meaning } = decide(sight)
    const counts = { fetched: sight.fetched, quarantined: quarantine.length }
    return { writing: { ...save, pages: 1, quarantine, fields, counts }, decided: { ...sight, decided: meaning } }
  })
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
  /** Takes a record out of those that can be read. */
  setAside(record: Parsed, error: unknown): Quarantined
}

/** Each row stands alone, whatever its neighbours are. */
function readRows({ parser, scope, stream }: StreamRun, { rows, askedAt, examine }: PageWork): Rows {
  const parsed: Parsed[] = []
  const quarantine: Quarantined[] = []
  const places = new Map<Parsed, number>()
  const { version, volatile = [] } = stream
  const told = (one: Quarantined): Quarantined => {
    const message = shown(one.message, scope.scrub, MESSAGE_MAX)
    return { ...one, message, askedAt, ...(volatile.length > 0 ? { content: contentText(one.raw, volatile) } : {}) }
  }
  for (let i = 0; i < rows.length; i++) {
    const result = parser.parse(rows[i], i, askedAt)
    if ('quarantined' in result) {
      quarantine.push(told(result.quarantined))
      continue
    }
    try {
      examine?.(result.record)
      parsed.push(result)
      places.set(result, i)
    } catch (error) {
      // The row is not to blame.
      if (error instanceof TidemarkError && error.code === 'connector_invalid') throw error
      quarantine.push(told(setAsideRead(result, i, error, version !== undefined)))
    }
  }
  const setAside = (record: Parsed, error: unknown) => {
    const one = told(setAsideRead(record, places.get(record) ?? 0, error, version !== undefined))
    parsed.splice(parsed.indexOf(record), 1)
    quarantine.push(one)
    return one
  }
  return { parsed, quarantine, setAside }
}

/** How many rows there were, less those that the page before had shown as they are. */
function fetchedOf({ rows, repeats }: PageWork, parsed: readonly Parsed[]): number {
  return repeats?.size ? rows.length - parsed.filter((record) => isRepeat(record, repeats)).length : rows.length
}

/** What somebody should know of a page: records that could not be read, and rows that have taken another form. */
function tellFindings(
  run: StreamRun,
  page: number,
  quarantine: readonly Quarantined[],
  fields: readonly string[],
): void {
  const { runId, world } = run.scope
  const place = { run: runId, stream: run.name, page }
  for (const { key, code, message } of quarantine) {
    world.logger.event('warn', 'record.quarantined', { ...place, key, code, message })
  }
  // The first page of all shows the form; what comes later changes it.
  if (fields.length > 0 && run.fields.size > 0) world.logger.event('warn', 'schema.drifted', { ...place, fields })
}

/** What was asked since the page before was asked for it; a page that is read ahead comes into the ledger later. */
function numberRequests(ledger: RequestRow[], page: number): void {
  for (const [i, request] of ledger.entries()) if (request.page === undefined) ledger[i] = { ...request, page }
}
