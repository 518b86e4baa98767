// Owns what the errors of an OAuth token endpoint mean (RFC 6749, sections 4.1.2.1 and 5.2). Pure.

import type { ErrorCode } from '../model/error-table.ts'
import { isObject } from '../model/json.ts'
import type { Failure, RawAnswer } from './connector.ts'

/** The grant, or the app that shows it, is refused: only a person can mend that. */
const REFUSALS: readonly unknown[] = ['invalid_grant', 'invalid_client', 'unauthorized_client']
const OUTAGES: readonly unknown[] = ['server_error', 'temporarily_unavailable']

/**
 * What `{ "error": "invalid_grant" }` and the like mean: `pause` where the login is refused, `retry` in an outage.
 * Undefined for every other answer: it refuses no login. Limits and 5xx follow the general rules.
 */
export function tokenFailure({ status, body }: RawAnswer): Failure<ErrorCode> | undefined {
  const { error, error_description: said = error } = isObject(body) ? body : {}
  if (status === 429 || status >= 500) return undefined
  const message = `The service answered a request for a token with: ${String(said)} (${status})`
  if (REFUSALS.includes(error)) return { verdict: 'pause', code: 'login_expired', message }
  return OUTAGES.includes(error) ? { verdict: 'retry', code: 'server_error', message } : undefined
}
