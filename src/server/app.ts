// Owns the server's routes: Request to Response, without a socket. What is not routed is not there.

import '../node-version.ts'

import { Hono } from 'hono'
import { hostCheck } from './host-check.ts'
import { problemResponse } from './problem.ts'

export interface AppOptions {
  /** Names and addresses by which it may be called, besides those of this machine alone. @default [] */
  readonly hosts?: readonly string[]
}

/** What every answer carries: nothing here is to be framed, guessed at, cached or told to others. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/**
 * The server as a function.
 *
 *   const app = createApp()
 *   const answer = await app.request('http://localhost/healthz')
 */
export function createApp({ hosts = [] }: AppOptions = {}): Hono {
  const isOurs = hostCheck(hosts)
  const app = new Hono()

  app.use(async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host
    if (isOurs(host)) await next()
    else context.res = refusedHost(host)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.res.headers.set(name, value)
  })

  app.get('/healthz', (context) => context.json({ status: 'ok' }))

  app.notFound((context) =>
    problemResponse({
      status: 404,
      code: 'route_unknown',
      detail: `there is nothing at ${context.req.method} ${context.req.path}`,
      hint: 'GET /healthz tells whether the server is up.',
    }),
  )
  // What went wrong inside is for the log; a stranger learns only that it did.
  app.onError(() => problemResponse({ status: 500, code: 'unexpected', detail: 'the server failed to answer' }))
  return app
}

function refusedHost(host: string): Response {
  return problemResponse({
    status: 421,
    code: 'host_refused',
    detail: `this server is not ${host.slice(0, 255)}`,
    hint: 'Call it by the address it was started with: tidemark serve --host <name or address>',
  })
}
