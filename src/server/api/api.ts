// Owns how a call becomes an answer: every route of the list asks for a token and its scope before anything is read of the
// call, does its operation for the token's project, and answers with its document or a problem.

import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { thisHolder } from '../../engine/runs/process.ts'
import { TidemarkError } from '../../model/errors.ts'
import { operationNamed } from '../../operations/all.ts'
import { later } from '../../operations/later.ts'
import { callerOf } from '../../operations/tokens.ts'
import type { Tidemark } from '../../tidemark.ts'
import { bodyWithin } from '../body.ts'
import { problemOf } from '../problem.ts'
import { type Answerer, type Call, doRoute, json } from './call.ts'
import { Callers, checkScope, secretSent } from './callers.ts'
import { Denials } from './denials.ts'
import { docsPage } from './docs-page.ts'
import {
  changeConnection,
  connect,
  connection,
  endConnection,
  one,
  ownProjects,
  setBudget,
  setValues,
  status,
} from './documents.ts'
import { events, eventsOfRun } from './events.ts'
import { exported } from './export.ts'
import { changes } from './feed.ts'
import { catalog, upload } from './files.ts'
import { Answers } from './idempotency.ts'
import { Images } from './images.ts'
import { callerOfLink, isLoginCode } from './login-links.ts'
import { metricsText } from './metrics-text.ts'
import { openApi } from './openapi.ts'
import { listed } from './paging.ts'
import { outline, record, records } from './records.ts'
import { asSent } from './refusal.ts'
import { ROUTES, type Special } from './routes.ts'
import { runs, start, startAll } from './runs.ts'
import { connectSample, listSamples, NO_SAMPLES, type Samples } from './samples.ts'
import { beginSession, callerOfSession, endSession, sessionDocument } from './sessions.ts'
import { Statements } from './sql.ts'

export interface ApiOptions {
  /** Undefined: it is not open yet. */
  readonly tidemark: () => Tidemark | undefined
  /** Ends streams and waits. @default never */
  readonly closing?: AbortSignal | undefined
  /** What `newLoginCode` gave: a browser with it begins a session that may do everything. @default there is no such code */
  readonly loginCode?: string | undefined
  /** Services that it emulates on request. @default none */
  readonly samples?: Samples | undefined
  /** Told of what goes wrong inside. @default nothing */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** Bodies of so many bytes, and more, are compressed for whoever takes that. */
const COMPRESSED_FROM = 16_384

/** The longest JSON body of a call, in bytes. */
export const BODY_MAX = 1_048_576

/** The page has no script, and its style and its pictures are this server's. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Loaded when an agent calls: the protocol's SDK is large. */
const agents = later(() => import('../mcp/over-http.ts'))

/** The API: routes below `/api`, `/metrics`, and `/mcp` for agents. */
export function createApi({
  tidemark,
  closing = new AbortController().signal,
  loginCode,
  samples = NO_SAMPLES,
  onFailure = () => {},
}: ApiOptions): Hono {
  const app = new Hono()
  const holder = thisHolder(randomUUID())
  const images = new Images()
  const statements = new Statements()
  const answers = new Answers(holder, randomUUID)
  const clock = { now: () => Date.now(), mono: () => performance.now() }
  const open = () => {
    const mirror = tidemark()
    if (mirror) return mirror
    throw new TidemarkError('server_starting', 'The server is opening its database.')
  }
  const ports = () => ({ store: open().store, clock })
  const callers = new Callers(
    (token) => callerOf(ports(), token),
    (request) => callerOfSession(ports(), request),
    clock,
  )
  const denials = new Denials()
  const special: Readonly<Record<Special, Answerer>> = {
    ...{
      catalog,
      changeConnection,
      changes,
      connect,
      connection,
      endConnection,
      events,
      eventsOfRun,
      one,
      ownProjects,
    },
    ...{ export: exported, outline, record, records, setBudget, setValues, start, status, upload },
    sample: connectSample(samples),
    samples: listSamples(samples),
    image: images.answer,
    sql: statements.answer,
    batch: startAll,
    batchOf: runs,
  }
  const guarded = (answer: (context: Context) => Promise<Response>) => async (context: Context) => {
    try {
      const response = await answer(context)
      // Nobody reads the body of an answer to HEAD: what makes it ends.
      if (context.req.method === 'HEAD') await response.body?.cancel()
      return response
    } catch (error) {
      if (!(error instanceof TidemarkError)) onFailure(error)
      return problemOf(error)
    }
  }

  app.use('/api/*', compress({ threshold: COMPRESSED_FROM }))
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    app.on(
      route.method,
      path,
      guarded(async (context) => {
        const caller = await callers.of(context.req.raw, addressOf(context))
        const operation = await operationNamed(route.operation)
        try {
          checkScope(caller, operation.scope)
        } catch (error) {
          await denials.note(open().store, caller, operation, context.req.param('id'))
          throw error
        }
        const body = route.special === 'upload' || route.method === 'GET' ? {} : await bodyOf(context)
        const query = new URL(context.req.url).searchParams
        const call: Call = {
          tidemark: open(),
          caller,
          secret: secretSent(context.req.raw),
          context,
          route,
          operation,
          params: context.req.param(),
          query,
          body,
          isInForce: () => callers.isInForce(context.req.raw),
          closing,
        }
        const answer = route.special ? special[route.special] : plain
        return answers.once(call, async (id) => {
          try {
            return await answer({ ...call, id })
          } catch (error) {
            throw asSent(error, route, operation)
          }
        })
      }),
    )
  }

  app.post(
    '/api/session',
    guarded(async (context) => {
      const { raw } = context.req
      const linked = isLoginCode(loginCode, raw) ? await callerOfLink(open()) : undefined
      return beginSession(ports(), linked ?? (await callers.ofToken(raw, addressOf(context))), raw)
    }),
  )
  app.get(
    '/api/session',
    guarded(async (context) => sessionDocument(await callers.of(context.req.raw, addressOf(context)))),
  )
  app.delete(
    '/api/session',
    guarded(async (context) => endSession(ports(), context.req.raw)),
  )
  app.get(
    '/api/openapi.json',
    guarded(async (context) => {
      checkScope(await callers.of(context.req.raw, addressOf(context)), 'read')
      return json(await openApi())
    }),
  )
  app.get(
    '/api/docs',
    guarded(async (context) => {
      checkScope(await callers.of(context.req.raw, addressOf(context)), 'read')
      const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY }
      return new Response(docsPage(await openApi()), { headers })
    }),
  )
  app.get(
    '/metrics',
    guarded(async (context) => {
      const caller = await callers.of(context.req.raw, addressOf(context))
      checkScope(caller, 'read')
      const text = metricsText(
        await open().performFor(caller.project, 'status', {}),
        await open().performFor(caller.project, 'workers', {}),
      )
      return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
    }),
  )
  app.all(
    '/mcp',
    guarded(async (context) => {
      const caller = await callers.ofToken(context.req.raw, addressOf(context))
      const desk = { tidemark: open(), caller, onFailure }
      return (await agents()).answerTools(context.req.raw, desk, { bodyMax: BODY_MAX })
    }),
  )
  // Nobody learns without a token which paths there are.
  app.all(
    '/api/*',
    guarded(async (context) => {
      await callers.of(context.req.raw, addressOf(context))
      throw new TidemarkError('route_unknown', `There is nothing at ${context.req.method} ${context.req.path}.`)
    }),
  )
  return app
}

/** The document of the operation; a list a page at a time. */
const plain: Answerer = async (call) => {
  const { operation, route } = call
  if (operation.list !== undefined && route.method === 'GET') return listed(call)
  const result = await doRoute(call)
  const document = operation.list === undefined ? result : { [operation.list]: result }
  return json(route.result === undefined ? document : { [route.result]: document }, route.status)
}

/** @throws TidemarkError body_invalid */
async function bodyOf(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await bodyWithin(context.req.raw, BODY_MAX, tooLarge)
  if (bytes.length === 0) return {}
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new TidemarkError('body_invalid', 'The body is not a JSON object.')
}

function tooLarge(): TidemarkError {
  return new TidemarkError('body_invalid', `The body has more than ${BODY_MAX} bytes.`)
}

/** Where a call comes from, as far as the socket tells. */
function addressOf({ env }: Context): string {
  const { incoming } = (env ?? {}) as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } }
  return incoming?.socket?.remoteAddress ?? ''
}
