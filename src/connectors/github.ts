// Owns the GitHub connector: the repositories that a user has starred.
//
// Facts (docs.github.com, REST API 2022-11-28): `GET /user/starred` and `/users/{user}/starred` list newest star first
// (sort=created is when it was starred), 100 a page at most; the star+json media type adds `starred_at`; pages follow
// the Link header, whose addresses must not be built by hand. A repository is known by its id: full_name changes when
// it is renamed, and another repository may take the name. Limits are per token (5,000 an hour), without one per address
// (60 an hour). A spent limit answers 403 or 429 with x-ratelimit-remaining 0; the secondary limit answers 403 or 429
// with its own message and, sometimes, retry-after. A repository that GitHub has blocked answers 451 (a DMCA notice) or
// 403 with a `block` member.

import { defineConnector, type Failure, type RawAnswer, stream } from '../connector/connector.ts'
import { flag, id, integer, json, text } from '../connector/fields.ts'
import { secret, z } from '../connector/options.ts'
import {
  type Http,
  type KeysRequest,
  linkHeader,
  type Page,
  type PageRequest,
  rows,
  type Testimony,
} from '../connector/page.ts'
import { fullPass, newestFirst } from '../connector/passes.ts'
import { type ErrorCode, TidemarkError } from '../model/errors.ts'
import { fingerprint } from '../model/fingerprint.ts'
import { isObject, type Json } from '../model/json.ts'

const PAGE_SIZE = 100

interface Options {
  readonly user?: string | undefined
  readonly token?: string | undefined
}

function starredPath({ user }: Options): string {
  return user === undefined ? '/user/starred' : `/users/${encodeURIComponent(user)}/starred`
}

async function readStars({ http, options, page }: PageRequest<Options>): Promise<Page> {
  const first = { query: { per_page: PAGE_SIZE, sort: 'created', direction: 'desc' } }
  const asked = typeof page === 'string' ? http.get(page) : http.get(starredPath(options), first)
  const answer = await asked.catch(unlessNobody(options))
  return { records: rows(answer.body, 'stars'), next: linkHeader(answer, 'next') }
}

/**
 * One request of one row: the number of its last page is the number of stars. Undefined where GitHub does not say which
 * page is the last: it leaves `last` out of long or slow listings, and a page that has a next one is not the only one.
 */
async function countStars({ http, options }: PageRequest<Options>): Promise<number | undefined> {
  const answer = await http.get(starredPath(options), { query: { per_page: 1 } }).catch(unlessNobody(options))
  const last = linkHeader(answer, 'last')
  if (last !== undefined) return pageNumber(last)
  return linkHeader(answer, 'next') === undefined ? rows(answer.body, 'stars').length : undefined
}

/**
 * The page behind one that can't be read. Addresses are not to be built by hand; this one is built from GitHub's own, and
 * only where that one failed.
 */
function pageBehind(token: Json): string | undefined {
  const page = typeof token === 'string' ? pageNumber(token) : undefined
  if (typeof token !== 'string' || page === undefined) return undefined
  const address = new URL(token)
  address.searchParams.set('page', String(page + 1))
  return address.href
}

/** The number of the page at an address; undefined where the address counts in another way. */
function pageNumber(address: string): number | undefined {
  const page = URL.parse(address)?.searchParams.get('page') ?? ''
  return /^[1-9]\d*$/.test(page) ? Number(page) : undefined
}

/** Whose stars they are: the token's owner, or the user that is named, of whose stars one row is asked for. */
async function check({ http, options }: { readonly http: Http; readonly options: Options }) {
  if (options.user === undefined) {
    const { body } = await http.get('/user')
    return { account: isObject(body) && typeof body['login'] === 'string' ? `user ${body['login']}` : undefined }
  }
  await http.get(starredPath(options), { query: { per_page: 1 } }).catch(unlessNobody(options))
  return { account: `user ${options.user}` }
}

/** What GitHub has nowhere is the user, and not the address of its API. */
function unlessNobody({ user }: Options) {
  return (error: unknown): never => {
    if (user === undefined || !(error instanceof TidemarkError) || error.code !== 'not_found') throw error
    throw new TidemarkError('not_found', `GitHub has no user "${user}" (404).`, {
      scope: 'stream',
      hint: 'Check the option user: it is the login, as in github.com/<login>. An account that was renamed or deleted has none.',
      cause: error,
    })
  }
}

/** Asks for each repository whether it is starred; only the owner of the stars may ask. */
async function isStarred({ http, options, keys, stored }: KeysRequest<Options>) {
  const testimony = new Map<string, Testimony>()
  if (options.token === undefined || !(await isOwner(http, options))) return testimony
  for (const key of keys) {
    const name = stored.get(key)?.['full_name']
    if (typeof name === 'string') testimony.set(key, await askIfStarred(http, key, name))
  }
  return testimony
}

/** The star can only be asked for by name, and another repository may have taken the name since: a yes is checked. */
async function askIfStarred(http: Http, key: string, name: string): Promise<Testimony> {
  const path = name.split('/').map(encodeURIComponent).join('/')
  const star = await http.get(`/user/starred/${path}`, { accept: [204, 404] })
  if (star.status === 404) return 'gone'
  const { body } = await http.get(`/repos/${path}`)
  return isObject(body) && String(body['id']) === key ? 'present' : 'unknown'
}

const owners = new WeakMap<object, Promise<boolean>>()

/** Whether the stars are those of the token's owner; asked once for each opening of the connection. */
async function isOwner(http: Http, options: Options): Promise<boolean> {
  const { user } = options
  if (user === undefined) return true
  let owner = owners.get(options)
  if (!owner) {
    owner = http
      .get('/user')
      .then(({ body }) => isObject(body) && String(body['login']).toLowerCase() === user.toLowerCase())
    owners.set(options, owner)
    owner.catch(() => owners.delete(options))
  }
  return owner
}

/** Of the secondary limits, where GitHub names no time: a minute at least (docs.github.com, best practices). */
const SECONDARY_WAIT_MS = 60_000
const LIMIT = /rate limit|abuse detection|too many requests|wait a few minutes|maximum number of login attempts/i

/**
 * GitHub says with 403 that a limit is spent, that it has blocked one repository, that a token lacks a permission, and
 * that an account is suspended. Headers and message tell them apart; only the last is about the login.
 */
function classify({ status, headers, body }: RawAnswer): Failure<ErrorCode> | undefined {
  if (status !== 403 && status !== 429 && status !== 451) return undefined
  const said = isObject(body) && typeof body['message'] === 'string' ? body['message'] : ''
  const message = `GitHub: ${said || 'no message'} (${status})`
  if (
    status === 451 ||
    (isObject(body) && isObject(body['block'])) ||
    /access blocked|repository (?:has been|is|was) disabled/i.test(said)
  ) {
    return {
      verdict: 'stop',
      scope: 'key',
      code: 'access_blocked',
      message,
      hint: 'GitHub has blocked it for everybody.',
    }
  }
  const spent = headers['x-ratelimit-remaining'] === '0'
  const asksToWait = headers['retry-after'] !== undefined
  if (status === 429 || spent || asksToWait || LIMIT.test(said)) {
    const limit = { verdict: 'wait', code: 'rate_limited' } as const
    if (!spent && !asksToWait) return { ...limit, message, waitMs: SECONDARY_WAIT_MS }
    return { ...limit, message: `GitHub's rate limit is spent: ${said || 'no message'}` }
  }
  if (/account (was|is|has been) suspended/i.test(said)) {
    return { verdict: 'pause', scope: 'login', code: 'token_rejected', message, hint: 'Ask GitHub Support.' }
  }
  if (headers['x-github-sso'] !== undefined) {
    const hint = 'Authorise the token for single sign-on: github.com/settings/tokens'
    return { verdict: 'stop', code: 'forbidden', message, hint }
  }
  return undefined
}

const repository = z.object({
  id: id(),
  starred_at: text(),
  full_name: z.string(),
  name: text(),
  owner: text(),
  description: text(),
  html_url: text(),
  homepage: text(),
  language: text(),
  topics: json(),
  license: text(),
  private: flag(),
  fork: flag(),
  archived: flag(),
  stargazers_count: integer(),
  forks_count: integer(),
  open_issues_count: integer(),
  default_branch: text(),
  created_at: text(),
  updated_at: text(),
  pushed_at: text(),
})

interface StarRow {
  readonly starred_at: string
  readonly repo: Readonly<Record<string, unknown>> & {
    readonly owner?: { readonly login?: string } | null
    readonly license?: { readonly spdx_id?: string } | null
  }
}

const listing = {
  read: readStars,
  pageSize: PAGE_SIZE,
  total: countStars,
  skip: pageBehind,
  paging: 'offset',
  listing: 'complete',
} as const

export default defineConnector(
  {
    name: 'github',
    title: 'Repositories that a GitHub user has starred',
    options: z
      .object({
        user: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, 'is no GitHub login')
          .optional()
          .meta({
            example: 'ada',
            description: 'Login whose stars are read, as in github.com/<login>; without it, those of the token’s owner',
          }),
        token: secret(
          'Personal access token: github.com, Settings, Developer settings, Personal access tokens; public stars need no scope. Without it, 60 requests an hour',
        ).optional(),
      })
      .refine(({ user, token }) => user !== undefined || token !== undefined, 'user or token is needed'),
    http: ({ token }) => ({
      baseUrl: 'https://api.github.com',
      headers: {
        accept: 'application/vnd.github.star+json',
        'x-github-api-version': '2022-11-28',
        'user-agent': 'tidemark',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      limits: [
        token === undefined
          ? { key: 'github:anonymous', requests: 60, per: '1h' }
          : { key: `github:token:${fingerprint(token)}`, requests: 5_000, per: '1h' },
      ],
      classify,
    }),
    check,
  },
  {
    stars: stream({
      title: 'Starred repositories, newest star first',
      schema: repository,
      text: { title: 'full_name', body: ['description', 'language'] },
      record: ({ starred_at, repo }: StarRow) => ({
        ...repo,
        starred_at,
        owner: repo.owner?.login,
        license: repo.license?.spdx_id,
      }),
      key: (star) => star.id,
      metrics: ['stargazers_count', 'forks_count', 'open_issues_count'],
      volatile: ['repo.permissions'],
      passes: [
        // A star's time is when GitHub took it, and it is listed within moments.
        newestFirst({ ...listing, order: (star) => star.starred_at ?? '', settles: '1h' }),
        fullPass({
          ...listing,
          order: (star) => star.starred_at ?? '',
          everyRuns: 10,
          witness: isStarred,
          witnessBatch: 1,
        }),
      ],
    }),
  },
)
