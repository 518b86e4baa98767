// Owns what the totals of a window's pages say: whether its last pages lack records, and whether one is missing between two
// pages.

import type { Page } from '../../../connector/page.ts'
import { plural } from '../../../model/plural.ts'
import type { Key } from '../../../model/record.ts'
import type { Decisions } from '../decisions.ts'
import type { Sight } from '../rows/page.ts'
import type { WindowTrack } from './step.ts'

/** How often two pages are read once more, at most, whose totals do not agree. */
export const RECOUNTS_MAX = 2

/** How many records must stand in a window from a position on, by the page before it. */
interface Promised {
  /** From here the page was asked for that promised it. */
  readonly from: number | null
  readonly since: number | null
  readonly least: number
}

/** What became of a request. */
interface Outcome {
  readonly request: WindowTrack
  readonly track: WindowTrack
  /** Positions of the page's records. */
  readonly orders: readonly number[]
  readonly doubt: Doubt | undefined
}

/** Two pages whose totals do not agree. `again`: they are read once more, from this position on. */
export type Doubt = { readonly again: number | null } | { readonly lack: string; readonly from: number | null }

export class WindowCounts {
  readonly #decisions: Pick<Decisions, 'isShort'>
  readonly #sorted: boolean
  /** What the requests with the lower bound at hand have shown, whatever their tokens. */
  #shown = new Shown()
  #promised: Promised | undefined
  /** How often the pages from a position on have been read once more. */
  #recounts: { readonly from: number | null; readonly times: number } | undefined

  /** `sorted`: see `ByCursor`. */
  constructor(decisions: Pick<Decisions, 'isShort'>, sorted: boolean) {
    this.#decisions = decisions
    this.#sorted = sorted
  }

  /**
   * What shows that the window's last pages lack records, in words: their total, which counts what there is from the lower
   * bound on. A request with a token is one of several moments, and counts with the others of its lower bound.
   *
   * What changes leaves a window that is sorted, and a later total is lower. One in no order has no upper bound: what changes
   * stays in it. There the greatest total counts, for where it has fallen, or a later page tells none, a record that left or
   * moved may have drawn an unread one over the boundary to a page that was read.
   */
  lackOf(page: Page, sight: Sight): string | undefined {
    const total = this.#sorted ? page.total : this.#shown.mostWith(page)
    if (total === undefined) return undefined
    const shown = this.#shown.countWith(sight)
    return this.#decisions.isShort(shown, total) ? lacking(total, shown) : undefined
  }

  /**
   * What the pages before promised from this one on, against what this one says. Pages follow each other by position: what a
   * total counts and its page does not show must stand behind it. Where less does, a record has left the window in between,
   * as records do that change; or the page has hidden one; or the window ends earlier now, since the source's clock was
   * learned. Both pages read once more tell which. A walk that stays open anyway asks no more.
   */
  doubtOf({ total }: Page, { since, token, group, unsure }: WindowTrack): Doubt | undefined {
    const promised = this.#promised
    if (!promised || total === undefined || token !== null || group !== null || unsure !== null) return undefined
    if (promised.since !== since || total >= promised.least) return undefined
    const { from, least } = promised
    const times = this.#recounts?.from === from ? this.#recounts.times : 0
    return times < RECOUNTS_MAX ? { again: from } : { lack: lacking(least, total), from }
  }

  /** Takes note of what a request has shown, and of what the totals of its lower bound promise behind the pages. */
  see(page: Page, sight: Sight, step: Outcome): void {
    const { request, track, orders, doubt } = step
    this.#promised = undefined
    if (doubt && 'again' in doubt) {
      this.forget()
      const before = this.#recounts?.from === doubt.again ? this.#recounts.times : 0
      this.#recounts = { from: doubt.again, times: before + 1 }
      return
    }
    this.#shown.add(page, sight, orders)
    const { since } = track
    if (since === request.since) return
    if (page.next !== undefined && since !== null && !track.unsorted) {
      const least = this.#shown.leftFrom(since)
      if (least !== undefined) this.#promised = { from: request.since, since, least }
    }
    this.forget()
  }

  /** The next request has another lower bound, or begins again. */
  forget(): void {
    this.#shown = new Shown()
  }
}

class Shown {
  /** Positions of the records; of those that could not be read, none. */
  readonly #orders = new Map<Key, number | undefined>()
  /** Rows without a readable key. */
  #unreadable = 0
  #total: number | undefined
  #most: number | undefined

  add({ total }: Page, { parsed, unread }: Sight, orders: readonly number[]): void {
    parsed.forEach(({ incoming: { key } }, i) => this.#orders.set(key, orders[i]))
    for (const key of keysOf(unread)) this.#orders.set(key, undefined)
    this.#unreadable += unread.length - keysOf(unread).length
    this.#total = total ?? this.#total
    this.#most = this.mostWith({ total })
  }

  /** The greatest total that any page has told, with another one; undefined: none has told any. */
  mostWith({ total }: Pick<Page, 'total'>): number | undefined {
    return total === undefined ? this.#most : Math.max(total, this.#most ?? total)
  }

  /** How many different records there are, with those of another page. */
  countWith({ parsed, unread }: Sight): number {
    const keys = [...parsed.map(({ incoming }) => incoming.key), ...keysOf(unread)]
    const fresh = new Set(keys.filter((key) => !this.#orders.has(key)))
    return this.#orders.size + fresh.size + this.#unreadable + unread.length - keysOf(unread).length
  }

  /** How many must stand from a position on. Rows that could not be read stand anywhere: they promise nothing behind them. */
  leftFrom(since: number): number | undefined {
    if (this.#total === undefined) return undefined
    const isBefore = (order: number | undefined) => order === undefined || order < since
    return this.#total - [...this.#orders.values()].filter(isBefore).length - this.#unreadable
  }
}

function keysOf(unread: Sight['unread']): readonly Key[] {
  return unread.flatMap(({ key }) => key ?? [])
}

function lacking(total: number, shown: number): string {
  return `the source said that the window had ${plural(total, 'record')} and showed ${shown}; the next run asks again`
}
