// Owns errors over HTTP: problem documents (RFC 9457) with our code and hint.

import { STATUS_CODES } from 'node:http'
import { type ErrorCode, meaningOfCode } from '../model/error-table.ts'
import type { Sentence } from '../model/errors.ts'

/** The status, and the hint, are those of the code. */
export function problemResponse(code: ErrorCode, detail: Sentence): Response {
  const { http: status, hint = null } = meaningOfCode(code)
  const body = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code, hint }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}
