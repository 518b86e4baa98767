// Owns the session of a browser: a person's token is exchanged for a cookie that no script reads, that no other site can use,
// and that ends by itself. A program sends its token and needs none.

import { randomBytes } from 'node:crypto'
import { TidemarkError } from '../../model/errors.ts'
import type { Clock } from '../../model/ports.ts'
import { type Caller, callerOfRow } from '../../operations/tokens.ts'
import { tokenHash } from '../../secrets/tokens.ts'
import type { Store } from '../../store/store.ts'
import { isOwnOrigin } from '../host-check.ts'
import { json } from './call.ts'

/** How long a session lasts, in milliseconds: a working day. It never outlasts its token. */
export const SESSION_MS = 43_200_000

/** Where the connection is encrypted, browsers hold the cookie to this very host. */
const COOKIES = { open: 'tidemark_session', encrypted: '__Host-tidemark_session' } as const

/** Cookies of our name that are looked at, at most. */
const COOKIES_MAX = 5

interface Ports {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
}

/** Begins a session for the caller of a token. */
export async function beginSession({ store, clock }: Ports, caller: Caller, request: Request): Promise<Response> {
  // A token is sent on purpose; still, no page of another site gets to log somebody in.
  if (!isOwnOrigin(request.headers)) throw foreign()
  const now = clock.now()
  const secret = randomBytes(32).toString('base64url')
  const ends = Math.min(now + SESSION_MS, caller.expiresAt ?? Number.POSITIVE_INFINITY)
  await store.sessions.begin({ hash: tokenHash(secret), token: caller.token, createdAt: now, expiresAt: ends })
  const answer = sessionDocument({ ...caller, expiresAt: ends }, 201)
  answer.headers.set('set-cookie', cookie(request, secret, Math.floor((ends - now) / 1_000)))
  return answer
}

/** Whose session a call has; undefined: it has none that goes on. @throws TidemarkError origin_refused */
export async function callerOfSession({ store, clock }: Ports, request: Request): Promise<Caller | undefined> {
  for (const secret of sessionSecrets(request.headers)) {
    const found = await store.sessions.find(tokenHash(secret))
    if (!found || found.expiresAt <= clock.now()) continue
    const caller = callerOfRow(found.token, clock.now())
    if (!caller) continue
    // A browser sends a cookie whoever has made it call.
    checkOrigin(request)
    return { ...caller, expiresAt: found.expiresAt }
  }
  return undefined
}

/** Ends it; whoever has none is told the same. */
export async function endSession({ store }: Ports, request: Request): Promise<Response> {
  checkOrigin(request)
  for (const secret of sessionSecrets(request.headers)) await store.sessions.end(tokenHash(secret))
  const answer = new Response(null, { status: 204 })
  answer.headers.set('set-cookie', cookie(request, '', 0))
  return answer
}

export function sessionDocument({ token, project, scopes, expiresAt }: Caller, status = 200): Response {
  const ends = expiresAt === null ? null : new Date(expiresAt).toISOString()
  return json({ token, project, scopes: [...scopes], expiresAt: ends }, status)
}

/**
 * A page of another site, of another port or of another name of this machine may call, but not in a person's name. What
 * changes something has to say that it comes from a page of this server: browsers do, and no other site can add a header of
 * its own (x-requested-with) without being asked about.
 */
function checkOrigin({ method, headers }: Request): void {
  const site = headers.get('sec-fetch-site')
  const isLooking = method === 'GET' || method === 'HEAD'
  const isSaid = isOwnOrigin(headers) && (headers.has('origin') || headers.has('x-requested-with'))
  const isOwn = site === null ? isSaid : site === 'same-origin'
  // What a person types in or has kept as a bookmark comes from no site.
  const mayLook = isLooking && (site === null ? isOwnOrigin(headers) : site === 'none')
  if (!isOwn && !mayLook) throw foreign()
}

const foreign = () => new TidemarkError('origin_refused', 'The call comes from no page of this server.')

/**
 * Cookies know no port: of several with our name, those of other servers of this machine may come first, and none of them is to
 * shut a person out.
 */
export function sessionSecrets(headers: Headers): readonly string[] {
  const all = (headers.get('cookie') ?? '').split(';').map((part) => part.trim())
  const named = (name: string) =>
    all.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))
  const secrets = [...named(COOKIES.encrypted), ...named(COOKIES.open)]
  return secrets.filter((secret) => /^[\w-]{43}$/.test(secret)).slice(0, COOKIES_MAX)
}

function cookie(request: Request, value: string, seconds: number): string {
  const isEncrypted = new URL(request.url).protocol === 'https:' || request.headers.get('x-forwarded-proto') === 'https'
  const name = isEncrypted ? COOKIES.encrypted : COOKIES.open
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${isEncrypted ? '; Secure' : ''}`
}
