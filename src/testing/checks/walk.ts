// Owns reading a listing as a client would who follows page tokens and nothing else: the ground on which checks compare.

import { inspect } from 'node:util'
import type { Stream } from '../../connector/connector.ts'
import type { HttpAnswer, Page } from '../../connector/page.ts'
import { asOther, belongsTo } from '../../engine/passes/rows/others.ts'
import type { Parsed, RowParser } from '../../engine/passes/rows/shape.ts'
import { errorReport } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import type { Passing } from '../fault-proxy.ts'
import { Observer, observedPass, type Resize } from '../observed.ts'
import type { Mirror, Stage } from '../stage.ts'
import { broken } from './found.ts'
import { isWindow, type ReadingPass } from './reading-pass.ts'

/** Pages of a listing that is walked, at most: a source for tests needs no more. */
export const WALK_PAGES_MAX = 1_000
const EMPTY_PAGES_MAX = 25
const SAME_PAGE_MAX = 3

export interface WalkedPage {
  readonly token: Json | undefined
  readonly page: Page
  /** The rows that could be read, in their order; those of other streams are among them. */
  readonly parsed: readonly Parsed[]
  readonly unread: readonly string[]
  readonly answers: readonly HttpAnswer[]
  readonly requests: readonly Passing[]
}

export interface Walked {
  readonly pass: ReadingPass
  readonly pages: readonly WalkedPage[]
  /** The window that was read, to which its tokens belong; empty for a listing. */
  readonly bounds: Bounds
  /** Why the walk did not come to its end; undefined: it did. */
  readonly problem: string | undefined
  /** The request that a recording had no answer to, which ended the walk. */
  readonly missing: string | undefined
}

export interface Bounds {
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** What reading a page of a stream needs. */
export interface PageSource {
  readonly stage: Stage
  readonly name: string
  readonly stream: Pick<Stream, 'belongs'>
  readonly parser: RowParser
}

/** Reads single pages of one pass, with a mirror of its own for the client's limits. */
export class PageReader {
  readonly #stage: Stage
  readonly #bench: Omit<PageSource, 'stage'>
  readonly #observer = new Observer()
  readonly #pass: ReadingPass
  readonly #reader: ReturnType<Mirror['reader']>

  constructor(stage: Stage, bench: Omit<PageSource, 'stage'>, mirror: Mirror, pass: ReadingPass, resize?: Resize) {
    this.#stage = stage
    this.#bench = bench
    this.#reader = mirror.reader()
    this.#pass = observedPass(bench.name, pass, this.#observer, resize)
  }

  /** @throws what the connector or the client throws */
  async read(token: Json | undefined, bounds: Bounds = {}): Promise<WalkedPage> {
    const { http, options } = this.#reader
    const request = { http, options, page: token, where: {} }
    this.#observer.reset()
    this.#stage.proxy.log.length = 0
    const pass = this.#pass
    const answered = isWindow(pass)
      ? await pass.read({ ...request, since: bounds.since, until: bounds.until ?? this.#now(pass.unitMs) })
      : await pass.read(request)
    const page = answered.next === null ? { ...answered, next: undefined } : answered
    const [read] = this.#observer.pages(this.#bench.name)
    const parsed: Parsed[] = []
    const unread: string[] = []
    const isOwn = belongsTo(this.#bench.stream)
    if (!Array.isArray(page.records)) broken(`the page has no list of records but ${typeof page.records}`)
    page.records.forEach((row, i) => {
      const result = this.#bench.parser.parse(row, i, 0)
      if ('quarantined' in result)
        unread.push(`${result.quarantined.key ?? `row ${i + 1}`}: ${result.quarantined.message}`)
      else parsed.push(isOwn(row) ? result : asOther(result))
    })
    const requests = this.#stage.proxy.log.filter(({ request: { read: number } }) => number > 0)
    return { token, page, parsed, unread, answers: read?.answers ?? [], requests: requests.map((one) => one.request) }
  }

  async walk(wanted: Bounds = {}): Promise<Walked> {
    let bounds = wanted
    const pages: WalkedPage[] = []
    const loop = new LoopGuard()
    let token: Json | undefined
    let problem: string | undefined
    do {
      try {
        const pass = this.#pass
        if (pages.length === 0 && isWindow(pass) && bounds.until === undefined) {
          // The first answer tells the source's clock, and with it where the window ends.
          await this.read(token, bounds)
          bounds = { ...bounds, until: this.#now(pass.unitMs) }
        }
        const page = await this.read(token, bounds)
        pages.push(page)
        token = page.page.next
        problem = loop.see(page, pages.length)
      } catch (error) {
        const { code, message } = errorReport(error)
        this.#stage.evidence.look('an error', message)
        problem = `page ${pages.length + 1} can't be read: ${code}: ${message}`
      }
    } while (problem === undefined && token !== undefined)
    const [missing] = problem === undefined ? [] : this.#stage.proxy.missing
    return { pass: this.#pass, pages, bounds, problem, missing }
  }

  /** The end of a window that holds everything up to now. */
  #now(unitMs: number | undefined): number {
    if (unitMs === undefined) return Number.MAX_SAFE_INTEGER - 1
    return Math.floor(this.#reader.http.now() / unitMs) + 1
  }
}

export async function pageReader(bench: PageSource, pass: ReadingPass, resize?: Resize): Promise<PageReader> {
  return new PageReader(bench.stage, bench, await bench.stage.readerMirror(), pass, resize)
}

/** The records of a page that are the stream's own. */
export function ownOf({ parsed }: Pick<WalkedPage, 'parsed'>): readonly Parsed[] {
  return parsed.filter((one) => !one.isOther)
}

/** Keys of a walk in the order in which they came. */
export function keysOf({ pages }: Pick<Walked, 'pages'>): readonly string[] {
  return pages.flatMap(({ parsed }) => parsed.map(({ incoming }) => incoming.key))
}

/** Which records a page holds, as one text to compare. Their content may differ from answer to answer. */
export function digestOf({ parsed, unread }: WalkedPage): string {
  return [...parsed.map(({ incoming }) => incoming.key), ...unread].join('\n')
}

class LoopGuard {
  readonly #tokens = new Map<string, number>()
  readonly #digests = new Map<string, number>()
  #empty = 0

  see(walked: WalkedPage, number: number): string | undefined {
    const { next, records } = walked.page
    if (next === undefined) return undefined
    const token = inspect(next, { depth: 8, breakLength: Infinity })
    const before = this.#tokens.get(token)
    if (before !== undefined) return `page ${number} has the same next page as page ${before}: ${token.slice(0, 80)}`
    this.#tokens.set(token, number)
    this.#empty = records.length === 0 ? this.#empty + 1 : 0
    if (this.#empty > EMPTY_PAGES_MAX)
      return `page ${number} is the ${this.#empty}th empty page in a row and has a next one`
    const digest = digestOf(walked)
    const times = (this.#digests.get(digest) ?? 0) + (records.length > 0 ? 1 : 0)
    this.#digests.set(digest, times)
    if (times > SAME_PAGE_MAX) return `page ${number} holds the same records as ${times - 1} pages before it`
    return number >= WALK_PAGES_MAX ? `page ${number} still has a next page` : undefined
  }
}
