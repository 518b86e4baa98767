// Owns the pages that a run has read of listings which several streams read: what one stream has been shown serves the
// others. Each stream takes them in the order in which they were read, as if it had walked along; once it has asked the
// source itself, it knows more than the pages of before, and takes none of those. What its walk never came to is left for it
// to store (`notShownTo`): the source has shown it all the same. A page is kept packed, because a listing may have many
// thousands, and the streams read it one after the other. Rows are kept as the text that the source has sent: each stream is
// given their digits and their spelling as if it had asked itself.

import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Page } from '../../../connector/page.ts'
import { keptText, parseExact } from '../../../model/exact-json.ts'
import type { Json } from '../../../model/json.ts'
import type { PageNumber } from '../page-number.ts'

/** Bytes that are kept of one listing, packed, at most; what comes behind them, each stream reads for itself. */
export const SHARED_BYTES_MAX = 64 * 1024 * 1024

export interface SharedPage {
  readonly token: Json
  readonly page: Page
  /** When it was asked for, by our clock and by the source's. */
  readonly at: number
  readonly sourceAt: number
  readonly number: PageNumber
}

interface KeptPage extends Omit<SharedPage, 'page'> {
  readonly packed: Packed
  /** Streams that have been given it, or have asked for it. */
  readonly shownTo: Set<string>
}

interface Listing {
  /** Those of walks. */
  readonly pages: KeptPage[]
  /** Those that a stream has looked at beside its walk: no other walk goes along them. */
  readonly looks: KeptPage[]
  bytes: number
  /** A page was too much: those behind it would leave a hole. */
  isFull: boolean
  /** By stream: its next page. */
  readonly places: Map<string, number>
}

export class SharedPages {
  readonly #listings = new Map<string, Listing>()
  readonly #bytesMax: number

  constructor(bytesMax = SHARED_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** Whether there is a page with this token that the stream has not been given, and has not asked for anything since. */
  has(name: string, stream: string, token: Json): boolean {
    return this.#find(name, stream, token) >= 0
  }

  take(name: string, stream: string, token: Json): SharedPage | undefined {
    const at = this.#find(name, stream, token)
    const { pages, places } = this.#listing(name)
    const found = pages[at]
    places.set(stream, found ? at + 1 : pages.length)
    if (!found) return undefined
    found.shownTo.add(stream)
    return pageOf(found)
  }

  /** A page that the stream has read from the source. */
  add(name: string, stream: string, page: SharedPage): void {
    const listing = this.#listing(name)
    if (!listing.isFull) listing.isFull = !this.#keep(listing, listing.pages, stream, page)
    this.leave(name, stream)
  }

  /** A page that the stream has read from the source beside its walk. */
  addLook(name: string, stream: string, page: SharedPage): void {
    const listing = this.#listing(name)
    this.#keep(listing, listing.looks, stream, page)
  }

  /** The pages that other streams have read, and this one has not, in the order in which they were asked for. */
  *notShownTo(name: string, stream: string): Generator<SharedPage> {
    const { pages, looks } = this.#listing(name)
    const left = [...pages, ...looks].filter(({ shownTo }) => !shownTo.has(stream))
    for (const one of left.sort((a, b) => a.at - b.at)) {
      one.shownTo.add(stream)
      yield pageOf(one)
    }
  }

  #keep(listing: Listing, among: KeptPage[], stream: string, { page, ...asked }: SharedPage): boolean {
    const packed = packedPage(page)
    if (!packed || listing.bytes + packed.bytes.length > this.#bytesMax) return false
    among.push({ ...asked, packed, shownTo: new Set([stream]) })
    listing.bytes += packed.bytes.length
    return true
  }

  /** The stream has asked the source. */
  leave(name: string, stream: string): void {
    const { pages, places } = this.#listing(name)
    places.set(stream, pages.length)
  }

  #find(name: string, stream: string, token: Json): number {
    const { pages, places } = this.#listing(name)
    for (let i = places.get(stream) ?? 0; i < pages.length; i++) if (isDeepStrictEqual(pages[i]?.token, token)) return i
    return -1
  }

  #listing(name: string): Listing {
    let listing = this.#listings.get(name)
    if (!listing) {
      listing = { pages: [], looks: [], bytes: 0, isFull: false, places: new Map() }
      this.#listings.set(name, listing)
    }
    return listing
  }
}

function pageOf({ packed, shownTo: _shown, ...asked }: KeptPage): SharedPage {
  return { ...asked, page: unpacked(packed) }
}

/** A page as bytes, and what bytes can't hold: the symbols with which a connector marks its rows. */
interface Packed {
  readonly bytes: Uint8Array
  readonly marks: readonly (Marks | undefined)[]
}

type Marks = readonly (readonly [symbol, unknown])[]

/** What is made bytes of: rows that stand in `text` leave a hole in the page. */
interface Content {
  readonly page: Page
  /** The text of rows, one after the other, and their places. */
  readonly text: string
  readonly places: readonly number[]
}

/** Speed before size: a page is packed while the next one is waited for. */
const LEVEL = 1

/** Undefined: it holds what would not come back as it is, such as a function or an object of a class. */
function packedPage(page: Page): Packed | undefined {
  const marks = page.records.map(marksOf)
  try {
    const content = contentOf(page, marks)
    const plain = serialize(content)
    const packed = { bytes: plain, marks }
    if (!isDeepStrictEqual(restored(packed), page)) return undefined
    return { bytes: deflateRawSync(plain, { level: LEVEL }), marks }
  } catch {
    return undefined
  }
}

function contentOf(page: Page, marks: Packed['marks']): Content {
  const texts = page.records.map((row) => (typeof row === 'object' && row !== null ? keptText(row) : undefined))
  const records = page.records.map((row, i) => {
    if (texts[i] !== undefined) return null
    return marks[i] ? { ...(row as object) } : row
  })
  const places = texts.flatMap((text, i) => (text === undefined ? [] : [i]))
  return { page: { ...page, records }, text: `[${places.map((i) => texts[i]).join(',')}]`, places }
}

function unpacked({ bytes, marks }: Packed): Page {
  return restored({ bytes: inflateRawSync(bytes), marks })
}

function restored({ bytes, marks }: Packed): Page {
  const { page, text, places } = deserialize(bytes) as Content
  const rows = parseExact(text) as readonly unknown[]
  const records = [...page.records]
  for (const [i, place] of places.entries()) records[place] = rows[i]
  for (const [i, row] of records.entries()) {
    for (const [mark, value] of marks[i] ?? []) (row as Record<symbol, unknown>)[mark] = value
  }
  return { ...page, records }
}

function marksOf(row: unknown): Marks | undefined {
  if (typeof row !== 'object' || row === null) return undefined
  const marks = Object.getOwnPropertySymbols(row)
  return marks.length === 0 ? undefined : marks.map((mark) => [mark, (row as Record<symbol, unknown>)[mark]] as const)
}
