// Owns the requests of a listing walk: pages, with one read ahead; the total; a look at the first page. It knows which
// page was being read when something was thrown, so that a page is blamed for nothing else.

import type { ListingPass } from '../../../connector/passes.ts'
import { asError } from '../../../model/errors.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import { heard } from '../../../model/told.ts'
import { type AskedPage, askPage } from '../ask-page.ts'
import type { BadPages } from '../bad-pages.ts'
import { isOther } from '../rows/others.ts'
import { type Sight, storePage } from '../rows/page.ts'
import { examinerOf } from '../rows/place.ts'
import { askedNow, type PassEntry, type StreamRun } from '../stream-run.ts'
import type { Top } from './end.ts'
import { isLive } from './page-seen.ts'
import { totalFrom } from './totals.ts'

/** A page of a listing that was asked for; the first one has null for its token. */
export interface AskedListing extends AskedPage {
  readonly token: Json
}

/** Asks for a page of a listing; one that could not be read in this run is not asked for again. */
export function askListing(
  run: StreamRun,
  pass: ListingPass,
  badPages: BadPages,
  token: Json | undefined,
): AskedListing {
  const fault = badPages.at({ read: pass.read, token: token ?? null })
  const asked = fault ? { page: Promise.reject(fault.error), at: askedNow(run) } : askPage(run, pass, { page: token })
  return { ...asked, token: token ?? null }
}

export class ListingSource {
  readonly #run: StreamRun
  readonly #pass: ListingPass
  readonly #badPages: BadPages
  #ahead: AskedListing | undefined
  #current: AskedListing | undefined

  constructor(run: StreamRun, pass: ListingPass, badPages: BadPages) {
    this.#run = run
    this.#pass = pass
    this.#badPages = badPages
  }

  /** The page that is being read; null for the first one, undefined for none. */
  get current(): Json | undefined {
    return this.#current?.token
  }

  /** Asks for a page, or takes the one that was asked for ahead. It is the one to blame until `done`. */
  ask(token: Json | undefined): AskedListing {
    this.#current = this.#ahead ?? this.#request(token)
    this.#ahead = undefined
    return this.#current
  }

  done(): void {
    this.#current = undefined
  }

  askAhead(token: Json): void {
    if (this.#ahead) return
    this.#ahead = this.#request(token)
    void heard(this.#ahead.page)
  }

  /** What was asked for ahead stands below a place that no longer counts. */
  forget(): void {
    this.#ahead = undefined
  }

  #request(token: Json | undefined): AskedListing {
    return askListing(this.#run, this.#pass, this.#badPages, token)
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
    const work = { rows: page.records, askedAt: asked.at, walk: null, keepSeen: false, examine: examinerOf(this.#pass) }
    const { parsed, heads } = await storePage(this.#run, entry, work)
    this.done()
    const keys = parsed.map(({ incoming }) => incoming.key)
    const began = keys.findIndex((key) => isOld(key, heads))
    const arrived = began < 0 ? null : keys.slice(0, began).filter((key) => isOther(key) || !isLive(heads, key)).length
    return { total: page.total, arrived }
  }
}
