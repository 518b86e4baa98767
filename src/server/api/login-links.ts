// Owns the link by which a browser on the server's own machine logs in: its code is told in the terminal of whoever has
// started the server, and lives as long as the process. Each use makes a token of its own, which ends with the session.

import { timingSafeEqual } from 'node:crypto'
import { type Caller, callerOf } from '../../operations/tokens.ts'
import { newToken, tokenHash } from '../../secrets/tokens.ts'
import type { Tidemark } from '../../tidemark.ts'
import { SESSION_MS } from './sessions.ts'

const HOUR_MS = 3_600_000

/** The code of a link, as hard to guess as a token. */
export function newLoginCode(): string {
  return newToken()
}

/** The address that logs in. The code stands behind the #, which no browser sends to anybody. */
export function loginLink(url: string, code: string): string {
  return `${url}/#login=${code}`
}

/** Whether what a call was sent with is the code. */
export function isLoginCode(code: string | undefined, { headers }: Request): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  if (code === undefined || sent === undefined) return false
  return timingSafeEqual(Buffer.from(tokenHash(sent)), Buffer.from(tokenHash(code)))
}

/** Who logs in with it: somebody who may do everything, for as long as a session lasts. */
export async function callerOfLink(tidemark: Tidemark): Promise<Caller | undefined> {
  const { project, store } = tidemark
  const given = { scopes: ['admin'], note: 'a browser, by the link of the server', expires: `${SESSION_MS / HOUR_MS}h` }
  const { token } = await tidemark.performFor({ project, who: 'login link' }, 'createToken', {}, given)
  return callerOf({ store, clock: { now: () => Date.now() } }, token)
}
