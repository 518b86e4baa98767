// Owns the way to Apify: runs of its actors as jobs, whose token it is, and what its errors mean.
//
// Facts (Apify's OpenAPI document and docs.apify.com): `POST /v2/actors/{actor}/runs` starts a run and answers 201; nothing
// in it is idempotent, so that a run is found again by what is in its INPUT. A run is READY or RUNNING, TIMING-OUT or
// ABORTING, and ends SUCCEEDED, FAILED, TIMED-OUT or ABORTED; in each case its dataset holds what it has pushed, in that
// order, and that is charged. `maxItems` and `maxTotalChargeUsd` cap the charge. Actors write rows into a run that
// succeeded to say that there is nothing: `{"demo":true}` on the free plan, `{"noResults":true}`, or `error`. Runs are
// deleted some days after their end, with their rows. 402 is a slot that is taken or money that is spent; only
// `error.type` tells which.

import type { Failure, HttpSettings, RawAnswer } from '../../connector/connector.ts'
import type { AskKeys, AskNewest, Job, JobPrice } from '../../connector/job.ts'
import { secret, z } from '../../connector/options.ts'
import { type Http, rows } from '../../connector/page.ts'
import { type ErrorCode, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { type KnownRows, readAgain, readNewest } from './rows.ts'
import { dataOf, find, poll, start } from './runs.ts'

/** Apify bills in it, and names its caps by it. */
export const CURRENCY = 'USD'

const TOKENS = 'console.apify.com, Settings, API & Integrations, Personal API tokens'

export const apifyToken = secret(`API token of your Apify account: ${TOKENS}`)

/** An option with another actor than the usual one. */
export const actorOption = (usual: string, others: string) =>
  z
    .string()
    .regex(/^(?:[\w.-]+[~/])?[\w.-]+$/, 'is no actor such as apidojo~tweet-scraper')
    .optional()
    .meta({
      advanced: true,
      example: usual,
      description: `Actor that reads, as in its address apify.com/<user>/<actor>, written <user>~<actor>; without it ${usual}. Known, too: ${others}`,
    })

/** A creator's name, as it is written after the @; the address of the profile on one of the hosts has it, too. */
export const usernameOption = (service: string, ...hosts: readonly string[]) =>
  z
    .string()
    .transform((given) => nameIn(given.trim(), hosts).replace(/^@/, ''))
    .pipe(
      z.string().regex(/^[\w.-]+$/, `is not a username on ${service}: give the name, or the address of the profile`),
    )
    .meta({ example: 'ada', description: `Username on ${service}, as in the address of the profile` })

/** The first part of the path of an address, where its host is one of those. */
function nameIn(given: string, hosts: readonly string[]): string {
  if (!given.includes('/')) return given
  const url = URL.parse(/^https?:/i.test(given) ? given : `https://${given}`)
  const isOurs = url !== null && hosts.includes(url.hostname.replace(/^(?:www|m|mobile)\./, ''))
  return isOurs ? (url.pathname.split('/')[1] ?? '') : given
}

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

/** Whose token it is, and whether there is an actor that was named. A token that may only run actors is shown its runs, and no account. */
export async function apifyAccount({
  http,
  options,
}: {
  readonly http: Http
  readonly options: Pick<Options, 'actor'>
}): Promise<{ readonly account?: string }> {
  const { status, body } = await http.get('/v2/users/me', { accept: [403, 404] })
  if (status !== 200) {
    const runs = await http.get('/v2/actor-runs', { query: { limit: 1 } })
    rows(dataOf(runs.body, 'list of runs')['items'], 'runs')
    return {}
  }
  const { username } = dataOf(body, 'user')
  if (options.actor !== undefined) await findActor(http, options.actor)
  return typeof username === 'string' ? { account: `Apify user ${username}` } : {}
}

/** @throws TidemarkError not_found, where Apify says so; an actor that this token is not shown may be there all the same */
async function findActor(http: Http, actor: string): Promise<void> {
  const path = `/v2/actors/${encodeURIComponent(tilded(actor))}`
  const { status, body } = await http.get(path, { accept: [403, 404] })
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {}
  const { message } = error
  if (status !== 404 || typeof message !== 'string' || !/\bact(?:or)?\b/i.test(message)) return
  throw new TidemarkError('not_found', `Apify has no actor "${actor}".`, { scope: 'stream', hint: ACTOR })
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

const ACTOR = 'Check the option actor: its name is <user>~<actor>, as in its address on apify.com.'

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
    return { verdict: 'stop', scope: 'stream', code: 'not_found', message, hint: ACTOR }
  }
  if (status === 400) {
    const hint = 'The actor does not take this input: if it is another one than usual, leave the option actor out.'
    return { verdict: 'stop', scope: 'stream', code: 'request_refused', message, hint }
  }
  return undefined
}

// ── actors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What an actor is given, and how its rows are known. */
export interface Actors extends KnownRows {
  /** The usual one, as `<user>~<actor>`. */
  readonly usual: string
  /** The input that asks a profile for its newest posts. */
  readonly newest: (actor: string, username: string, count: number) => Record<string, unknown>
  /** The input that asks for posts by their addresses; undefined: the actor can't. */
  readonly byAddress: (actor: string, addresses: readonly string[]) => Record<string, unknown> | undefined
  /** A post's address, of its key and its stored columns. */
  readonly address: (key: string, stored: Readonly<Record<string, unknown>>, username: string) => string
  /** What an actor costs, as its page says: of a profile, and of posts by their addresses. Undefined: not known. */
  readonly price?: (actor: string) => { readonly newest: JobPrice; readonly byAddress: JobPrice } | undefined
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
    read: (request) => readNewest(actors, request, firstRowOf(actors, request.options)),
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

/** No known actor asks more for its start and a row, in USD, where it names no price. */
const FIRST_ROW_USD_MAX = 0.05

/** What the start of an actor and a row cost, in USD: with less, it may deliver nothing. */
function firstRowOf(actors: Actors, options: Options): number {
  const price = actors.price?.(actorOf(actors, options))?.newest
  return price ? (price.start ?? 0) + price.item : FIRST_ROW_USD_MAX
}

/** As it stands in a path: with a tilde. */
function actorOf({ usual }: Actors, { actor }: Options): string {
  return tilded(actor ?? usual)
}

const tilded = (actor: string) => actor.replace('/', '~')
