// Owns the TikTok Shop connector: the orders of one shop.
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
import { bareAddress, secret, z } from '../connector/options.ts'
import { type Http, type KeysRequest, type Page, rows, type WindowRequest } from '../connector/page.ts'
import { byCursor } from '../connector/passes.ts'
import { tokenFailure } from '../connector/token-errors.ts'
import { type Delivery, type Hint, sameSignature } from '../connector/webhook.ts'
import { type ErrorCode, type Sentence, TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'

const PAGE_SIZE = 100
/** Ids that one detail request may name. */
const IDS_MAX = 50
const AUTH_URL = 'https://auth.tiktok-shops.com'
const RENEW_PATH = '/api/v2/token/refresh'

const APP = 'partner.tiktokshop.com, "App & Service", the app, "App key"'
const TOKEN =
  '"access_token" that GET auth.tiktok-shops.com/api/v2/token/get gives for the auth_code with which the app’s authorization link sends the seller back (good for 30 minutes)'

const options = z.object({
  appKey: z
    .string()
    .min(1, 'is empty')
    .meta({ description: `App key of your app: ${APP}` }),
  appSecret: secret('App secret of your app, beside its key'),
  accessToken: secret(`Access token of the shop: ${TOKEN}. Renewed by itself while there is a refresh token`),
  refreshToken: secret('Refresh token of the shop, from the same answer').optional(),
  shopCipher: z.string().min(1).optional().meta({
    advanced: true,
    description: '"cipher" of the shop, as GET /authorization/202309/shops lists it; looked up by shopId when absent',
  }),
  shopId: z
    .string()
    .min(1)
    .optional()
    .meta({ advanced: true, description: '"id" of the shop in that list; needed when the token opens several' }),
  authUrl: bareAddress('Where tokens are renewed, if elsewhere than at baseUrl').meta({ advanced: true }),
})

type Options = z.output<typeof options>

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
  if (!isObject(body) || typeof body['code'] !== 'number') return tokenFailure(answer)
  if (body['code'] === 0) return undefined
  const { code } = body
  const said = typeof body['message'] === 'string' ? body['message'] : ''
  const message = `TikTok Shop: ${said || 'no message'} (${code})`
  if (code === 105_002 || (code === 36_009_004 && /token/i.test(said))) {
    return { verdict: 'refresh', code: 'token_expired', message }
  }
  if (code === 36_009_002 || status === 429 || (status === 503 && headers['retry-after'] !== undefined)) {
    return { verdict: 'wait', code: 'rate_limited', message }
  }
  if (code === 36_009_003 || code === 36_009_007 || status >= 500)
    return { verdict: 'retry', code: 'server_error', message }
  if (code === 36_009_004 && /timestamp|expired/i.test(said)) return { verdict: 'retry', code: 'clock_skewed', message }
  if (code === 106_001 || code === 36_009_004) {
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

/** Of the token host: the refresh token ("rt") has expired, the code is not valid, the authorization is not found. */
const LOGIN_REFUSED = new Set([36_004_001, 36_004_004, 36_004_005])
/** Most codes of the token host are not documented: the words say whether they refuse the refresh token or the app. */
const REFUSED_WORDS =
  /\b(?:refresh[ _]?token|rt|authori[sz]ation) (?:is |was |has )?(?:been )?(?:expired|invalid|revoked|cancell?ed|not (?:valid|found))\b|\b(?:expired|invalid|revoked) (?:refresh[ _]?token|app[ _]?key|app[ _]?secret)\b/i

/** Path, method and version that the API does not have. */
const NO_SUCH_API = new Set([36_009_009, 36_009_010, 36_009_014])

const ciphers = new WeakMap<object, Promise<string>>()

/** The shop's cipher, from the options or, once for each opening of the connection, from the list of shops. */
async function cipherOf(http: Http, given: Options): Promise<string> {
  if (given.shopCipher !== undefined) return given.shopCipher
  let cipher = ciphers.get(given)
  if (!cipher) {
    cipher = findCipher(http, given)
    ciphers.set(given, cipher)
    cipher.catch(() => ciphers.delete(given))
  }
  return cipher
}

async function findCipher(http: Http, given: Options): Promise<string> {
  const cipher = (await findShop(http, given))['cipher']
  if (typeof cipher === 'string') return cipher
  throw new TidemarkError('shop_mismatch', 'The list of shops has no cipher.', { hint: 'Give it as shopCipher.' })
}

/** The list of shops, in which the one that is read must be. */
async function check({ http, options: given }: { readonly http: Http; readonly options: Options }) {
  const { name, id: number } = await findShop(http, given)
  return { account: `shop ${String(name ?? number)}` }
}

async function findShop(http: Http, { shopId, shopCipher }: Options): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await http.get('/authorization/202309/shops')
  const shops = rows(dataOf(body)['shops'], 'shops').filter(isObject)
  const isMeant = (shop: Readonly<Record<string, unknown>>) =>
    shopCipher === undefined ? shop['id'] === shopId : shop['cipher'] === shopCipher
  const isOnly = shopCipher === undefined && shopId === undefined && shops.length === 1
  const shop = isOnly ? shops[0] : shops.find(isMeant)
  if (shop) return shop
  const opens = shops.map(({ id: number, name }) => `${String(number)}${typeof name === 'string' ? ` (${name})` : ''}`)
  const isOpen = shopCipher === undefined && shopId === undefined && shops.length > 1
  const meant = shopId === undefined ? (shopCipher === undefined ? '' : ' with this shopCipher') : ` ${shopId}`
  const message: Sentence = isOpen
    ? `The token opens ${shops.length} shops, and none of them is named.`
    : `The token opens no shop${meant}.`
  throw new TidemarkError('shop_mismatch', message, {
    scope: 'stream',
    hint:
      opens.length === 0
        ? 'The seller has to authorise the app for a shop first.'
        : `Name one with the option shopId, and connect each shop under an id of its own. It opens: ${opens.join(', ')}`,
  })
}

function dataOf(body: unknown): Record<string, unknown> {
  return isObject(body) && isObject(body['data']) ? body['data'] : {}
}

async function searchOrders(request: WindowRequest<Options>): Promise<Page> {
  const { http, page, since, until, where } = request
  const { body } = await http.post('/order/202309/orders/search', {
    query: {
      shop_cipher: await cipherOf(http, request.options),
      page_size: PAGE_SIZE,
      sort_field: 'update_time',
      sort_order: 'ASC',
      page_token: typeof page === 'string' ? page : undefined,
    },
    json: { update_time_ge: since, update_time_lt: until, order_status: where['status'] },
  })
  const data = dataOf(body)
  const { total_count: count, next_page_token: next, orders } = data
  // A count below 0 is none.
  const total = Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined
  return {
    // An empty window may come without its list; then the count says so.
    records: (orders ?? null) === null && total === 0 ? [] : rows(orders, 'orders'),
    next: typeof next === 'string' && next !== '' ? next : undefined,
    total,
  }
}

async function ordersById({ http, options: given, keys }: KeysRequest<Options>): Promise<readonly unknown[]> {
  const query = { shop_cipher: await cipherOf(http, given), ids: keys.join(',') }
  const { body } = await http.get('/order/202309/orders', { query })
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
    title: 'Orders of a TikTok Shop',
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
