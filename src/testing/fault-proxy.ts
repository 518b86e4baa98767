// Owns the proxy that testConnector puts between a connector and its source: a server on the loopback that passes every
// request on, notes it, and puts a fault in place of the answers that a check names. So any plain HTTP server will do as
// a source, and what a connector meets comes over a real socket.

import { createServer, type IncomingMessage, type Server, type ServerResponse, request as sendHttp } from 'node:http'
import { request as sendHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { decodeText } from '../http/decode.ts'
import { httpDate } from '../http/http-dates.ts'
import type { Answer } from './emulators/kit/answer.ts'
import type { Fault } from './emulators/kit/faults.ts'
import { serveFault } from './emulators/kit/serve-fault.ts'
import type { Player } from './recording.ts'

/** Headers by which the test's transport tells the proxy where a request goes and which read it is part of. */
export const TARGET_HEADER = 'x-tidemark-test-target'
export const READ_HEADER = 'x-tidemark-test-read'

/** What goes wrong, besides the kit's faults: an answer whose body is edited, or that becomes another one. */
export type Trouble =
  | Fault
  | { readonly kind: 'edit'; readonly edit: (body: string) => string }
  | { readonly kind: 'swap'; readonly swap: (answer: Answer) => Answer }

/** One request on its way. */
export interface Passing {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** The number of the read that it is part of; 0: none, such as a renewal. */
  readonly read: number
}

export type Plan = (request: Passing) => Trouble | undefined

export interface FaultProxy {
  readonly url: URL
  /** What happens to the requests from now on; undefined lets them pass. */
  plan: Plan | undefined
  /** Requests that a recording had no answer to, since it was last emptied. */
  readonly missing: string[]
  /** What was asked since it was last emptied, and with which status it was answered. */
  readonly log: { readonly request: Passing; readonly status: number }[]
  close(): Promise<void>
}

/** The origin of the source, which alone may be asked besides this machine; or a recording in its place. */
export type Upstream = { readonly origin: string } | { readonly tape: Player }

const BODY_MAX = 64 << 20

export async function startFaultProxy(upstream: Upstream): Promise<FaultProxy> {
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  const timers = new Set<NodeJS.Timeout>()
  /** How far the source's clock is ahead of ours. */
  let skewMs = 0
  const proxy: FaultProxy = {
    url: new URL(await listen(server)),
    plan: undefined,
    missing: [],
    log: [],
    async close() {
      for (const timer of timers) clearTimeout(timer)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming)
    const passing = passingOf(incoming)
    const trouble = proxy.plan?.(passing)
    const note = (status: number) => void proxy.log.push({ request: passing, status })
    const needsAnswer = trouble === undefined || !INSTEAD.has(trouble.kind)
    const answer = needsAnswer ? await ask(passing, body) : NONE
    const date = httpDate(answer.headers?.['date'])
    if (date !== undefined) skewMs = date - Date.now()
    const dress = (given: Answer) => dressed(given, Date.now() + skewMs)
    const send = (given: Answer) => {
      const whole = dress(given)
      note(given.status)
      outgoing.writeHead(given.status, whole.headers).end(whole.body)
    }
    // A refusal is not what a check wants to spoil.
    const isGood = answer.status >= 200 && answer.status < 300
    if (!trouble || (trouble.kind === 'edit' && !isGood)) return send(answer)
    if (trouble.kind === 'edit') return send({ ...answer, body: trouble.edit(String(answer.body ?? '')) })
    if (trouble.kind === 'swap') return send(trouble.swap(answer))
    const later = (ms: number, action: () => void) => {
      timers.add(setTimeout(action, ms))
    }
    const refuse = (status: number): Answer => ({
      status,
      headers: JSON_TYPE,
      body: '{"message":"Refused for a test"}',
    })
    return serveFault(trouble, { run: () => answer, refuse, send, note, dress, later, response: outgoing })
  }

  async function ask(passing: Passing, body: string): Promise<Answer> {
    if ('origin' in upstream) {
      const { origin, hostname } = passing.url
      const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
      return isHere || origin === upstream.origin ? forward(passing, body) : strange(passing)
    }
    const answer = upstream.tape.answer({ method: passing.method, url: passing.url, body: body || undefined })
    if (answer) return answer
    if (passing.read >= 0) proxy.missing.push(`${passing.method} ${passing.url.pathname}${passing.url.search}`)
    return { status: 404, headers: JSON_TYPE, body: '{"message":"This was not recorded"}' }
  }

  return proxy
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const NONE: Answer = { status: 200 }
/** Faults that take the place of an answer; the source isn't asked. */
const INSTEAD: ReadonlySet<string> = new Set(['status', 'html', 'body', 'reset', 'hang'])

function strange({ url }: Passing): Answer {
  const message = `testConnector asks nobody but the source; ${url.host} is another host. Give the option that names it.`
  return { status: 400, headers: JSON_TYPE, body: JSON.stringify({ message }) }
}

function passingOf(incoming: IncomingMessage): Passing {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === 'string' && !OWN.has(name)) headers[name] = value
  }
  const target = String(incoming.headers[TARGET_HEADER])
  const url = new URL(target + (incoming.url ?? '/'))
  return { method: incoming.method ?? 'GET', url, headers, read: Number(incoming.headers[READ_HEADER] ?? 0) }
}

/** Headers of the hop to the proxy, not of the request. */
const OWN = new Set([TARGET_HEADER, READ_HEADER, 'host', 'connection', 'accept-encoding'])

async function forward({ method, url, headers }: Passing, body: string): Promise<Answer> {
  const send = url.protocol === 'https:' ? sendHttps : sendHttp
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = send(url, { method, headers: { ...headers, 'accept-encoding': 'identity' } }, resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const given = incoming.headers as Record<string, string>
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !OF_THE_HOP.has(name)))
  const text = await decodeText(Buffer.concat(chunks), given, BODY_MAX, url)
  return { status: incoming.statusCode ?? 502, headers: rest, body: text }
}

/** Headers that say how an answer came, not what it is. */
const OF_THE_HOP = new Set(['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'])

function dressed(answer: Answer, now: number): { headers: Record<string, string>; body: Buffer } {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0))
  const headers: Record<string, string> = { date: new Date(now).toUTCString() }
  for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value
  if (answer.status !== 204 && answer.status !== 304) headers['content-length'] = String(body.length)
  return { headers, body }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
