// Owns what the totals of a window's pages say: whether its last pages lack records, and whether one is missing between two
// pages.

import type { Page } from '../../connector/page.ts'
import { plural } from '../../model/plural.ts'
import type { Key } from '../../model/record.ts'
import type { WindowTrack } from './by-cursor.ts'
import type { Decisions } from './decisions.ts'
import type { Sight } from './page.ts'

/** How often two pages are read once more, at most, whose totals do not agree. */
export const RECOUNTS_MAX = 2

/** How many records must stand in a window from a position on, by the page before it. */
interface Promised {
  /** From here the page was asked for that promised it. */
  readonly from: number | null
  readonly since: number | null
  readonly until: number
  readonly least: number
}

/** What became of a request. */
interface Step {
  readonly request: WindowTrack
  readonly track: WindowTrack
  readonly until: number
  /** Positions of the page's records. */
  readonly orders: readonly number[]
  readonly doubt: Doubt | undefined
}

/** Two pages whose totals do not agree. `again`: they are read once more, from this position on. */
export type Doubt = { readonly again: number | null } | { readonly lack: string; readonly from: number | null }

export class WindowCounts {
  readonly #decisions: Pick<Decisions, 'isShort'>
  /** Of the requests with the lower bound at hand: different keys that they have shown, and rows without a readable key. */
  #shown: { readonly keys: Set<Key>; unreadable: number } = { keys: new Set(), unreadable: 0 }
  #promised: Promised | undefined
  /** How often the pages from a position on have been read once more. */
  #recounts: { readonly from: number | null; readonly times: number } | undefined

  constructor(decisions: Pick<Decisions, 'isShort'>) {
    this.#decisions = decisions
  }

  /**
   * What shows that the window's last pages lack records, in words: their total, which counts what there is from the lower
   * bound on. Inside a group the passages over it tell; a request with a token is one of several moments, and counts with
   * the others of its lower bound.
   */
  lackOf(page: Page, sight: Sight, request: WindowTrack): string | undefined {
    if (request.group !== null || page.total === undefined) return undefined
    const before = request.token === null ? undefined : this.#shown
    const keys = new Set([...(before?.keys ?? []), ...keysOf(sight)])
    const shown = keys.size + (before?.unreadable ?? 0) + unreadableIn(sight)
    return this.#decisions.isShort(shown, page.total) ? lacking(page.total, shown) : undefined
  }

  /**
   * What the page before promised from this one on, against what this one says. Pages follow each other by position: what a
   * total counts and its page does not show must stand behind it. Where less does, a record has left the window in between,
   * as records do that change; or the page has hidden one. Both pages read once more tell which. A walk that stays open
   * anyway asks no more.
   */
  doubtOf({ total }: Page, { since, token, group, unsure }: WindowTrack, until: number): Doubt | undefined {
    const promised = this.#promised
    if (!promised || total === undefined || token !== null || group !== null || unsure !== null) return undefined
    if (promised.since !== since || promised.until !== until || total >= promised.least) return undefined
    const { from, least } = promised
    const times = this.#recounts?.from === from ? this.#recounts.times : 0
    return times < RECOUNTS_MAX ? { again: from } : { lack: lacking(least, total), from }
  }

  /** Takes note of what a request has shown, and of what its total promises behind it. */
  see(page: Page, sight: Sight, step: Step): void {
    const { request, track, until, orders, doubt } = step
    for (const key of keysOf(sight)) this.#shown.keys.add(key)
    this.#shown.unreadable += unreadableIn(sight)
    if (track.token === null || page.next === undefined) this.forget()
    this.#promised = undefined
    if (doubt && 'again' in doubt) {
      const before = this.#recounts?.from === doubt.again ? this.#recounts.times : 0
      this.#recounts = { from: doubt.again, times: before + 1 }
      return
    }
    const { since } = track
    const isPlain = request.token === null && request.group === null && !track.unsorted
    if (page.total === undefined || page.next === undefined || !isPlain || since === null || since === request.since)
      return
    // Rows that could not be read stand anywhere: they promise nothing behind the page.
    const before = new Set(
      sight.parsed.flatMap(({ incoming: { key } }, i) => ((orders[i] as number) < since ? key : [])),
    )
    const least = page.total - before.size - sight.unread.length
    this.#promised = { from: request.since, since, until, least }
  }

  /** The next request has another lower bound. */
  forget(): void {
    this.#shown = { keys: new Set(), unreadable: 0 }
  }
}

function lacking(total: number, shown: number): string {
  return `the source said that the window had ${plural(total, 'record')} and showed ${shown}; the next run asks again`
}

function keysOf({ parsed, unread }: Sight): readonly Key[] {
  return [...parsed.map(({ incoming }) => incoming.key), ...unread.flatMap(({ key }) => key ?? [])]
}

function unreadableIn({ unread }: Sight): number {
  return unread.filter(({ key }) => key === null).length
}
