// Owns what the totals of a window's pages say: whether its last pages lack records.

import type { Page } from '../../connector/page.ts'
import { plural } from '../../model/plural.ts'
import type { Key } from '../../model/record.ts'
import type { WindowTrack } from './by-cursor.ts'
import type { Decisions } from './decisions.ts'
import type { Sight } from './page.ts'

export class WindowCounts {
  readonly #decisions: Pick<Decisions, 'isShort'>
  /** Of the requests with the lower bound at hand: different keys that they have shown, and rows without a readable key. */
  #shown: { readonly keys: Set<Key>; unreadable: number } = { keys: new Set(), unreadable: 0 }

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
    const keys = new Set(before?.keys)
    for (const { incoming } of sight.parsed) keys.add(incoming.key)
    for (const { key } of sight.unread) if (key !== null) keys.add(key)
    const unreadable = (before?.unreadable ?? 0) + sight.unread.filter(({ key }) => key === null).length
    const shown = keys.size + unreadable
    if (!this.#decisions.isShort(shown, page.total)) return undefined
    return `the source said that the window had ${plural(page.total, 'record')} and showed ${shown}; the next run asks again`
  }

  /** Takes note of what the requests with this lower bound have shown. */
  see(page: Page, { parsed, unread }: Sight, { token }: WindowTrack): void {
    for (const { incoming } of parsed) this.#shown.keys.add(incoming.key)
    for (const { key } of unread) if (key === null) this.#shown.unreadable++
    if (token === null || page.next === undefined) this.forget()
  }

  /** The next request has another lower bound. */
  forget(): void {
    this.#shown = { keys: new Set(), unreadable: 0 }
  }
}
