// Owns the one cheap request that tells whether a connection can be read: with the right login, at an address that
// answers. It stores nothing, opens no run and is tried once.

import type { Stream } from '../../connector/connector.ts'
import type { Http, HttpAnswer } from '../../connector/page.ts'
import { isPaged, type PagedPass } from '../../connector/passes.ts'
import { readRate } from '../../http/rate-headers.ts'
import { scrubber } from '../../http/scrub.ts'
import { type ErrorCode, meaningOfCode } from '../../model/error-table.ts'
import { type ErrorReport, errorReport } from '../../model/errors.ts'
import { type Clock, tick } from '../../model/ports.ts'
import { type Scrub, shown } from '../../model/shown.ts'
import { readPage } from '../passes/ask-page.ts'
import { BUDGET_CODES, Purse } from '../passes/budget.ts'
import { Patience } from '../passes/patience.ts'
import { WatchedHttp } from '../passes/watched-http.ts'
import type { OpenedConnection } from './connection.ts'
import { connectionHttp } from './connection-http.ts'
import type { CheckOutcome, CheckReport } from './documents.ts'
import { HEARTBEAT_MS } from './lease.ts'
import { allowanceOf } from './order.ts'
import type { RunPorts } from './run.ts'
import { secretTexts } from './secret-texts.ts'
import { withLogin } from './standing.ts'

/** Characters of the name of an account. */
export const ACCOUNT_CHARS_MAX = 200

/** Tries and waits: a person is there, and the next sync tries again anyway. */
const LIMITS = { attempts: 1, timeoutMs: 10_000, waitMaxMs: 2_000 }

/** How long connector code may go on without a request under way: a person waits for it. In milliseconds. */
export const CHECK_IDLE_MAX_MS = 30_000

/** No answer came from where the service should be. */
const UNREACHABLE: ReadonlySet<string> = new Set<ErrorCode>(['network_failed', 'timed_out', 'certificate_refused'])

/** Asks the service once. What it says is in the report, not thrown. */
export async function checkConnection(ports: RunPorts, opened: OpenedConnection): Promise<CheckReport> {
  const { service, streams } = opened.connector
  const { project, connector, id: connection } = opened.row
  const none = { account: null, requestsLeft: null, error: null }
  const purse = await Purse.open(ports, { project, connector, connection }, allowanceOf({}))
  const seen: { requestsLeft: number | null } = { requestsLeft: null }
  const scrub = scrubber(() => secretTexts(opened))
  const asking = {
    signal: ports.closing ?? new AbortController().signal,
    // There is no run whose ledger it could stand in; budgets and limits count it.
    record: () => {},
    beforeTry: () => purse.takeRequest(),
    limits: LIMITS,
  }
  const http = new WatchedHttp(watched(connectionHttp(ports, opened, asking), seen), ports.clock)
  const patience = new Patience(ports.closing, CHECK_IDLE_MAX_MS)
  const stop = looking(patience, ports.clock)
  try {
    const { check } = service
    if (check) {
      const found = await patience.await('check', http, () => check({ http, options: opened.options }))
      return { ...none, ...seen, outcome: 'ok', account: accountOf(found, scrub) }
    }
    const pass = firstFree(Object.values(streams))
    if (!pass) return { ...none, outcome: 'skipped' }
    await patience.await('read', http, () => readPage(pass, { http, options: opened.options }))
    return { ...none, ...seen, outcome: 'ok' }
  } catch (error) {
    const report = withLogin(errorReport(error, scrub), opened.connector, opened.row)
    return { ...none, ...seen, outcome: outcomeOf(report), error: report }
  } finally {
    stop()
  }
}

/** What a connector calls an account may repeat what it was given. */
function accountOf(found: { readonly account?: unknown } | undefined, scrub: Scrub): string | null {
  const account = found?.account
  return typeof account === 'string' ? shown(account, scrub, ACCOUNT_CHARS_MAX) : null
}

/** Looks now and then, until stopped. */
function looking(patience: Patience, clock: Clock): () => void {
  const stopped = new AbortController()
  const look = async () => {
    for (;;) {
      await tick(clock, HEARTBEAT_MS, stopped.signal)
      if (stopped.signal.aborted) return
      patience.look()
    }
  }
  void look()
  return () => stopped.abort()
}

/** What an error of the request says about the connection. Pure. */
export function outcomeOf({ code, verdict }: Pick<ErrorReport, 'code' | 'verdict'>): CheckOutcome {
  if (verdict === 'pause') return 'refused'
  if (UNREACHABLE.has(code)) return 'unreachable'
  if (verdict === 'stop' && meaningOfCode(code).exit === 2) return 'wrong'
  return BUDGET_CODES.has(code) ? 'skipped' : 'unclear'
}

/** Learns from every answer how many requests are left. */
function watched(http: Http, seen: { requestsLeft: number | null }): Http {
  const learn = (answer: HttpAnswer) => {
    seen.requestsLeft = readRate(answer.headers, http.now()).remaining ?? seen.requestsLeft
    return answer
  }
  return {
    get: async (path, init) => learn(await http.get(path, init)),
    post: async (path, init) => learn(await http.post(path, init)),
    now: () => http.now(),
  }
}

function firstFree(streams: readonly Stream[]): PagedPass<unknown, unknown> | undefined {
  return streams.flatMap(({ passes }) => passes.filter(isPaged)).find(({ paid }) => paid !== true)
}
