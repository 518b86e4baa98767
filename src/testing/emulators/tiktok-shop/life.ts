// Owns the life of an order: its states, what can follow what, and how long that takes.
//
// Documented (TikTok Shop Partner Center, Order API overview): the states, that they are not passed in one order alone, and refunds
// behind the end. How long each lasts is assumed.

import type { Random } from '../kit/random.ts'

export const STATUSES = [
  'UNPAID',
  'ON_HOLD',
  'AWAITING_SHIPMENT',
  'PARTIALLY_SHIPPING',
  'AWAITING_COLLECTION',
  'IN_TRANSIT',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
] as const

export type OrderStatus = (typeof STATUSES)[number]

/** What happens next to an order; `REFUND` changes its money and leaves its status. */
export interface Step {
  readonly to: OrderStatus | 'REFUND'
  readonly afterSeconds: number
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

interface Way {
  /** The ways of one status add up to 1. */
  readonly chance: number
  readonly to: Step['to']
  readonly from: number
  readonly until: number
}

const way = (chance: number, to: Way['to'], from: number, until: number): Way => ({ chance, to, from, until })

// Not a line but a graph with a way back: a collection that failed makes an order wait for shipment again.
const WAYS: Readonly<Record<OrderStatus, readonly Way[]>> = {
  UNPAID: [
    way(0.55, 'ON_HOLD', MINUTE, HOUR),
    way(0.33, 'AWAITING_SHIPMENT', MINUTE, HOUR),
    way(0.12, 'CANCELLED', HOUR, 2 * DAY),
  ],
  ON_HOLD: [way(0.97, 'AWAITING_SHIPMENT', 50 * MINUTE, HOUR), way(0.03, 'CANCELLED', MINUTE, HOUR)],
  AWAITING_SHIPMENT: [
    way(0.88, 'AWAITING_COLLECTION', 2 * HOUR, DAY),
    way(0.06, 'PARTIALLY_SHIPPING', 2 * HOUR, DAY),
    way(0.06, 'CANCELLED', HOUR, DAY),
  ],
  PARTIALLY_SHIPPING: [way(1, 'AWAITING_COLLECTION', HOUR, DAY)],
  AWAITING_COLLECTION: [
    way(0.92, 'IN_TRANSIT', HOUR, 2 * DAY),
    way(0.04, 'AWAITING_SHIPMENT', HOUR, DAY),
    way(0.04, 'CANCELLED', HOUR, DAY),
  ],
  IN_TRANSIT: [way(0.98, 'DELIVERED', DAY, 5 * DAY), way(0.02, 'CANCELLED', 5 * DAY, 9 * DAY)],
  DELIVERED: [way(1, 'COMPLETED', 3 * DAY, 7 * DAY)],
  COMPLETED: [way(0.05, 'REFUND', DAY, 20 * DAY)],
  CANCELLED: [],
}

/** What follows a status; undefined when the order has come to its end. */
export function nextStep(status: OrderStatus, random: Random): Step | undefined {
  let thrown = random.next()
  for (const { chance, to, from, until } of WAYS[status]) {
    if (thrown < chance) return { to, afterSeconds: random.int(from, until) }
    thrown -= chance
  }
  return undefined
}

/** Something that will happen at a time, and to what. */
export interface Due<T> {
  readonly at: number
  readonly what: T
}

/** A queue that gives the earliest first (a binary heap). */
export class Agenda<T> {
  readonly #heap: Due<T>[] = []

  get size(): number {
    return this.#heap.length
  }

  add(at: number, what: T): void {
    const heap = this.#heap
    heap.push({ at, what })
    let child = heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if ((heap[parent] as Due<T>).at <= at) break
      this.#swap(parent, child)
      child = parent
    }
  }

  /** Takes the earliest out if it is due by `until`. */
  take(until: number): Due<T> | undefined {
    const heap = this.#heap
    const first = heap[0]
    if (!first || first.at > until) return undefined
    const last = heap.pop() as Due<T>
    if (heap.length > 0) {
      heap[0] = last
      let parent = 0
      for (;;) {
        const left = 2 * parent + 1
        if (left >= heap.length) break
        const right = left + 1
        const child = right < heap.length && (heap[right] as Due<T>).at < (heap[left] as Due<T>).at ? right : left
        if ((heap[parent] as Due<T>).at <= (heap[child] as Due<T>).at) break
        this.#swap(parent, child)
        parent = child
      }
    }
    return first
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Due<T>
    this.#heap[a] = this.#heap[b] as Due<T>
    this.#heap[b] = kept
  }
}
