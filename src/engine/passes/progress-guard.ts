// Owns the guard against listings that never end: a page token that comes again, the same page over and over, empty
// pages without end, more pages than any listing has. A loop is an error, never "complete". What counts is what the
// source showed, whether or not it could be read.

import { hash } from 'node:crypto'
import { TidemarkError } from '../../model/errors.ts'
import type { Json } from '../../model/json.ts'
import { canonical } from '../../model/json.ts'
import type { Sight } from './rows/page.ts'

/** Pages of one walk in one run, at most. */
export const PAGES_MAX = 200_000
/** Empty pages in a row, with a next page each, at most. */
export const EMPTY_PAGES_MAX = 25
/** How often the same page may come in one walk: once by drift (a page's worth of insertions) is no loop. */
export const SAME_PAGE_MAX = 3

/** The rows of a page: those that were read, and those that could not be. */
type PageRows = Pick<Sight, 'parsed' | 'unread'>

export class ProgressGuard {
  readonly #tokens = new Set<string>()
  readonly #pages = new Map<string, number>()
  readonly #stream: string
  #count = 0
  #empty = 0

  constructor(stream: string) {
    this.#stream = stream
  }

  /**
   * Takes note of a page: the token it was asked with, the next one, and the rows it showed.
   *
   * @throws TidemarkError page_loop (stop)
   */
  see(token: Json | undefined, next: Json | undefined, shown: PageRows): void {
    if (++this.#count > PAGES_MAX) this.#fail(`more than ${PAGES_MAX} pages`)
    if (next !== undefined) {
      const text = canonical(next)
      if (this.#tokens.has(text) || text === canonical(token)) this.#fail('a page token came again')
      this.#tokens.add(text)
    }
    const isEmpty = shown.parsed.length + shown.unread.length === 0
    this.#empty = isEmpty ? this.#empty + 1 : 0
    if (this.#empty > EMPTY_PAGES_MAX && next !== undefined) this.#fail(`${this.#empty} empty pages in a row`)
    if (isEmpty) return
    const digest = digestOf(shown)
    const times = (this.#pages.get(digest) ?? 0) + 1
    if (times > SAME_PAGE_MAX) this.#fail(`the same page came ${times} times`)
    this.#pages.set(digest, times)
  }

  /** Pages may come a second time. */
  forget(): void {
    this.#tokens.clear()
    this.#pages.clear()
    this.#empty = 0
  }

  /** The walk reads another listing from here on: from the top once more, or from another lower bound. */
  restart(): void {
    this.forget()
    this.#count = 0
  }

  #fail(what: string): never {
    throw new TidemarkError('page_loop', `The listing of stream "${this.#stream}" makes no progress: ${what}.`, {
      scope: 'page',
    })
  }
}

function digestOf({ parsed, unread }: PageRows): string {
  const rows = [...parsed.map(({ incoming }) => incoming.key + incoming.hash), ...unread.map(({ raw }) => raw)]
  return hash('sha1', rows.join('\n'), 'base64')
}
