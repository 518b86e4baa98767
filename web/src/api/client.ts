// Owns calls of the API: typed by its own description, in the session of this browser, with what went wrong as a Problem.

import createClient from 'openapi-fetch'
import type { paths } from './schema.d.ts'

/** What is wrong with an option of a connector; null: with several together. */
export interface Issue {
  readonly option: string | null
  readonly message: string
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string | null
  readonly issues?: readonly Issue[]
}

/** What the server says of a call that it did not do. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | null
  readonly issues: readonly Issue[]

  constructor({ status, code, detail, hint, issues = [] }: Refusal) {
    super(detail)
    this.issues = issues
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.hint = hint ?? null
  }
}

/** No page of another site can send this header: the call comes from here. */
export const HEADERS = { 'x-requested-with': 'tidemark' } as const

export const api = createClient<paths>({ baseUrl: location.origin, headers: HEADERS })

/** The document that a call gave. @throws Problem */
export async function told<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch(() => {
    throw unreachable()
  })
  if (response.ok) return data as T
  throw problemOf(error, response)
}

/** What an answer that is an error says. */
export function problemOf(error: unknown, { status }: { readonly status: number }): Problem {
  const refusal = (typeof error === 'object' && error !== null ? error : {}) as Partial<Refusal>
  const { code, detail } = refusal
  if (code !== undefined && detail !== undefined) return new Problem({ ...refusal, status, code, detail })
  return new Problem({ status, code: 'unexpected', detail: `The server answered with ${status}.` })
}

/** The server can't be heard. */
export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: 'unreachable',
    detail: 'The server does not answer.',
    hint: 'Look whether tidemark serve is still running there.',
  })
}

export interface Session {
  /** The id of the token that it began with. */
  readonly token: string
  readonly project: string
  readonly scopes: readonly string[]
  readonly expiresAt: string | null
}

/** Who is logged in; null: nobody. @throws Problem */
export async function findSession(): Promise<Session | null> {
  const answer = await fetch('/api/session', { headers: HEADERS }).catch(() => {
    throw unreachable()
  })
  if (answer.ok) return (await answer.json()) as Session
  if (answer.status === 401) return null
  throw problemOf(await answer.json().catch(() => null), answer)
}

/** Begins a session with a token or the code of a link. @throws Problem */
export async function logIn(token: string): Promise<Session> {
  const headers = { ...HEADERS, authorization: `Bearer ${token}` }
  const answer = await fetch('/api/session', { method: 'POST', headers }).catch(() => {
    throw unreachable()
  })
  if (answer.ok) return (await answer.json()) as Session
  throw problemOf(await answer.json().catch(() => null), answer)
}

export async function logOut(): Promise<void> {
  await fetch('/api/session', { method: 'DELETE', headers: HEADERS })
}
