// Owns the way to Apify: runs of its actors as jobs, the rows that they leave, whose token it is, and what its errors mean.
//
// Facts (Apify's OpenAPI document and docs.apify.com): `POST /v2/actors/{actor}/runs` starts a run and answers 201; nothing
// in it is idempotent, so that a run is found again by what is in its INPUT. A run is READY or RUNNING, TIMING-OUT or
// ABORTING, and ends SUCCEEDED, FAILED, TIMED-OUT or ABORTED; in each case its dataset holds what it has pushed, in that
// order, and that is charged. `maxItems` and `maxTotalChargeUsd` cap the charge. Actors write rows into a run that
// succeeded to say that there is nothing: `{"demo":true}` on the free plan, `{"noResults":true}`, or `error`. Runs are
// deleted some days after their end, with their rows. 402 is a slot that is taken or money that is spent; only
// `error.type` tells which.

import type { Failure, HttpSettings, RawAnswer } from '../../connector/connector.ts'
import type {
  AskKeys,
  AskNewest,
  Job,
  JobFind,
  JobPoll,
  JobPrice,
  JobRead,
  JobStart,
  JobState,
} from '../../connector/job.ts'
import { secret, z } from '../../connector/options.ts'
import { type Http, type Page, rows } from '../../connector/page.ts'
import { type ErrorCode, sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

const TOKENS = 'console.apify.com, Settings, API & Integrations, Personal API tokens'

export const apifyToken = secret(`API token of your Apify account: ${TOKENS}`)

/** An option with another actor than the usual one. */
export const actorOption = (usual: string, others: string) =>
  z
    .string()
    .regex(/^(?:[\w.-]+[~/])?[\w.-]+$/, 'is no actor such as apidojo~tweet-scraper')
    .optional()
    .meta({
      description: `Actor that reads, as in its address apify.com/<user>/<actor>, written <user>~<actor>; without it ${usual}. Known, too: ${others}`,
    })

/** A creator's name, as it is written after the @. */
export const usernameOption = (service: string) =>
  z
    .string()
    .regex(/^@?[\w.-]+$/, 'is no username; write it without the address of the profile')
    .transform((name) => name.replace(/^@/, ''))
    .meta({ description: `Username on ${service}, as in the address of the profile` })

interface Options {
  readonly username: string
  readonly apifyToken: string
  readonly actor?: string | undefined
}

/** Known by its token. */
export function apifyHttp({ apifyToken: token }: Options): HttpSettings {
  return {
    baseUrl: 'https://api.apify.com',
    headers: { authorization: `Bearer ${token}` },
    // 60 a second and resource; a run is such a resource.
    limits: [{ key: `apify:${token}`, requests: 60, per: '1s' }],
    classify,
  }
}

/** Whose token it is. A token that may only run actors is shown its runs, and no account. */
export async function apifyAccount({ http }: { readonly http: Http }): Promise<{ readonly account?: string }> {
  const { status, body } = await http.get('/v2/users/me', { accept: [403, 404] })
  if (status !== 200) {
    const runs = await http.get('/v2/actor-runs', { query: { limit: 1 } })
    rows(dataOf(runs.body, 'list of runs')['items'], 'runs')
    return {}
  }
  const { username } = dataOf(body, 'user')
  return typeof username === 'string' ? { account: `Apify user ${username}` } : {}
}

// ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A slot is free when another run has ended. */
const SLOT_WAIT_MS = 2_000

const LOGIN = `Make a token at ${TOKENS}, and give it to: tidemark connect`

/** What `error.type` says, whatever the status is. What is not here follows the general rules. */
const BY_TYPE = new Map<string, Omit<Failure<ErrorCode>, 'message'>>(
  Object.entries({
    'token-not-provided': { verdict: 'pause', code: 'token_rejected', hint: LOGIN },
    'invalid-token': { verdict: 'pause', code: 'token_rejected', hint: LOGIN },
    'user-or-token-not-found': { verdict: 'pause', code: 'token_rejected', hint: LOGIN },
    'concurrent-runs-limit-exceeded': { verdict: 'wait', code: 'rate_limited', waitMs: SLOT_WAIT_MS },
    'actor-memory-limit-exceeded': { verdict: 'wait', code: 'rate_limited', waitMs: SLOT_WAIT_MS },
    'rate-limit-exceeded': { verdict: 'wait', code: 'rate_limited' },
    'not-enough-usage-to-run-paid-actor': { verdict: 'stop', scope: 'run', code: 'usage_spent' },
    'limit-reached': { verdict: 'stop', scope: 'run', code: 'usage_spent' },
    'insufficient-permissions': {
      verdict: 'stop',
      scope: 'stream',
      code: 'forbidden',
      hint: `The token may not run this actor: give it the permission at ${TOKENS}, or use one without limits.`,
    },
    'actor-is-not-rented': {
      verdict: 'stop',
      scope: 'stream',
      code: 'forbidden',
      hint: 'The actor has to be rented first: open its page on apify.com, or name another one with the option actor.',
    },
  }),
)

function classify({ status, body }: RawAnswer): Failure<ErrorCode> | undefined {
  const error = isObject(body) ? body['error'] : undefined
  if (status < 400 || !isObject(error)) return undefined
  const type = typeof error['type'] === 'string' ? error['type'] : 'unknown'
  const said = typeof error['message'] === 'string' ? error['message'] : type
  const message = `Apify: ${said} (${status}, ${type})`
  const known = BY_TYPE.get(type)
  if (known) return { ...known, message }
  if (status === 402) return { verdict: 'stop', scope: 'run', code: 'usage_spent', message }
  if (status === 404) {
    const hint = 'Check the option actor: its name is <user>~<actor>, as in its address on apify.com.'
    return { verdict: 'stop', scope: 'stream', code: 'not_found', message, hint }
  }
  if (status === 400) {
    const hint = 'The actor does not take this input: if it is another one than usual, leave the option actor out.'
    return { verdict: 'stop', scope: 'stream', code: 'request_refused', message, hint }
  }
  return undefined
}

// ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the id of ours stands in the input of a run. */
const INTENT = 'tidemarkIntent'
/** A run that has not ended by then never will; in seconds. */
const RUN_MAX_S = 3_600
/** How long Apify may hold a look at a run until it has ended; in seconds. */
const HOLD_S = 15
/** Rows of one answer. */
const PAGE_SIZE = 1_000
/** How many of the newest runs are looked through to find one again, and how many in one list. */
const RECENT_MAX = 10_000
const RECENT_PAGE = 250
/** So many of the newest are looked at whatever time they say: clocks may be wrong. */
const NEWEST = 10

/** What an actor is given, and how its rows are known. */
export interface Actors {
  /** The usual one, as `<user>~<actor>`. */
  readonly usual: string
  /** The input that asks a profile for its newest posts. */
  readonly newest: (actor: string, username: string, count: number) => Record<string, unknown>
  /** The input that asks for posts by their addresses; undefined: the actor can't. */
  readonly byAddress: (actor: string, addresses: readonly string[]) => Record<string, unknown> | undefined
  /** A post's address, of its key and its stored columns. */
  readonly address: (key: string, stored: Readonly<Record<string, unknown>>, username: string) => string
  /** Whether a row is a post, in any form that is known. */
  readonly isPost: (row: Readonly<Record<string, unknown>>) => boolean
  /** What an actor costs, as its page says: of a profile, and of posts by their addresses. Undefined: not known. */
  readonly price?: (actor: string) => { readonly newest: JobPrice; readonly byAddress: JobPrice } | undefined
  /** How many posts the profile has, as a row of it tells. */
  readonly posts?: (row: Readonly<Record<string, unknown>>) => number | undefined
}

/** Posts that one run refreshes: each run has its price, and one that breaks off leaves the rest of its posts. */
export const REFRESH_BATCH = 200

export function newestJob(actors: Actors): Job<Options, AskNewest> {
  return {
    start: ({ ask: { newest }, ...request }) => {
      const actor = actorOf(actors, request.options)
      const input = actors.newest(actor, request.options.username, newest)
      return start(request, { actor, input, items: newest })
    },
    find,
    poll,
    read: (request) => readRows(actors, request),
    priceFor: (options) => actors.price?.(actorOf(actors, options))?.newest,
  }
}

export function refreshJob(actors: Actors): Job<Options, AskKeys> {
  return {
    start: async ({ ask: { keys, stored }, ...request }) => {
      const { options } = request
      const actor = actorOf(actors, options)
      const addresses = keys.map((key) => actors.address(key, stored.get(key) ?? {}, options.username))
      const input = actors.byAddress(actor, addresses)
      if (input) return start(request, { actor, input, items: keys.length })
      throw new TidemarkError('options_invalid', `The actor "${actor}" reads no single posts.`, {
        scope: 'stream',
        hint: `Leave the option actor out; ${actors.usual} does.`,
      })
    },
    find,
    poll,
    read: (request) => readAgain(actors, request),
    priceFor: (options) => actors.price?.(actorOf(actors, options))?.byAddress,
  }
}

/** As it stands in a path: with a tilde. */
function actorOf({ usual }: Actors, { actor }: Options): string {
  return (actor ?? usual).replace('/', '~')
}

interface Order {
  readonly actor: string
  readonly input: Readonly<Record<string, unknown>>
  readonly items: number
}

async function start(
  { http, intent, costLeft }: Pick<JobStart<Options>, 'http' | 'intent' | 'costLeft'>,
  { actor, input, items }: Order,
): Promise<{ readonly id: string }> {
  const { body } = await http.post(`/v2/actors/${encodeURIComponent(actor)}/runs`, {
    query: { maxItems: items, maxTotalChargeUsd: costLeft, timeout: RUN_MAX_S },
    json: { ...input, [INTENT]: intent },
    once: true,
  })
  const id = jobIdOf(dataOf(body, 'run'))
  if (id !== undefined) return { id }
  throw new TidemarkError('unexpected_shape', 'Apify started a run and did not say which.', { scope: 'stream' })
}

/** A run, and where its rows are: both are told with its start, so that neither has to be asked for. */
function jobIdOf({ id, defaultDatasetId: dataset }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined
  return typeof dataset === 'string' && dataset !== '' ? `${id}/${dataset}` : id
}

const runPath = (job: string) => `/v2/actor-runs/${encodeURIComponent(job.split('/')[0] ?? '')}`

function rowsPath(job: string): string {
  const [, dataset] = job.split('/')
  return dataset === undefined ? `${runPath(job)}/dataset/items` : `/v2/datasets/${encodeURIComponent(dataset)}/items`
}

async function find({ http, intent, since, until }: Omit<JobFind<Options>, 'ask'>): Promise<string | undefined> {
  for (let offset = 0; offset < RECENT_MAX; ) {
    const { body } = await http.get('/v2/actor-runs', {
      query: { desc: true, limit: RECENT_PAGE, offset },
      once: false,
    })
    const list = rows(dataOf(body, 'list of runs')['items'], 'runs').filter(isObject)
    for (const [i, run] of list.entries()) {
      const { startedAt, defaultKeyValueStoreId: store } = run
      const at = Date.parse(String(startedAt))
      const isOf = offset + i < NEWEST || !(at < since || at > until)
      if (!isOf || typeof store !== 'string') continue
      const path = `/v2/key-value-stores/${encodeURIComponent(store)}/records/INPUT`
      const { body: input } = await http.get(path, { accept: [404], once: false })
      if (isObject(input) && input[INTENT] === intent) return jobIdOf(run)
    }
    if (list.length === 0 || Date.parse(String(list.at(-1)?.['startedAt'])) < since) return undefined
    offset += list.length
  }
  return undefined
}

const STATES = new Map<unknown, JobState['state']>(
  Object.entries({
    READY: 'running',
    RUNNING: 'running',
    'TIMING-OUT': 'running',
    ABORTING: 'running',
    SUCCEEDED: 'succeeded',
    FAILED: 'failed',
    'TIMED-OUT': 'failed',
    ABORTED: 'failed',
  } as const),
)

async function poll({ http, id }: Pick<JobPoll<Options>, 'http' | 'id'>): Promise<JobState> {
  const query = { waitForFinish: HOLD_S }
  const { status: code, body } = await http.get(runPath(id), { query, accept: [404], once: false })
  if (code === 404) return { state: 'failed', why: 'Apify has deleted the run', billed: {} }
  const { status, statusMessage, usageTotalUsd: cost, chargedEventCounts: events } = dataOf(body, 'run')
  const state = STATES.get(status)
  if (state === undefined) {
    throw new TidemarkError('unexpected_shape', `Apify gives run ${id} the unknown status "${String(status)}".`)
  }
  if (state === 'running') return { state }
  const charged = isObject(events) ? events['apify-default-dataset-item'] : undefined
  // Actors that charge by events of their own tell no rows.
  const billed = {
    items: typeof charged === 'number' ? charged : null,
    cost: typeof cost === 'number' ? cost : null,
  }
  if (state === 'succeeded') return { state, billed }
  const why = typeof statusMessage === 'string' && statusMessage !== '' ? `: ${statusMessage}` : ''
  return { state, why: `${String(status)}${why}`, billed }
}

/** A page of a run's rows, without those in which the actor says that there is nothing. */
async function readRows(actors: Actors, { http, id, page }: Omit<JobRead<Options>, 'ask'>): Promise<Page> {
  const offset = typeof page === 'number' ? page : 0
  const query = { offset, limit: PAGE_SIZE, format: 'json' }
  const answer = await http.get(rowsPath(id), { query, accept: [404], once: false })
  if (answer.status === 404) return rowsGone(http, id)
  const all = rows(answer.body, 'rows')
  const records = all.filter((row) => isObject(row) && actors.isPost(row))
  const other = all.find((row) => !isObject(row) || !(actors.isPost(row) || saysNothing(row)))
  if (records.length === 0 && all.length > 0) throw other === undefined ? nothingThere(all) : unknownShape(other)
  const total = Number(answer.headers['x-apify-pagination-total'] ?? Number.NaN)
  // By rows that were asked for: an answer may leave some of them out.
  const end = offset + PAGE_SIZE
  const isLast = Number.isInteger(total) ? end >= total : all.length < PAGE_SIZE
  const first = records.find(isObject)
  return {
    // Rows of no known form among others are set aside, each by itself.
    records: all.filter((row) => !saysNothing(row)),
    next: isLast ? undefined : end,
    ...(first ? estimateOf(actors, first) : {}),
  }
}

/**
 * Rows of posts that were asked for by their addresses. One that is gone is no more than that; where none of many is there,
 * the actor is broken, and knows nothing of them.
 */
async function readAgain(actors: Actors, request: JobRead<Options, AskKeys>): Promise<Page> {
  const isOne = request.ask.keys.length === 1
  const page = await readRows(actors, request).catch((error: unknown) => {
    if (isOne && error instanceof TidemarkError && error.code === 'no_results') return { records: [] }
    throw error
  })
  if (page.records.length > 0 || request.page !== undefined || isOne) return page
  // One that has failed may well have come to none of them.
  if ((await poll(request)).state === 'succeeded') throw nothingThere([])
  return page
}

/** Apify deletes a run with its rows: it counts as one that has failed. */
async function rowsGone(http: Http, id: string): Promise<Page> {
  if ((await poll({ http, id })).state !== 'succeeded') return { records: [] }
  throw new TidemarkError('not_found', `Apify no longer has the rows of run ${id}.`, { scope: 'stream' })
}

function estimateOf({ posts }: Actors, row: Readonly<Record<string, unknown>>): { readonly estimate?: number } {
  const estimate = posts?.(row)
  return typeof estimate === 'number' && Number.isSafeInteger(estimate) && estimate >= 0 ? { estimate } : {}
}

/** Apify's envelope. */
function dataOf(body: unknown, what: string): Readonly<Record<string, unknown>> {
  const data = isObject(body) ? body['data'] : undefined
  if (isObject(data)) return data
  throw new TidemarkError('unexpected_shape', sentence(`the answer has no ${what} in its "data"`), { scope: 'page' })
}

// ── rows that say that there is nothing ─────────────────────────────────────────────────────────────────────────────

/** Whether an actor has written a row instead of having one: of its own words, or an error. */
function saysNothing(row: unknown): boolean {
  if (!isObject(row)) return false
  return (
    row['demo'] === true || row['noResults'] === true || (typeof row['error'] === 'string' && row['id'] === undefined)
  )
}

function nothingThere(all: readonly unknown[]): TidemarkError {
  if (all.some((row) => isObject(row) && row['demo'] === true)) {
    return new TidemarkError('demo_rows', 'The actor gave rows without content: it does not serve the free plan.', {
      scope: 'stream',
      hint: 'Its developer allows the API on paid plans of Apify only: console.apify.com, Billing. Or name another actor with the option actor.',
    })
  }
  const said = all.find((row) => isObject(row) && typeof row['error'] === 'string')
  const words = isObject(said) ? `: ${String(said['errorDescription'] ?? said['error']).slice(0, 200)}` : ''
  return new TidemarkError('no_results', `The actor says that it found nothing${words.replace(/\.$/, '')}.`, {
    scope: 'stream',
    hint: 'Look at the profile without being logged in: it may be private, renamed or gone. If it is there, the actor is broken for now; another one can be named with the option actor.',
  })
}

function unknownShape(row: unknown): TidemarkError {
  const names = isObject(row) ? Object.keys(row).slice(0, 8).join(', ') : typeof row
  return new TidemarkError('rows_unknown', `The actor gives rows of a form that is not known here (${names}).`, {
    scope: 'stream',
    hint: 'Leave the option actor out, or name an actor that is known: tidemark connectors <name>',
  })
}
