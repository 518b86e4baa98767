// Owns errors over HTTP: problem documents (RFC 9457) with our code and hint.

import { STATUS_CODES } from 'node:http'

export interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string
}

export function problemResponse({ status, code, detail, hint }: Problem): Response {
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code, hint: hint ?? null }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}
