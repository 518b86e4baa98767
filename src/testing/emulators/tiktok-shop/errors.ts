// Owns TikTok Shop's envelope and its refusals: codes, HTTP statuses and messages. The code decides; the HTTP status
// may be 200 all the same, and 36009004 stands for a dozen different things.
//
// Documented (TikTok Shop Partner Center, Common errors): the envelope and the codes. What is marked as assumed below is not.

import type { Answer } from '../kit/answer.ts'

/** A refusal, thrown anywhere inside the handler. */
export class Refused extends Error {
  readonly status: number
  readonly code: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

// Messages in the provider's words where they were seen; those marked "assumed" follow the same pattern.
export const refused = {
  path: () => new Refused(404, 36009009, 'Invalid path. The specified path does not match any available endpoint.'),
  method: () => new Refused(405, 36009010, 'Invalid method. The HTTP method used is not supported.'),
  version: () => new Refused(400, 36009014, 'Invalid version. The specified version is not available.'),
  contentType: () => new Refused(415, 36009022, "Invalid content type. Use 'application/json'."), // assumed
  body: () => new Refused(400, 36009023, 'Invalid request body. The body is not valid JSON.'), // assumed
  appKey: () => new Refused(400, 36009004, "Invalid credentials. Invalid 'app_key' query parameter."),
  // assumed
  timestamp: () => new Refused(400, 36009004, "Invalid credentials. The 'timestamp' query parameter has expired."),
  sign: (code: number) =>
    new Refused(code === 106001 ? 401 : 400, code, "Invalid credentials. The 'sign' query parameter is invalid."),
  // assumed
  token: () => new Refused(401, 36009004, "Invalid credentials. The 'x-tts-access-token' header is invalid."),
  expired: () =>
    new Refused(401, 105002, "Expired credentials. The 'access_token' or 'x-tts-access-token' header has expired."),
  scope: (scope: string) => new Refused(403, 105005, `Access denied. The app has no permission for ${scope}.`), // assumed
  noCipher: () => new Refused(400, 106013, "Missing 'shop_cipher' query parameter."), // assumed
  mismatch: () => new Refused(403, 101000, 'The access token does not match the shop.'), // assumed
  parameter: (text: string) => new Refused(400, 36009004, `Invalid param. ${text}`), // assumed
  internal: () =>
    new Refused(500, 36009003, 'Internal error. Please try again. If the issue persists, contact platform support.'),
  timeout: () => new Refused(504, 36009007, 'Request timeout. Please try again.'), // assumed
  rate: (headers: Record<string, string>) =>
    new Refused(429, 36009002, "Too many requests. You've made too many requests in a short period of time.", headers),
} as const

/** The answer to a refusal. `alwaysOk` sends HTTP 200, as some gateways of the provider do. */
export function refusal(error: Refused, requestId: string, alwaysOk: boolean): Answer {
  const { code, message, headers } = error
  const body = JSON.stringify({ code, data: null, message, request_id: requestId })
  return { status: alwaysOk ? 200 : error.status, headers, body }
}

/** The refusal that belongs to an HTTP status, for scripted faults. */
export function refusedByStatus(status: number): Refused {
  if (status === 401) return refused.expired()
  if (status === 403) return new Refused(403, 36009033, 'Access denied. The IP address is not in the allow list.')
  if (status === 404) return refused.path()
  if (status === 429) return refused.rate({})
  if (status === 504) return refused.timeout()
  const { code, message } = refused.internal()
  return new Refused(status, code, message)
}
