// Owns how a Stalker portal is spoken to: its addresses, its envelope, its session, and what its refusals mean.
//
// Facts: clients of a portal whose pages are at /c/ ask …/server/load.php (c/xpcom.common.js of stalker_portal) or, where the
// portal is an Xtream emulator, …/portal.php. Every answer is {"js": …}. The session is a token from `handshake`, which
// `get_profile` makes valid; status 2 of the profile asks for a login (`do_auth`), every other one but 0 blocks the device. A
// token that has ended is answered with status 200 and the plain text "Authorization failed." or "Access denied.". The
// content type says nothing: text/javascript and text/html are usual.

import type { Failure, Outgoing, RawAnswer } from '../../connector/connector.ts'
import type { Http } from '../../connector/page.ts'
import { type ErrorCode, type Sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

export interface PortalOptions {
  readonly portalUrl?: string | undefined
  readonly baseUrl?: string | undefined
  readonly mac: string
  readonly login?: string | undefined
  readonly password?: string | undefined
  readonly serialNumber?: string | undefined
  readonly deviceId?: string | undefined
  readonly token?: string | undefined
}

export interface Portal {
  readonly http: Http
  readonly options: PortalOptions
}

type Query = Readonly<Record<string, string | number>>

// ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────

export function addressOf({ portalUrl, baseUrl }: Pick<PortalOptions, 'portalUrl' | 'baseUrl'>): string {
  return baseUrl ?? portalUrl ?? ''
}

/** The folder in which the portal lies, with a slash at its end: what stands before /c/, portal.php or server/load.php. */
export function rootOf(address: string): URL {
  const url = new URL(address)
  const path = url.pathname.replace(/\/(?:(?:server\/)?[^/]*\.php|c(?:\/[^/]*)?)$/, '').replace(/(?<!\/)\/+$/, '')
  return new URL(`${path}/`, url)
}

/** Where the portal may answer, the likeliest first. */
export function endpointsOf(address: string): readonly string[] {
  if (address.endsWith('.php')) return [address]
  const root = rootOf(address)
  const isMinistra = root.pathname.endsWith('/stalker_portal/')
  const paths = isMinistra
    ? ['server/load.php', 'portal.php']
    : ['portal.php', 'server/load.php', 'stalker_portal/server/load.php']
  return paths.map((path) => new URL(path, root).href)
}

const found = new WeakMap<PortalOptions, string>()

/** Asks the portal, at the first of its addresses that is there; which one, is found once for each opening. */
async function send({ http, options }: Portal, query: Query, headers?: Readonly<Record<string, string>>) {
  const known = found.get(options)
  const endpoints = known === undefined ? endpointsOf(addressOf(options)) : [known]
  const init = { query: { ...query, JsHttpRequest: '1-xml' }, ...(headers && { headers }) }
  for (const endpoint of endpoints.slice(0, -1)) {
    const answer = await http.get(endpoint, { ...init, accept: [404] })
    if (answer.status === 404) continue
    found.set(options, endpoint)
    return answer.body
  }
  return (await http.get(endpoints.at(-1) ?? '', init)).body
}

// ── the envelope ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the envelope holds. @throws TidemarkError unexpected_shape (retry) */
export async function ask(portal: Portal, query: Query): Promise<unknown> {
  return payloadOf(await send(portal, query), `${query['type']} ${query['action']}`)
}

function payloadOf(body: unknown, what: string): unknown {
  if (isObject(body) && 'js' in body) return body['js']
  throw noPage(`The portal's answer to ${what} has no "js".`)
}

export function noPage(message: Sentence): TidemarkError {
  const hint =
    'Nothing was removed, and the next sync asks again. If it stays so, open the same list on the box: a portal answers like this for what it lacks, and while its database is away.'
  return new TidemarkError('unexpected_shape', message, { scope: 'page', hint })
}

/**
 * The JSON in an answer that has something around it: a call (JSONP, or JsHttpRequest's own), or the notices of PHP before
 * it. Undefined: there is none.
 */
export function unwrapped(text: string): string | undefined {
  const start = /^\s*[\w$.]+\(\s*(?=\{)/.exec(text)?.[0].length ?? text.search(/\{\s*"js"\s*:/)
  const end = text.lastIndexOf('}')
  return start < 0 || end < start ? undefined : text.slice(start, end + 1)
}

export interface List {
  readonly rows: readonly unknown[]
  readonly total: number | undefined
  /** Rows on a page, as the portal says. */
  readonly size: number | undefined
}

/**
 * The list in an envelope: under `data`, or all of it. PHP writes a list that has lost its order as an object with numbers
 * for names. False, null and a bare [] are what a portal says of a section that it lacks, and of a fault: no empty list.
 *
 * @throws TidemarkError unexpected_shape (retry)
 */
export function listOf(js: unknown, what: string): List {
  const total = isObject(js) ? natural(js['total_items']) : undefined
  const size = isObject(js) ? natural(js['max_page_items']) : undefined
  const bare = isObject(js) && !('data' in js) && total === undefined ? js : undefined
  const rows = rowsIn(bare ?? (isObject(js) ? js['data'] : js))
  const isEmptyList = isObject(js) && 'data' in js
  if (rows !== undefined && (rows.length > 0 || isEmptyList)) return { rows, total, size }
  // Without its list, but with its length.
  if (total === 0) return { rows: [], total, size }
  throw noPage(`The portal's answer has no list of ${what}.`)
}

function rowsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (!isObject(value)) return undefined
  const names = Object.keys(value)
  return names.length > 0 && names.every((name) => /^\d+$/.test(name)) ? Object.values(value) : undefined
}

/** A whole number from 0 up, which portals also write as text. */
export function natural(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

// ── the session ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The token goes with everything but the handshake that asks for one. */
export function sign({ token }: PortalOptions, { query, headers }: Outgoing) {
  if (token === undefined || query['action'] === 'handshake' || headers['authorization'] !== undefined) return {}
  return { headers: { authorization: `Bearer ${token}` } }
}

/** A new token, made valid by the profile, with the login where the portal asks for one. */
export async function openSession(portal: Portal): Promise<string> {
  const { options } = portal
  const handshake = await send(portal, { type: 'stb', action: 'handshake', token: '' }).catch(refusedHandshake)
  const given = payloadOf(handshake, 'the handshake')
  const token = isObject(given) ? given['token'] : undefined
  if (typeof token !== 'string' || token === '') throw noToken()
  const bearer = { authorization: `Bearer ${token}` }
  const notValid = isObject(given) && natural(given['not_valid']) === 1 ? 1 : 0
  const profile = await send(portal, profileQuery(options, 0, notValid), bearer).catch(refusedLogin)
  if (!asksForLogin(profile)) {
    accountOf(profile, options)
    return token
  }
  const { login, password } = options
  if (login === undefined || password === undefined) {
    throw new TidemarkError('login_expired', 'The portal asks for a login and a password.', {
      hint: 'Give both as your provider sent them: tidemark connect stalker --id … --set login=… --secret-env password=…',
    })
  }
  const { deviceId = '' } = options
  const query = { type: 'stb', action: 'do_auth', login, password, device_id: deviceId, device_id2: deviceId }
  if (payloadOf(await send(portal, query, bearer).catch(refusedCredentials), 'the login') !== true) throw wrongLogin()
  const second = await send(portal, profileQuery(options, 1, notValid), bearer).catch(refusedLogin)
  if (asksForLogin(second)) throw wrongLogin()
  accountOf(second, options)
  return token
}

/** One cheap request that shows whether the device is let in, and whose account it is. */
export async function check(portal: Portal): Promise<{ readonly account: string }> {
  return { account: accountOf(await send(portal, profileQuery(portal.options, 0, 0)), portal.options) }
}

function profileQuery({ serialNumber, deviceId }: PortalOptions, secondStep: 0 | 1, notValid: 0 | 1): Query {
  const device = deviceId === undefined ? {} : { device_id: deviceId, device_id2: deviceId }
  return {
    ...(serialNumber === undefined ? {} : { sn: serialNumber }),
    ...device,
    type: 'stb',
    action: 'get_profile',
    hd: 1,
    stb_type: 'MAG250',
    client_type: 'STB',
    num_banks: 2,
    not_valid_token: notValid,
    auth_second_step: secondStep,
  }
}

function statusOf(profile: unknown): number | undefined {
  return isObject(profile) && isObject(profile['js']) ? natural(profile['js']['status']) : undefined
}

function asksForLogin(profile: unknown): boolean {
  return statusOf(profile) === 2
}

/** Whose account the profile shows. @throws TidemarkError login_expired (pause) where the device is blocked */
function accountOf(profile: unknown, { mac }: PortalOptions): string {
  const js = payloadOf(profile, 'the profile')
  if (!isObject(js)) throw new TidemarkError('login_expired', `The portal has no profile for device ${mac}.`, BLOCKED)
  if ((statusOf(profile) ?? 0) !== 0 || natural(js['blocked']) === 1) {
    const said = [js['msg'], js['block_msg']].flatMap((text) => plainText(text) ?? []).join(' ')
    throw new TidemarkError(
      'login_expired',
      `The portal blocks device ${mac}: ${said || 'it does not say why'}.`,
      BLOCKED,
    )
  }
  const [name] = ['fname', 'login', 'name'].flatMap((field) => plainText(js[field]) ?? [])
  return name === undefined ? `device ${mac}` : `${name}, device ${mac}`
}

const BLOCKED = {
  hint: 'Ask your provider to register this MAC address, or give the registered one: tidemark connect stalker --id … --set mac=…',
}

/** Messages of portals are pieces of a web page. */
function plainText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? undefined : text.replace(/\.$/, '')
}

function wrongLogin(): TidemarkError {
  return new TidemarkError('login_expired', 'The portal refuses the login and the password.', {
    hint: 'Give both as your provider sent them: tidemark connect stalker --id … --set login=… --secret-env password=…',
  })
}

/** A portal that refuses even a fresh session has locked the device out. */
function refusedLogin(error: unknown): never {
  if (!(error instanceof TidemarkError) || error.verdict !== 'pause') throw error
  throw new TidemarkError('login_expired', `The portal refuses to open a session: ${error.message}` as Sentence, {
    ...BLOCKED,
    cause: error,
  })
}

/** A portal refuses a device in words or by the status of its profile. A handshake with nothing in it is a fault of its own. */
function refusedHandshake(error: unknown): never {
  if (error instanceof TidemarkError && error.code === NO_SESSION) throw noToken()
  return refusedLogin(error)
}

/** To a wrong password a portal answers with nothing. */
function refusedCredentials(error: unknown): never {
  if (error instanceof TidemarkError && error.code === NO_SESSION) throw wrongLogin()
  return refusedLogin(error)
}

function noToken(): TidemarkError {
  return noPage('The answer to the handshake has no token.')
}

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An envelope with nothing in it, where no session is open. */
const NO_SESSION = 'unexpected_shape'

const REFUSED = /^\s*"?(?:authorization failed|access denied)\.?"?\s*$/i

/** What a portal says with status 200, and what else is no page. */
export function classify({ token }: PortalOptions, { status, body }: RawAnswer): Failure<ErrorCode> | undefined {
  if (status === 404) {
    return {
      verdict: 'stop',
      scope: 'stream',
      code: 'not_found',
      message: 'There is no portal at this address (404)',
      hint: 'Check portalUrl: the address that is typed into the box, such as http://portal.example/c/',
    }
  }
  if (status === 403 && typeof body === 'string') {
    return {
      verdict: 'stop',
      scope: 'run',
      code: 'forbidden',
      message: 'A firewall in front of the portal refuses this address (403)',
      hint: 'Wait, or ask your provider; do not sync more often than you need.',
    }
  }
  const said = refusalIn(body)
  const isRefused = said !== undefined && (status === 200 || status === 401 || status === 403)
  if (isRefused || status === 401) {
    return {
      verdict: 'refresh',
      code: 'token_expired',
      message: `The portal says: ${said ?? 'not authorised'} (${status})`,
    }
  }
  // Without a token some portals answer with nothing in their envelope.
  const js = status === 200 && isObject(body) && 'js' in body ? body['js'] : undefined
  if (token === undefined && (js === false || js === null || js === '' || (Array.isArray(js) && js.length === 0))) {
    return {
      verdict: 'refresh',
      code: NO_SESSION,
      message: 'The portal answers with nothing: there is no session',
    }
  }
  return undefined
}

/** "Authorization failed.", bare, behind notices of PHP, or where data should be. */
function refusalIn(body: unknown): string | undefined {
  if (typeof body === 'string') {
    const last = body.trimEnd().split('\n').at(-1) ?? ''
    return REFUSED.test(last) ? last.trim() : undefined
  }
  if (!isObject(body)) return undefined
  const js = body['js']
  const said = isObject(js) ? js['error'] : (js ?? body['error'])
  return typeof said === 'string' && REFUSED.test(said) ? said : undefined
}
