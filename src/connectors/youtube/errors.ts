// Owns what YouTube's error answers mean: a spent quota, a rate, a refused key, and what may not be read.
//
// Facts (developers.google.com/youtube/v3/docs/errors, determine_quota_cost, recorded answers): an error is
// `{"error":{"code","message","errors":[{domain,reason,message}],"status"?,"details"?}}`. The daily quota is spent with 403
// quotaExceeded or dailyLimitExceeded, or with 429 and a limit "per day"; it starts anew at midnight Pacific Time, and until
// then every request is charged and refused. A key is refused with 400 (keyInvalid, API_KEY_INVALID), one that may not read
// this API with 403 (accessNotConfigured, API_KEY_SERVICE_BLOCKED, …). Messages may have HTML in them.

import type { Failure, RawAnswer } from '../../connector/connector.ts'
import type { ErrorCode } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { instantOf, readingAt } from '../../model/local-time.ts'

const DAY_MS = 86_400_000
const QUOTA_ZONE = 'America/Los_Angeles'

const QUOTA_SPENT = /^(?:quotaExceeded|dailyLimitExceeded)$/
const RATE = /^(?:rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED)$/
const API_OFF = /^(?:accessNotConfigured|SERVICE_DISABLED)$/
const KEY_RESTRICTED = /^(?:API_KEY_\w+_BLOCKED|ipRefererBlocked|refererBlocked)$/
const KEY_REFUSED =
  /^(?:keyInvalid|keyExpired|API_KEY_INVALID|dailyLimitExceededUnreg|authError|CONSUMER_(?:INVALID|SUSPENDED))$/
/** For answers that name no reason of their own. */
const KEY_WORDS = /api key (?:not valid|expired|not found)|valid api key|unregistered callers/i

const PAGE_TOKEN = /^invalidPageToken$/

const CREDENTIALS = 'console.cloud.google.com/apis/credentials'

export function classify({ status: told, headers, body }: RawAnswer): Failure<ErrorCode> | undefined {
  // In front of the API, Google answers with a list of one.
  const envelope: unknown = Array.isArray(body) ? body[0] : body
  const error = isObject(envelope) && isObject(envelope['error']) ? envelope['error'] : undefined
  if (!error) return undefined
  // Whatever its status, and however its code is written, an answer with an error is none.
  const status = told < 400 ? errorStatus(error['code']) : told
  const said = typeof error['message'] === 'string' ? error['message'].replaceAll(/<[^<>]*>/g, '') : 'no message'
  const reasons = [...reasonsIn(error['errors']), ...reasonsIn(error['details'])]
  const is = (pattern: RegExp) => reasons.some((reason) => pattern.test(reason))
  const message = `YouTube: ${said.replace(/\.$/, '')} (${status})`
  if (is(QUOTA_SPENT) || ((status === 429 || is(RATE)) && /per day|PerDay/.test(JSON.stringify(error)))) {
    const hint = `YouTube counts 10,000 units a day for a project, from midnight Pacific Time; more is granted on request, at ${QUOTAS}.`
    return { verdict: 'wait', code: 'rate_limited', message, hint, waitMs: untilReset(headers['date']) }
  }
  if (status === 429 || is(RATE)) return { verdict: 'wait', code: 'rate_limited', message }
  const hint = is(API_OFF)
    ? 'Enable "YouTube Data API v3" for the project of the key: console.cloud.google.com/apis/library/youtube.googleapis.com.'
    : is(KEY_RESTRICTED)
      ? `The restrictions of the key, at ${CREDENTIALS}, have to allow the YouTube Data API v3, and requests from this machine.`
      : is(KEY_REFUSED) || status === 401 || KEY_WORDS.test(said)
        ? `Make an API key at ${CREDENTIALS}, and give it to: tidemark connect`
        : undefined
  if (hint !== undefined) return { verdict: 'pause', code: 'token_rejected', message, hint }
  if (is(PAGE_TOKEN)) {
    return {
      verdict: 'stop',
      scope: 'page',
      code: 'request_refused',
      message,
      hint: 'What was read is kept. The next sync reads the page before this one again, which names it anew, and goes on from there.',
    }
  }
  if (status === 403) {
    return {
      verdict: 'stop',
      scope: 'stream',
      code: 'forbidden',
      message,
      hint: 'An API key reads what is public. The channel, or its list of uploads, is not.',
    }
  }
  return told < 400 ? { verdict: 'retry', code: 'server_error', message } : undefined
}

/** The status of an error that came with another one; without one of its own, it is that of a fault inside. */
function errorStatus(code: unknown): number {
  const status = Number(code)
  return status >= 400 && status <= 599 ? status : 500
}

const QUOTAS = 'console.cloud.google.com/apis/api/youtube.googleapis.com/quotas'

function reasonsIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((one: unknown) => (isObject(one) && typeof one['reason'] === 'string' ? one['reason'] : []))
}

/** From the moment of an answer to the next midnight Pacific Time; a whole day where it does not say its moment. */
export function untilReset(date: string | undefined): number {
  const now = Date.parse(date ?? '')
  if (Number.isNaN(now)) return DAY_MS
  const reading = readingAt(now, QUOTA_ZONE)
  return instantOf((Math.floor(reading / DAY_MS) + 1) * DAY_MS, QUOTA_ZONE) - now
}
