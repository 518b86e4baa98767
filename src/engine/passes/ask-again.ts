// Owns asking again for what came in another shape than the connector expects: no list where its rows should be, null for
// an answer. The HTTP client has tried what it can judge; what only the connector can tell is tried here, as often and
// with the same pauses.

import { atOnce } from '../../connector/check-connector.ts'
import type { Stream } from '../../connector/connector.ts'
import type { Job } from '../../connector/job.ts'
import { type Http, type KeysPage, type Page, rows } from '../../connector/page.ts'
import { checkKeysPage, checkRecords } from '../../connector/page-shape.ts'
import type { Pass } from '../../connector/passes.ts'
import { backoffMs } from '../../http/backoff.ts'
import { LIMITS } from '../../http/request-limits.ts'
import { TidemarkError } from '../../model/errors.ts'
import { asksFor } from './same-read.ts'
import type { RunScope } from './stream-run.ts'
import { WatchedHttp } from './watched-http.ts'

type Asking = Pick<RunScope, 'world' | 'signal' | 'runId' | 'patience'>

/** What a connector is given to read with, whatever else it is told. */
interface Request {
  readonly http: Http
}

/**
 * The stream with everything that it reads asked again: pages, counts, records by key and witnesses. Pages that cost money
 * are asked for once, and so is whatever was read with a request that may not be sent again.
 */
export function askingAgain(stream: Stream, asking: Asking): Stream {
  const { byKey } = stream
  return {
    ...stream,
    passes: stream.passes.map((pass) => passAgain(pass, asking)),
    ...(byKey ? { byKey: { ...byKey, read: again('byKey', listOf(byKey.read), asking) } } : {}),
  }
}

function passAgain(pass: Pass<unknown, unknown>, asking: Asking): Pass<unknown, unknown> {
  if (pass.kind === 'blend') return pass
  if (pass.kind === 'summary') return { ...pass, make: atOnce('make', pass.make) }
  if ('job' in pass) {
    // Whatever it is asked for: each pass gives its own.
    const { start, find, poll, read } = pass.job as unknown as Job<unknown>
    const asked = {
      // Nobody knows what has become of a start that failed.
      start: again('start', start, asking, 1),
      find: again('find', find, asking),
      poll: again('poll', poll, asking),
      read: again('read', pageOf(read), asking),
    }
    const job = { ...pass.job, ...asked }
    return pass.kind === 'refresh' ? { ...pass, job } : { ...pass, ...answeringAtOnce(pass), job }
  }
  // A file has no source that could be asked again.
  if (pass.kind === 'upload') return pass
  const given: Partial<Record<'read' | 'total' | 'witness' | 'sharedAs' | (typeof AT_ONCE)[number], unknown>> = pass
  const { read, total, witness, sharedAs } = given
  const asked = {
    ...answeringAtOnce(given),
    read: asksFor(
      again('read', checked(pass, read as ReadFrom<Page>), asking, pass.paid ? 1 : LIMITS.attempts),
      read as ReadFrom<Page>,
    ),
    ...(total ? { total: again('total', total as ReadFrom<unknown>, asking) } : {}),
    ...(sharedAs ? { sharedAs: again('sharedAs', sharedAs as ReadFrom<unknown>, asking) } : {}),
    ...(witness ? { witness: again('witness', witness as ReadFrom<unknown>, asking) } : {}),
  }
  return { ...pass, ...asked } as Pass<unknown, unknown>
}

/** What is asked of a record or a token, and answers without the source. */
const AT_ONCE = ['order', 'pinned', 'skip', 'needs'] as const

function answeringAtOnce(given: Partial<Record<(typeof AT_ONCE)[number], unknown>>): object {
  return Object.fromEntries(
    AT_ONCE.flatMap((name) => (given[name] ? [[name, atOnce(name, given[name] as () => unknown)]] : [])),
  )
}

type ReadFrom<T> = (request: Request) => Promise<T>

/** What a refresh answers is brought into one shape here; pages are looked at by who asked for them. */
function checked({ kind, paid }: Pass<unknown, unknown>, read: ReadFrom<Page>): ReadFrom<Page | KeysPage> {
  if (kind === 'refresh') return async (request) => checkKeysPage(await read(request))
  return paid ? read : pageOf(read)
}

/** A page whose rows are no list is none. */
function pageOf<R extends Request>(read: (request: R) => Promise<Page>): (request: R) => Promise<Page> {
  return async (request) => {
    const page = await read(request)
    rows((page as Page | undefined)?.records, 'rows')
    return page
  }
}

function listOf<R extends Request>(read: (request: R) => Promise<readonly unknown[]>): typeof read {
  return async (request) => checkRecords(rows(await read(request), 'records'))
}

function again<R extends Request, T>(
  what: string,
  read: (request: R) => Promise<T>,
  { world, signal, runId, patience }: Asking,
  attempts: number = LIMITS.attempts,
): (request: R) => Promise<T> {
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const http = new WatchedHttp(request.http, world.clock)
      try {
        return await patience.await(what, http, () => read({ ...request, http }))
      } catch (error) {
        if (attempt >= attempts || http.once || signal.aborted || !isShapeFault(error)) throw error
        const ms = backoffMs(attempt, world.chance)
        const code = error instanceof TidemarkError ? error.code : 'unexpected'
        world.logger.event('warn', 'request.retried', { run: runId, code, attempt, ms })
        await world.clock.sleep(ms, signal)
      }
    }
  }
}

/**
 * What a connector says of an answer that it can't use, or a slip over what the answer lacks. What the client has tried
 * already is not tried again.
 */
function isShapeFault(error: unknown): error is Error {
  if (error instanceof TidemarkError) return error.verdict === 'retry' && error.tried === undefined
  return error instanceof TypeError
}
