// Owns how these tests ask a TikTok Shop emulator: with signed requests, page by page.

import { createHmac } from 'node:crypto'
import {
  type TikTokShopEmulator,
  type TikTokShopOptions,
  tiktokShopEmulator,
} from '../../src/testing/emulators/index.ts'
import { ask, during, type Reply } from './asking.ts'

export interface ShopRequest {
  readonly method?: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly token?: string
  /** Changes what is sent after it was signed. */
  readonly spoil?: (query: URLSearchParams) => void
}

/** What the signed requests of a shop's app need to know. */
export type ShopApp = Pick<TikTokShopEmulator, 'url' | 'appKey' | 'appSecret' | 'clock'> & { readonly token: string }

export function shopApp(emulator: TikTokShopEmulator): ShopApp {
  const { url, appKey, appSecret, clock } = emulator
  return { url, appKey, appSecret, clock, token: emulator.world.credentials().accessToken }
}

/** Signs as the provider's documentation says; written here once more, so that it judges the emulator's own. */
export function askShop(app: ShopApp, request: ShopRequest): Promise<Reply> {
  const body = request.body === undefined ? '' : JSON.stringify(request.body)
  const all: Record<string, string> = {
    app_key: app.appKey,
    timestamp: String(app.clock.seconds()),
    ...request.query,
  }
  const sorted = Object.keys(all).sort()
  const message = `${request.path}${sorted.map((name) => name + all[name]).join('')}${body}`
  const sign = createHmac('sha256', app.appSecret)
    .update(app.appSecret + message + app.appSecret)
    .digest('hex')
  const query = new URLSearchParams({ ...all, sign })
  request.spoil?.(query)
  return ask(`${app.url}${request.path}?${query.toString()}`, {
    method: request.method ?? (body === '' ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', 'x-tts-access-token': request.token ?? app.token },
    ...(body !== '' && { body }),
  })
}

export const ORDER_SEARCH = '/order/202309/orders/search'

/** Reads an order search to its end and gives the rows of each page. `between` runs after each page. */
export async function readOrders(
  emulator: TikTokShopEmulator,
  query: Readonly<Record<string, string>>,
  body: unknown = {},
  between: (page: number) => void = () => {},
): Promise<{ id: string; status: string; update_time: number }[][]> {
  const pages: { id: string; status: string; update_time: number }[][] = []
  let token = ''
  do {
    const page = { shop_cipher: emulator.shopCipher, ...query, ...(token && { page_token: token }) }
    const reply = await askShop(shopApp(emulator), { path: ORDER_SEARCH, query: page, body })
    if (reply.status !== 200 || reply.json.code !== 0) throw new Error(reply.text)
    pages.push(reply.json.data.orders)
    token = reply.json.data.next_page_token
    between(pages.length)
  } while (token)
  return pages
}

export const NOON = { at: '2026-05-20T12:00:00Z' }

export const start = (options: TikTokShopOptions = {}) =>
  during(tiktokShopEmulator({ clock: NOON, orders: 50, ...options }))

export const SHOPS = '/authorization/202309/shops'
export const DETAIL = '/order/202309/orders'

export async function started(options: TikTokShopOptions = {}) {
  const emulator = await start(options)
  const app = shopApp(emulator)
  const search = (query: Record<string, string> = {}, body: unknown = {}, more: Partial<ShopRequest> = {}) =>
    askShop(app, { path: ORDER_SEARCH, query: { shop_cipher: emulator.shopCipher, ...query }, body, ...more })
  const detail = (ids: readonly string[], path = DETAIL) =>
    askShop(app, { path, query: { shop_cipher: emulator.shopCipher, ids: ids.join(',') } })
  return { emulator, app, search, detail }
}
