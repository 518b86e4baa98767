// Owns one call of a route while it is answered: who calls, what was sent, and doing an operation for the caller's project.

import type { Context } from 'hono'
import { TidemarkError } from '../../model/errors.ts'
import type { OperationName, PerformArguments, PerformResult } from '../../operations/all.ts'
import type { Actor } from '../../operations/deeds.ts'
import type { Described } from '../../operations/operation.ts'
import { told } from '../../operations/perform.ts'
import type { Caller } from '../../operations/tokens.ts'
import type { Tidemark } from '../../tidemark.ts'
import { type Given, inputOf } from './input.ts'
import type { Route } from './routes.ts'

export interface Call {
  readonly tidemark: Tidemark
  readonly caller: Caller
  /** What the caller is known by: a token, or the cookie of a session. */
  readonly secret: string
  /** Of a call with an Idempotency-Key: the same whenever it comes. */
  readonly id?: string | undefined
  readonly context: Context
  readonly route: Route
  readonly operation: Described
  readonly params: Readonly<Record<string, string>>
  /** What it holds is taken out by whoever reads it. */
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** Whether the token is still what it was when the call came: an answer that takes long asks again. */
  readonly isInForce: () => Promise<boolean>
  /** Ends with the server. */
  readonly closing: AbortSignal
}

/** Answers a call in a way of its own. */
export type Answerer = (call: Call) => Promise<Response> | Response

/** Does an operation for the caller's project. */
export function doFor<Name extends OperationName>(
  { tidemark, caller }: Pick<Call, 'tidemark'> & { readonly caller: Actor },
  name: Name,
  ...asked: PerformArguments<Name>
): Promise<PerformResult<Name>> {
  return tidemark.performFor(caller, name, ...asked)
}

/** What the call gives to its operation. */
export function given({ route, operation, params, query, body }: Call): Given {
  return inputOf(route, operation, { params, query, body })
}

/** The operation of the route with what the call gives. Its input is checked there: no type is known here. */
export function doRoute(call: Call, more: object = {}): Promise<unknown> {
  const { args, options } = given(call)
  return doFor(call, call.route.operation, args, { ...options, ...more })
}

/** A switch of a body that no operation has. @throws TidemarkError option_invalid */
export function checkedSwitch(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new TidemarkError('option_invalid', `The body's ${name} is true or false, not ${told(value)}.`)
}

/** A document, with the digits of numbers that no double holds. */
export function json(document: unknown, status = 200): Response {
  return jsonAnswer(`${jsonText(document)}\n`, status)
}

/** The same, of a document that is text already. */
export function jsonAnswer(text: string, status = 200): Response {
  const body = Buffer.from(text)
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
  return new Response(body, { status, headers })
}

export function jsonText(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
