// Owns who calls: the token of a call, what it may do, and an end to guessing.

import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import type { Scope } from '../../operations/operation.ts'
import { type Caller, mayDo } from '../../operations/tokens.ts'
import { sessionSecrets } from './sessions.ts'

/** Calls with wrong tokens that one address may make within a window, and the window in milliseconds. */
export const FAILURES_MAX = 20
export const FAILURES_WINDOW_MS = 60_000
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const ADDRESSES_MAX = 10_000

export class Callers {
  readonly #find: (token: string) => Promise<Caller | undefined>
  readonly #session: (request: Request) => Promise<Caller | undefined>
  readonly #clock: Pick<Clock, 'mono'>
  readonly #failures = new Map<string, { since: number; count: number }>()

  /** `find` by a token, `session` by the cookie of a call that has no token. */
  constructor(
    find: (token: string) => Promise<Caller | undefined>,
    session: (request: Request) => Promise<Caller | undefined>,
    clock: Pick<Clock, 'mono'>,
  ) {
    this.#find = find
    this.#session = session
    this.#clock = clock
  }

  /** Whether whoever made a call that goes on may still be answered. */
  async isInForce(request: Request): Promise<boolean> {
    const token = tokenOf(request.headers)
    return (token === undefined ? await this.#session(request) : await this.#find(token)) !== undefined
  }

  /** Who calls, with a token or in a session. @throws TidemarkError as `ofToken`, and origin_refused */
  async of(request: Request, address: string): Promise<Caller> {
    if (request.headers.has('authorization')) return this.ofToken(request, address)
    return (await this.#session(request)) ?? this.ofToken(request, address)
  }

  /** Whose token a call has. @throws TidemarkError token_missing, token_refused, calls_refused */
  async ofToken({ headers }: Request, address: string): Promise<Caller> {
    const token = tokenOf(headers)
    if (token === undefined) throw new TidemarkError('token_missing', 'This call needs a token.')
    // First, so that whoever guesses behind a proxy shuts out nobody who has a token.
    const caller = await this.#find(token)
    if (caller) return caller
    if (this.#isShut(address)) throw new TidemarkError('calls_refused', 'Too many calls came with wrong tokens.')
    this.#fail(address)
    throw new TidemarkError('token_refused', 'The token is not in force.')
  }

  #isShut(address: string): boolean {
    const failed = this.#failures.get(address)
    return (
      failed !== undefined && failed.count >= FAILURES_MAX && this.#clock.mono() - failed.since < FAILURES_WINDOW_MS
    )
  }

  #fail(address: string): void {
    const now = this.#clock.mono()
    const before = this.#failures.get(address)
    const isOver = before === undefined || now - before.since >= FAILURES_WINDOW_MS
    this.#failures.delete(address)
    this.#failures.set(address, isOver ? { since: now, count: 1 } : { ...before, count: before.count + 1 })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest)
  }
}

/** What a caller is known by: a token, or the cookie of its session. */
export function secretSent({ headers }: Request): string {
  return tokenOf(headers) ?? sessionSecrets(headers).join(' ')
}

function tokenOf(headers: Headers): string | undefined {
  return /^Bearer +([\w.~+/=-]+)$/i.exec(headers.get('authorization') ?? '')?.[1]
}

/** @throws TidemarkError scope_refused */
export function checkScope(caller: Caller, scope: Scope): void {
  if (mayDo(caller, scope)) return
  const has = [...caller.scopes].join(', ')
  throw new TidemarkError('scope_refused', `This call needs the scope ${scope}, and the token has ${has}.`)
}
