// Owns the way out as connectors see it: limits before every try, signing, redirects, trust, and who asks again. Errors
// are sorted by their verdict: `retry` is asked again with backoff, `wait` when its time has come (it costs no try),
// `refresh` once with renewed credentials, `pause` once where another login was given meanwhile; everything else goes to the
// caller at once. Nobody above tries these again; what only a connector can judge, a page without its list, is for
// engine/passes/ask-again.ts.

import type { Failure, HttpSettings, Limit } from '../connector/connector.ts'
import type { HttpAnswer, HttpInit } from '../connector/page.ts'
import { checkSignature } from '../connector/returned-shape.ts'
import { durationText } from '../model/duration.ts'
import {
  asError,
  ConnectorError,
  type ErrorCode,
  extended,
  LeaseLost,
  retold,
  type Scope,
  scopeOf,
  TidemarkError,
  verdictOfSource,
} from '../model/errors.ts'
import type { Chance, Clock, Logger } from '../model/ports.ts'
import { CODE_MAX, MESSAGE_MAX, shown, URL_MAX } from '../model/shown.ts'
import { heard } from '../model/told.ts'
import type { RequestRow } from '../store/store.ts'
import { backoffMs, limitWaitMs } from './backoff.ts'
import { limitsOf, ownerOf } from './declared-limits.ts'
import { type Followed, hooksOf } from './followed.ts'
import { judge } from './judge.ts'
import { type Limiter, limitHint } from './limiter.ts'
import { neverConnected } from './network-errors.ts'
import { Gate, type PacedHttp } from './pace.ts'
import { readRate } from './rate-headers.ts'
import { follow, type Hop, tooMany } from './redirects.ts'
import { type HttpLimits, LIMITS, LONG_WAIT_MS, ROUNDING_MS } from './request-limits.ts'
import { ANONYMOUS_HEADERS, scrubber, secretsIn } from './scrub.ts'
import { type SourceClock, sourceClock } from './source-clock.ts'
import type { Transport, TransportAnswer } from './transport.ts'
import { apiPath, ledgerUrl, type Territory, territoryOf, urlFor } from './urls.ts'

export interface HttpSetup {
  readonly settings: HttpSettings
  readonly baseUrl: string
  readonly allowPrivateNetwork: boolean
  readonly transport: Transport
  readonly clock: Clock
  readonly chance: Chance
  readonly limiter: Limiter
  readonly logger: Logger
  /** Ends waiting and reading with `cancelled`. */
  readonly signal: AbortSignal
  /** Called once for every request that was sent, redirects included, whatever became of it. */
  readonly record: (row: RequestRow) => void
  /**
   * Called just before every request; what it throws (a spent budget) goes to the caller. What it returns is called when
   * the request was refused on this machine, and never sent.
   */
  readonly beforeTry?: () => Unsent | undefined | Promise<Unsent | undefined>
  /** Renews the credentials after a `refresh` verdict. Called once for requests that run at the same time. */
  readonly renew?: () => Promise<HttpSettings>
  /** After a `pause` verdict: with a login that was given since, if there is one; the request is asked once more with it. */
  readonly newer?: () => Promise<HttpSettings | undefined>
  /** The connection's name, for messages and for the limiter key of a service that declares no limits. */
  readonly connection?: string
  /** In whose name it waits for limits, among all processes. @default each request in its own */
  readonly who?: string
  /** Values that no message may carry. */
  readonly secrets?: readonly string[] | (() => readonly string[])
  readonly limits?: Partial<HttpLimits>
}

/** Takes back that a request was made. */
type Unsent = () => void | Promise<void>

/** Codes of the transport for a request that it refused, of which nothing left this machine. */
const NEVER_SENT: ReadonlySet<string> = new Set<ErrorCode>(['address_refused', 'header_refused', 'url_refused'])

/** What stays the same for all tries of one request. */
interface OneRequest extends Followed {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly accept: readonly number[]
  readonly once: boolean
}

/** What was made of the settings; another one after a renewal. */
interface Prepared {
  readonly settings: HttpSettings
  readonly territory: Territory
  readonly headers: Readonly<Record<string, string>>
  readonly limits: readonly Limit[]
}

/** What one request has waited for limits, all its tries together. */
interface Waited {
  times: number
  ms: number
  /** Whether the last answer asked to wait. */
  asked: boolean
}

interface Failed {
  readonly failure: Failure
  readonly cause?: unknown
  readonly isUnsent?: boolean
  /** Of the answer, if one came. */
  readonly status?: number
}

type Tried = { readonly answer: HttpAnswer } | Failed
type Sent = Tried | { readonly redirect: string; readonly status: number }

/** The HTTP client of one connection. See HttpSetup; the rules are at the head of this file. */
export function createHttp(setup: HttpSetup): PacedHttp {
  const client = new Client(setup)
  return {
    get: (path, init) => heard(client.request('GET', path, init)),
    post: (path, init) => heard(client.request('POST', path, init)),
    now: () => client.now(),
    get atOnce() {
      return client.atOnce
    },
  }
}

class Client {
  readonly #setup: HttpSetup
  readonly #limits: HttpLimits
  #longWaitedMs = 0
  readonly #source: SourceClock
  /** Credentials that any headers have carried: those before a renewal are still in answers to come. */
  readonly #carried = new Set<string>()
  readonly #scrubbed: (text: string) => string
  readonly #given: () => readonly string[]
  /** Whose quota it is where the service declares none. */
  readonly #owner: string
  readonly #gate: Gate
  #prepared: Prepared
  #renewing: Promise<void> | undefined

  constructor(setup: HttpSetup) {
    this.#setup = setup
    this.#limits = { ...LIMITS, ...setup.limits }
    this.#source = sourceClock(setup.clock)
    const { secrets = [], connection = '' } = setup
    this.#given = typeof secrets === 'function' ? secrets : () => secrets
    this.#scrubbed = scrubber(() => [...this.#given(), ...this.#carried])
    this.#owner = ownerOf(connection, this.#given())
    this.#prepared = this.#prepare(setup.settings)
    this.#gate = new Gate(setup.settings.atOnce, setup.clock)
  }

  get atOnce(): number {
    return this.#gate.width
  }

  /** The source's clock. */
  now(): number {
    return this.#source.now()
  }

  #prepare(settings: HttpSettings): Prepared {
    const where = territoryOf(this.#setup.baseUrl, settings.allowedHosts)
    const own = lowerCase(settings.headers)
    for (const secret of secretsIn(own)) this.#carried.add(secret)
    return {
      settings,
      territory: where,
      headers: { accept: 'application/json', 'user-agent': 'tidemark', ...own },
      limits: limitsOf(settings, where, { owner: this.#owner, secrets: this.#given() }),
    }
  }

  async request(method: string, path: string, init: HttpInit & Followed = {}): Promise<HttpAnswer> {
    const asked = this.#asked(method, path, init)
    const startedAt = this.#setup.clock.mono()
    const waited: Waited = { times: 0, ms: 0, asked: false }
    let attempt = 1
    let renewed = false
    for (;;) {
      const prepared = this.#prepared
      const tried = await this.#try(asked, prepared, attempt, waited)
      if ('answer' in tried) return tried.answer
      const failed = { ...tried, failure: this.#told(tried.failure) }
      const { failure } = failed
      if (isRefusal(failed)) asked.onRefused?.()
      if (isRejection(failed)) asked.onRejected?.()
      if (failure.verdict === 'refresh' && this.#setup.renew && !renewed) {
        renewed = true
        await this.#renew(prepared)
      } else if (failure.verdict === 'pause' && !renewed && (await this.#takeNewer(prepared))) {
        renewed = true
      } else if (failure.verdict === 'wait') {
        await this.#wait(failure, prepared, waited)
      } else if (failure.verdict === 'retry' && attempt < this.#limits.attempts && mayRepeat(asked, failed)) {
        await this.#backOff(failure, attempt++)
      } else {
        throw this.#failed(failed, attempt, this.#setup.clock.mono() - startedAt)
      }
    }
  }

  #asked(method: string, path: string, init: HttpInit & Followed): OneRequest {
    const { json, form } = init
    const url = urlFor(this.#prepared.territory, path, init.query)
    const headers = lowerCase(init.headers)
    const common = { method, url, accept: init.accept ?? [], once: init.once === true, ...hooksOf(init) }
    if (json !== undefined) {
      return { ...common, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) }
    }
    if (form !== undefined) {
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      return { ...common, headers: { ...type, ...headers }, body: new URLSearchParams(form).toString() }
    }
    return { ...common, headers, body: undefined }
  }

  /** One try: a request, and those to which its answers redirect. */
  async #try(asked: OneRequest, prepared: Prepared, attempt: number, waited: Waited): Promise<Tried> {
    let hop: Hop = { method: asked.method, url: asked.url, body: asked.body, trusted: true }
    for (let hops = 0; ; hops++) {
      const sent = await this.#gate.pass(async (timed) => {
        const unsent = await this.#permission(prepared, waited)
        try {
          await asked.beforeSent?.()
          // Cancelled meanwhile: whoever asked has gone on, and believes that nothing was sent.
          this.#mustBeWanted()
        } catch (error) {
          await unsent?.()
          throw error
        }
        asked.onSent?.()
        const told = await timed(() => this.#send(hop, asked, prepared, attempt))
        if ('failure' in told && told.isUnsent) await unsent?.()
        return told
      }, isStrained)
      if (!('redirect' in sent)) return sent
      if (hops >= this.#limits.redirects) return { failure: tooMany(hop, hops) }
      const next = follow(hop, sent.status, sent.redirect, prepared.territory)
      if ('failure' in next) return next
      hop = next.hop
    }
  }

  async #permission(prepared: Prepared, waited: Waited): Promise<Unsent | undefined> {
    const { limiter, signal, beforeTry, clock } = this.#setup
    const from = clock.mono()
    // A wait of exactly the longest that is allowed must not fail by its own rounding.
    await limiter.acquire(prepared.limits, signal, this.#waitLeft(waited) + ROUNDING_MS, this.#setup.who)
    const ms = clock.mono() - from
    if (waited.asked) waited.ms += ms
    waited.asked = false
    if (ms >= LONG_WAIT_MS) this.#longWaitedMs += ms
    this.#mustBeWanted()
    return beforeTry?.()
  }

  #mustBeWanted(): void {
    if (this.#setup.signal.aborted) throw new TidemarkError('cancelled', 'The request was cancelled.', { scope: 'run' })
  }

  /** The longest that a request may wait now; a short wait is always allowed to one that has not waited yet. */
  #waitLeft(waited: Waited): number {
    const { waitMaxMs } = this.#limits
    const ofAll = Math.max(waitMaxMs - this.#longWaitedMs, Math.min(LONG_WAIT_MS, waitMaxMs))
    return Math.max(0, Math.min(ofAll, waitMaxMs - waited.ms))
  }

  /** One request on the wire, with its row in the ledger; none for one that never came there. */
  async #send(hop: Hop, asked: OneRequest, prepared: Prepared, attempt: number): Promise<Sent> {
    const { transport, clock, signal, allowPrivateNetwork } = this.#setup
    const { timeoutMs, bytesMax } = this.#limits
    const { method, body } = hop
    const { url, headers } = this.#signed(hop, asked, prepared)
    const at = clock.now()
    const started = clock.mono()
    const note = (status: number, bytes: number, outcome: string) => {
      const path = shown(ledgerUrl(url, prepared.territory.base, asked.names), this.#scrubbed, URL_MAX)
      const ms = Math.round(clock.mono() - started)
      const said = shown(outcome, this.#scrubbed, CODE_MAX)
      this.#setup.record({ at, method, url: path, status, bytes, ms, attempt, outcome: said, billedItems: 0 })
    }
    let answer: TransportAnswer
    try {
      answer = await transport.send({ method, url, headers, body, timeoutMs, bytesMax, allowPrivateNetwork, signal })
    } catch (error) {
      const isUnsent = error instanceof TidemarkError && NEVER_SENT.has(error.code)
      if (!isUnsent) note(0, 0, error instanceof TidemarkError ? error.code : 'unexpected')
      if (!(error instanceof TidemarkError) || error instanceof LeaseLost) throw error
      const { verdict, code, message, hint, cause } = error
      const failure = {
        verdict: verdictOfSource(verdict, code),
        scope: scopeOf(error),
        code,
        message,
        ...(hint === undefined ? {} : { hint }),
      }
      return { failure, cause, isUnsent }
    }
    this.#source.learn(answer.headers, started)
    const judgement = judge(answer, {
      classify: prepared.settings.classify,
      unwrap: prepared.settings.unwrap,
      method,
      accept: asked.accept,
      once: asked.once,
      range: headers['range'],
      host: url.host,
      connection: this.#setup.connection,
      now: this.#source.now(),
      scrub: this.#scrubbed,
    })
    const outcome = 'failure' in judgement ? judgement.failure.code : 'redirect' in judgement ? 'redirected' : 'ok'
    note(answer.status, answer.bytes ?? answer.text.length, outcome)
    await this.#learnLimits(answer, prepared)
    if ('failure' in judgement) return { ...judgement, status: answer.status }
    if ('redirect' in judgement) return { redirect: judgement.redirect, status: answer.status }
    return { answer: { status: answer.status, headers: answer.headers, body: judgement.body, url: url.href } }
  }

  #signed(hop: Hop, asked: OneRequest, prepared: Prepared): { url: URL; headers: Record<string, string> } {
    const headers: Record<string, string> = { ...prepared.headers, ...asked.headers }
    if (hop.body === undefined) delete headers['content-type']
    if (!hop.trusted) {
      for (const name of Object.keys(headers)) if (!ANONYMOUS_HEADERS.has(name)) delete headers[name]
      return { url: hop.url, headers }
    }
    const { sign } = prepared.settings
    if (!sign) return { url: hop.url, headers }
    const url = new URL(hop.url)
    const signature = checkSignature(
      sign({
        method: hop.method,
        path: apiPath(prepared.territory, prepared.settings.baseUrl, url),
        query: Object.fromEntries(url.searchParams),
        headers,
        body: hop.body,
        now: this.#source.now(),
      }),
    )
    for (const [name, value] of Object.entries(signature.query ?? {})) url.searchParams.set(name, value)
    return { url, headers: { ...headers, ...lowerCase(signature.headers) } }
  }

  async #learnLimits({ headers, status }: TransportAnswer, { limits }: Prepared): Promise<void> {
    const now = this.#source.now()
    const rate = readRate(headers, now)
    if (rate.remaining === undefined && rate.retryAfterMs === undefined) return
    const keys = limits.map(({ key }) => key)
    this.#setup.logger.event('debug', 'limit.headers', { keys, status, ...rate })
    await this.#setup.limiter.observe(keys, headers, status, now)
  }

  /** Makes the next try wait for its permit as long as the service asks for, and everybody else's too. */
  async #wait(failure: Failure, { limits }: Prepared, waited: Waited): Promise<void> {
    const { clock, chance, limiter, logger } = this.#setup
    const ms = limitWaitMs(failure.waitMs, waited.times, chance)
    const keys = limits.map(({ key }) => key)
    await limiter.block(keys, ms)
    if (ms > this.#waitLeft(waited)) {
      const often = waited.times > 0 ? `, after ${durationText(waited.ms)} of waiting for it` : ''
      const message = extended(failure.message, `; the next request is allowed in ${durationText(ms)}${often}`)
      const retryAt = Math.ceil(clock.now() + ms)
      const hint = failure.hint === undefined ? limitHint(retryAt) : `${failure.hint} ${limitHint(retryAt)}`
      throw this.#thrown({ ...failure, hint }, message, { retryAt })
    }
    waited.times++
    waited.asked = true
    logger.event('info', 'request.waits', { code: failure.code, ms: Math.round(ms), keys })
  }

  async #backOff(failure: Failure, attempt: number): Promise<void> {
    const { clock, chance, logger, signal } = this.#setup
    const ms = backoffMs(attempt, chance)
    logger.event('warn', 'request.retried', {
      code: failure.code,
      attempt,
      ms,
      message: failure.message,
    })
    await clock.sleep(ms, signal)
  }

  /** Requests that run at the same time share a renewal; one whose settings are old already only takes the new ones. */
  async #renew(used: Prepared): Promise<void> {
    if (this.#prepared !== used) return
    this.#renewing ??= this.#renewNow()
    await this.#renewing
  }

  /** Whether a login is there that is newer than the one which was refused: the next try is made with it. */
  async #takeNewer(used: Prepared): Promise<boolean> {
    if (this.#prepared !== used) return true
    const settings = await this.#setup.newer?.()
    if (settings) this.#prepared = this.#prepare(settings)
    return settings !== undefined
  }

  async #renewNow(): Promise<void> {
    try {
      this.#prepared = this.#prepare(await this.#setup.renew!())
    } catch (thrown) {
      const error = asError(thrown)
      // Without credentials nothing can be read, whatever the fault of the renewal itself was.
      if (error instanceof TidemarkError) throw error.verdict === 'pause' ? error : retold(error, { scope: 'run' })
      throw new ConnectorError('unexpected', String(error), {
        scope: 'run',
        hint: "It is the connector's renew that failed.",
        cause: error,
      })
    } finally {
      this.#renewing = undefined
    }
  }

  /** A failure without secrets, in words that are not too many. */
  #told(failure: Failure): Failure {
    const { code, message, hint, ...rest } = failure
    const told = (text: string, max: number) => shown(text, this.#scrubbed, max)
    const words = { code: told(code, CODE_MAX), message: told(message, MESSAGE_MAX) }
    return { ...rest, ...words, ...(hint === undefined ? {} : { hint: told(hint, MESSAGE_MAX) }) }
  }

  #failed({ failure, cause }: Failed, attempt: number, ms: number): TidemarkError {
    const tried = failure.verdict === 'retry' && attempt > 1 ? ` (tried ${attempt} times in ${durationText(ms)})` : ''
    return this.#thrown(failure, extended(failure.message, tried), { cause, tried: attempt })
  }

  #thrown(
    failure: Failure,
    message: string,
    more: { readonly retryAt?: number; readonly tried?: number; readonly cause?: unknown },
  ): TidemarkError {
    // Credentials that can't be renewed, or were refused again when new, are for a person to replace.
    const verdict = failure.verdict === 'refresh' ? 'pause' : failure.verdict
    const scope = scopeOfFailure(failure)
    return new ConnectorError(failure.code, message, { ...more, scope, verdict, hint: failure.hint })
  }
}

/** Whether the service could not bear a request, or gave no answer to it. */
function isStrained(sent: Sent): boolean {
  return 'failure' in sent && ['retry', 'wait'].includes(sent.failure.verdict)
}

/** What must not happen twice is only repeated where it can't have happened. */
function mayRepeat({ once }: OneRequest, { cause }: Failed): boolean {
  return !once || neverConnected(cause)
}

/** Whether it is certain that the source did nothing. */
function isRefusal({ failure, cause, isUnsent }: Failed): boolean {
  return isUnsent === true || ['wait', 'refresh', 'pause'].includes(failure.verdict) || neverConnected(cause)
}

/** Whether the source says that the request itself is wrong. */
function isRejection({ failure, status = 0 }: Failed): boolean {
  return failure.verdict === 'stop' && status >= 400 && status < 500
}

function scopeOfFailure({ scope, verdict }: Failure): Scope {
  if (scope !== undefined) return scope
  if (verdict === 'pause' || verdict === 'refresh') return 'login'
  return verdict === 'wait' ? 'run' : 'page'
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
