// Owns the requests of a listing walk: pages, with some read ahead; the total; a look at the first page. It knows which
// page was being read when something was thrown, so that a page is blamed for nothing else.
//
// Pages that are read ahead are asked for in their order, and taken in their order: nothing of a page is stored before the
// one above it is. Their moments may come the other way round, so that an arrival above a boundary acts like a record that
// leaves: the totals of both pages, and the count of different records at the end, judge both alike.

import { isDeepStrictEqual } from 'node:util'
import type { ListingPass } from '../../../connector/passes.ts'
import { asError } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import { heard } from '../../../model/told.ts'
import { type AskedPage, askPage } from '../ask-page.ts'
import type { BadPages } from '../bad-pages.ts'
import type { PageNumber } from '../page-number.ts'
import { isOther } from '../rows/others.ts'
import { broughtBy, type Sight, storePage } from '../rows/page.ts'
import { type AskedAhead, parseEarly } from '../rows/parse.ts'
import { examinerOf } from '../rows/place.ts'
import { askedNow, type PassEntry, type StreamRun } from '../stream-run.ts'
import type { Top } from './end.ts'
import { isLive } from './page-seen.ts'
import type { Ahead } from './reducer.ts'
import { totalFrom } from './totals.ts'

/** A page of a listing that was asked for; the first one has null for its token. */
export interface AskedListing extends AskedPage, AskedAhead {
  readonly token: Json
  /** Another stream has read it in this run. @default false */
  readonly isShared?: boolean
  readonly number: PageNumber
}

/** Asks for a page of a listing beside the walk; one that could not be read in this run is not asked for again. */
export function lookAtListing(
  run: StreamRun,
  pass: ListingPass,
  badPages: BadPages,
  token: Json | undefined,
): AskedListing {
  const asked = askListing(run, pass, badPages, token)
  void keepFor(run, asked, 'addLook')
  return asked
}

function askListing(run: StreamRun, pass: ListingPass, badPages: BadPages, token: Json | undefined): AskedListing {
  const fault = badPages.at({ read: pass.read, token: token ?? null })
  if (run.listing !== undefined) run.scope.shared.leave(run.listing, run.name)
  const asked = fault ? { page: Promise.reject(fault.error), at: askedNow(run) } : askPage(run, pass, { page: token })
  return { ...asked, token: token ?? null, number: {} }
}

/** Keeps a page for other streams that read the listing. One that can't be read is of no use to them. */
async function keepFor(
  { listing, name, scope }: StreamRun,
  { token, page, at, number }: AskedListing,
  how: 'add' | 'addLook',
): Promise<void> {
  if (listing === undefined) return
  const sourceAt = scope.http.now()
  const read = await page.catch(() => undefined)
  if (read) scope.shared[how](listing, name, { token, page: read, at, sourceAt, number })
}

export class ListingSource {
  readonly #run: StreamRun
  readonly #pass: ListingPass
  readonly #badPages: BadPages
  #ahead: AskedListing[] = []
  #current: AskedListing | undefined
  #oldest = Number.POSITIVE_INFINITY

  constructor(run: StreamRun, pass: ListingPass, badPages: BadPages) {
    this.#run = run
    this.#pass = pass
    this.#badPages = badPages
  }

  /** Finds out whether other streams read this listing, too. */
  async open(): Promise<void> {
    const { sharedAs, paid } = this.#pass
    const { http, options } = this.#run.scope
    this.#run.listing = sharedAs && !paid ? await sharedAs({ http, options }) : undefined
    const { listing } = this.#run
    const { listing: _before, ...kept } = this.#run.kept
    this.#run.kept = listing === undefined ? kept : { ...kept, listing }
  }

  /** When the oldest page was asked for that another stream has read, by the source's clock; Infinity: there was none. */
  get oldest(): number {
    return this.#oldest
  }

  /** The page that is being read; null for the first one, undefined for none. */
  get current(): Json | undefined {
    return this.#current?.token
  }

  /** Asks for a page, or takes the one that was asked for ahead. It is the one to blame until `done`. */
  ask(token: Json | undefined): AskedListing {
    const [first] = this.#ahead
    if (first === undefined || !isDeepStrictEqual(first.token, token ?? null)) this.forget()
    this.#current = this.#ahead.shift() ?? this.#request(token)
    if (!this.#current.isShared) void keepFor(this.#run, this.#current, 'add')
    return this.#current
  }

  done(): void {
    this.#current = undefined
  }

  /** Asks for the page of a token, and for those behind it: `pages` at most, no more than the service bears at once. */
  askAhead({ token, pages }: Ahead): void {
    const { http, purse } = this.#run.scope
    const most = Math.min(pages, Math.max(1, Math.min(http.atOnce, purse.requestsLeft)))
    while (this.#ahead.length < most) {
      const last = this.#ahead.at(-1)
      const next = last === undefined ? token : this.#pass.skip?.(last.token)
      // What another stream has read is there when its turn comes.
      if (next === undefined || this.#isShared(next)) return
      const asked = this.#request(next)
      void heard(asked.page)
      this.#ahead.push({ ...asked, early: parseEarly(this.#run, asked) })
    }
  }

  /** What was asked for ahead stands below a place that no longer counts. */
  forget(): void {
    this.#ahead = []
  }

  #request(token: Json | undefined): AskedListing {
    const { listing, name, scope } = this.#run
    const found = listing === undefined ? undefined : scope.shared.take(listing, name, token ?? null)
    if (!found) return askListing(this.#run, this.#pass, this.#badPages, token)
    const { page, at, sourceAt, number } = found
    this.#oldest = Math.min(this.#oldest, sourceAt)
    // It was asked for in this run, after all that the stream was told in earlier ones.
    const asked = Math.max(at, this.#run.askedBefore)
    return { token: token ?? null, page: Promise.resolve(page), at: asked, isShared: true, number }
  }

  #isShared(token: Json): boolean {
    const { listing, name, scope } = this.#run
    return listing !== undefined && scope.shared.has(listing, name, token)
  }

  /** How many records the source says it has; undefined: it doesn't say. */
  async count(): Promise<number | undefined> {
    const { total: ask } = this.#pass
    if (!ask) return undefined
    const { http, options } = this.#run.scope
    const address = { read: ask, token: null }
    try {
      const fault = this.#badPages.at(address)
      if (fault) throw fault.error
      const total = totalFrom(await ask({ http, options, page: undefined, where: {} }))
      if (total !== undefined && !this.#run.stream.belongs) this.#run.expected = total
      return total
    } catch (thrown) {
      const error = asError(thrown)
      this.#badPages.note(address, error)
      throw error
    }
  }

  /**
   * What the first page shows now: its total, and how many records that nobody knew stand above those for which `isOld`
   * answers yes; null: it shows none of those. Its rows are kept, and anchor nothing.
   */
  async lookAtTop(entry: PassEntry, isOld: (key: Key, heads: Sight['heads']) => boolean): Promise<Top> {
    const asked = this.ask(undefined)
    const page = await asked.page
    const { at, number } = asked
    const work = {
      ...broughtBy(page, at),
      walk: null,
      keepSeen: false,
      examine: examinerOf(this.#pass),
      number,
    }
    const { parsed, heads } = await storePage(this.#run, entry, work)
    this.done()
    const keys = parsed.map(({ incoming }) => incoming.key)
    const began = keys.findIndex((key) => isOld(key, heads))
    const arrived = began < 0 ? null : keys.slice(0, began).filter((key) => isOther(key) || !isLive(heads, key)).length
    return { total: page.total, arrived }
  }
}
