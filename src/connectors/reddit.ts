// Owns the Reddit connector: the posts and comments that a user has saved.
//
// Facts (reddit.com/dev/api, Reddit's published source of 2017, the Data API wiki of its help centre, recorded answers):
// `GET /user/{name}/saved` shows posts (t3) and comments (t1) in one list, by when they were saved, which no answer tells;
// `created_utc` is when somebody wrote them. Only the owner is shown it. It ends at 1,000, whatever has been saved, and
// leaves out what its author has deleted; rows are dropped after a page was cut, so that a page may be short, or empty,
// with an `after` all the same: only `after: null` is the end. What the list lacks is asked for at /api/info, which says
// `saved` and leaves out what it doesn't find: only `saved: false` proves that it was unsaved. Texts are escaped for HTML
// unless raw_json=1 is asked for. Access tokens last an hour or a day; a refresh token stays good. A refused one answers
// 400, with `"error":400` or the word of OAuth, or 200 with that word. Limits are counted by client id, whoever its users
// are: 100 requests a minute, over 10 minutes; X-Ratelimit-Reset is a number of seconds. The export that Reddit sends on request is a ZIP of CSV files; what is saved stands
// in saved_posts.csv and saved_comments.csv, as `id,permalink`, without prefixes, times or the cap.

import { defineConnector, type Failure, type RawAnswer, stream } from '../connector/connector.ts'
import { csvRows } from '../connector/csv.ts'
import { flag, id, integer, real, text } from '../connector/fields.ts'
import { bareAddress, type CommonOptions, secret, z } from '../connector/options.ts'
import {
  type Http,
  type HttpAnswer,
  type KeysRequest,
  type Page,
  type PageRequest,
  rows,
  type Testimony,
} from '../connector/page.ts'
import { fullPass, newestFirst, upload } from '../connector/passes.ts'
import { tokenFailure } from '../connector/token-errors.ts'
import type { UploadRequest } from '../connector/uploaded.ts'
import { type ErrorCode, sentence, TidemarkError } from '../model/errors.ts'
import { isObject } from '../model/json.ts'

const PAGE_SIZE = 100
/** What the list shows at most. */
const CAP = 1_000
/** Fullnames that one /api/info may name. */
const IDS_MAX = 100
const AUTH_URL = 'https://www.reddit.com'

const APPS = 'reddit.com/prefs/apps ("are you a developer? create an app…")'
const AUTHORISE =
  'open reddit.com/api/v1/authorize with duration=permanent and scope=history read, allow it, and exchange the code'

const options = z.object({
  username: z
    .string()
    .transform((given) =>
      given.trim().replace(/^(?:https?:\/\/(?:\w+\.)?reddit\.com)?\/?(?:u|user)\/([^/?#]+)\/?$/i, '$1'),
    )
    .pipe(z.string().regex(/^[A-Za-z0-9_-]+$/, 'is not a Reddit username such as spez'))
    .meta({ example: 'spez', description: 'Username, without u/; the account that lets the app in' }),
  clientId: z
    .string()
    .min(1, 'is empty')
    .meta({ description: `Client ID of your app, the text under its name at ${APPS}` }),
  clientSecret: secret('The app’s "secret" on the same page; an "installed app" has none').optional(),
  refreshToken: secret(`Refresh token of the account; to get one, ${AUTHORISE}`),
  accessToken: secret('Access token; comes by itself with the refresh token').meta({ advanced: true }).optional(),
  userAgent: z.string().min(1, 'is empty').optional().meta({
    advanced: true,
    description:
      'User-Agent in Reddit’s form, <platform>:<app ID>:<version> (by /u/<name>); without it, made of the others',
  }),
  authUrl: bareAddress(`Where tokens are renewed, if elsewhere than at baseUrl or ${AUTH_URL}`).meta({
    advanced: true,
  }),
})

type Options = z.output<typeof options>

/** An emulator or a proxy stands for both hosts, unless the other one is named. */
function authUrlOf({ authUrl, baseUrl }: Options & Pick<CommonOptions, 'baseUrl'>): string {
  return (authUrl ?? baseUrl ?? AUTH_URL).replace(/(?<!\/)\/+$/, '')
}

const savedPath = ({ username }: Options) => `/user/${encodeURIComponent(username)}/saved`

/** The children of a listing, and what comes after them; anything else is no empty one. */
function listingOf(body: unknown): { readonly children: readonly unknown[]; readonly after: string | null } {
  const data = isObject(body) && isObject(body['data']) ? body['data'] : {}
  const { after } = data
  const children = rows(data['children'], 'children')
  if (after === null || (typeof after === 'string' && after !== '')) return { children, after }
  throw new TidemarkError('unexpected_shape', 'The listing does not say what comes after it.', { scope: 'page' })
}

async function readSaved({ http, options: given, page }: PageRequest<Options>): Promise<Page> {
  const query = { limit: PAGE_SIZE, after: typeof page === 'string' ? page : undefined, raw_json: 1 }
  const { body } = await http.get(savedPath(given), { query })
  const { children, after } = listingOf(body)
  return { records: children, next: after }
}

/** One row of the list, which nobody but its owner is shown. */
async function check({ http, options: given }: { readonly http: Http; readonly options: Options }) {
  const { body } = await http.get(savedPath(given), { query: { limit: 1, raw_json: 1 } })
  listingOf(body)
  return { account: `user ${given.username}` }
}

/** Asks for things by id: what is not saved any more, or was deleted by its author, is gone. Of what is missing, nothing is known. */
async function askSaved({ http, keys }: KeysRequest<Options>) {
  const { body } = await http.get('/api/info', { query: { id: keys.join(','), raw_json: 1 } })
  const testimony = new Map<string, Testimony>()
  for (const { data } of listingOf(body).children.filter(isObject)) {
    if (!isObject(data) || typeof data['name'] !== 'string') continue
    const isGone = data['saved'] === false || isDeleted(data)
    testimony.set(data['name'], isGone ? 'gone' : data['saved'] === true ? 'present' : 'unknown')
  }
  return testimony
}

/** Whether its author has deleted it. An author who left Reddit is `[deleted]` above words that still stand. */
function isDeleted(data: Readonly<Record<string, unknown>>): boolean {
  if (data['author'] !== '[deleted]') return false
  return data['removed_by_category'] === 'deleted' || data['body'] === '[deleted]' || data['selftext'] === '[deleted]'
}

const PERMISSION = `Let the app in again: ${AUTHORISE}.`

function loginExpired(why: string): TidemarkError {
  return new TidemarkError('login_expired', `Reddit no longer accepts the refresh token: ${why.replace(/\.$/, '')}.`, {
    hint: `${PERMISSION} Give the new refresh token to: tidemark connect`,
  })
}

/**
 * Reddit writes its errors as `{"message":"Forbidden","error":403}`, some with status 200, and those of OAuth as
 * `{"error":"invalid_grant"}`. Limits (429, also as a web page) and outages follow the general rules.
 */
function classify(answer: RawAnswer): Failure<ErrorCode> | undefined {
  const { status: told, headers, body } = answer
  const error = isObject(body) ? body['error'] : undefined
  const isNumber = typeof error === 'number' || (typeof error === 'string' && /^\d{3}$/.test(error))
  const status = told === 200 && isNumber ? Number(error) : told
  const words = [isObject(body) ? body['message'] : undefined, error, 'no message']
  const said = words.find((word) => typeof word === 'string')
  const message = `Reddit: ${said} (${status})`
  const asks = headers['www-authenticate'] ?? ''
  if (error === 'invalid_client' || (status === 401 && /^basic\b/i.test(asks))) {
    const hint = `Check clientId and clientSecret: ${APPS}.`
    return {
      verdict: 'pause',
      code: 'token_rejected',
      message: `Reddit knows no app with this ID and secret (${status})`,
      hint,
    }
  }
  const oauth = tokenFailure(answer)
  if (oauth) return { ...oauth, message }
  if (status === 401) return { verdict: 'refresh', code: 'token_expired', message }
  if (status === 403 && asks.includes('insufficient_scope')) {
    return { verdict: 'stop', scope: 'stream', code: 'scope_missing', message, hint: PERMISSION }
  }
  if (status === 403 && typeof body === 'string' && /whoa there, pardner|network (?:policy|security)/i.test(body)) {
    const hint =
      'Reddit reads for approved apps only, and with a User-Agent of their own: check clientId and userAgent.'
    return { verdict: 'stop', scope: 'stream', code: 'forbidden', message: 'Reddit blocks these requests (403)', hint }
  }
  if (status === 403 && isObject(body)) {
    const hint =
      'What is saved is shown to its owner only: username must be the account that lets the app in, and not suspended.'
    return { verdict: 'stop', scope: 'stream', code: 'forbidden', message, hint }
  }
  if (status === 404 && isObject(body)) {
    const hint = 'Check username, baseUrl and authUrl. An account that is deleted or shadow-banned has no pages.'
    return { verdict: 'stop', scope: 'stream', code: 'not_found', message, hint }
  }
  // What else came with status 200 says itself what it is.
  if (told !== status)
    return {
      verdict: status === 429 ? 'wait' : 'retry',
      code: status === 429 ? 'rate_limited' : 'server_error',
      message,
    }
  return undefined
}

/** What a 400 says of a renewal. Of a refresh token that it refuses, Reddit says no more than "Bad Request". */
function badRequest(answer: HttpAnswer): TidemarkError {
  const { status, body } = answer
  const isBare = isObject(body) && body['error'] === status
  const { verdict, code, message, hint }: Partial<Failure<ErrorCode>> = classify(answer) ?? {}
  if (isBare || code === 'login_expired') return loginExpired(message ?? `Reddit: Bad Request (${status})`)
  return new TidemarkError(
    code ?? 'request_refused',
    sentence(message ?? `Reddit does not renew the login (${status})`),
    {
      hint,
      scope: verdict === 'pause' ? 'login' : 'run',
    },
  )
}

async function renew({ http, options: given }: { readonly http: Http; readonly options: Options & CommonOptions }) {
  const { clientId, clientSecret = '', refreshToken } = given
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const answer = await http
    .post(`${authUrlOf(given)}/api/v1/access_token`, {
      headers: { authorization: `Basic ${basic}` },
      form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      // A refresh token is not used up.
      once: false,
      accept: [400],
    })
    .catch((error: unknown) => {
      const isRefused = error instanceof TidemarkError && error.code === 'login_expired'
      throw isRefused ? loginExpired(error.message) : error
    })
  const { body } = answer
  if (answer.status === 400) throw badRequest(answer)
  const { access_token: accessToken, refresh_token: next, expires_in: seconds } = isObject(body) ? body : {}
  if (typeof accessToken !== 'string' || accessToken === '') {
    throw new TidemarkError('unexpected_shape', 'The answer has no access token.', { scope: 'run' })
  }
  return {
    secrets: { accessToken, ...(typeof next === 'string' && next !== '' ? { refreshToken: next } : {}) },
    ...(typeof seconds === 'number' ? { expiresAt: { accessToken: http.now() + seconds * 1_000 } } : {}),
  }
}

const thing = z.object({
  name: id(),
  kind: text(),
  title: text(),
  selftext: text(),
  body: text(),
  url: text(),
  permalink: text(),
  subreddit: text(),
  subreddit_id: text(),
  author: text(),
  created_utc: real(),
  edited: real(),
  score: integer(),
  num_comments: integer(),
  over_18: flag(),
  is_self: flag(),
  domain: text(),
  thumbnail: text(),
  link_flair_text: text(),
  link_id: text(),
  link_title: text(),
  link_permalink: text(),
  parent_id: text(),
  saved: flag(),
  distinguished: text(),
  removed_by_category: text(),
})

/** The files of an export that list what is saved, and the kind of thing that each has. */
const SAVED_FILES = { 'saved_posts.csv': 't3', 'saved_comments.csv': 't1' } as const
/** Columns of the other files that have an ID and a permalink, too: what the account has written itself. */
const OWN_COLUMNS = ['body', 'ip', 'gildings'] as const
const EXPORT_HINT =
  'Ask for your data at reddit.com/settings/data-request, and upload the ZIP, or saved_posts.csv or saved_comments.csv of it.'

/** A single file may have any name; of an export only two files list what is saved. */
async function* readExport({ files }: UploadRequest<unknown>): AsyncGenerator<Child> {
  const named = files.filter(({ name }) => baseName(name) in SAVED_FILES)
  const [only] = files
  const found = named.length === 0 && files.length === 1 && only ? [only] : named
  if (found.length === 0) throw noSaved('The export has neither saved_posts.csv nor saved_comments.csv.')
  for (const file of found) {
    const isOfComments = /comment/i.test(baseName(file.name))
    const header = (names: readonly string[]) => {
      const isSaved = ['id', 'permalink'].every((name) => names.includes(name))
      if (isSaved && !OWN_COLUMNS.some((name) => names.includes(name))) return
      throw noSaved(`The file ${file.name} does not list what is saved: that has the columns id and permalink.`)
    }
    const unended = ({ id: given = '', permalink = '' }: CsvRow) => {
      if (isWhole(permalink.trim(), given.trim())) return
      throw new TidemarkError('upload_unreadable', `The file ${file.name} ends within an address: it is not whole.`, {
        hint: 'Upload the file as Reddit gave it. If it is whole, put a line break behind its last line.',
      })
    }
    for await (const row of csvRows(file.bytes(), { header, unended })) yield childOf(row, isOfComments)
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase()
}

function noSaved(message: `The ${string}.`): TidemarkError {
  return new TidemarkError('section_missing', message, { hint: EXPORT_HINT, scope: 'stream' })
}

/** `/r/cats/comments/1abc/a_title/2def/` is a comment on a post. */
const PERMALINK = /^(?:https?:\/\/[^/]+)?(\/(?:r|user)\/([^/]+)\/comments\/[^/]+(?:\/[^/]*(?:\/([^/?]+))?)?\/?)/

/** The post, and the comment, that a whole address names. */
const WHOLE = /\/comments\/([^/]+)\/[^/]*\/(?:([^/]+)\/?)?$/

/** Whether an address with no line break behind it has not been cut: it names what has this ID, to the end. */
function isWhole(permalink: string, given: string): boolean {
  const [, post, comment] = WHOLE.exec(permalink.split(/[?#]/)[0] ?? '') ?? []
  return (comment ?? post) === given.replace(/^t\d_/, '')
}

function childOf({ id: given = '', permalink = '' }: CsvRow, isOfComments: boolean): Child {
  const [, path = permalink, subreddit, comment] = PERMALINK.exec(permalink.trim()) ?? []
  const prefix = isOfComments || comment !== undefined ? 't1' : 't3'
  const bare = given.trim()
  const name = bare === '' ? undefined : /^t[13]_/.test(bare) ? bare : `${prefix}_${bare}`
  const of = path.startsWith('/r/') ? { subreddit } : {}
  return { kind: name?.slice(0, 2) ?? prefix, data: { name, permalink: path, ...of, saved: true } }
}

type CsvRow = Readonly<Record<string, string>>

interface Child {
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
}

const listing = { read: readSaved, pageSize: PAGE_SIZE, paging: 'keyset', listing: { cap: CAP } } as const

export default defineConnector(
  {
    name: 'reddit',
    title: 'Posts and comments that a Reddit user has saved',
    options,
    http: (given) => ({
      baseUrl: 'https://oauth.reddit.com',
      headers: {
        // Without a token Reddit answers with a web page; one that it does not know is renewed.
        authorization: `Bearer ${given.accessToken ?? 'none-yet'}`,
        'user-agent': given.userAgent ?? `node:tidemark.${given.clientId}:v1 (by /u/${given.username})`,
      },
      allowedHosts: [new URL(authUrlOf(given)).host],
      limits: [{ key: `reddit:client:${given.clientId}`, requests: 100, per: '1m' }],
      classify,
    }),
    check,
    login: ['refreshToken'],
    renew,
  },
  {
    saved: stream({
      title: 'Saved posts and comments, last saved first',
      schema: thing,
      text: { title: 'title', body: ['selftext', 'body', 'link_title', 'subreddit'] },
      record: ({ kind, data }: Child) => ({
        ...data,
        kind,
        edited: typeof data['edited'] === 'number' ? data['edited'] : null,
      }),
      key: ({ name }) => name,
      metrics: ['score', 'num_comments'],
      volatile: ['ups', 'downs', 'upvote_ratio', 'subreddit_subscribers', 'visited', 'clicked'].map(
        (name) => `data.${name}`,
      ),
      passes: [
        newestFirst(listing),
        // By time, too: what its author has deleted has to be gone within 48 hours (Data API wiki), and a full pass may wait
        // for twice as long as it is due after.
        fullPass({ ...listing, everyRuns: 10, every: '20h', witness: askSaved, witnessBatch: IDS_MAX }),
        upload({ accepts: 'saved_posts.csv, saved_comments.csv, or the ZIP of your data', read: readExport }),
      ],
    }),
  },
)
