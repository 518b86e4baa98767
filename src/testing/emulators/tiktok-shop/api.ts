// Owns TikTok Shop's HTTP semantics: the token host, signed requests, and the order and product reads.
//
// Documented (TikTok Shop Partner Center: Authorization guide, Sign your API request, Get Order List, Get Order Detail,
// Search Products): tokens that end at a second, `timestamp` from five minutes ago to 30 seconds ahead, `page_size` up to
// 100, bounds that take in the lower and not the upper end, 50 ids a read, an empty token at the end. That ids which are
// not found are left out, and that members of a body which nobody knows are passed over, is assumed.

import { type Answer, type Call, type Handler, joinRows, jsonAnswer } from '../kit/answer.ts'
import { tokenBucket } from '../kit/limits.ts'
import { Refused, refusal, refused } from './errors.ts'
import { type OrderStatus, STATUSES } from './life.ts'
import { orderText } from './order.ts'
import { openToken, sealToken } from './page-token.ts'
import { PRODUCT_STATUSES } from './product.ts'
import type { Query, SortField } from './search.ts'
import type { Shop } from './shop.ts'
import { signRequest } from './sign.ts'
import type { Authorization } from './tokens.ts'
import type { TikTokShopWorld } from './world.ts'

export interface ApiRules {
  readonly appKey: string
  readonly appSecret: string
  /** Requests per second of an app and shop; the real ones are unpublished and move. Absent: no limit. */
  readonly rate?: { readonly perSecond: number; readonly burst: number; readonly retryAfter?: boolean } | undefined
  /** What a page token means: an offset into the window as it is then, or the last row served. @default 'offset' */
  readonly paging?: 'offset' | 'keyset'
  /** Page tokens die after so many seconds. @default never */
  readonly pageTokenSeconds?: number
  /** The code of a bad signature; both were seen. @default 106001 */
  readonly signCode?: 106001 | 36009004
  /** Errors come with HTTP 200, only the code says so. @default false */
  readonly errorsAsOk?: boolean
}

interface Signed {
  readonly call: Call
  readonly authorization: Authorization
  readonly requestId: string
}

/** What comes in from the past and from the future: five minutes, thirty seconds. */
const LATE_SECONDS = 300
const EARLY_SECONDS = 30

export function tikTokShopHandler(world: TikTokShopWorld, rules: ApiRules): Handler {
  const bucket = rules.rate && tokenBucket(rules.rate)
  let requests = 0
  return (call) => {
    const requestId = makeRequestId(call.now, ++requests)
    try {
      if (call.path.startsWith('/api/v2/token/')) return tokenHost(call, requestId, world, rules)
      const endpoint = findEndpoint(call)
      const authorization = authenticate(call, world, rules)
      const key = `${rules.appKey} ${call.query.get('shop_cipher') ?? ''}`
      const taken = bucket?.take(key, call.now)
      if (taken && !taken.allowed) {
        const seconds = String(Math.max(1, Math.ceil(taken.waitMs / 1000)))
        throw refused.rate(rules.rate?.retryAfter ? { 'Retry-After': seconds } : {})
      }
      if (!authorization.scopes.includes(endpoint.scope)) throw refused.scope(endpoint.scope)
      return endpoint.answer({ call, authorization, requestId }, world, rules)
    } catch (error) {
      if (error instanceof Refused) return refusal(error, requestId, rules.errorsAsOk ?? false)
      throw error
    }
  }
}

interface Endpoint {
  readonly method: string
  readonly scope: string
  readonly answer: (signed: Signed, world: TikTokShopWorld, rules: ApiRules) => Answer
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/authorization/202309/shops': { method: 'GET', scope: 'seller.authorization.info', answer: shops },
  '/order/202309/orders/search': { method: 'POST', scope: 'seller.order.info', answer: searchOrders },
  '/order/202309/orders': { method: 'GET', scope: 'seller.order.info', answer: orderDetails },
  '/order/202507/orders': { method: 'GET', scope: 'seller.order.info', answer: orderDetails },
  '/product/202309/products/search': { method: 'POST', scope: 'seller.product.basic', answer: searchProducts },
  '/product/202502/products/search': { method: 'POST', scope: 'seller.product.basic', answer: searchProducts },
}

function findEndpoint(call: Call): Endpoint {
  const endpoint = ENDPOINTS[call.path]
  if (!endpoint) {
    const unversioned = call.path.replace(/^\/(\w+)\/\d{6}\//, '/$1/*/')
    const exists = Object.keys(ENDPOINTS).some((path) => path.replace(/\/\d{6}\//, '/*/') === unversioned)
    throw exists ? refused.version() : refused.path()
  }
  if (endpoint.method !== call.method) throw refused.method()
  return endpoint
}

// ── who asks ───────────────────────────────────────────────────────────────────────────────────────────────────────

function authenticate(call: Call, world: TikTokShopWorld, rules: ApiRules): Authorization {
  const { query } = call
  if (query.get('app_key') !== rules.appKey) throw refused.appKey()
  const timestamp = query.get('timestamp') ?? ''
  if (!/^\d{10}$/.test(timestamp)) throw refused.timestamp()
  const ahead = Number(timestamp) - call.now / 1000
  if (ahead > EARLY_SECONDS || ahead < -LATE_SECONDS) throw refused.timestamp()
  // Over the decoded parameters and the very bytes of the body that was sent.
  if (query.get('sign') !== signRequest(rules.appSecret, call)) throw refused.sign(rules.signCode ?? 106001)
  const token = call.headers['x-tts-access-token']
  const checked = world.tokens.check(typeof token === 'string' ? token : '')
  if (checked.state === 'expired') throw refused.expired()
  if (checked.state === 'unknown') throw refused.token()
  return checked.authorization
}

function shopOf(signed: Signed, world: TikTokShopWorld): Shop {
  const cipher = signed.call.query.get('shop_cipher')
  if (!cipher) throw refused.noCipher()
  const shop = world.shopByCipher(cipher)
  if (!shop || !signed.authorization.shopIds.includes(shop.id)) throw refused.mismatch()
  world.settle(shop)
  return shop
}

/** The token host: unsigned, the secret in the query, every answer with HTTP 200. */
function tokenHost(call: Call, requestId: string, world: TikTokShopWorld, rules: ApiRules): Answer {
  const { query } = call
  const fail = (code: number, message: string): Answer =>
    jsonAnswer(200, { code, message, request_id: requestId, data: null })
  if (call.method !== 'GET') throw refused.method()
  if (query.get('app_key') !== rules.appKey) return fail(36004201, 'Invalid app_key')
  if (query.get('app_secret') !== rules.appSecret) return fail(36004201, 'Invalid app_secret')
  const grant = query.get('grant_type')
  let authorization: Authorization | undefined
  if (call.path === '/api/v2/token/get' && grant === 'authorized_code') {
    authorization = world.tokens.exchange(query.get('auth_code') ?? '')
    if (!authorization) return fail(36004004, 'invalid auth code')
  } else if (call.path === '/api/v2/token/refresh' && grant === 'refresh_token') {
    authorization = world.tokens.refresh(query.get('refresh_token') ?? '')
    if (!authorization) return fail(36004001, 'rt has expired')
  } else {
    return fail(36004201, 'Invalid grant_type')
  }
  const { access, accessExpireIn, refresh, refreshExpireIn } = authorization.pair
  const data = {
    access_token: access,
    // Absolute times in seconds, in spite of their names.
    access_token_expire_in: accessExpireIn,
    refresh_token: refresh,
    refresh_token_expire_in: refreshExpireIn,
    open_id: `open-${authorization.id}`,
    seller_name: world.shop().name,
    seller_base_region: world.shop().rules.region,
    user_type: 0,
    granted_scopes: authorization.scopes,
  }
  return jsonAnswer(200, { code: 0, message: 'success', data, request_id: requestId })
}

// ── reads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function success(data: unknown, requestId: string): Answer {
  return jsonAnswer(200, { code: 0, data, message: 'Success', request_id: requestId })
}

/** A list whose rows are JSON text already. */
function list(name: string, rows: readonly Buffer[], rest: Record<string, unknown>, requestId: string): Answer {
  const tail = `],${JSON.stringify(rest).slice(1)},"message":"Success","request_id":"${requestId}"}`
  return { status: 200, body: joinRows(`{"code":0,"data":{"${name}":[`, rows, tail), page: true }
}

function shops({ authorization, requestId }: Signed, world: TikTokShopWorld): Answer {
  const own = world.shops.filter((shop) => authorization.shopIds.includes(shop.id))
  const rows = own.map(({ id, cipher, name, code, rules }) => {
    return { cipher, code, id, name, region: rules.region, seller_type: 'LOCAL' }
  })
  return success({ shops: rows }, requestId)
}

function searchOrders(signed: Signed, world: TikTokShopWorld, rules: ApiRules): Answer {
  const shop = shopOf(signed, world)
  const { call, requestId } = signed
  const size = pageSize(call)
  const query = orderQuery(call)
  // The missing upper bound is now, which moves: a token belongs to the search as it was asked.
  const asked = JSON.stringify([call.body, query.sortField, query.descending, shop.id])
  const place = openToken(call.query.get('page_token'), asked, call.now, rules.pageTokenSeconds)
  if (!place) throw refused.parameter("The 'page_token' query parameter is invalid.")
  const found = shop.search.find(query, place, size, rules.paging === 'keyset')
  const rows = found.rows.map((entry) => shop.textOf(entry))
  const next = found.next ? sealToken(found.next, asked, call.now) : ''
  return list('orders', rows, { next_page_token: next, total_count: found.total }, requestId)
}

function orderQuery(call: Call): Query {
  const body = jsonBody(call)
  const field = call.query.get('sort_field') ?? 'create_time'
  const order = call.query.get('sort_order') ?? 'DESC'
  if (field !== 'create_time' && field !== 'update_time') throw refused.parameter("'sort_field' is not supported.")
  if (order !== 'ASC' && order !== 'DESC') throw refused.parameter("'sort_order' must be ASC or DESC.")
  const status = body['order_status']
  if (status !== undefined && !(STATUSES as readonly unknown[]).includes(status)) {
    throw refused.parameter("'order_status' is not supported.")
  }
  const buyer = body['buyer_user_id']
  const now = Math.floor(call.now / 1000) + 1
  const updateUntil = bound(body, 'update_time_lt')
  const createUntil = bound(body, 'create_time_lt')
  const byUpdate = body['update_time_ge'] !== undefined
  return {
    sortField: field satisfies SortField,
    descending: order === 'DESC',
    createFrom: bound(body, 'create_time_ge') ?? 0,
    createUntil: createUntil ?? (body['create_time_ge'] === undefined ? Number.POSITIVE_INFINITY : now),
    updateFrom: bound(body, 'update_time_ge') ?? 0,
    updateUntil: updateUntil ?? (byUpdate ? now : Number.POSITIVE_INFINITY),
    status: status as OrderStatus | undefined,
    buyer: typeof buyer === 'string' ? buyer : undefined,
  }
}

/** By id the truth is shown, however late the search is; what isn't there is left out without a word. */
function orderDetails(signed: Signed, world: TikTokShopWorld): Answer {
  const shop = shopOf(signed, world)
  const ids = (signed.call.query.get('ids') ?? '').split(',').filter((id) => id !== '')
  if (ids.length === 0) throw refused.parameter("'ids' is a required field and has not been provided.")
  if (ids.length > 50) throw refused.parameter("'ids' may hold 50 ids at most.")
  const rows: Buffer[] = []
  for (const id of new Set(ids)) {
    const order = shop.orders.get(id)
    if (order) rows.push(orderText(order, shop.rules.currency, shop.rules.detail))
  }
  const tail = `]},"message":"Success","request_id":"${signed.requestId}"}`
  return { status: 200, body: joinRows('{"code":0,"data":{"orders":[', rows, tail) }
}

/** Newest first; the search documents no order. Its upper bounds are inclusive (`_le`), other than those of orders. */
function searchProducts(signed: Signed, world: TikTokShopWorld, rules: ApiRules): Answer {
  const shop = shopOf(signed, world)
  const { call, requestId } = signed
  const size = pageSize(call)
  const body = jsonBody(call)
  const status = body['status'] ?? 'ALL'
  if (status !== 'ALL' && !(PRODUCT_STATUSES as readonly unknown[]).includes(status)) {
    throw refused.parameter("'status' is not supported.")
  }
  const [createFrom, updateFrom] = [bound(body, 'create_time_ge') ?? 0, bound(body, 'update_time_ge') ?? 0]
  const createTo = bound(body, 'create_time_le') ?? Number.POSITIVE_INFINITY
  const updateTo = bound(body, 'update_time_le') ?? Number.POSITIVE_INFINITY
  const skus = body['seller_skus']
  const all = shop.products
    .filter((one) => status === 'ALL' || one.status === status)
    .filter((one) => one.createTime >= createFrom && one.createTime <= createTo)
    .filter((one) => one.updateTime >= updateFrom && one.updateTime <= updateTo)
    .filter((one) => !Array.isArray(skus) || one.skus.some((sku) => skus.includes(sku.sellerSku)))
    .sort((a, b) => b.createTime - a.createTime)
  const asked = JSON.stringify([call.body, shop.id])
  const place = openToken(call.query.get('page_token'), asked, call.now, rules.pageTokenSeconds)
  if (!place || !('offset' in place)) throw refused.parameter("The 'page_token' query parameter is invalid.")
  const end = place.offset + size
  const rows = all.slice(place.offset, end).map((one) => shop.productText(one))
  const next = end < all.length ? sealToken({ offset: end }, asked, call.now) : ''
  return list('products', rows, { next_page_token: next, total_count: all.length }, requestId)
}

// ── parameters ─────────────────────────────────────────────────────────────────────────────────────────────────────

function pageSize(call: Call): number {
  const text = call.query.get('page_size') ?? '20'
  const size = Number(text)
  if (!/^\d+$/.test(text) || size < 1 || size > 100) throw refused.parameter("'page_size' must be from 1 to 100.")
  return size
}

/** The body as an object; fields that the provider doesn't know are ignored, which is how wrong filters go unnoticed. */
function jsonBody(call: Call): Record<string, unknown> {
  if (call.body === '') return {}
  if (!call.headers['content-type']?.startsWith('application/json')) throw refused.contentType()
  let body: unknown
  try {
    body = JSON.parse(call.body)
  } catch {
    throw refused.body()
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refused.body()
  return body as Record<string, unknown>
}

function bound(body: Record<string, unknown>, name: string): number | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) throw refused.parameter(`'${name}' must be an integer.`)
  return value
}

/** Time and a number, in the provider's form. */
function makeRequestId(now: number, number: number): string {
  const time = new Date(now).toISOString().replaceAll(/\D/g, '').slice(0, 14)
  return `${time}${number.toString(16).toUpperCase().padStart(20, '0')}`
}
