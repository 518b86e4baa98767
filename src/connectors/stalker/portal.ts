// Owns how a Stalker portal is spoken to: its addresses, its envelope, and what its refusals mean.
//
// Facts: clients of a portal whose pages are at /c/ ask …/server/load.php (c/xpcom.common.js of stalker_portal) or, where the
// portal is an Xtream emulator, …/portal.php. Every answer is {"js": …}. A token that has ended is answered with status 200
// and the plain text "Authorization failed." or "Access denied.". The content type says nothing: text/javascript and
// text/html are usual.

import type { Failure, RawAnswer } from '../../connector/connector.ts'
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
  readonly requestsAtOnce?: number | undefined
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
export async function send({ http, options }: Portal, query: Query, headers?: Readonly<Record<string, string>>) {
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

export function payloadOf(body: unknown, what: string): unknown {
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

// ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An envelope with nothing in it, where no session is open. */
export const NO_SESSION = 'unexpected_shape'

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
