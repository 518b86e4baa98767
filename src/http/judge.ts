// Owns whether an answer can be trusted, and what it means when not. Checked in this order: what the service's own
// classifier says, the status, the body. Nothing that fails a check ever looks like an empty page. Pure.

import type { Failure, HttpSettings } from '../connector/connector.ts'
import { checkFailure } from '../connector/returned-shape.ts'
import { asError, TidemarkError, verdictOfSource } from '../model/errors.ts'
import { parseExact } from '../model/exact-json.ts'
import { isObject } from '../model/json.ts'
import { plural } from '../model/plural.ts'
import { believed, readRate, WAIT_MAX_MS, waitByHeaders } from './rate-headers.ts'
import { REDIRECTS } from './redirects.ts'
import { scrubbedTexts } from './scrub.ts'
import { failureOf, fault, refusedSuccess, type StatusSetup, saying } from './statuses.ts'
import type { TransportAnswer } from './transport.ts'

export interface JudgeSetup extends StatusSetup {
  readonly classify: HttpSettings['classify']
  readonly unwrap?: HttpSettings['unwrap']
}

/** A body to use, an address to go on to, or what is wrong. */
export type Judgement = { readonly body: unknown } | { readonly redirect: string } | { readonly failure: Failure }

type Body =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string; readonly html: boolean; readonly error: Error | undefined }

export function judge(answer: TransportAnswer, setup: JudgeSetup): Judgement {
  const { status, headers } = answer
  const body = unwrapped(read(answer), setup.unwrap)
  const value = body.kind === 'json' ? body.value : body.kind === 'text' ? body.text : undefined
  const good = status >= 200 && status < 300
  // What a request asked to see is no failure, whatever the service's rules say of it elsewhere.
  if (!good && setup.accept.includes(status)) return { body: value }
  const failure = classified(answer, value, setup)
  if (failure) return { failure: timed(retold(failure, answer, value, setup), answer, setup.now) }
  const { location } = headers
  if (location !== undefined && REDIRECTS.has(status)) return { redirect: location }
  if (!good) return { failure: failureOf(answer, value, isWebPage(body, answer), setup) }
  const refused = refusedSuccess(answer, setup)
  if (refused) return { failure: refused }
  if (body.kind === 'json') return { body: body.value }
  if (body.kind === 'text') return { failure: notJson(body, answer, setup.host) }
  return MAY_BE_EMPTY.has(status) || setup.accept.includes(status)
    ? { body: undefined }
    : { failure: fault('empty_body', `Host ${setup.host} answered ${status} without a body.`) }
}

/** What the service's own rules say. Where they trip over an answer that is no object, its status says enough. */
function classified({ status, headers }: TransportAnswer, body: unknown, setup: JudgeSetup): Failure | undefined {
  const { classify, host } = setup
  if (!classify) return undefined
  let found: unknown
  try {
    found = classify({ status, headers, body })
  } catch (error) {
    if (error instanceof TidemarkError) throw error
    if (status >= 300 && !isObject(body)) return undefined
    const said = String(asError(error))
    const message = `The connector's classify fails on the answer of ${host} (${status}): ${said}.` as const
    return fault('unexpected_shape', message, { scope: 'page', hint: SHAPE_HINT })
  }
  try {
    const failure = checkFailure(found)
    return (
      failure && {
        ...failure,
        message: failure.message ?? spoken(failure.code, host, status) + saying(body, setup.scrub),
      }
    )
  } catch (error) {
    const { code, message, hint, scope = 'run' } = error as TidemarkError
    return { verdict: 'stop', scope, code, message, ...(hint === undefined ? {} : { hint }) }
  }
}

const SHAPE_HINT = 'If it comes again, the source has changed its answers, or classify takes a field for granted.'

/** `shop_closed` as `Host api.shop.example answered: shop closed (403)`. */
function spoken(code: string, host: string, status: number): string {
  return `Host ${host} answered: ${code.replaceAll('_', ' ')} (${status})`
}

/** With other statuses a service promises a body. */
const MAY_BE_EMPTY: ReadonlySet<number> = new Set([201, 202, 204, 205])

/** Characters of a body whose texts are scrubbed before a classifier makes a message of them. */
const RETOLD_MAX = 64 << 10

/**
 * What a classifier says, in words that it made of an answer without secrets: of one that it has cut out of the answer with
 * a secret in it, half the secret could be left.
 */
function retold(failure: Failure, answer: TransportAnswer, body: unknown, setup: JudgeSetup): Failure {
  if (!setup.classify || answer.text.length > RETOLD_MAX) return failure
  const clean = (value: unknown) => scrubbedTexts(value, setup.scrub)
  const headers = clean(answer.headers) as TransportAnswer['headers']
  const again = classified({ ...answer, headers }, clean(body), setup)
  // A service may well decide by a text that is no longer there; then only the message is not what it would be.
  if (!again || again.code !== failure.code || again.verdict !== failure.verdict) return failure
  const { hint: _told, ...rest } = failure
  return { ...rest, message: again.message, ...(again.hint === undefined ? {} : { hint: again.hint }) }
}

/** A classifier that asks to wait without saying how long leaves that to the headers. */
function timed(failure: Failure, { headers, status }: TransportAnswer, now: number): Failure {
  if (failure.verdict !== 'wait' || isWait(failure.waitMs)) return failure
  const waitMs = waitByHeaders(readRate(headers, now))
  const { waitMs: _unusable, ...rest } = failure
  return waitMs === undefined ? rest : { ...rest, waitMs: believed(waitMs, status) }
}

function isWait(ms: number | undefined): ms is number {
  return ms !== undefined && ms >= 0 && ms <= WAIT_MAX_MS
}

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

/** What a service is known to wrap its JSON in is taken off. What goes wrong with that leaves the body as it is. */
function unwrapped(body: Body, unwrap: HttpSettings['unwrap']): Body {
  if (!unwrap || body.kind !== 'text' || body.error instanceof TidemarkError) return body
  try {
    const text = unwrap(body.text)
    return typeof text === 'string' ? { kind: 'json', value: parseExact(text) } : body
  } catch (error) {
    return error instanceof TidemarkError ? { ...body, error } : body
  }
}

function isHtml(start: string): boolean {
  return /^<(!doctype\s+html|!--|html|head|body|script|meta|title|h1|p|div|center)\b/i.test(start)
}

function isWebPage(body: Body, { headers }: TransportAnswer): boolean {
  return body.kind === 'text' && (body.html || (headers['content-type'] ?? '').includes('html'))
}

function notJson(body: Body & { kind: 'text' }, answer: TransportAnswer, host: string): Failure {
  const { status, text } = answer
  const size = plural(text.length, 'character')
  if (isWebPage(body, answer)) {
    return fault('unexpected_html', `Host ${host} answered with a web page instead of JSON (${status}, ${size}).`)
  }
  if (body.error instanceof TidemarkError) {
    const { code, message, hint } = body.error
    const verdict = verdictOfSource(body.error.verdict, code)
    return { verdict, code, message: `The answer of ${host} is refused: ${message}`, ...(hint ? { hint } : {}) }
  }
  const cut = /unterminated|unexpected end/i.test(body.error?.message ?? '')
  const what = cut ? 'ends in the middle' : 'is not JSON'
  const message = `The answer of ${host} ${what} (${status}, ${size}).` as const
  return fault('invalid_json', message, cut ? { hint: 'It was cut on its way.' } : {})
}
