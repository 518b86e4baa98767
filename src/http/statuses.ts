// Owns what a status means where the service's own rules say nothing: whether it is an answer at all, and if not, how
// much the failure concerns and who acts next. Pure.

import type { Failure } from '../connector/connector.ts'
import { type ErrorCode, meaningOfCode } from '../model/error-table.ts'
import { type Sentence, verdictOfSource } from '../model/errors.ts'
import { isObject } from '../model/json.ts'
import { plural } from '../model/plural.ts'
import { type Scrub, shortened, shown } from '../model/shown.ts'
import { believed, type RateReading, readRate, waitByHeaders } from './rate-headers.ts'
import type { TransportAnswer } from './transport.ts'

export interface StatusSetup {
  readonly method: string
  /** Statuses besides the plain ones that this request takes for an answer. */
  readonly accept: readonly number[]
  /** Whether what may have been done already must not be asked for again. */
  readonly once?: boolean
  /** The Range header of the request. */
  readonly range?: string | undefined
  /** For messages: who answered, and for which connection. */
  readonly host: string
  readonly connection: string | undefined
  /** What a service says may repeat what it was sent. */
  readonly scrub: Scrub
  /** The source's clock, in milliseconds since 1970. */
  readonly now: number
}

/** A failure in our words. Who acts next, and the hint, are those of the code where nothing else is said. */
export function fault(code: ErrorCode, message: Sentence, more: Partial<Failure> = {}): Failure {
  const { hint } = meaningOfCode(code)
  return { verdict: verdictOfSource(undefined, code), code, message, ...(hint === undefined ? {} : { hint }), ...more }
}

/** What answers a request that reads: the whole of what was asked for, as it is or as a proxy has transformed it. */
const READS: ReadonlySet<number> = new Set([200, 203])
/** What answers a request that does something: also "made it", "will do it" and "done, nothing to say". */
const ACTS: ReadonlySet<number> = new Set([200, 201, 202, 203, 204, 205])

/**
 * What is wrong with a 2xx status; undefined when it is an answer. Parts of a page (206), reports about many things at
 * once (207, 208) and promises (202) are no page unless the request asked for them.
 */
export function refusedSuccess(answer: TransportAnswer, setup: StatusSetup): Failure | undefined {
  const { status, headers } = answer
  const { method, accept, range, host } = setup
  if (status === 206 && range !== undefined) return wrongRange(range, headers['content-range'], host)
  const plain = method === 'GET' || method === 'HEAD' ? READS : ACTS
  if (plain.has(status) || accept.includes(status)) return undefined
  if (status === 202) {
    const waitMs = setup.once ? undefined : waitByHeaders(readRate(headers, setup.now))
    const wait = waitMs === undefined ? {} : ({ verdict: 'wait', waitMs: believed(waitMs, status) } as const)
    return fault('not_ready', `Host ${host} has not finished its answer yet (202).`, { scope: 'page', ...wait })
  }
  const message = `Host ${host} answered with ${describeSuccess(status)}, which was not asked for.` as const
  return fault('unexpected_status', message, { scope: 'page' })
}

function describeSuccess(status: number): string {
  if (status === 206) return 'a part of the content (206)'
  if (status === 204 || status === 205) return `no content (${status})`
  return `status ${status}`
}

/** A part is an answer when it is the part that was asked for. Ranges that nobody can compare are the connector's. */
function wrongRange(asked: string, given: string | undefined, host: string): Failure | undefined {
  const wanted = rangeOf(asked)
  const sent = given === undefined ? undefined : rangeOf(given)
  if (given !== undefined && (!wanted || !sent)) return undefined
  if (wanted && sent && sent.from === wanted.from && sent.to <= wanted.to) return undefined
  const range = given ?? 'a range it does not name'
  const message = `Host ${host} answered a request for the range ${asked} with ${range} (206).` as const
  return fault('unexpected_status', message, { scope: 'page', hint: 'A cache or a proxy in between can do this.' })
}

/** `bytes=0-99`, `bytes 0-99/1000`, `0-24/*`. */
function rangeOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const match = /^\s*(?:[A-Za-z]{1,20}[= ]\s*)?(\d{1,15})-(\d{0,15})(?:\/|\s*$)/.exec(text)
  if (!match) return undefined
  return { from: Number(match[1]), to: match[2] === '' ? Number.POSITIVE_INFINITY : Number(match[2]) }
}

/** What a status of 300 and above means. `isHtml`: the body is a web page. */
export function failureOf(answer: TransportAnswer, body: unknown, isHtml: boolean, setup: StatusSetup): Failure {
  const { status, headers } = answer
  const { host } = setup
  const said = saying(body, setup.scrub)
  const rate = readRate(headers, setup.now)
  // A 5xx that asks to wait may have done its work; only a 4xx is known to be a refusal.
  if (isLimit(status, headers, rate, said || plainStart(body)) && !(setup.once && status >= 500)) {
    const waitMs = waitByHeaders(rate)
    const wait = waitMs === undefined ? {} : { waitMs }
    return fault('rate_limited', `Host ${host} asks to wait (${status})${said}.`, wait)
  }
  if (status === 401 || (status === 403 && refusesCredentials(headers, said))) return rejected(status, said, setup)
  if (status === 403) return isHtml ? blockedByProxy(answer, host) : forbidden(said, setup)
  if (status === 404 || status === 410) {
    return fault('not_found', `Host ${host} has nothing at this address (${status})${said}.`)
  }
  if (status === 451) return fault('access_blocked', `Host ${host} withholds this for legal reasons (451)${said}.`)
  if (status >= 500 || status === 408 || status === 425) {
    const hint = 'This is no status of HTTP; services answer like this to programs that they do not want.'
    return fault('server_error', `Host ${host} failed (${status})${said}.`, status >= 600 ? { hint } : {})
  }
  return fault('request_refused', `Host ${host} refused the request (${status})${said}.`)
}

const LIMIT_WORDS =
  /rate.?limit|request limit|limit exceeded|too many requests|quota exceeded|exceeded your (?:\w{1,20} ){0,3}quota|throttl|abuse detection|slow down|LimitExceeded|quotaExceeded/i

/** Whether a refusal is about how often was asked; services say so by status, by header or in words. */
function isLimit(status: number, headers: TransportAnswer['headers'], rate: RateReading, words: string): boolean {
  if (status === 429) return true
  const asksToWait = headers['retry-after'] !== undefined || rate.retryAfterMs !== undefined
  if (status >= 500) return asksToWait
  if (status !== 403) return false
  return asksToWait || (rate.remaining !== undefined && rate.remaining < 1) || LIMIT_WORDS.test(words)
}

const REFUSED_CREDENTIALS =
  /\b(?:bad|invalid|incorrect|wrong|expired|revoked) (?:\w{1,20} )?(?:credentials?|tokens?|api.?keys?|sessions?)\b|\b(?:credentials?|tokens?|api.?keys?|sessions?) (?:is|are|was|were|has|have)(?: been)?(?: an?)? (?:bad|invalid|incorrect|wrong|expired|revoked)\b/i

/** A 403 is a lack of rights, unless the answer names the credentials themselves. */
function refusesCredentials(headers: TransportAnswer['headers'], said: string): boolean {
  return /\binvalid_token\b/.test(headers['www-authenticate'] ?? '') || REFUSED_CREDENTIALS.test(said)
}

function whose({ connection }: StatusSetup): string {
  return connection === undefined ? '' : ` of connection "${connection}"`
}

/** Which connector this is, is not known here. */
function connectAgain({ connection }: StatusSetup): string {
  return connection === undefined ? 'tidemark connect' : `tidemark connect … --id ${connection}`
}

function rejected(status: number, said: string, setup: StatusSetup): Failure {
  return fault('token_rejected', `Host ${setup.host} refused the credentials${whose(setup)} (${status})${said}.`, {
    scope: 'login',
    hint: `Create new credentials and give them to: ${connectAgain(setup)}`,
  })
}

function forbidden(said: string, setup: StatusSetup): Failure {
  return fault('forbidden', `Host ${setup.host} does not allow this to the credentials${whose(setup)} (403)${said}.`, {
    hint: `Give the credentials the permissions they lack, or create others and run: ${connectAgain(setup)}`,
  })
}

function blockedByProxy({ status, text }: TransportAnswer, host: string): Failure {
  const size = plural(text.length, 'character')
  return fault('unexpected_html', `Host ${host} refused the request with a web page (${status}, ${size}).`, {
    hint: 'A firewall or a proxy in between does this; the credentials are not in question.',
  })
}

const SAYING_MAX = 200

/** What the service itself says, from the members in which services say it: one line, not too long, with no full stop. */
export function saying(body: unknown, scrub: Scrub): string {
  if (!isObject(body)) return ''
  const { error, errors } = body
  const nested = isObject(error)
    ? error['message']
    : Array.isArray(errors) && isObject(errors[0])
      ? errors[0]['message']
      : error
  const candidates = [body['message'], body['error_description'], nested, body['detail'], body['title'], body['reason']]
  const said = candidates.find((candidate) => typeof candidate === 'string' && candidate.trim() !== '') as
    | string
    | undefined
  if (said === undefined) return ''
  const start = shown(said, scrub, 8 * SAYING_MAX)
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = start.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim()
  return `: ${shortened(line, SAYING_MAX).replace(/\.$/, '')}`
}

/** The beginning of a body that is no JSON, for services and firewalls that answer a limit in words. */
function plainStart(body: unknown): string {
  return typeof body === 'string' ? body.slice(0, 10 * SAYING_MAX) : ''
}
