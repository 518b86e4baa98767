// Owns one shop of the world: its orders and products, how time changes them, and when the search notices.
//
// Reported by clients: the search shows changes late, and rows move while pages are turned. How late, and what is sold, is invented.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import { Agenda, nextStep, type OrderStatus, type Step } from './life.ts'
import { type Entry, inventOrder, moveOrder, type Order, type OrderDetail, orderText } from './order.ts'
import { inventProduct, type Product, productObject } from './product.ts'
import { OrderSearch } from './search.ts'

export interface ShopRules {
  readonly detail: OrderDetail
  /** How many there are from the beginning. */
  readonly products: number
  readonly currency: string
  readonly region: string
  /** New orders per hour while time passes. */
  readonly ordersPerHour: number
}

/** How late the search shows a change: so many seconds after it, for this share of the changes. */
export interface Lateness {
  readonly seconds: number
  readonly rate: number
}

type Happening =
  | { readonly kind: 'arrival' }
  | { readonly kind: 'step'; readonly order: Order; readonly to: Step['to'] }

/** Called for every change of an order that a webhook would report. */
export type OrderListener = (order: Order) => void

export class Shop {
  readonly id: string
  readonly cipher: string
  readonly name: string
  readonly code: string
  readonly rules: ShopRules
  readonly search = new OrderSearch()
  readonly products: Product[] = []
  readonly orders = new Map<string, Order>()
  lateness: Lateness = { seconds: 0, rate: 0 }
  readonly #clock: Clock
  readonly #random: Random
  readonly #agenda = new Agenda<Happening>()
  readonly #pending = new Agenda<Order>()
  readonly #listeners = new Set<OrderListener>()
  /** Until when, in seconds, everything has happened. */
  #playedUntil: number

  constructor(clock: Clock, seed: string, rules: ShopRules, epoch: number) {
    this.#clock = clock
    this.#random = seeded(`shop ${seed}`)
    this.rules = rules
    this.id = `7495${this.#random.digits(15)}`
    this.cipher = `ROW_${Buffer.from(this.#random.hex(24), 'hex').toString('base64url')}`
    this.name = `Saltmarsh ${this.#random.pick(['Goods', 'Supply', 'Trading', 'Outfitters'])}`
    this.code = `SMSH${this.#random.digits(6)}`
    this.#playedUntil = epoch
    for (let i = 1; i <= rules.products; i++)
      this.products.push(inventProduct(this.#random, i, epoch - 200 * 86_400 + i * 3600))
    this.#agenda.add(epoch + this.#gap(), { kind: 'arrival' })
  }

  /** Fills the past: orders spread over so many days before the epoch, each as far in its life as it would be. */
  seedOrders(count: number, days: number): void {
    const span = days * 86_400
    const times = Array.from({ length: count }, () => this.#playedUntil - this.#random.int(60, span))
    times.sort((a, b) => a - b)
    const entries: Entry[] = []
    for (const at of times) {
      const order = inventOrder(this.#random, this.#newId(), at, this.products)
      this.orders.set(order.id, order)
      this.#plan(order)
      // Lived through at once: what lies before the epoch has happened, the rest waits.
      for (;;) {
        const due = this.#takeOwn(order)
        if (!due) break
      }
      order.entry = this.#entryOf(order)
      entries.push(order.entry)
    }
    this.search.replaceAll(entries)
    // Benchmarks read each row once: what they measure must not be the making of its text.
    if (this.rules.detail === 'compact') for (const entry of entries) this.textOf(entry)
  }

  /** Lets everything happen that is due by now, then shows the search what it may see. Cheap when nothing is due. */
  settle(play: boolean): void {
    const now = this.#clock.seconds()
    if (play) this.play(now)
    for (let due = this.#pending.take(now); due; due = this.#pending.take(now)) this.#show(due.what)
  }

  /** Plays the shop's life up to a time in seconds, each event at its own time. */
  play(until: number): void {
    for (let due = this.#agenda.take(until); due; due = this.#agenda.take(until)) {
      this.#playedUntil = Math.max(this.#playedUntil, due.at)
      if (due.what.kind === 'step') this.#step(due.what.order, due.what.to, due.at)
      else {
        this.create(due.at)
        this.#agenda.add(due.at + this.#gap(), { kind: 'arrival' })
      }
    }
    this.#playedUntil = Math.max(this.#playedUntil, until)
  }

  create(at: number, status: OrderStatus = 'UNPAID'): Order {
    const order = inventOrder(this.#random, this.#newId(), at, this.products)
    this.orders.set(order.id, order)
    if (status !== 'UNPAID') moveOrder(order, status, at)
    this.#changed(order, at)
    this.#plan(order)
    return order
  }

  /** Changes an order and dates the change; `at` is its new time of update, in seconds. */
  change(order: Order, at: number, edit: (order: Order) => void): void {
    // What the search goes on showing for a while must be the old state, so it is written down first.
    if (order.entry && this.lateness.rate > 0) this.textOf(order.entry)
    edit(order)
    order.updateTime = at
    this.#changed(order, at)
  }

  textOf(entry: Entry): Buffer {
    entry.text ??= orderText(entry.order, this.rules.currency, this.rules.detail)
    return entry.text
  }

  productText(product: Product): Buffer {
    product.text ??= Buffer.from(JSON.stringify(productObject(product, this.rules.currency, this.rules.region)))
    return product.text
  }

  listen(listener: OrderListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #step(order: Order, to: Step['to'], at: number): void {
    // An order that was moved by hand meanwhile may be past this step.
    if (order.status === 'CANCELLED' || (order.status === 'COMPLETED' && to !== 'REFUND')) return
    this.change(order, at, () => {
      if (to === 'REFUND') order.refundedCents = Math.floor((order.lines[0]?.cents ?? 0) / 2)
      else moveOrder(order, to, at)
    })
    if (to !== 'REFUND') this.#plan(order)
  }

  #plan(order: Order): void {
    const step = nextStep(order.status, this.#random)
    if (step) this.#agenda.add(order.updateTime + step.afterSeconds, { kind: 'step', order, to: step.to })
  }

  /** While seeding, only the order at hand has steps before the epoch: the earliest due one is its own. */
  #takeOwn(order: Order): boolean {
    const due = this.#agenda.take(this.#playedUntil - 1)
    if (!due || due.what.kind !== 'step') return false
    const { to } = due.what
    if (to === 'REFUND') order.refundedCents = Math.floor((order.lines[0]?.cents ?? 0) / 2)
    else moveOrder(order, to, due.at)
    order.updateTime = due.at
    if (to !== 'REFUND') this.#plan(order)
    return true
  }

  #changed(order: Order, at: number): void {
    const late = this.lateness.rate > 0 && this.#random.chance(this.lateness.rate)
    if (late) this.#pending.add(at + this.lateness.seconds, order)
    else this.#show(order)
    for (const listener of this.#listeners) listener(order)
  }

  #show(order: Order): void {
    const entry = this.#entryOf(order)
    this.search.put(entry, order.entry)
    order.entry = entry
  }

  #entryOf(order: Order): Entry {
    const { id, createTime, updateTime, status, buyer } = order
    return { order, id, createTime, updateTime, status, buyer, text: undefined }
  }

  #gap(): number {
    return Math.max(1, Math.round((-Math.log(1 - this.#random.next()) * 3600) / this.rules.ordersPerHour))
  }

  /** 18 digits, far beyond 2^53, in no order of time. */
  #newId(): string {
    for (;;) {
      const id = `576${this.#random.digits(15)}`
      if (!this.orders.has(id)) return id
    }
  }
}
