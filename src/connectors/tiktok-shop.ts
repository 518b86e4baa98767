// Owns the TikTok Shop connector: the orders and the products of one shop.
//
// Facts (partner.tiktokshop.com, Order API 202309): orders are searched by POST with the filter in the body,
// `update_time_ge` inclusive and `update_time_lt` exclusive in unix seconds, sorted by update_time; 100 a page at most;
// answers carry `code`, and anything but 0 is an error, whatever the HTTP status. Every request is signed: HMAC-SHA256
// over path, sorted query and body between two copies of the app secret; the timestamp may be 5 minutes old and 30 s
// ahead. Access tokens last about a week; renewing one gives a new refresh token, too, and `*_expire_in` are instants,
// not durations. Limits are per app and shop, and not published.

import { createHmac } from 'node:crypto'
import { defineConnector, type Failure, type Outgoing, type RawAnswer, stream } from '../connector/connector.ts'
import { decimal, flag, id, integer, text } from '../connector/fields.ts'
import { z } from '../connector/options.ts'
import { type KeysRequest, type Page, rows, type WindowRequest } from '../connector/page.ts'
import { byCursor } from '../connector/passes.ts'
import { tokenFailure } from '../connector/token-errors.ts'
import { type Delivery, type Hint, sameSignature } from '../connector/webhook.ts'
import { type ErrorCode, TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'
import { products } from './tiktok-shop/products.ts'
import {
  check,
  cipherOf,
  dataOf,
  flagOf,
  listed,
  type Options,
  options,
  PAGE_SIZE,
  withScope,
} from './tiktok-shop/shop.ts'

/** Ids that one detail request may name. */
const IDS_MAX = 50
const SCOPE = 'seller.order.info'
const AUTH_URL = 'https://auth.tiktok-shops.com'
const RENEW_PATH = '/api/v2/token/refresh'

/** An emulator or a proxy stands for both hosts, unless the other one is named. */
function authUrlOf({ authUrl, baseUrl }: Options & { readonly baseUrl?: string | undefined }): string {
  return (authUrl ?? baseUrl ?? AUTH_URL).replace(/(?<!\/)\/+$/, '')
}

/** The signature of a request, in hexadecimal: `sign` and `access_token` are not part of what is signed. */
export function signature(
  appSecret: string,
  request: { path: string; query: Readonly<Record<string, string>>; body: string | undefined },
): string {
  const parameters = Object.entries(request.query)
    .filter(([name]) => name !== 'sign' && name !== 'access_token')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => name + value)
    .join('')
  const signed = `${appSecret}${request.path}${parameters}${request.body ?? ''}${appSecret}`
  return createHmac('sha256', appSecret).update(signed).digest('hex')
}

function sign({ appKey, appSecret, accessToken }: Options, outgoing: Outgoing) {
  if (outgoing.path.endsWith(RENEW_PATH)) return {}
  const query = { ...outgoing.query, app_key: appKey, timestamp: String(Math.floor(outgoing.now / 1_000)) }
  const { path, body } = outgoing
  return {
    query: { ...query, sign: signature(appSecret, { path, query, body }) },
    headers: { 'x-tts-access-token': accessToken },
  }
}

/**
 * What the codes mean. 36009004 stands for a dozen things, which only its message tells apart. A wrong app, shop, scope or
 * address is no fault of a page: it fails for all of them until somebody mends it.
 */
function classify(answer: RawAnswer): Failure<ErrorCode> | undefined {
  const { status, headers, body } = answer
  if (!isObject(body)) return tokenFailure(answer)
  const code = codeIn(body['code'])
  if (code === undefined) return tokenFailure(answer) ?? withoutCode(answer)
  if (code === 0) return undefined
  const said = typeof body['message'] === 'string' ? body['message'] : ''
  const message = `TikTok Shop: ${said || 'no message'} (${code})`
  if (code === 105_002 || (code === 36_009_004 && /token/i.test(said.replaceAll(PAGE_TOKEN, '')))) {
    return { verdict: 'refresh', code: 'token_expired', message }
  }
  if (code === 36_009_002 || status === 429 || (status === 503 && headers['retry-after'] !== undefined)) {
    return { verdict: 'wait', code: 'rate_limited', message }
  }
  if (code === 36_009_003 || code === 36_009_007 || status >= 500)
    return { verdict: 'retry', code: 'server_error', message }
  if (code === 36_009_004 && /timestamp|expired/i.test(said)) return { verdict: 'retry', code: 'clock_skewed', message }
  if (code === 106_001 || (code === 36_009_004 && SIGNED_WITH.test(said))) {
    return { verdict: 'stop', scope: 'stream', code: 'signature_refused', message, hint: 'Check appKey and appSecret.' }
  }
  if (code === 105_005) {
    return {
      verdict: 'stop',
      scope: 'stream',
      code: 'scope_missing',
      message,
      hint: 'Let the seller grant the scope to your app.',
    }
  }
  if (code === 106_013 || code === 101_000) {
    return {
      verdict: 'stop',
      scope: 'stream',
      code: 'shop_mismatch',
      message,
      hint: 'Check shopCipher and shopId: the token is for another shop.',
    }
  }
  if (code === 36_009_033) {
    return {
      verdict: 'stop',
      scope: 'stream',
      code: 'address_not_allowed',
      message,
      hint: 'Add this server to the app’s IP allow list.',
    }
  }
  if (NO_SUCH_API.has(code)) {
    return { verdict: 'stop', scope: 'stream', code: 'not_found', message, hint: 'Check baseUrl and authUrl.' }
  }
  if (LOGIN_REFUSED.has(code) || REFUSED_WORDS.test(said)) return { verdict: 'pause', code: 'login_expired', message }
  return { verdict: 'stop', code: 'request_refused', message }
}

/** A place in a listing, which is no login. */
const PAGE_TOKEN = /page[ _]?token/gi
const SIGNED_WITH = /\bsign(?:ature)?\b|app[ _]?(?:key|secret)|\bcredentials\b/i

/** A code, which a gateway may write as text. Undefined: there is none. */
function codeIn(code: unknown): number | undefined {
  return typeof code === 'number' ? code : typeof code === 'string' && /^-?\d+$/.test(code) ? Number(code) : undefined
}

/** Only the code 0 says that an answer is one: a list beside none may be empty because something has failed. */
function withoutCode({ status }: RawAnswer): Failure<ErrorCode> | undefined {
  if (status >= 300) return undefined
  const message = `TikTok Shop: the answer has no code, which is 0 where it is one (${status})`
  return { verdict: 'retry', scope: 'page', code: 'unexpected_shape', message }
}

/** Of the token host: the refresh token ("rt") has expired, the code is not valid, the authorization is not found. */
const LOGIN_REFUSED = new Set([36_004_001, 36_004_004, 36_004_005])
/** Most codes of the token host are not documented: the words say whether they refuse the refresh token or the app. */
const REFUSED_WORDS =
  /\b(?:refresh[ _]?token|rt|authori[sz]ation) (?:is |was |has )?(?:been )?(?:expired|invalid|revoked|cancell?ed|not (?:valid|found))\b|\b(?:expired|invalid|revoked) (?:refresh[ _]?token|app[ _]?key|app[ _]?secret)\b/i

/** Path, method and version that the API does not have. */
const NO_SUCH_API = new Set([36_009_009, 36_009_010, 36_009_014])

async function searchOrders(request: WindowRequest<Options>): Promise<Page> {
  const { http, page, since, until, where } = request
  const query = {
    shop_cipher: await cipherOf(http, request.options),
    page_size: PAGE_SIZE,
    sort_field: 'update_time',
    sort_order: 'ASC',
    page_token: typeof page === 'string' ? page : undefined,
  }
  const json = { update_time_ge: since, update_time_lt: until, order_status: where['status'] }
  const { body } = await withScope(SCOPE, http.post('/order/202309/orders/search', { query, json }))
  return listed(body, 'orders')
}

async function ordersById({ http, options: given, keys }: KeysRequest<Options>): Promise<readonly unknown[]> {
  const query = { shop_cipher: await cipherOf(http, given), ids: keys.join(',') }
  const { body } = await withScope(SCOPE, http.get('/order/202309/orders', { query }))
  // Of ids that it does not know, the answer may say nothing; without its envelope, it says nothing of any.
  if (!isObject(body) || !isObject(body['data'])) return rows(undefined, 'orders')
  const { orders } = body['data']
  return orders === undefined ? [] : rows(orders, 'orders')
}

/**
 * TikTok Shop signs app key and body with the app secret, and sends the bare signature as Authorization. It has no time in
 * it, so that a delivery that is sent again is known by its id alone.
 */
function isSigned({ headers, body }: Delivery, { appKey, appSecret }: Options): boolean {
  const due = createHmac('sha256', appSecret).update(appKey).update(body).digest('hex')
  return sameSignature(headers['authorization'], due)
}

/**
 * The order that a notification is about, of whatever kind: its status and its words are not believed. Some notifications
 * lack an id; then what they tell names them.
 */
function changedOrder({ json }: Delivery, { shopId }: Options): Hint | undefined {
  if (!isObject(json) || !isObject(json['data'])) return undefined
  const { type, tts_notification_id: given, shop_id: shop, data } = json
  const { order_id: key, order_status: status, update_time: time } = data
  if (typeof key !== 'string' || key === '' || (shopId !== undefined && shop !== shopId)) return undefined
  const told = [shop, type, key, status, time].map(String).join(':')
  return { id: typeof given === 'string' && given !== '' ? given : told, records: { orders: [key] } }
}

const STATUSES = [
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

const FINAL: readonly string[] = ['COMPLETED', 'CANCELLED']

const order = z.object({
  id: id(),
  status: z.string(),
  create_time: integer(),
  update_time: z.int(),
  paid_time: integer(),
  total_amount: decimal(),
  sub_total: decimal(),
  shipping_fee: decimal(),
  tax: decimal(),
  currency: text(),
  buyer_email: text(),
  user_id: text(),
  fulfillment_type: text(),
  shipping_type: text(),
  tracking_number: text(),
  warehouse_id: text(),
  payment_method_name: text(),
  cancel_reason: text(),
  is_cod: flag(),
})

type OrderRow = Readonly<Record<string, unknown>> & { readonly payment?: Readonly<Record<string, unknown>> | null }

export default defineConnector(
  {
    name: 'tiktok-shop',
    title: 'Orders and products of a TikTok Shop',
    options,
    http: (given) => ({
      baseUrl: 'https://open-api.tiktokglobalshop.com',
      headers: { 'content-type': 'application/json' },
      allowedHosts: [new URL(authUrlOf(given)).host],
      sign: (outgoing) => sign(given, outgoing),
      classify,
    }),
    check,
    login: ['accessToken', 'refreshToken'],
    webhook: { verify: isSigned, hint: changedOrder },
    opening: ({ shopCipher }) => (shopCipher === undefined ? 1 : 0),
    async renew({ http, options: given }) {
      if (given.refreshToken === undefined) throw loginExpired('there is no refresh token')
      const { appKey: app_key, appSecret: app_secret, refreshToken: refresh_token } = given
      const query = { app_key, app_secret, refresh_token, grant_type: 'refresh_token' }
      const { body } = await http.get(authUrlOf(given) + RENEW_PATH, { query }).catch((error: unknown) => {
        // What refuses the login itself needs the seller; a limit, an outage, a wrong address do not.
        throw refusesLogin(error) ? loginExpired(error.message) : error
      })
      const data = dataOf(body)
      const { access_token, refresh_token: rotated } = data
      if (!isToken(access_token) || !isToken(rotated)) {
        throw new TidemarkError('unexpected_shape', 'The answer has no tokens.', { scope: 'run' })
      }
      return {
        secrets: { accessToken: access_token, refreshToken: rotated },
        expiresAt: {
          ...endOf('accessToken', data['access_token_expire_in']),
          ...endOf('refreshToken', data['refresh_token_expire_in']),
        },
      }
    },
  },
  {
    orders: stream({
      title: 'Orders, by the time of their last change',
      schema: order,
      record: ({ payment, ...row }: OrderRow) => ({
        ...row,
        is_cod: flagOf(row['is_cod']),
        total_amount: payment?.['total_amount'],
        sub_total: payment?.['sub_total'],
        shipping_fee: payment?.['shipping_fee'],
        tax: payment?.['tax'],
        currency: payment?.['currency'],
      }),
      key: (row) => row.id,
      version: (row) => row.update_time,
      metrics: ['total_amount'],
      byKey: { read: ordersById, batch: IDS_MAX },
      filters: { status: { values: STATUSES, open: STATUSES.filter((status) => !FINAL.includes(status)) } },
      passes: [
        byCursor({
          read: searchOrders,
          pageSize: PAGE_SIZE,
          order: (row) => row.update_time,
          unitMs: 1_000,
          overlap: '5m',
        }),
      ],
    }),
    products,
  },
)

/** What refuses the credentials themselves. An answer that is not known to do so refuses no login. */
function refusesLogin(error: unknown): error is TidemarkError {
  return error instanceof TidemarkError && error.verdict === 'pause'
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** When a token ends, told in seconds since 1970. */
function endOf(
  name: 'accessToken' | 'refreshToken',
  seconds: unknown,
): { [name in 'accessToken' | 'refreshToken']?: number } {
  return typeof seconds === 'number' ? { [name]: seconds * 1_000 } : {}
}

function loginExpired(why: string): TidemarkError {
  return new TidemarkError(
    'login_expired',
    `TikTok Shop no longer accepts this shop's login: ${why.replace(/\.$/, '')}.`,
    {
      hint: 'Let the seller authorise the app again, and give the new tokens to: tidemark connect',
    },
  )
}
