// Owns the rows that runs of Apify's actors leave: whether all of them are there, whose they are, and rows that say that
// there is nothing.
//
// Facts (docs.apify.com, datasets): nothing is added once a run has ended, and every answer tells in its headers how many
// rows there are. Answers come from copies, which may lag behind: what an answer lacks of that number is read again.

import { hash } from 'node:crypto'
import type { AskKeys, Job, JobRead } from '../../connector/job.ts'
import { type HttpAnswer, type Page, rows } from '../../connector/page.ts'
import { TidemarkError } from '../../model/errors.ts'
import { isObject, type Json } from '../../model/json.ts'
import { plural } from '../../model/plural.ts'
import { look, poll, rowsPath } from './runs.ts'

type Row = Readonly<Record<string, unknown>>

/** How the rows of some actors are known. */
export interface KnownRows {
  /** Whether a row is a post, in any form that is known. */
  readonly isPost: (row: Row) => boolean
  /** The username of whoever has made a post; anything else: the row does not tell. */
  readonly ownerOf: (row: Row) => unknown
  /** How many posts the profile has, as a row of it tells. */
  readonly posts?: (row: Row) => number | undefined
}

interface Profile {
  readonly username: string
}

/** Rows of one answer. */
const PAGE_SIZE = 1_000
/** For so long after the end of a run, rows that Apify does not find may be found yet, in milliseconds. */
const FOUND_WITHIN_MS = 60_000

/** Where a page begins, and what the pages before it have told. */
type Place = {
  readonly offset: number
  /** How many rows there are; null: no answer has told yet. */
  readonly total: number | null
  /** Digests of the pages before. */
  readonly before: readonly string[]
}

function placeOf(token: Json | undefined): Place {
  const { offset, total, before }: Partial<Record<keyof Place, Json>> = isObject(token) ? token : { offset: token ?? 0 }
  return {
    offset: typeof offset === 'number' ? offset : 0,
    total: typeof total === 'number' ? total : null,
    before: Array.isArray(before) ? before.filter((one) => typeof one === 'string') : [],
  }
}

/**
 * Of the posts of a profile. Those of another one are none of it. Some actors give no row at all where they find no such
 * profile: that is no profile without posts. `first`: what the first row costs, in USD.
 */
export async function readNewest(known: KnownRows, request: JobRead<Profile>, first: number): Promise<Page> {
  const page = await readRows(known, request)
  const { costLeft = first } = request
  // One that has failed may well have come to none, and so may one that was allowed too little.
  const isEmpty = page.records.length === 0 && request.page === undefined && costLeft >= first
  if (isEmpty && (await poll(request)).state === 'succeeded') throw nothingThere([])
  const owners = page.records.flatMap((row) => (isObject(row) ? [known.ownerOf(row)] : []))
  const { username } = request.options
  const told = owners.filter((owner) => typeof owner === 'string')
  if (told.length === 0 || told.length < owners.length || told.some((owner) => isSame(owner, username))) return page
  throw otherAccount(username, [...new Set(told)])
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/**
 * Rows of posts that were asked for by their addresses. One that is gone is no more than that; where none of many is there,
 * the actor is broken, and knows nothing of them.
 */
export async function readAgain(known: KnownRows, request: JobRead<Profile, AskKeys>): Promise<Page> {
  const isOne = request.ask.keys.length === 1
  const page = await readRows(known, request).catch((error: unknown) => {
    if (isOne && error instanceof TidemarkError && error.code === 'no_results') return { records: [] }
    throw error
  })
  if (page.records.length > 0 || request.page !== undefined || isOne) return page
  // One that has failed may well have come to none of them.
  if ((await poll(request)).state === 'succeeded') throw nothingThere([])
  return page
}

/** A page of a run's rows, without those in which the actor says that there is nothing. */
async function readRows(known: KnownRows, { http, id, page, ask }: JobRead<Profile>): Promise<Page> {
  const place = placeOf(page)
  const query = { offset: place.offset, limit: PAGE_SIZE, format: 'json' }
  const answer = await http.get(rowsPath(id), { query, accept: [404], once: false })
  if (answer.status === 404) return rowsGone({ http, id })
  const all = rows(answer.body, 'rows')
  const next = nextOf(place, all, answer.headers)
  const records = all.filter((row) => isObject(row) && known.isPost(row))
  const other = all.find((row) => !isObject(row) || !(known.isPost(row) || saysNothing(row)))
  if (records.length === 0 && all.length > 0) throw other === undefined ? nothingThere(all) : unknownShape(other)
  const first = records.find(isObject)
  return {
    // Rows of no known form among others are set aside, each by itself.
    records: all.filter((row) => !saysNothing(row)),
    next,
    ...(isPartOf(all, 'keys' in ask) ? { partial: true } : {}),
    ...(first ? estimateOf(known, first) : {}),
  }
}

/**
 * Where the next page begins, of what the answer shows and what it says of all rows.
 *
 * @throws TidemarkError rows_missing (retry) where that can't be
 */
function nextOf(
  { offset, total: said, before }: Place,
  all: readonly unknown[],
  headers: HttpAnswer['headers'],
): Place | undefined {
  const now = Number.parseInt(headers['x-apify-pagination-total'] ?? '', 10)
  // Nothing is taken away from a run that has ended.
  const total = Number.isNaN(now) ? said : Math.max(now, said ?? 0)
  const due = total === null ? 0 : Math.min(PAGE_SIZE, total - offset)
  if (all.length < due)
    throw missing(`${all.length} of ${plural(due, 'row')} from ${offset} on, and says that it has ${total}`)
  const digest = hash('sha1', JSON.stringify(all), 'base64')
  if (all.length > 0 && before.includes(digest)) throw missing(`rows from ${offset} on that it has shown before`)
  const end = offset + PAGE_SIZE
  return all.length < PAGE_SIZE || end === total ? undefined : { offset: end, total, before: [...before, digest] }
}

function missing(what: string): TidemarkError {
  return new TidemarkError('rows_missing', `Apify shows ${what}.`, { scope: 'page' })
}

/**
 * A row without content stands in place of one: what is lacking beside it may be there. Where posts are asked for by their
 * addresses, a row that says that nothing was found is what becomes of one that is gone, as long as most are there.
 */
function isPartOf(all: readonly unknown[], isByAddress: boolean): boolean {
  const nothing = all.filter(saysNothing)
  return nothing.some(isDemo) || (isByAddress && nothing.length * 2 > all.length)
}

/** Rows that Apify does not find: soon after the run they may be there yet, later it has deleted them. */
async function rowsGone({ http, id }: Pick<Parameters<Job<Profile>['poll']>[0], 'http' | 'id'>): Promise<Page> {
  const run = await look({ http, id })
  if (run === undefined || http.now() - Date.parse(String(run['finishedAt'])) < FOUND_WITHIN_MS) {
    throw missing(`no rows of run ${id} yet`)
  }
  // It counts as one that has failed.
  if ((await poll({ http, id })).state !== 'succeeded') return { records: [] }
  throw new TidemarkError('not_found', `Apify no longer has the rows of run ${id}.`, { scope: 'stream' })
}

function estimateOf({ posts }: KnownRows, row: Row): { readonly estimate?: number } {
  const estimate = posts?.(row)
  return typeof estimate === 'number' && Number.isSafeInteger(estimate) && estimate >= 0 ? { estimate } : {}
}

function otherAccount(username: string, owners: readonly string[]): TidemarkError {
  const named = owners.slice(0, 3).map((owner) => `@${owner.slice(0, 50)}`)
  const more = owners.length > named.length ? ` and ${owners.length - named.length} more` : ''
  const message =
    `The actor was asked for @${username}, and every row that it gave is of ${named.join(', ')}${more}.` as const
  return new TidemarkError('other_account', message, {
    scope: 'stream',
    hint: `Nothing of it was stored. If the profile was renamed, connect it under its new name; if not, the actor is broken for now: another one can be named with the option actor.`,
  })
}

// ── rows that say that there is nothing ─────────────────────────────────────────────────────────────────────────────

/** A row without content, which an actor gives who does not serve the plan. */
function isDemo(row: unknown): boolean {
  return isObject(row) && row['demo'] === true
}

/** Whether an actor has written a row instead of having one: of its own words, to fill up, or an error. */
function saysNothing(row: unknown): boolean {
  if (!isObject(row)) return false
  return (
    isDemo(row) ||
    row['type'] === 'mock_tweet' ||
    row['noResults'] === true ||
    (typeof row['error'] === 'string' && row['id'] === undefined)
  )
}

function nothingThere(all: readonly unknown[]): TidemarkError {
  if (all.some(isDemo)) {
    return new TidemarkError('demo_rows', 'The actor gave rows without content: it does not serve the free plan.', {
      scope: 'stream',
      hint: 'Its developer allows the API on paid plans of Apify only: console.apify.com, Billing. Or name another actor with the option actor.',
    })
  }
  const said = all.find((row) => isObject(row) && typeof row['error'] === 'string')
  const words = isObject(said) ? `: ${String(said['errorDescription'] ?? said['error']).slice(0, 200)}` : ''
  return new TidemarkError('no_results', `The actor found nothing${words.replace(/\.$/, '')}.`, {
    scope: 'stream',
    hint: 'Look at the profile without being logged in: it may be private, renamed or gone. If it is there, the actor is broken for now; another one can be named with the option actor.',
  })
}

function unknownShape(row: unknown): TidemarkError {
  const names = isObject(row) ? Object.keys(row).slice(0, 8).join(', ') : typeof row
  return new TidemarkError('rows_unknown', `The actor gives rows of a form that is not known here (${names}).`, {
    scope: 'stream',
    hint: 'Leave the option actor out, or name an actor that is known: tidemark connectors <name>',
  })
}
