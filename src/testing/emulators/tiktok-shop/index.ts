// Owns what the TikTok Shop emulator shows: its names for authors, its flags, and its part in the demo.

import { plural } from '../../../model/plural.ts'
import { emulatorPart } from '../kit/part.ts'
import { type TikTokShopEmulator, type TikTokShopOptions, tiktokShopEmulator } from './emulator.ts'

export { type TikTokShopEmulator, type TikTokShopOptions, tiktokShopEmulator } from './emulator.ts'
export type { OrderStatus } from './life.ts'
export { signRequest, signWebhook } from './sign.ts'
export type { TokenRules } from './tokens.ts'
export type { DeliveryRules, Webhook, WebhookSender } from './webhooks.ts'
export type { OrderBrief, TikTokShopWorld } from './world.ts'

const ORDERS = 480

export const part = emulatorPart({
  flags: { orders: 200, products: 40, days: 60, shops: 1, detail: 'full', 'orders-per-hour': 0, webhooks: '' },

  async start(common, { orders, products, days, shops, detail, 'orders-per-hour': perHour, webhooks }) {
    const emulator = await tiktokShopEmulator({
      ...common,
      orders,
      products,
      days,
      shops,
      detail: detail as NonNullable<TikTokShopOptions['detail']>,
      ...(perHour > 0 && { ordersPerHour: perHour }),
    })
    if (webhooks !== '') emulator.webhooks.sendTo(webhooks)
    const { shopId } = emulator
    return { emulator, credentials: { ...login(emulator), shopId } }
  },

  async demo(common) {
    const emulator = await tiktokShopEmulator({ ...common, orders: ORDERS })
    const { url, world } = emulator
    return {
      emulator,
      id: 'shop',
      has: `TikTok Shop, where a shop has ${ORDERS} orders`,
      schedule: 'every 15m',
      options: { ...login(emulator), authUrl: url },
      news(round) {
        const [orders, changes] = round === 1 ? [5, 12] : [2, 4]
        world.create(orders, undefined, 'AWAITING_SHIPMENT')
        world.touchRandom(changes)
        return `${plural(orders, 'order comes', 'orders come')} in and ${plural(changes, 'changes', 'change')}`
      },
      live() {
        world.create(Math.floor(Math.random() * 3))
        world.touchRandom(Math.floor(Math.random() * 4))
      },
    }
  },
})

function login({ appKey, appSecret, shopCipher, world }: TikTokShopEmulator) {
  const { accessToken, refreshToken } = world.credentials()
  return { appKey, appSecret, shopCipher, accessToken, refreshToken }
}
