// Owns the pages that a run has read of listings which several streams read: what one stream has been shown serves the
// others. Each stream takes them in the order in which they were read, as if it had walked along; once it has asked the
// source itself, it knows more than the pages of before, and takes none of those.

import { isDeepStrictEqual } from 'node:util'
import type { Page } from '../../../connector/page.ts'
import type { Json } from '../../../model/json.ts'

/** Rows that are kept of one listing, at most; what comes behind them, each stream reads for itself. */
export const SHARED_ROWS_MAX = 5_000

export interface SharedPage {
  readonly token: Json
  readonly page: Page
  /** When it was asked for, by our clock and by the source's. */
  readonly at: number
  readonly sourceAt: number
}

interface Listing {
  readonly pages: SharedPage[]
  rows: number
  /** By stream: its next page. */
  readonly places: Map<string, number>
}

export class SharedPages {
  readonly #listings = new Map<string, Listing>()

  /** The next page with this token that the stream has not been given, and has not asked for anything since. */
  peek(name: string, stream: string, token: Json): SharedPage | undefined {
    const { pages, places } = this.#listing(name)
    return pages.find((page, i) => i >= (places.get(stream) ?? 0) && isDeepStrictEqual(page.token, token))
  }

  take(name: string, stream: string, token: Json): SharedPage | undefined {
    const found = this.peek(name, stream, token)
    const { pages, places } = this.#listing(name)
    places.set(stream, found ? pages.indexOf(found) + 1 : pages.length)
    return found
  }

  /** A page that the stream has read from the source. */
  add(name: string, stream: string, read: SharedPage): void {
    const listing = this.#listing(name)
    if (listing.rows < SHARED_ROWS_MAX) {
      listing.pages.push(read)
      listing.rows += read.page.records.length
    }
    this.leave(name, stream)
  }

  /** The stream has asked the source. */
  leave(name: string, stream: string): void {
    const { pages, places } = this.#listing(name)
    places.set(stream, pages.length)
  }

  #listing(name: string): Listing {
    let listing = this.#listings.get(name)
    if (!listing) {
      listing = { pages: [], rows: 0, places: new Map() }
      this.#listings.set(name, listing)
    }
    return listing
  }
}
