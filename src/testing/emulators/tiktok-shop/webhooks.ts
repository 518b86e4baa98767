// Owns the sender of webhooks: it notes what happened, and delivers it signed, as badly as it is told to.
//
// Documented (TikTok Shop Partner Center, Webhooks overview and Order status change, with samples): the members, the
// signature over app key and body, no order of arrival, repeats, and the status `CANCEL` where the API says `CANCELLED`.

import type { Clock } from '../kit/clock.ts'
import { seeded } from '../kit/random.ts'
import type { Order } from './order.ts'
import type { Shop } from './shop.ts'
import { signWebhook } from './sign.ts'

/** One delivery, as it will go over the wire. */
export interface Webhook {
  readonly body: string
  readonly authorization: string
}

export interface DeliveryRules {
  /** The share of notifications that is never sent. @default 0 */
  readonly drop?: number
  /** The share that is sent twice, the same bytes. @default 0 */
  readonly duplicate?: number
  /** Sends in random order. @default false */
  readonly reorder?: boolean
}

export interface WebhookSender {
  /** From now on changes are noted for delivery; nothing is noted before. */
  start(): void
  stop(): void
  /** What waits to be delivered. */
  readonly pending: readonly Webhook[]
  /** Posts what waits to an address and gives the statuses of the answers; 0 for none. */
  deliver(url: string, rules?: DeliveryRules): Promise<number[]>
  /** From now on changes are posted to an address within a moment, and again until it answers with 2xx. */
  sendTo(url: string): void
}

/** How often `sendTo` posts what waits, in milliseconds. */
const SEND_EVERY_MS = 200

export function webhookSender(
  shops: readonly Shop[],
  clock: Clock,
  app: { readonly appKey: string; readonly appSecret: string; readonly seed: number; readonly play: () => void },
): WebhookSender {
  const random = seeded(`webhooks ${app.seed}`)
  let pending: Webhook[] = []
  let stops: (() => void)[] = []
  const note = (shop: Shop, order: Order): void => {
    const body = JSON.stringify({
      type: 1,
      tts_notification_id: `738${random.digits(16)}`,
      shop_id: shop.id,
      timestamp: clock.seconds(),
      data: {
        is_on_hold_order: order.status === 'ON_HOLD',
        order_id: order.id,
        // The one status that webhooks spell otherwise than the API.
        order_status: order.status === 'CANCELLED' ? 'CANCEL' : order.status,
        update_time: order.updateTime,
      },
    })
    pending.push({ body, authorization: signWebhook(app.appKey, app.appSecret, body) })
  }
  let sending: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearInterval(sending)
    for (const one of stops) one()
    stops = []
  }
  const start = (): void => {
    stop()
    stops = shops.map((shop) => shop.listen((order) => note(shop, order)))
  }
  const send = async (url: string): Promise<void> => {
    app.play()
    for (const webhook of pending.splice(0)) {
      const status = await post(url, webhook)
      if (status < 200 || status > 299) pending.push(webhook)
    }
  }
  return {
    start,
    stop,
    sendTo(url) {
      start()
      sending = setInterval(() => void send(url), SEND_EVERY_MS).unref()
    },
    get pending() {
      return pending
    },
    deliver: async (url, rules = {}) => {
      const kept = pending.filter(() => !random.chance(rules.drop ?? 0))
      const sent = kept.flatMap((webhook) => (random.chance(rules.duplicate ?? 0) ? [webhook, webhook] : [webhook]))
      pending = []
      const statuses: number[] = []
      for (const webhook of rules.reorder ? random.shuffle(sent) : sent) statuses.push(await post(url, webhook))
      return statuses
    },
  }
}

async function post(url: string, { body, authorization }: Webhook): Promise<number> {
  try {
    const headers = { Authorization: authorization, 'Content-Type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(3000) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return 0
  }
}
