// Owns what error answers of Google mean for a service account: a token that ran out or is refused, a spreadsheet that is
// not shared, an API that is off, limits.
//
// Facts (recorded answers, developers.google.com/workspace/sheets/api/limits): an error of the API is
// `{"error":{"code","message","status","details"?}}`; a spreadsheet that is not shared is 403 PERMISSION_DENIED, one that
// does not exist 404 NOT_FOUND. The token address answers as RFC 6749 says. Of a signed text that is too old or too new it
// says invalid_grant, too, and names `iat` and `exp`.

import type { Failure, RawAnswer } from '../../connector/connector.ts'
import { tokenFailure } from '../../connector/token-errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'

const API_OFF = /SERVICE_DISABLED|accessNotConfigured|has not been used in project|is disabled/
const RATE = /RATE_LIMIT_EXCEEDED|rateLimitExceeded|userRateLimitExceeded|RESOURCE_EXHAUSTED/
const NO_SCOPE = /ACCESS_TOKEN_SCOPE_INSUFFICIENT|insufficient authentication scopes/
const CLOCK = /\biat\b|\bexp\b|reasonable timeframe/

const KEYS = 'console.cloud.google.com, "IAM & Admin", "Service Accounts", the account, "Keys"'

export function classifier(email: string): (answer: RawAnswer) => Failure<ErrorCode> | undefined {
  return (answer) => {
    const { status, body } = answer
    const token = tokenFailure(answer)
    if (token) return ofToken(answer, token)
    const error = isObject(body) && isObject(body['error']) ? body['error'] : undefined
    if (!error || status < 400 || status >= 500) return undefined
    const text = JSON.stringify(error)
    const said = typeof error['message'] === 'string' ? error['message'].replace(/\.$/, '') : 'no message'
    const message = `Google Sheets: ${said} (${status})`
    if (status === 429 || (status === 403 && RATE.test(text))) return { verdict: 'wait', code: 'rate_limited', message }
    if (status === 401) return { verdict: 'refresh', code: 'token_expired', message }
    if (status === 404) {
      const hint = `Check the option spreadsheetId: the part of the sheet's address between /d/ and /edit. One that was deleted is not found, either; what is stored of it stays.`
      return { verdict: 'stop', scope: 'stream', code: 'not_found', message, hint }
    }
    if (status !== 403) return undefined
    if (API_OFF.test(text)) {
      const hint =
        'Enable the "Google Sheets API" in the project of the service account: console.cloud.google.com/apis/library/sheets.googleapis.com.'
      return { verdict: 'stop', scope: 'stream', code: 'forbidden', message, hint }
    }
    if (NO_SCOPE.test(text)) return { verdict: 'stop', scope: 'stream', code: 'scope_missing', message }
    const hint = `Share the spreadsheet with ${email} (in the sheet: Share, Viewer). What is stored of it stays.`
    return { verdict: 'stop', scope: 'stream', code: 'forbidden', message, hint }
  }
}

function ofToken({ status, body }: RawAnswer, failure: Failure<ErrorCode>): Failure<ErrorCode> {
  const said = isObject(body) ? String(body['error_description'] ?? body['error']) : ''
  if (failure.verdict !== 'pause') return failure
  if (CLOCK.test(said)) {
    return {
      verdict: 'stop',
      scope: 'run',
      code: 'clock_skewed',
      message: `Google does not accept the time of the login: ${said} (${status})`,
      hint: "Set this machine's clock.",
    }
  }
  return {
    ...failure,
    message: `Google refuses the service account: ${said} (${status})`,
    hint: `Make a new JSON key at ${KEYS}, and give it to: tidemark connect`,
  }
}
