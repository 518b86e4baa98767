// Owns the demo's world: two emulated services on this machine, the accounts that the demo has with them, and the ways
// in which they change, told in words.

import { plural } from '../../model/plural.ts'
import {
  type GitHubEmulator,
  githubEmulator,
  type TikTokShopEmulator,
  tiktokShopEmulator,
} from '../../testing/emulators/index.ts'

const STARS = 616
const ORDERS = 480

const USER = 'ada'
const TOKEN = 'token-of-ada'

/** What `connect` needs to know of an account. */
export interface Account {
  readonly connector: string
  readonly id: string
  readonly options: Readonly<Record<string, unknown>>
}

export class DemoWorld {
  readonly #github: GitHubEmulator
  readonly #shop: TikTokShopEmulator

  private constructor(github: GitHubEmulator, shop: TikTokShopEmulator) {
    this.#github = github
    this.#shop = shop
  }

  static async start(seed: number): Promise<DemoWorld> {
    const github = await githubEmulator({ seed, users: { [USER]: { stars: STARS, token: TOKEN } } })
    const shop = await tiktokShopEmulator({ seed, orders: ORDERS })
    return new DemoWorld(github, shop)
  }

  /** What is running where, in the order of `accounts`. */
  get places(): readonly { readonly id: string; readonly url: string; readonly has: string }[] {
    return [
      { id: 'me', url: this.#github.url, has: `GitHub, where ${USER} has starred ${STARS} repositories` },
      { id: 'shop', url: this.#shop.url, has: `TikTok Shop, where a shop has ${ORDERS} orders` },
    ]
  }

  get accounts(): readonly Account[] {
    const { appKey, appSecret, shopCipher, url } = this.#shop
    const { accessToken, refreshToken } = this.#shop.world.credentials()
    const github = { token: TOKEN, baseUrl: this.#github.url, allowPrivateNetwork: true }
    const shop = { appKey, appSecret, accessToken, refreshToken, shopCipher, authUrl: url, baseUrl: url }
    return [
      { connector: 'github', id: 'me', options: github },
      { connector: 'tiktok-shop', id: 'shop', options: { ...shop, allowPrivateNetwork: true } },
    ]
  }

  /** New stars, and numbers that move. */
  star(stars: number, moving: number): string {
    this.#github.world.star(USER, stars)
    this.#github.world.drift(USER, moving)
    return `${USER} stars ${plural(stars, 'repository', 'repositories')}`
  }

  /** Takes back stars of long ago, which no reading from the top would ever come to. */
  unstar(stars: number): string {
    for (let i = 0; i < stars; i++) this.#github.world.unstarAt(USER, -1 - i * 7)
    return `${USER} takes ${plural(stars, 'star')} of long ago back`
  }

  /** New orders, and old ones that are paid, shipped or annotated. */
  order(orders: number, changes: number): string {
    const { world } = this.#shop
    world.create(orders, undefined, 'AWAITING_SHIPMENT')
    world.touchRandom(changes)
    return `${plural(orders, 'order comes', 'orders come')} in and ${plural(changes, 'changes', 'change')}`
  }

  /** A little of everything. */
  live(): void {
    this.#github.world.live(USER)
    this.#shop.world.create(Math.floor(Math.random() * 3))
    this.#shop.world.touchRandom(Math.floor(Math.random() * 4))
  }

  async close(): Promise<void> {
    await Promise.all([this.#github.close(), this.#shop.close()])
  }
}
