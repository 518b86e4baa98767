// Owns the way of one page into the store: parse, look, decide, checkpoint, and again if somebody else wrote meanwhile.
// What the page means for the walk is decided by the pass, through `decide`, with the records and what is known of them.

import { TidemarkError } from '../../model/errors.ts'
import type { Head, Key } from '../../model/record.ts'
import type { Content, Quarantined, RequestRow } from '../../store/store.ts'
import { newFields } from './drift.ts'
import type { Parsed } from './shape.ts'
import { type PassEntry, type StreamRun, type Writing, write } from './stream-run.ts'
import { isRepeat, needContent, splitDuplicates } from './upsert.ts'

/** Records written in one transaction, at most. A larger page is written in parts; only the last moves the walk. */
export const RECORDS_PER_CHECKPOINT_MAX = 1_000

/** How often a page is decided again because other writers changed its records meanwhile. */
export const STALE_TRIES_MAX = 10

export interface PageWork {
  readonly rows: readonly unknown[]
  readonly askedAt: number
  readonly walk: number | null
  /** Whether a full pass keeps what it saw. */
  readonly keepSeen: boolean
  /** Hashes by key of what the walk has read already and meets again because pages overlap. */
  readonly repeats?: ReadonlyMap<Key, string>
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

export type PageDecision = Pick<Writing, 'walks' | 'kept' | 'forgetSeen'>

export interface StoredPage extends Sight {
  readonly inserted: number
  readonly unchanged: number
}

/** Stores a page. `decide` is called again when the page had to be decided again; what it starts, it starts once. */
export async function storePage(
  run: StreamRun,
  entry: PassEntry,
  work: PageWork,
  decide: (sight: Sight) => PageDecision,
): Promise<StoredPage> {
  const { scope, parser } = run
  const page = scope.nextPage()
  numberRequests(scope.ledger, page)
  const parsed: Parsed[] = []
  const quarantine: Quarantined[] = []
  for (let i = 0; i < work.rows.length; i++) {
    const result = parser.parse(work.rows[i], i, work.askedAt)
    if ('quarantined' in result) quarantine.push({ ...result.quarantined, askedAt: work.askedAt })
    else parsed.push(result)
  }
  const fields = newFields(run.fields, work.rows)
  tellFindings(run, page, quarantine, fields)
  const fetched = work.rows.length - parsed.filter((record) => isRepeat(record, work.repeats)).length
  const parts = splitDuplicates(parsed).flatMap((part) => chunks(part, RECORDS_PER_CHECKPOINT_MAX))
  if (parts.length === 0) parts.push([])
  // The decision sees the page as it met the store, before any part of it was written.
  let known = parts.length > 1 ? await lookUp(run, parsed) : { heads: new Map(), contents: new Map() }
  let inserted = 0
  let unchanged = 0
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    const stored = await storePart(run, entry, work, part, page, (partKnown) => {
      if (!last) return {}
      if (parts.length === 1) known = partKnown
      const counts = { fetched, quarantined: quarantine.length }
      return { ...decide({ parsed, fetched, unread: quarantine, ...known }), pages: 1, quarantine, fields, counts }
    })
    inserted += stored.inserted
    unchanged += stored.unchanged
  }
  scope.onPage(run)
  scope.world.logger.event('debug', 'page.stored', {
    run: scope.runId,
    stream: run.name,
    page,
    new: inserted,
    unchanged,
    total: run.expected,
  })
  return { parsed, fetched, ...known, inserted, unchanged, unread: quarantine }
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

type Known = Pick<Sight, 'heads' | 'contents'>

async function lookUp(run: StreamRun, part: readonly Parsed[]): Promise<Known> {
  const { store } = run.scope.world
  const keys = part.map((record) => record.incoming.key)
  const heads: Known['heads'] = keys.length > 0 ? await store.look(run.row.no, keys) : new Map()
  const wanted = needContent(part, heads)
  return { heads, contents: wanted.length > 0 ? await store.contents(run.row.no, wanted) : new Map() }
}

async function storePart(
  run: StreamRun,
  entry: PassEntry,
  work: PageWork,
  part: readonly Parsed[],
  page: number,
  decide: (known: Known) => Writing,
): Promise<{ inserted: number; unchanged: number }> {
  const { world } = run.scope
  const keys = part.map((record) => record.incoming.key)
  for (let tries = 0; tries < STALE_TRIES_MAX; tries++) {
    const known = await lookUp(run, part)
    const openWalks = openWalkNumbers(run, work.walk)
    const { counts, ...upserts } = world.decisions.decideUpserts(part, {
      ...known,
      volatile: run.stream.volatile ?? [],
      walk: work.walk,
      openWalks,
      askedAt: work.askedAt,
      ...(work.repeats ? { repeats: work.repeats } : {}),
    })
    const decision = decide(known)
    // What could not be read was listed all the same.
    const listed = [...keys, ...(decision.quarantine ?? []).flatMap(({ key }) => key ?? [])]
    const writing: Writing = {
      ...upserts,
      ...decision,
      walk: work.walk,
      page,
      seen: work.keepSeen ? listed : [],
      listed,
      counts: { ...counts, ...decision.counts },
    }
    if ((await write(run, entry, writing)) === 'written') return counts
  }
  throw new TidemarkError('store_contended', `records of stream "${run.name}" kept changing while a page was written`, {
    hint: 'Another writer is changing the same records; run the sync again.',
    verdict: 'retry',
  })
}

/** Walks whose records anchor nothing: those that are open, the one that is reading included. */
export function openWalkNumbers(run: StreamRun, walk: number | null): ReadonlySet<number> {
  const numbers = new Set(run.openWalks.map((open) => open.walk))
  if (walk !== null) numbers.add(walk)
  return numbers
}

export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  if (list.length <= size) return list.length === 0 ? [] : [list]
  const parts: (readonly T[])[] = []
  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size))
  return parts
}
