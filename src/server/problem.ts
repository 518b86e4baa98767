// Owns errors over HTTP: problem documents (RFC 9457) with our code and hint.

import { STATUS_CODES } from 'node:http'
import { type ErrorCode, meaningOfCode } from '../model/error-table.ts'
import { type OptionIssue, type Sentence, TidemarkError } from '../model/errors.ts'

/** The status, and the hint where none is given, are those of the code. */
export function problemResponse(
  code: ErrorCode,
  detail: Sentence,
  told?: string | null,
  issues?: readonly OptionIssue[],
): Response {
  const { http: status, hint: usual = null } = meaningOfCode(code)
  const hint = told ?? usual
  const title = STATUS_CODES[status] ?? 'Error'
  const body = { type: 'about:blank', title, status, detail, code, hint, ...(issues && { issues }) }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}

/** What is thrown on purpose says what it is; what went wrong inside is for the log: a stranger learns only that it did. */
export function problemOf(thrown: unknown): Response {
  if (!(thrown instanceof TidemarkError)) return problemResponse('unexpected', 'The server failed to answer.')
  return problemResponse(thrown.code as ErrorCode, thrown.message as Sentence, thrown.hint, thrown.issues)
}
