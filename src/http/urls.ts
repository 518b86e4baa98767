// Owns addresses: how a path becomes a URL of the connection, which URLs may be asked at all, and how a URL is written
// down without the secrets that services like to put into it. Pure.

import { hasLogin, surplusOf } from '../model/bare-address.ts'
import { TidemarkError } from '../model/errors.ts'
import { plural } from '../model/plural.ts'

/** Where a connection may go: the origin of its base URL, and the hosts that the service names. */
export interface Territory {
  readonly base: URL
  readonly allowedHosts: readonly string[]
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

/** @throws TidemarkError url_refused (stop) for a base URL that is none, or carries more than an address */
export function territoryOf(baseUrl: string, allowedHosts: readonly string[] = []): Territory {
  const base = URL.parse(baseUrl)
  if (!base || (base.protocol !== 'http:' && base.protocol !== 'https:')) {
    throw new TidemarkError('url_refused', 'The base URL is not an http:// or https:// address.', {
      hint: 'Set baseUrl to something like https://api.example.com',
    })
  }
  const surplus = surplusOf(baseUrl)
  if (surplus !== undefined) {
    throw new TidemarkError('url_refused', `The base URL has ${surplus} in it.`, {
      hint: 'Set baseUrl to the address alone, and give what is secret to an option that is sealed.',
    })
  }
  return { base, allowedHosts: allowedHosts.map((host) => host.toLowerCase()) }
}

/**
 * The URL for a path relative to the base URL, whose own path is kept (`/v1` and `/orders` make `/v1/orders`), or for an
 * absolute URL that stays in the territory.
 *
 * @throws TidemarkError url_refused (stop); connector_invalid (stop) for a path that is no text
 */
export function urlFor(territory: Territory, path: string, query: Query = {}): URL {
  if (typeof (path as unknown) !== 'string') {
    const message = `The connector asked for a path that is no text (${typeof path}).` as const
    throw new TidemarkError('connector_invalid', message, { scope: 'stream', hint: PATHS })
  }
  const { base } = territory
  const absolute = /^([a-z][a-z\d+.-]*:|[/\\]{2})/i.test(path)
  const folder = folderOf(base)
  const joined = /^([?#]|$)/.test(path) ? base.pathname + path : `${folder}/${path.replace(/^\//, '')}`
  const url = URL.parse(absolute ? path : joined, base.href)
  if (!url)
    throw new TidemarkError('url_refused', 'A page address of the service is not a URL.', {
      scope: 'page',
      hint: STAYS,
    })
  url.hash = ''
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value))
  }
  if (url.href.length > URL_CHARS_MAX) {
    const message =
      `The address of a page has ${plural(url.href.length, 'character')}; no service takes so many.` as const
    throw new TidemarkError('url_refused', message, { scope: 'page', hint: LONG })
  }
  if (hasLogin(url)) {
    throw new TidemarkError('url_refused', 'A page address of the service has a login in it.', {
      scope: 'page',
      hint: 'Credentials go with requests as the connector declares it, never in an address.',
    })
  }
  if (!isAllowed(territory, url)) {
    throw new TidemarkError(
      'url_refused',
      `Host ${url.host} is neither ${base.host} nor an allowed host of the service.`,
      {
        scope: 'page',
        hint: STAYS,
      },
    )
  }
  return url
}

/**
 * The path as the API sees it, whose own base URL is `api`: what a proxy has in front of its upstream's paths is taken
 * away. Elsewhere than at the base URL the whole path.
 */
export function apiPath({ base }: Territory, api: string, url: URL): string {
  const folder = folderOf(base)
  const below = url.origin === base.origin && url.pathname.startsWith(`${folder}/`)
  return below ? folderOf(URL.parse(api) ?? base) + url.pathname.slice(folder.length) : url.pathname
}

function folderOf({ pathname }: URL): string {
  return pathname.replace(/(?<!\/)\/+$/, '')
}

/** The longest address that is asked for, in characters. Servers take 8 to 64 thousand. */
export const URL_CHARS_MAX = 65_536
const LONG = 'Ask for less at once, or send what is long in the body of a POST.'
const PATHS = "Write http.get('/items', { query: { page } }), with a path below the base URL or an absolute URL."

const STAYS =
  'Requests carry credentials and so stay on the origin of the base URL and the allowed hosts of the service.'

/** Same origin, or an allowed host without stepping down from https to http. */
export function isAllowed({ base, allowedHosts }: Territory, url: URL): boolean {
  if (hasLogin(url)) return false
  if (url.origin === base.origin) return true
  if (url.protocol !== 'https:' && url.protocol !== base.protocol) return false
  return (url.protocol === 'https:' || url.protocol === 'http:') && allowedHosts.includes(url.host)
}

/** Parameters whose short values tell where in a listing a request was, and open nothing. */
const HARMLESS = new Set(
  (
    'page per_page perpage page_size pagesize page_no limit offset skip start count max maxresults size first ' +
    'sort sort_by sortby sort_field sort_order order order_by orderby direction dir desc asc ' +
    'since until from to before after status state type kind category genre part fields format action ' +
    'major_dimension majordimension value_render_option raw_json version api_version p'
  ).split(' '),
)
const SHORT = /^[\w.,:*+-]{0,32}$/
/** Looks like a token: long, and letters and digits mixed. */
const OPAQUE = /^(?=.*\d)(?=.*[a-z])[\w.+-]{20,}$/i
const DATE = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/

const NOBODY: ReadonlySet<string> = new Set()

/**
 * Path and query of a URL for the ledger: values are kept only where they are known to be harmless, or are nothing but
 * `names`: keys of records, which are stored as they are.
 */
export function ledgerUrl(url: URL, base: URL, names: ReadonlySet<string> = NOBODY): string {
  const origin = url.origin === base.origin ? '' : url.origin
  if (url.search === '') return origin + url.pathname
  const parts: string[] = []
  for (const [name, value] of url.searchParams) {
    const isPlace = HARMLESS.has(name.toLowerCase()) && (DATE.test(value) || (SHORT.test(value) && !OPAQUE.test(value)))
    const isKept = isPlace || value.split(/[,\s]/).every((part) => names.has(part))
    parts.push(`${name.length > 64 ? '…' : name}=${isKept ? value : '…'}`)
  }
  return `${origin}${url.pathname}?${parts.join('&')}`
}
