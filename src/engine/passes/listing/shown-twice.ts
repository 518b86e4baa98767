// Owns where a leg of a walk was shown records a second time, and what those places show when they are read again.
// Pure.
//
// A source that sorts by a time, and has nothing that orders records of one time, may order them anew for each page: then
// some are shown twice, and as many others on no page. The same is seen where one record comes on top and another one leaves
// below: it is shown twice, and nothing is missing. The place tells them apart: it holds so many rows of one time, and when as
// many different records were read of it, while the source's total stood still, all of them are known.

import type { Order } from '../../../connector/page.ts'
import type { ListedPass, ListingPass } from '../../../connector/passes.ts'
import type { Json } from '../../../model/json.ts'
import type { Key } from '../../../model/record.ts'
import { placeOf } from '../rows/place.ts'
import type { Parsed } from '../rows/shape.ts'
import { shifts } from './step.ts'

/** A page of the leg, from the place of its first record to that of its last. */
interface LegPage {
  readonly token: Json
  readonly high: Order
  readonly low: Order
}

/** What reading those places again has shown. */
export interface Swept {
  /** Nothing is missing there; else the limit was reached, or the source goes on showing the same ones. */
  readonly isWhole: boolean
  /** How many different records the leg of a full pass has read, those included that were found now. */
  readonly read: number
  /** How many have come on top since the leg began; null: not asked for, or not to be told. */
  readonly came: number | null
}

/** Whether places that were shown twice can be found again: where the order is declared, and a page costs nothing. */
export function canBeSwept(pass: ListedPass): boolean {
  if ('job' in pass) return false
  return shifts(pass) && pass.order !== undefined && !pass.pinned && !pass.paid
}

/** What a leg was shown, from its top down. */
export class ShownTwice {
  readonly #pass: ListingPass
  readonly #pages: LegPage[] = []
  readonly #orders = new Set<Order>()
  #top: ReadonlySet<Key> | undefined
  #repeats = 0
  /** Each page was sorted, and each of its records had a place. */
  #isPlain = true

  constructor(pass: ListingPass) {
    this.#pass = pass
  }

  /** The next page of the leg; `before`: the records that were read before it. */
  see(token: Json, parsed: readonly Parsed[], before: { has(key: Key): boolean }): void {
    this.#top ??= new Set(parsed.map(({ incoming }) => incoming.key))
    const rows = placedRows(this.#pass, parsed)
    if (!isSorted(rows)) this.#isPlain = false
    const [first, last] = [rows[0], rows.at(-1)]
    if (!first || !last) return
    this.#pages.push({ token, high: first.order, low: last.order })
    for (const { key, order } of rows) {
      if (!before.has(key)) continue
      this.#orders.add(order)
      this.#repeats++
    }
  }

  /** How many rows were records that had been shown before; 0: none, or their places can't be told. */
  get repeats(): number {
    return this.#isPlain ? this.#repeats : 0
  }

  get pages(): readonly LegPage[] {
    return this.#pages
  }

  /** The places of those records. */
  get orders(): ReadonlySet<Order> {
    return this.#orders
  }

  /** The place of the record read last; undefined: nothing was read. */
  get last(): Order | undefined {
    return this.#pages.at(-1)?.low
  }

  /** The records of the leg's first page. */
  get top(): ReadonlySet<Key> {
    return this.#top ?? new Set()
  }
}

interface Placed {
  readonly key: Key
  readonly order: Order
}

/** Rows with their places; one without a place is left out, and the page is not sorted. */
export function placedRows(pass: ListingPass, parsed: readonly Parsed[]): readonly Placed[] {
  return parsed.flatMap(({ incoming, record }) => {
    const order = placeOf(pass, record)
    return order === undefined ? [] : { key: incoming.key, order }
  })
}

function isSorted(rows: readonly Placed[]): boolean {
  return rows.every(({ order }, i) => {
    const before = rows[i - 1]?.order
    return before === undefined || (typeof before === typeof order && order <= before)
  })
}

/** Records of one place, as they are read again. */
interface Group {
  /** Pages of the leg, by their number, on which the place is looked for. */
  readonly from: number
  readonly to: number
  /** How many rows it has. */
  readonly rows: number
  readonly keys: ReadonlySet<Key>
  /** What the latest round showed of it. */
  readonly text: string
}

/** Rounds in a row that show the same, and not all: no further one shows more. */
export const SAME_ROUNDS_MAX = 5

/** Reads the places again, in rounds, until each has shown as many different records as it has rows. */
export class Sweeps {
  readonly #pages: readonly LegPage[]
  readonly #groups = new Map<Order, Group>()
  #round = new Map<number, readonly Placed[]>()
  #lastPage: number | undefined
  #same = 0

  constructor({ pages, orders }: Pick<ShownTwice, 'pages' | 'orders'>) {
    this.#pages = pages
    const shows = (order: Order) => (page: LegPage) => page.high >= order && page.low <= order
    for (const order of orders) {
      const [from, to] = [pages.findIndex(shows(order)), pages.findLastIndex(shows(order))]
      this.#groups.set(order, { from, to, rows: -1, keys: new Set(), text: '' })
    }
  }

  /** The pages of the next round, by their number; none: all places have shown all of their records. */
  get wanted(): readonly number[] {
    const wanted = new Set<number>()
    for (const { from, to } of this.#groups.values()) for (let n = from; n <= to; n++) wanted.add(n)
    return [...wanted].sort((a, b) => a - b)
  }

  tokenOf(page: number): Json {
    return this.#pages[page]?.token ?? null
  }

  /** A page of the round; `isEnd`: the source said that nothing stands below it. */
  see(page: number, rows: readonly Placed[], isEnd: boolean): void {
    this.#round.set(page, rows)
    if (isEnd) this.#lastPage = page
  }

  /** What came or left meanwhile may have moved every place: what the rounds before have shown counts no more. */
  forget(): void {
    this.#round.clear()
    this.#same = 0
    for (const [order, group] of this.#groups) this.#groups.set(order, { ...group, rows: -1, keys: new Set() })
  }

  /** Judges the round. `stuck`: reading on shows no more. */
  close(): 'whole' | 'more' | 'stuck' {
    const round = this.#round
    this.#round = new Map()
    let changed = false
    for (const [order, before] of this.#groups) {
      const edges = this.#edges(order, before, round)
      if (edges === undefined) return 'stuck'
      const shown = [...round].flatMap(([page, rows]) =>
        page >= before.from && page <= before.to ? rows.filter((row) => row.order === order) : [],
      )
      const text = shown.map(({ key }) => key).join('\n')
      changed ||= text !== before.text
      if (edges.from !== before.from || edges.to !== before.to) {
        changed = true
        this.#groups.set(order, { ...edges, rows: -1, keys: new Set(), text })
        continue
      }
      const known = before.rows === shown.length ? before.keys : []
      const keys = new Set([...known, ...shown.map(({ key }) => key)])
      if (keys.size === shown.length) this.#groups.delete(order)
      // More records than rows: some have left, and others came.
      else if (keys.size > shown.length) this.#groups.set(order, { ...before, rows: -1, keys: new Set(), text })
      else this.#groups.set(order, { ...before, rows: shown.length, keys, text })
    }
    if (this.#groups.size === 0) return 'whole'
    this.#same = changed ? 0 : this.#same + 1
    return this.#same >= SAME_ROUNDS_MAX ? 'stuck' : 'more'
  }

  /** The pages between which the place begins and ends now; undefined: it reaches below all that the leg has read. */
  #edges(
    order: Order,
    { from, to }: Group,
    round: ReadonlyMap<number, readonly Placed[]>,
  ): Pick<Group, 'from' | 'to'> | undefined {
    const [first, last] = [round.get(from)?.[0]?.order, round.get(to)?.at(-1)?.order]
    const begins = from === 0 || (first !== undefined && first > order)
    const ends = to === this.#lastPage || (last !== undefined && last < order)
    if (!ends && to + 1 >= this.#pages.length) return undefined
    return { from: begins ? from : from - 1, to: ends ? to : to + 1 }
  }
}
