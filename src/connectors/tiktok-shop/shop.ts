// Owns the shop of a TikTok Shop connection: its options, the shop that is meant among those that the login opens, and what
// all its lists have in common.

import { bareAddress, secret, z } from '../../connector/options.ts'
import { type Http, type Page, rows } from '../../connector/page.ts'
import { type Sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

/** Rows of a page, at most. */
export const PAGE_SIZE = 100

const APP = 'partner.tiktokshop.com, "App & Service", the app, "App key"'
const TOKEN =
  '"access_token" that GET auth.tiktok-shops.com/api/v2/token/get gives for the auth_code with which the app’s authorization link sends the seller back (good for 30 minutes)'

export const options = z.object({
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

export type Options = z.output<typeof options>

const ciphers = new WeakMap<object, Promise<string>>()

/** The shop's cipher, from the options or, once for each opening of the connection, from the list of shops. */
export async function cipherOf(http: Http, given: Options): Promise<string> {
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
export async function check({ http, options: given }: { readonly http: Http; readonly options: Options }) {
  const { name, id: number } = await findShop(http, given)
  return { account: `shop ${String(name ?? number)}` }
}

async function findShop(http: Http, { shopId, shopCipher }: Options): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await withScope('seller.authorization.info', http.get('/authorization/202309/shops'))
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

/** The answer of a request; one that is refused for want of a scope names the scope, which the service's words may not. */
export async function withScope<T>(scope: string, answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (!(error instanceof TidemarkError) || error.code !== 'scope_missing') throw error
    throw new TidemarkError(
      'scope_missing',
      `The login lacks the scope ${scope}. ${error.message.replace(/\.$/, '')}.`,
      {
        scope: 'stream',
        hint: `Add ${scope} to your app at partner.tiktokshop.com, and let the seller authorise the app again.`,
        cause: error,
      },
    )
  })
}

export function dataOf(body: unknown): Record<string, unknown> {
  return isObject(body) && isObject(body['data']) ? body['data'] : {}
}

/** A page of a search, whose rows are the list of this name. */
export function listed(body: unknown, name: string): Page {
  const { total_count: count, next_page_token: next, [name]: list } = dataOf(body)
  // A count below 0 is none.
  const total = Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : undefined
  return {
    // What is empty may come without its list; then the count says so.
    records: (list ?? null) === null && total === 0 ? [] : rows(list, name),
    next: typeof next === 'string' && next !== '' ? next : undefined,
    total,
  }
}

/** Flags come as words, too: which of them do has changed over the years. */
export function flagOf(told: unknown): unknown {
  if (told === 'true') return true
  return told === 'false' ? false : told
}
