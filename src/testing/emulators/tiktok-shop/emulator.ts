// Owns the TikTok Shop emulator's face: its options, and the server around its world.

import { type CommonOptions, clockOf, type Emulator } from '../kit/emulator.ts'
import { startEmulator } from '../kit/server.ts'
import { type ApiRules, tikTokShopHandler } from './api.ts'
import { refusal, refusedByStatus } from './errors.ts'
import type { OrderDetail } from './order.ts'
import type { TokenRules } from './tokens.ts'
import { type WebhookSender, webhookSender } from './webhooks.ts'
import { TikTokShopWorld } from './world.ts'

export interface TikTokShopOptions extends CommonOptions, Partial<ApiRules> {
  /** Orders in each shop. @default 200 */
  readonly orders?: number
  /** Products of each shop. @default 40 */
  readonly products?: number
  /** Over how many days before today they are spread. @default 60 */
  readonly days?: number
  /** @default 1 */
  readonly shops?: number
  /** Every field there is (about 2.5 kB an order), or about 700 bytes of them. @default 'full' */
  readonly detail?: OrderDetail
  /** @default 'USD' */
  readonly currency?: string
  /** @default 'US' */
  readonly region?: string
  readonly tokens?: TokenRules
  /** Lets life go on by itself while the clock moves, with so many new orders an hour. @default only `advance` does */
  readonly ordersPerHour?: number
}

export interface TikTokShopEmulator extends Emulator<TikTokShopWorld> {
  readonly appKey: string
  readonly appSecret: string
  /** The first shop's, for `shop_cipher` and webhooks. */
  readonly shopCipher: string
  readonly shopId: string
  readonly webhooks: WebhookSender
}

/**
 * Starts an emulator of TikTok Shop's Open API and of its token host, both at the same address.
 *
 *   await using tiktok = await tiktokShopEmulator({ seed: 1, orders: 500 })
 *   const { accessToken, refreshToken } = tiktok.world.credentials()
 *   tiktok.world.advance(3600)
 */
export async function tiktokShopEmulator(options: TikTokShopOptions = {}): Promise<TikTokShopEmulator> {
  const clock = clockOf(options)
  const world = new TikTokShopWorld(clock, {
    seed: options.seed ?? 1,
    orders: options.orders ?? 200,
    days: options.days ?? 60,
    shops: options.shops ?? 1,
    rules: {
      detail: options.detail ?? 'full',
      products: options.products ?? 40,
      currency: options.currency ?? 'USD',
      region: options.region ?? 'US',
      ordersPerHour: options.ordersPerHour ?? 30,
    },
    tokens: options.tokens ?? {},
    lively: options.ordersPerHour !== undefined,
  })
  const rules: ApiRules = {
    ...options,
    appKey: options.appKey ?? '6demo0key',
    appSecret: options.appSecret ?? 'demo-app-secret',
  }
  const emulator = await startEmulator({
    ...options,
    name: 'tiktok-shop',
    clock,
    world,
    handle: tikTokShopHandler(world, rules),
    refuse: (status) => refusal(refusedByStatus(status), '20260101000000FA', options.errorsAsOk ?? false),
    admin: {
      views: ['shopIds', 'orders', 'orderList', 'visibleOrders', 'order', 'products', 'credentials'],
      mutations: [
        'create',
        'setStatus',
        'touch',
        'touchOldest',
        'touchRandom',
        'refund',
        'redate',
        'tie',
        'setLateness',
        'touchProduct',
        'advance',
        'expireAccess',
        'deauthorize',
        'issueCode',
      ],
    },
  })
  const { appKey, appSecret } = rules
  const { id: shopId, cipher: shopCipher } = world.shop()
  // A lively shop gets on when it is looked at, and nobody need look at one that tells of itself.
  const play = (): void => {
    for (const shop of world.shops) world.settle(shop)
  }
  const webhooks = webhookSender(world.shops, clock, { appKey, appSecret, seed: options.seed ?? 1, play })
  const close = async (): Promise<void> => {
    webhooks.stop()
    await emulator.close()
  }
  return { ...emulator, appKey, appSecret, shopId, shopCipher, webhooks, close, [Symbol.asyncDispose]: close }
}
