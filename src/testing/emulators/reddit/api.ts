// Owns Reddit's HTTP semantics: the token address, who may ask, limits, the list of saved things and things by id.
// Each behaviour names what it is from: answers that praw recorded in 2016, a file of Reddit's published source of 2017 (r2), or the
// Data API wiki of Reddit's help centre.

import { type Answer, type Call, type Handler, jsonAnswer, segments } from '../kit/answer.ts'
import { fixedWindow, type WindowState } from '../kit/limits.ts'
import type { Access, Grant } from './grants.ts'
import { escapeHtml, type Thing, thingObject } from './thing.ts'
import type { Person, RedditWorld } from './world.ts'

export interface RedditLimits {
  /** Requests of a client id, whoever its users are, in a window. @default 1000 */
  readonly requests?: number
  /** @default 600 */
  readonly windowSeconds?: number
}

export interface ApiRules {
  /** False lets everything pass, and still sends the headers. @default Reddit's own limits */
  readonly limits?: RedditLimits | false
  /** The status of a refused refresh token; in 2017 it was 200, with the error in the body. @default 400 */
  readonly grantStatus?: 200 | 400
}

/** VLimit of r2/lib/validator: 25 unless asked, 100 at most; a recorded request for 1,024 was given 100. */
const PAGE_DEFAULT = 25
const PAGE_MAX = 100
/** Ids that one /api/info takes (r2/controllers/api.py); those behind are left out without a word. */
const IDS_MAX = 100

export function redditHandler(world: RedditWorld, rules: ApiRules): Handler {
  const limits = rules.limits === false ? {} : (rules.limits ?? {})
  const window = fixedWindow((limits.windowSeconds ?? 600) * 1_000)
  // Data API wiki: 100 a minute, counted over ten, by client id alone, whoever its users are.
  const max = limits.requests ?? 1_000
  return (call) => {
    if (isStranger(call.headers['user-agent']))
      return tooMany('Your user agent is a default one. Identify your client.')
    if (call.path === '/api/v1/access_token') return accessToken(call, world, rules)
    const header = call.headers.authorization
    // Data API wiki: without OAuth nothing is read. From in front of the API: a page for people.
    if (header === undefined) return blocked()
    const token = /^bearer\s+(\S+)$/i.exec(header)?.[1]
    const grant = token === undefined ? undefined : world.grants.check(token)
    if (!grant) return redditError(401, { 'WWW-Authenticate': 'Bearer realm="reddit", error="invalid_token"' })
    const state = window[rules.limits === false ? 'peek' : 'take'](grant.clientId, max, call.now)
    const answer = state.allowed ? route(call, grant, world) : overLimit(state, call.now)
    return { ...answer, headers: { ...rateHeaders(state, call.now), ...answer.headers } }
  }
}

/** An error body as Reddit writes it. */
export function redditError(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return jsonAnswer(status, { message: MESSAGES[status] ?? 'Internal Server Error', error: status }, headers)
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** Help centre, article 16160319875092: default agents such as Python/urllib or Java are "drastically limited". */
function isStranger(agent: string | undefined): boolean {
  return agent === undefined || /^(?:node|undici|(?:axios|curl|java|python-\w+|tidemark)(?:\/\S*)?)$/i.test(agent)
}

function htmlAnswer(status: number, title: string, text: string): Answer {
  const headers = { 'Content-Type': 'text/html; charset=UTF-8' }
  return {
    status,
    headers,
    body: `<!doctype html><html><head><title>${title}</title></head><body>${text}</body></html>`,
  }
}

function blocked(): Answer {
  return htmlAnswer(
    403,
    'Blocked',
    '<h1>whoa there, pardner!</h1><p>Your request has been blocked due to a network policy.</p>',
  )
}

function tooMany(why: string): Answer {
  return htmlAnswer(429, 'Too Many Requests', `<h1>whoa there, pardner!</h1><p>${why}</p>`)
}

// ── OAuth ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function accessToken(call: Call, { grants }: RedditWorld, { grantStatus = 400 }: ApiRules): Answer {
  if (call.method !== 'POST') return redditError(404)
  const [clientId = '', secret = ''] = basicOf(call.headers.authorization)
  if (!grants.isApp(clientId, secret)) return redditError(401, { 'WWW-Authenticate': 'Basic realm="reddit"' })
  const form = new URLSearchParams(call.body)
  const refused = (error: string): Answer =>
    grantStatus === 200 ? jsonAnswer(200, { error }) : redditError(grantStatus)
  switch (form.get('grant_type')) {
    case 'refresh_token': {
      const asked = form.get('refresh_token') ?? ''
      const access = grants.refresh(asked, clientId)
      return access
        ? granted(access, grants.accessSeconds, access.grant.refreshToken !== asked)
        : refused('invalid_grant')
    }
    case 'authorization_code': {
      const access = grants.exchange(form.get('code') ?? '', clientId)
      return access ? granted(access, grants.accessSeconds, true) : refused('invalid_grant')
    }
    default:
      return refused('unsupported_grant_type')
  }
}

/** r2/controllers/oauth2.py: a renewal leaves the refresh token out, and the one that was used stays good. */
function granted({ token, grant }: Access, seconds: number, isNew: boolean): Answer {
  const { scopes, refreshToken } = grant
  const body = { access_token: token, token_type: 'bearer', expires_in: seconds, scope: scopes.join(' ') }
  return jsonAnswer(200, isNew ? { ...body, refresh_token: refreshToken } : body, CACHE)
}

function basicOf(header: string | undefined): readonly string[] {
  const code = /^basic\s+(\S+)$/i.exec(header ?? '')?.[1]
  const [name = '', ...rest] = Buffer.from(code ?? '', 'base64')
    .toString()
    .split(':')
  return [name, rest.join(':')]
}

const CACHE = { 'Cache-Control': 'max-age=0, must-revalidate' }

// ── limits ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function secondsLeft({ resetAt }: WindowState, now: number): string {
  return String(Math.max(0, Math.ceil((resetAt - now) / 1_000)))
}

/** As recorded ("593.0"): how many are left is a fraction, and the reset is a number of seconds (reddit_base.py), no date. */
function rateHeaders(state: WindowState, now: number): Record<string, string> {
  return {
    'X-Ratelimit-Used': String(state.used),
    'X-Ratelimit-Remaining': state.remaining.toFixed(1),
    'X-Ratelimit-Reset': secondsLeft(state, now),
  }
}

function overLimit(state: WindowState, now: number): Answer {
  return redditError(429, { 'Retry-After': secondsLeft(state, now) })
}

// ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

function route(call: Call, grant: Grant, world: RedditWorld): Answer {
  const own = world.person(grant.user)
  // Not settled by any record, and so an assumption: an account that is suspended is refused everything.
  if (!own || own.standing === 'suspended') return redditError(403)
  const parts = (segments(call.path) ?? []).filter((part) => part !== '')
  if (call.method !== 'GET') return redditError(404)
  const [first, second, third, ...more] = parts
  const path = parts.join('/')
  if (path === 'api/info') return scoped(grant, 'read', () => info(call, own, world))
  if (path === 'api/v1/me') return scoped(grant, 'identity', () => me(own))
  if (first === 'user' && second !== undefined && third === 'saved' && more.length === 0) {
    return scoped(grant, 'history', () => saved(call, own, second, world))
  }
  return redditError(404)
}

function scoped({ scopes }: Grant, scope: string, answer: () => Answer): Answer {
  if (scopes.includes(scope)) return answer()
  return redditError(403, { 'WWW-Authenticate': 'Bearer realm="reddit", error="insufficient_scope"' })
}

function me({ name }: Person): Answer {
  return jsonAnswer(200, {
    name,
    id: 'uw9z',
    is_suspended: false,
    has_verified_email: true,
    created_utc: 1_300_000_000,
  })
}

/** Only its owner is shown the list: recorded, for another one it is 403. A shadow-banned account has no pages at all, also in its own eyes (an assumption). */
function saved(call: Call, own: Person, name: string, world: RedditWorld): Answer {
  const person = world.person(name)
  if (!person || person.standing === 'shadowbanned') return redditError(404)
  if (person !== own) return redditError(403)
  const asked = Number(call.query.get('limit') ?? PAGE_DEFAULT)
  const limit = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), PAGE_MAX) : PAGE_DEFAULT
  const { rows, after } = world.page(own, call.query.get('after') || undefined, limit)
  return { ...listing(call, rows, own, { modhash: null, after, before: null }), page: true }
}

/** Only what is found, in the order that was asked for (praw's info); what is not there is left out without a word. */
function info(call: Call, own: Person, world: RedditWorld): Answer {
  const ids = (call.query.get('id') ?? '').split(',').slice(0, IDS_MAX)
  const things = ids.flatMap((fullname) => world.thing(fullname) ?? []).filter(({ state }) => state !== 'banned')
  return listing(call, things, own, { modhash: '', after: null, before: null })
}

function listing(call: Call, things: readonly Thing[], { saved: own }: Person, rest: object): Answer {
  const children = things.map((thing) => thingObject(thing, { saved: own.has(thing.fullname) }))
  const body = { kind: 'Listing', data: { ...rest, dist: children.length, children } }
  const isRaw = call.query.get('raw_json') === '1'
  const text = JSON.stringify(isRaw ? body : escaped(body))
  // Recorded: times are fractions, also where they are whole. A name in quotes that are not escaped stands in no text.
  const written = text.replaceAll(/"(created|created_utc|edited)":(\d+)(?=[,}])/g, '"$1":$2.0')
  return { status: 200, headers: { ...CACHE, Vary: 'accept-encoding' }, body: written }
}

/** Without `raw_json=1`, which praw sends with every call, the three characters of HTML are escaped in every text. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return escapeHtml(value)
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, escaped(member)]))
}
