// Owns TikTok Shop's two signatures: of requests to the Open API, and of webhooks.
//
// Documented (TikTok Shop Partner Center, Sign your API request, and Webhooks overview), with vectors that the tests repeat.

import { createHmac } from 'node:crypto'

/** What a request's signature covers: the decoded query and the exact text of the body. */
export interface Signed {
  readonly path: string
  readonly query: Iterable<readonly [string, string]>
  /** Left out of the signature for multipart bodies; `''` for none. */
  readonly body?: string
}

/** The `sign` parameter of a request. `sign` and `access_token` themselves are not covered. */
export function signRequest(appSecret: string, request: Signed): string {
  return hmac(appSecret, `${appSecret}${stringToSign(request)}${appSecret}`)
}

/** What lies between the two secrets: the path, the sorted parameters, the body. */
export function stringToSign(request: Signed): string {
  const parameters = [...request.query]
    .filter(([name]) => name !== 'sign' && name !== 'access_token')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => name + value)
  return `${request.path}${parameters.join('')}${request.body ?? ''}`
}

/** The `Authorization` header of a webhook: the bare signature, without a scheme. */
export function signWebhook(appKey: string, appSecret: string, rawBody: string): string {
  return hmac(appSecret, appKey + rawBody)
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
