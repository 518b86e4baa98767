// Owns whether an answer can be trusted, and what it means when not. Checked in this order: what the service's own
// classifier says, the status, the body. Nothing that fails a check ever looks like an empty page. Pure.

import type { Failure, HttpSettings } from '../connector/connector.ts'
import { TidemarkError } from '../model/errors.ts'
import { parseExact } from '../model/exact-json.ts'
import { isObject } from '../model/json.ts'
import { readRate, waitByHeaders } from './rate-headers.ts'
import { REDIRECTS } from './redirects.ts'
import type { TransportAnswer } from './transport.ts'

export interface JudgeSetup {
  readonly classify: HttpSettings['classify']
  /** Statuses besides 2xx that this request takes for an answer. */
  readonly accept: readonly number[]
  /** For messages: who answered, and for which connection. */
  readonly host: string
  readonly connection: string | undefined
  /** The source's clock, in milliseconds since 1970. */
  readonly now: number
}

/** A body to use, an address to go on to, or what is wrong. */
export type Judgement = { readonly body: unknown } | { readonly redirect: string } | { readonly failure: Failure }

type Body =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string; readonly html: boolean; readonly error: Error | undefined }

export function judge(answer: TransportAnswer, setup: JudgeSetup): Judgement {
  const { status, headers } = answer
  const body = read(answer)
  const value = body.kind === 'json' ? body.value : body.kind === 'text' ? body.text : undefined
  const good = status >= 200 && status < 300
  // What a request asked to see is no failure, whatever the service's rules say of it elsewhere.
  if (!good && setup.accept.includes(status)) return { body: value }
  const failure = setup.classify?.({ status, headers, body: value })
  if (failure) return { failure: timed(failure, headers, setup.now) }
  const { location } = headers
  if (location !== undefined && REDIRECTS.has(status)) return { redirect: location }
  if (!good) return { failure: byStatus(answer, value, setup) }
  if (body.kind === 'json') return { body: body.value }
  if (body.kind === 'text') return { failure: notJson(body, answer, setup.host) }
  return EMPTY_IS_WRONG.has(status) ? { failure: emptyBody(status, setup.host) } : { body: undefined }
}

/** A classifier that asks to wait without saying how long leaves that to the headers. */
function timed(failure: Failure, headers: TransportAnswer['headers'], now: number): Failure {
  if (failure.verdict !== 'wait' || failure.waitMs !== undefined) return failure
  const waitMs = waitByHeaders(readRate(headers, now))
  return waitMs === undefined ? failure : { ...failure, waitMs }
}

/** With these a service promises a body; with 201, 202, 204 and 205 it may have nothing to say. */
const EMPTY_IS_WRONG: ReadonlySet<number> = new Set([200, 203, 206])

function read({ text }: TransportAnswer): Body {
  const start = text.search(/\S/)
  if (start < 0) return { kind: 'empty' }
  if (text[start] === '<') return { kind: 'text', text, html: isHtml(text.slice(start, start + 64)), error: undefined }
  try {
    return { kind: 'json', value: parseExact(text) }
  } catch (error) {
    return { kind: 'text', text, html: false, error: error as Error }
  }
}

function isHtml(start: string): boolean {
  return /^<(!doctype\s+html|!--|html|head|body|script|meta|title|h1|p|div|center)\b/i.test(start)
}

function byStatus(answer: TransportAnswer, body: unknown, setup: JudgeSetup): Failure {
  const { status, headers } = answer
  const { host } = setup
  const said = saying(body)
  const rate = readRate(headers, setup.now)
  const limited = status === 429 || (status === 503 && rate.retryAfterMs !== undefined)
  if (limited || (status === 403 && rate.remaining !== undefined && rate.remaining < 1)) {
    const waitMs = waitByHeaders(rate)
    return {
      verdict: 'wait',
      code: 'rate_limited',
      message: `${host} asks to wait (${status})${said}`,
      ...(waitMs === undefined ? {} : { waitMs }),
    }
  }
  const whose = setup.connection === undefined ? '' : ` of connection "${setup.connection}"`
  // Which connector this is, is not known here.
  const connect = setup.connection === undefined ? 'tidemark connect' : `tidemark connect … --id ${setup.connection}`
  if (status === 401) {
    return {
      verdict: 'pause',
      code: 'token_rejected',
      message: `${host} refused the credentials${whose} (401)${said}`,
      hint: `Create new credentials and give them to: ${connect}`,
    }
  }
  if (status === 403) {
    return {
      verdict: 'pause',
      code: 'forbidden',
      message: `${host} does not allow this to the credentials${whose} (403)${said}`,
      hint: `Give the credentials the permissions they lack, or create others, and run: ${connect}`,
    }
  }
  if (status === 404 || status === 410) {
    return {
      verdict: 'stop',
      code: 'not_found',
      message: `${host} has nothing at this address (${status})${said}`,
      hint: 'Check the base URL and the names in the options of the connection.',
    }
  }
  if (status >= 500 || status === 408 || status === 425) {
    return { verdict: 'retry', code: 'server_error', message: `${host} failed (${status})${said}` }
  }
  return {
    verdict: 'stop',
    code: 'request_refused',
    message: `${host} refused the request (${status})${said}`,
    hint: 'Check the options of the connection; if they are right, the connector asks wrongly.',
  }
}

function notJson(body: Body & { kind: 'text' }, answer: TransportAnswer, host: string): Failure {
  const { status, headers, text } = answer
  if (body.html || (headers['content-type'] ?? '').includes('html')) {
    return {
      verdict: 'retry',
      code: 'unexpected_html',
      message: `${host} answered with a web page instead of JSON (${status}, ${text.length} characters)`,
      hint: 'A proxy, a login page of the network, or a base URL that points to the website instead of the API.',
    }
  }
  if (body.error instanceof TidemarkError) {
    const { code, message, hint } = body.error
    return { verdict: 'stop', code, message: `the answer of ${host} is refused: ${message}`, ...(hint ? { hint } : {}) }
  }
  const cut = /unterminated|unexpected end/i.test(body.error?.message ?? '')
  return {
    verdict: 'retry',
    code: 'invalid_json',
    message: `the answer of ${host} ${cut ? 'ends in the middle' : 'is not JSON'} (${status}, ${text.length} characters)`,
    hint: cut ? 'It was cut on its way.' : 'Check that the base URL points to the API.',
  }
}

function emptyBody(status: number, host: string): Failure {
  return {
    verdict: 'retry',
    code: 'empty_body',
    message: `${host} answered ${status} without a body`,
    hint: 'An empty answer is not an empty list; if it stays like this, check the base URL.',
  }
}

const SAYING_MAX = 200

/** What the service itself says, from the members in which services say it: one line, not too long. */
function saying(body: unknown): string {
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
  // oxlint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = said.replace(/[\s\u0000-\u001f\u007f]+/g, ' ').trim()
  return `: ${line.length > SAYING_MAX ? `${line.slice(0, SAYING_MAX)}…` : line}`
}
