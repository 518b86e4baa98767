// Owns GitHub's HTTP semantics: authentication, limits, conditional requests, paging and error bodies.
// Each behaviour names what it is from: a page of docs.github.com/rest, what github3.py has recorded, or Octokit's fixtures.

import { createHash } from 'node:crypto'
import { type Answer, type Call, type Handler, joinRows, jsonAnswer, segments } from '../kit/answer.ts'
import { fixedWindow, tokenBucket, type WindowState } from '../kit/limits.ts'
import { accountObject, isoSeconds, type Repo, repoText } from './repo.ts'
import type { Direction, GitHubWorld, Person, Sort, Star } from './world.ts'

/** GitHub's limits; the defaults are the documented ones. */
export interface GitHubLimits {
  /** Requests per hour of a user with a token. @default 5000 */
  readonly authenticated?: number
  /** Requests per hour of an address without a token. @default 60 */
  readonly anonymous?: number
  /** What a spent hour answers; GitHub uses both. @default 403 */
  readonly exceededStatus?: 403 | 429
  /** The secondary limit: requests per minute of a user or address; null for none. @default 900 */
  readonly perMinute?: number | null
  /** Seconds in the secondary limit's Retry-After; null leaves the header out. @default 60 */
  readonly retryAfter?: number | null
}

const DOCS = 'https://docs.github.com/rest'
const HOUR = 3_600_000

/** Who asks, and whose quota it costs. */
interface Caller {
  readonly token: string | undefined
  readonly person: Person | undefined
  readonly quota: string
  readonly limit: number
}

/** Makes the handler over a world. `limits: false` counts nothing but still sends the headers. */
export function githubHandler(world: GitHubWorld, limits: GitHubLimits | false): Handler {
  const rules = limits === false ? {} : limits
  const window = fixedWindow(HOUR)
  const perMinute = rules.perMinute === undefined ? 900 : rules.perMinute
  const secondary =
    limits === false || perMinute === null ? undefined : tokenBucket({ perSecond: perMinute / 60, burst: perMinute })
  let requests = 0

  return (call) => {
    requests++
    if (!call.headers['user-agent']) return forbiddenAgent()
    const id = requestId(requests)
    const caller = callerOf(call, world, rules)
    const plain = { ...ALWAYS, 'X-GitHub-Request-Id': id }
    if (call.path === '/rate_limit' && caller)
      return rateLimit(window.peek(caller.quota, caller.limit, call.now), plain)
    const counted = caller ?? {
      token: undefined,
      person: undefined,
      quota: `ip ${call.ip}`,
      limit: rules.anonymous ?? 60,
    }
    const { quota, limit } = counted
    let state = limits === false ? window.peek(quota, limit, call.now) : window.take(quota, limit, call.now)
    const dressed = (answer: Answer): Answer => ({
      ...answer,
      headers: { ...plain, ...rateHeaders(state), ...answer.headers },
    })
    if (!state.allowed) return dressed(exceeded(counted, rules, call, id))
    if (secondary && !secondary.take(quota, call.now).allowed) return dressed(secondaryExceeded(rules, id))
    if (!caller) return dressed(badCredentials())
    const answer = route(call, caller, world)
    // Best practices: a 304 is free, but only for those who say who they are.
    if (answer.status === 304 && caller.person) state = window.refund(quota, limit, call.now)
    return dressed(answer)
  }
}

/** An error body as GitHub writes it; for faults and for the routes below. */
export function githubError(status: number, message?: string, page = ''): Answer {
  const text = message ?? MESSAGES[status] ?? 'Server Error'
  return jsonAnswer(status, { message: text, documentation_url: DOCS + page, status: String(status) })
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
  422: 'Validation Failed',
  429: 'API rate limit exceeded',
  502: 'Server Error',
  503: 'Sorry. Your account was suspended or the service is unavailable.',
}

const ALWAYS = {
  'X-GitHub-Api-Version-Selected': '2022-11-28',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Expose-Headers':
    'ETag, Link, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, ' +
    'X-RateLimit-Resource, X-RateLimit-Reset, X-GitHub-Media-Type, X-GitHub-Request-Id',
  Server: 'github.com',
}

/** Undefined for a token that isn't valid. */
function callerOf(call: Call, world: GitHubWorld, rules: GitHubLimits): Caller | undefined {
  const header = call.headers.authorization
  const anonymous = rules.anonymous ?? 60
  if (header === undefined) return { token: undefined, person: undefined, quota: `ip ${call.ip}`, limit: anonymous }
  const token = /^(?:bearer|token)\s+(\S+)$/i.exec(header)?.[1]
  const person = token === undefined ? undefined : world.personByToken(token)
  // Rate limits: 5,000 an hour for a user, shared by all of their tokens, 60 for an address.
  return person && { token, person, quota: `user ${person.account.id}`, limit: rules.authenticated ?? 5000 }
}

function route(call: Call, caller: Caller, world: GitHubWorld): Answer {
  const [first, second, third, fourth, ...more] = segments(call.path) ?? []
  if (more.length > 0) return githubError(404)
  if (first === 'user' && (second === undefined || second === 'starred')) {
    if (!caller.person) return githubError(401, 'Requires authentication')
    if (second === undefined) return profile(caller.person, call, caller)
    if (third !== undefined) return starred(call, caller.person, world, `${third}/${fourth}`)
    return listing(call, caller, caller.person, world, '/user/starred')
  }
  if (call.method !== 'GET') return githubError(404)
  if (first === 'user' && third === 'starred' && fourth === undefined) {
    const person = world.personById(Number(second))
    return person ? listing(call, caller, person, world, call.path) : githubError(404)
  }
  if (first === 'users' && second !== undefined) {
    const person = world.person(second)
    if (!person || fourth !== undefined) return githubError(404, undefined, '/users/users#get-a-user')
    if (third === undefined) return profile(person, call, caller)
    if (third !== 'starred') return githubError(404)
    return listing(call, caller, person, world, `/user/${person.account.id}/starred`)
  }
  if (first === 'repositories' && third === undefined) return repository(call, caller, world.findRepo(Number(second)))
  if (first === 'repos' && fourth === undefined && third !== undefined) {
    const name = `${second}/${third}`
    const repo = world.findRepo(name)
    if (!repo || repo.hidden || sameName(repo, name)) return repository(call, caller, repo)
    const url = `${call.base}/repositories/${repo.id}`
    const documentation_url = `${DOCS}/guides/best-practices-for-using-the-rest-api#follow-redirects`
    return jsonAnswer(301, { message: 'Moved Permanently', url, documentation_url }, { Location: url })
  }
  return githubError(404)
}

function sameName(repo: Repo, name: string): boolean {
  return `${repo.owner.login}/${repo.name}`.toLowerCase() === name.toLowerCase()
}

function repository(call: Call, caller: Caller, repo: Repo | undefined): Answer {
  if (!repo || repo.hidden) return githubError(404, undefined, '/repos/repos#get-a-repository')
  const tag = etag([caller.token, call.path, repo.id, repo.version])
  if (matches(call, tag)) return { status: 304, headers: cacheHeaders(caller, tag) }
  return { status: 200, headers: cacheHeaders(caller, tag), body: repoText(repo, caller.person !== undefined) }
}

/** `GET`, `PUT` and `DELETE /user/starred/{owner}/{repo}`. */
function starred(call: Call, person: Person, world: GitHubWorld, name: string): Answer {
  const repo = world.findRepo(name)
  if (!repo || repo.hidden) return githubError(404, undefined, '/activity/starring')
  if (call.method === 'PUT') world.starRepo(person.account.login, repo.id)
  if (call.method === 'DELETE') world.unstar(person.account.login, repo.id)
  if (call.method !== 'GET') return { status: 204 }
  if (person.stars.some((star) => star.repo === repo)) return { status: 204 }
  const page = '/activity/starring#check-if-a-repository-is-starred-by-the-authenticated-user'
  return githubError(404, undefined, page)
}

/**
 * One page of stars. Recorded by github3.py: links of `/users/{login}/starred` go on at the numeric `linkPath`, and a client must
 * follow them.
 */
function listing(call: Call, caller: Caller, person: Person, world: GitHubWorld, linkPath: string): Answer {
  const { query } = call
  // Recorded (`sort=50`): unknown values are not refused; a listing falls back to its default, silently.
  const sort: Sort = query.get('sort') === 'updated' ? 'updated' : 'created'
  const direction: Direction = query.get('direction') === 'asc' ? 'asc' : 'desc'
  const size = Math.min(100, natural(query.get('per_page'), 30))
  const page = natural(query.get('page'), 1)
  const all = world.listing(person, sort, direction)
  const rows = all.slice((page - 1) * size, page * size)
  // Starring: the times are those of the star media type only.
  const withTimes = /\bapplication\/vnd\.github(?:\.v3)?\.star(?:\+json)?\b/.test(call.headers.accept ?? '')
  const known = caller.person !== undefined
  const headers: Record<string, string> = {
    'X-GitHub-Media-Type': withTimes ? 'github.v3; param=star; format=json' : 'github.v3; format=json',
  }
  const link = linkHeader(call, linkPath, page, Math.ceil(all.length / size))
  if (link) headers['Link'] = link
  const tag = etag([caller.token, withTimes, linkPath, call.search, link, ...rows.map(stamp)])
  Object.assign(headers, cacheHeaders(caller, tag))
  if (matches(call, tag)) return { status: 304, headers }
  const texts = rows.map((star) => repoText(star.repo, known))
  const body = withTimes ? starRows(rows, texts) : joinRows('[', texts, ']')
  return { status: 200, headers, body, page: true }
}

function stamp(star: Star): string {
  return `${star.repo.id}.${star.repo.version}@${star.starredAt}`
}

function starRows(rows: readonly Star[], texts: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = []
  rows.forEach((star, i) => {
    const lead = `${i === 0 ? '[' : '},'}{"starred_at":"${isoSeconds(star.starredAt)}","repo":`
    pieces.push(Buffer.from(lead), texts[i] as Buffer)
  })
  pieces.push(Buffer.from(rows.length === 0 ? '[]' : '}]'))
  return Buffer.concat(pieces)
}

/** The relations and their order are those of recorded answers; a listing of one page has no header. */
function linkHeader(call: Call, path: string, page: number, last: number): string {
  const others = new URLSearchParams([...call.query].filter(([name]) => name !== 'page')).toString()
  const link = (number: number, rel: string): string =>
    `<${call.base}${path}?${others}${others && '&'}page=${number}>; rel="${rel}"`
  const links: string[] = []
  if (page < last) links.push(link(page + 1, 'next'), link(last, 'last'))
  if (page > 1) links.push(link(1, 'first'), link(Math.min(page - 1, Math.max(1, last)), 'prev'))
  return links.join(', ')
}

function natural(text: string | null, otherwise: number): number {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 ? number : otherwise
}

function profile(person: Person, call: Call, caller: Caller): Answer {
  const body = {
    ...accountObject(person.account),
    name: null,
    company: null,
    email: null,
    public_repos: 0,
    followers: 0,
  }
  const tag = etag([caller.token, call.path, person.account.id])
  if (matches(call, tag)) return { status: 304, headers: cacheHeaders(caller, tag) }
  return jsonAnswer(200, body, cacheHeaders(caller, tag))
}

// An ETag is the token's own (github/docs 34689): another token, even of the same user, gets another one and no 304.
function etag(parts: readonly unknown[]): string {
  return `W/"${createHash('sha256').update(parts.join('\n')).digest('hex')}"`
}

function matches(call: Call, tag: string): boolean {
  const asked = call.headers['if-none-match']
  return asked !== undefined && asked.split(',').some((one) => bare(one) === bare(tag))
}

function bare(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}

function cacheHeaders(caller: Caller, tag: string): Record<string, string> {
  const known = caller.person !== undefined
  return {
    ETag: tag,
    'Cache-Control': `${known ? 'private' : 'public'}, max-age=60, s-maxage=60`,
    Vary: known ? 'Accept, Authorization, Cookie, X-GitHub-OTP' : 'Accept',
  }
}

// ── limits and refusals ────────────────────────────────────────────────────────────────────────────────────────────

function rateHeaders(state: WindowState): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(state.limit),
    'X-RateLimit-Remaining': String(state.remaining),
    'X-RateLimit-Used': String(state.used),
    'X-RateLimit-Reset': String(Math.ceil(state.resetAt / 1000)),
    'X-RateLimit-Resource': 'core',
  }
}

/** `GET /rate_limit`, which is free; its body is the recorded one. */
function rateLimit(state: WindowState, headers: Record<string, string>): Answer {
  const reset = Math.ceil(state.resetAt / 1000)
  const core = { limit: state.limit, used: state.used, remaining: state.remaining, reset }
  const search = { limit: 10, used: 0, remaining: 10, reset }
  const free = { ...headers, ...rateHeaders(state), 'Cache-Control': 'no-cache' }
  return jsonAnswer(200, { resources: { core, search }, rate: core }, free)
}

/** Rate limits: 403 or 429 with nothing left, until the reset in seconds. */
function exceeded(caller: Caller, rules: GitHubLimits, call: Call, id: string): Answer {
  const message = caller.person
    ? `API rate limit exceeded for user ID ${caller.person.account.id}. If you reach out to GitHub Support for help, ` +
      `please include the request ID ${id} and timestamp ${isoSeconds(call.now).replace('T', ' ').replace('Z', ' UTC')}.`
    : `API rate limit exceeded for ${call.ip}. (But here's the good news: Authenticated requests get a higher rate ` +
      'limit. Check out the documentation for more details.)'
  return githubError(rules.exceededStatus ?? 403, message, '/overview/rate-limits-for-the-rest-api')
}

/** Best practices: its own message, and `retry-after` or nothing. */
function secondaryExceeded(rules: GitHubLimits, id: string): Answer {
  const message =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to ' +
    `GitHub Support for help, please include the request ID ${id}.`
  const page = '/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits'
  const answer = githubError(rules.exceededStatus ?? 403, message, page)
  const seconds = rules.retryAfter === undefined ? 60 : rules.retryAfter
  return seconds === null ? answer : { ...answer, headers: { 'Retry-After': String(seconds) } }
}

function badCredentials(): Answer {
  return githubError(401)
}

/** Comes from in front of the API: no JSON, no limits. */
function forbiddenAgent(): Answer {
  const body =
    '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
    '(https://docs.github.com/rest/overview/resources-in-the-rest-api#user-agent-required). Check ' +
    'https://developer.github.com for other possible causes.\r\n'
  return { status: 403, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body }
}

function requestId(number: number): string {
  const hex = number.toString(16).toUpperCase().padStart(6, '0')
  return `0A1B:${hex.slice(0, 5)}:${hex}:${(number * 7919).toString(16).toUpperCase()}:5A50BF41`
}
