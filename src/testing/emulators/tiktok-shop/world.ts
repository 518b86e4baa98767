// Owns the world behind the TikTok Shop emulator: shops, consents, the ways to change them, and the truth of them.
//
// Documented (TikTok Shop Partner Center, Authorization guide): a consent opens shops, each with an id and a cipher. The rest is invented.

import type { Clock } from '../kit/clock.ts'
import { type Random, seeded } from '../kit/random.ts'
import type { OrderStatus } from './life.ts'
import { moveOrder, type Order, orderObject, totalCents } from './order.ts'
import { money, productObject } from './product.ts'
import { Shop, type ShopRules } from './shop.ts'
import { type Authorization, TokenHost, type TokenRules } from './tokens.ts'

/** The few fields of an order that most comparisons need. */
export interface OrderBrief {
  readonly id: string
  readonly status: OrderStatus
  readonly create_time: number
  readonly update_time: number
  readonly total_amount: string
}

export interface WorldOptions {
  readonly seed: number
  /** Orders in each shop. */
  readonly orders: number
  /** Over how many days before now they are spread. */
  readonly days: number
  readonly shops: number
  readonly rules: ShopRules
  readonly tokens: TokenRules
  /** Whether life goes on by itself as the clock moves. */
  readonly lively: boolean
}

/** Shops are named by their id; without a name it is the first one. */
export class TikTokShopWorld {
  readonly shops: readonly Shop[]
  readonly tokens: TokenHost
  /** The consent that exists from the start: the first seller's, for all shops. */
  readonly authorization: Authorization
  readonly #clock: Clock
  readonly #random: Random
  readonly #lively: boolean

  constructor(clock: Clock, options: WorldOptions) {
    this.#clock = clock
    this.#random = seeded(`tiktok-shop ${options.seed}`)
    this.#lively = options.lively
    // The past ends at the start of the day: within a day, the same seed makes the same world again.
    const epoch = Math.floor(clock.seconds() / 86_400) * 86_400
    this.shops = Array.from({ length: options.shops }, (_, i) => {
      const shop = new Shop(clock, `${options.seed} ${i}`, options.rules, epoch)
      shop.seedOrders(options.orders, options.days)
      return shop
    })
    this.tokens = new TokenHost(clock, options.seed, options.tokens)
    this.authorization = this.tokens.authorize(this.shops.map((shop) => shop.id))
  }

  // ── truth ────────────────────────────────────────────────────────────────────────────────────────────────────

  shopIds(): string[] {
    return this.shops.map((shop) => shop.id)
  }

  /** Every order as it truly is now, as the API would show it, by time of update. */
  orders(shopId?: string): Record<string, unknown>[] {
    const shop = this.shop(shopId)
    return this.#sorted(shop).map((order) => orderObject(order, shop.rules.currency, shop.rules.detail))
  }

  /** The same in short. */
  orderList(shopId?: string): OrderBrief[] {
    return this.#sorted(this.shop(shopId)).map(brief)
  }

  /** What the search shows now; differs from the truth while changes are late. */
  visibleOrders(shopId?: string): OrderBrief[] {
    const shop = this.shop(shopId)
    shop.settle(this.#lively)
    return shop.search.visible.map((entry) => {
      const shown = JSON.parse(shop.textOf(entry).toString()) as { payment: { total_amount: string } }
      const { id, status, createTime, updateTime } = entry
      const total_amount = shown.payment.total_amount
      return { id, status, create_time: createTime, update_time: updateTime, total_amount }
    })
  }

  order(id: string): Record<string, unknown> | undefined {
    for (const shop of this.shops) {
      const order = shop.orders.get(id)
      if (order) return orderObject(order, shop.rules.currency, shop.rules.detail)
    }
    return undefined
  }

  products(shopId?: string): Record<string, unknown>[] {
    const { products, rules } = this.shop(shopId)
    return products.map((product) => productObject(product, rules.currency, rules.region))
  }

  // ── change: orders ───────────────────────────────────────────────────────────────────────────────────────────

  /** So many new orders, now; gives their ids. */
  create(count = 1, shopId?: string, status: OrderStatus = 'UNPAID'): string[] {
    const shop = this.shop(shopId)
    return Array.from({ length: count }, () => shop.create(this.#clock.seconds(), status).id)
  }

  /** Sets an order's status now, whatever it was. */
  setStatus(id: string, status: OrderStatus): void {
    const [shop, order] = this.#find(id)
    shop.change(order, this.#clock.seconds(), () => moveOrder(order, status, this.#clock.seconds()))
  }

  /** Changes a note: nothing but content and time of update. */
  touch(id: string): void {
    const [shop, order] = this.#find(id)
    shop.change(order, this.#clock.seconds(), () => {
      order.note = `Note ${this.#random.digits(6)}`
    })
  }

  /** Touches so many orders with the oldest time of update: rows that a reader has passed leave its window. */
  touchOldest(count = 1, shopId?: string): string[] {
    const ids = this.#sorted(this.shop(shopId))
      .slice(0, count)
      .map((order) => order.id)
    for (const id of ids) this.touch(id)
    return ids
  }

  touchRandom(count = 1, shopId?: string): string[] {
    const ids = this.#random.shuffle([...this.shop(shopId).orders.keys()]).slice(0, count)
    for (const id of ids) this.touch(id)
    return ids
  }

  /** Gives half of the first line back: the money changes, the status doesn't. */
  refund(id: string): void {
    const [shop, order] = this.#find(id)
    shop.change(order, this.#clock.seconds(), () => {
      order.refundedCents += Math.ceil((order.lines[0]?.cents ?? 0) / 2)
    })
  }

  /** Gives an order another time of update, in seconds, also one to come, and changes nothing else. */
  redate(id: string, updateTime: number): void {
    const [shop, order] = this.#find(id)
    shop.change(order, updateTime, () => {})
  }

  /** So many orders get one and the same time of update, now, as a bulk shipment does it. */
  tie(count: number, shopId?: string): string[] {
    return this.touchRandom(count, shopId)
  }

  /** From now on the search shows changes so many seconds late; `rate` is the share of changes that are late. */
  setLateness(seconds: number, rate = 1, shopId?: string): void {
    this.shop(shopId).lateness = { seconds, rate: seconds > 0 ? rate : 0 }
  }

  // ── change: products, time, consent ──────────────────────────────────────────────────────────────────────────

  /** Reprices a product. */
  touchProduct(id: string, shopId?: string): void {
    const product = this.shop(shopId).products.find((one) => one.id === id)
    if (!product) throw new RangeError(`there is no product ${id}`)
    for (const sku of product.skus) sku.cents += 100
    product.updateTime = this.#clock.seconds()
    product.text = undefined
  }

  /** Moves the clock and plays what happens meanwhile: orders arrive, are paid, shipped, cancelled, refunded. */
  advance(seconds: number): void {
    this.#clock.advance(seconds * 1000)
    for (const shop of this.shops) shop.settle(true)
  }

  /** The present access token expires at once. */
  expireAccess(): void {
    this.tokens.expire(this.authorization)
  }

  /** The seller withdraws consent. */
  deauthorize(): void {
    this.tokens.revoke(this.authorization)
  }

  /** A code for the token host, as after a visit to the consent page. */
  issueCode(): string {
    return this.tokens.issueCode(this.authorization)
  }

  /** The tokens that are valid now. */
  credentials(): { accessToken: string; refreshToken: string; accessExpireIn: number } {
    const { access, refresh, accessExpireIn } = this.authorization.pair
    return { accessToken: access, refreshToken: refresh, accessExpireIn }
  }

  // ── for the API ──────────────────────────────────────────────────────────────────────────────────────────────

  /** @throws RangeError when there is no such shop */
  shop(id?: string): Shop {
    const shop = id === undefined ? this.shops[0] : this.shops.find((one) => one.id === id)
    if (!shop) throw new RangeError(`there is no shop ${id}`)
    return shop
  }

  shopByCipher(cipher: string): Shop | undefined {
    return this.shops.find((shop) => shop.cipher === cipher)
  }

  settle(shop: Shop): void {
    shop.settle(this.#lively)
  }

  // ── inside ───────────────────────────────────────────────────────────────────────────────────────────────────

  #find(id: string): readonly [Shop, Order] {
    for (const shop of this.shops) {
      const order = shop.orders.get(id)
      if (order) return [shop, order]
    }
    throw new RangeError(`there is no order ${id}`)
  }

  #sorted(shop: Shop): Order[] {
    shop.settle(this.#lively)
    return [...shop.orders.values()].sort((a, b) => a.updateTime - b.updateTime || (a.id < b.id ? -1 : 1))
  }
}

function brief(order: Order): OrderBrief {
  return {
    id: order.id,
    status: order.status,
    create_time: order.createTime,
    update_time: order.updateTime,
    total_amount: money(totalCents(order)),
  }
}
