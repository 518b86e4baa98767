// Owns the order search: two indexes kept in order, windows found by bisection, and page tokens that mean a place in a
// window that may move meanwhile.
//
// Documented (TikTok Shop Partner Center, Get Order List): the two sort fields, by time of creation and falling where none is
// named, and that orders move while they are paged through.

import type { OrderStatus } from './life.ts'
import type { Entry } from './order.ts'

export type SortField = 'create_time' | 'update_time'

/** A search as the API was asked; bounds in seconds, lower inclusive, upper exclusive. */
export interface Query {
  readonly sortField: SortField
  readonly descending: boolean
  readonly createFrom: number
  readonly createUntil: number
  readonly updateFrom: number
  readonly updateUntil: number
  readonly status: OrderStatus | undefined
  readonly buyer: string | undefined
}

/** Where a page starts: behind so many rows, or behind one particular row. */
export type Place = { readonly offset: number } | { readonly time: number; readonly id: string }

export interface Found {
  readonly rows: readonly Entry[]
  readonly total: number
  /** Where the next page starts; undefined at the end. */
  readonly next: Place | undefined
}

const timeOf = (entry: Entry, field: SortField): number =>
  field === 'create_time' ? entry.createTime : entry.updateTime

/** Entries in ascending order of a time; ids decide among equal times. */
class TimeIndex {
  readonly #field: SortField
  entries: Entry[] = []

  constructor(field: SortField) {
    this.#field = field
  }

  /** Where the first entry stands that isn't before (time, id). */
  find(time: number, id = ''): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      const entry = this.entries[middle] as Entry
      const at = timeOf(entry, this.#field)
      if (at < time || (at === time && entry.id < id)) low = middle + 1
      else high = middle
    }
    return low
  }

  add(entry: Entry): void {
    const time = timeOf(entry, this.#field)
    const last = this.entries.at(-1)
    const isLast = !last || time > timeOf(last, this.#field)
    if (isLast) this.entries.push(entry)
    else this.entries.splice(this.find(time, entry.id), 0, entry)
  }

  remove(entry: Entry): void {
    const place = this.find(timeOf(entry, this.#field), entry.id)
    if (this.entries[place] !== entry) throw new Error(`the index lost order ${entry.id}`)
    this.entries.splice(place, 1)
  }

  /** Replaces everything at once. */
  replaceAll(entries: readonly Entry[]): void {
    const field = this.#field
    this.entries = [...entries].sort((a, b) => timeOf(a, field) - timeOf(b, field) || (a.id < b.id ? -1 : 1))
  }
}

export class OrderSearch {
  readonly #byCreate = new TimeIndex('create_time')
  readonly #byUpdate = new TimeIndex('update_time')
  #version = 0
  /** The last search that had to look at every row, for its next page. */
  #scanned: { readonly key: string; readonly version: number; readonly rows: Entry[] } | undefined

  replaceAll(entries: readonly Entry[]): void {
    this.#byCreate.replaceAll(entries)
    this.#byUpdate.replaceAll(entries)
    this.#version++
  }

  /** Puts a new version of an order in the place of the old one. */
  put(entry: Entry, old: Entry | undefined): void {
    if (old) {
      this.#byCreate.remove(old)
      this.#byUpdate.remove(old)
    }
    this.#byCreate.add(entry)
    this.#byUpdate.add(entry)
    this.#version++
  }

  /** The versions that the search shows now, by time of update. */
  get visible(): readonly Entry[] {
    return this.#byUpdate.entries
  }

  find(query: Query, place: Place, size: number, keyset: boolean): Found {
    const { rows, from, until } = this.#window(query)
    const total = until - from
    // Rows are stored ascending; `start` counts along the asked direction.
    const start = 'offset' in place ? place.offset : this.#after(query, rows, from, until, place)
    const page: Entry[] = []
    for (let i = start; i < Math.min(total, start + size); i++) {
      page.push(rows[query.descending ? until - 1 - i : from + i] as Entry)
    }
    const last = page.at(-1)
    if (!last || start + page.length >= total) return { rows: page, total, next: undefined }
    const next = keyset ? { time: timeOf(last, query.sortField), id: last.id } : { offset: start + page.length }
    return { rows: page, total, next }
  }

  /** The matching rows as a stretch of an array in ascending order. */
  #window(query: Query): { rows: readonly Entry[]; from: number; until: number } {
    const byCreate = query.sortField === 'create_time'
    const index = byCreate ? this.#byCreate : this.#byUpdate
    const from = index.find(byCreate ? query.createFrom : query.updateFrom)
    const until = Math.max(from, index.find(byCreate ? query.createUntil : query.updateUntil))
    const otherFrom = byCreate ? query.updateFrom : query.createFrom
    const otherUntil = byCreate ? query.updateUntil : query.createUntil
    const other = byCreate ? 'update_time' : 'create_time'
    const unbounded = otherFrom === 0 && otherUntil === Number.POSITIVE_INFINITY
    if (unbounded && !query.status && !query.buyer) return { rows: index.entries, from, until }
    const key = JSON.stringify([query, from, until])
    if (this.#scanned?.key !== key || this.#scanned.version !== this.#version) {
      const rows = index.entries.slice(from, until).filter((entry) => {
        const time = timeOf(entry, other)
        if (time < otherFrom || time >= otherUntil) return false
        return (!query.status || entry.status === query.status) && (!query.buyer || entry.buyer === query.buyer)
      })
      this.#scanned = { key, version: this.#version, rows }
    }
    return { rows: this.#scanned.rows, from: 0, until: this.#scanned.rows.length }
  }

  /** How many rows of the window, along the asked direction, are not behind a row that was served. */
  #after(
    query: Query,
    rows: readonly Entry[],
    from: number,
    until: number,
    last: { time: number; id: string },
  ): number {
    const isBehind = (i: number): boolean => {
      const entry = rows[query.descending ? until - 1 - i : from + i] as Entry
      const time = timeOf(entry, query.sortField)
      if (time !== last.time) return query.descending ? time < last.time : time > last.time
      return query.descending ? entry.id < last.id : entry.id > last.id
    }
    let low = 0
    let high = until - from
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBehind(middle)) high = middle
      else low = middle + 1
    }
    return low
  }
}
