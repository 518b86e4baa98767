// Owns the server's routes: Request to Response, without a socket. What is not routed is not there.

import '../node-version.ts'

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { PACKAGE_FOLDER } from '../program-files.ts'
import { type ApiOptions, createApi } from './api/api.ts'
import { createDashboard } from './dashboard.ts'
import { DOCS_CSS } from './docs-style.ts'
import { createHooks, HOOKS } from './hooks.ts'
import { hostCheck } from './host-check.ts'
import { problemResponse } from './problem.ts'

export interface AppOptions {
  /** Names and addresses by which it may be called, besides those of this machine alone. @default [] */
  readonly hosts?: readonly string[]
  /** What the API serves. @default there is none */
  readonly api?: ApiOptions
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
export function createApp({ hosts = [], api }: AppOptions = {}): Hono {
  const isOurs = hostCheck(hosts)
  const app = new Hono()

  app.use(async (context, next) => {
    const host = context.req.header('host') ?? new URL(context.req.url).host
    // A webhook comes by whatever way leads here: its address is a secret, and there is nothing to be read.
    if (isOurs(host) || context.req.path.startsWith(HOOKS)) await next()
    else context.res = refusedHost(host)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value)
    }
  })

  app.get('/docs.css', (context) => context.body(DOCS_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }))

  // For agents that look at an address before they call it: what this is, and where it is described.
  app.get('/llms.txt', (context) => context.body(llmsText(), 200, { 'content-type': 'text/plain; charset=utf-8' }))
  app.get('/healthz', (context) => context.json({ status: 'ok' }))
  if (api) {
    app.route('/', createHooks(api))
    app.route('/', createApi(api))
  }
  app.route('/', createDashboard())

  app.notFound((context) =>
    problemResponse('route_unknown', `There is nothing at ${context.req.method} ${context.req.path}.`),
  )
  // What went wrong inside is for the log; a stranger learns only that it did.
  app.onError(() => problemResponse('unexpected', 'The server failed to answer.'))
  return app
}

function llmsText(): string {
  return readFileSync(join(PACKAGE_FOLDER, 'llms.txt'), 'utf8')
}

function refusedHost(host: string): Response {
  return problemResponse('host_refused', `This server is not ${host.slice(0, 255)}.`)
}
