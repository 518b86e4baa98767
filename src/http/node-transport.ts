// Owns the real transport: node:http and node:https with connections of our own. Two things make it ours. A name is
// resolved once, every address it has is checked, and the connection goes to a checked address (a second look-up could
// answer differently). And an answer is complete or an error, never a part of one.

import { lookup as systemLookup } from 'node:dns/promises'
import type * as Http from 'node:http'
import type * as Https from 'node:https'
import type { LookupFunction } from 'node:net'
import { TidemarkError } from '../model/errors.ts'
import { plural } from '../model/plural.ts'
import { addressRefusal, bareHost, hostRefusal, isAddress } from './addresses.ts'
import { decodeText, tooLarge } from './decode.ts'
import { networkError } from './network-errors.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

/**
 * Loaded by the first request: a command that only reads the mirror needs neither. An import of node:http would also load
 * all of undici, 40 ms of a start, because undici is among what it exports.
 */
const MODULES = {
  'http:': () => process.getBuiltinModule('node:http'),
  'https:': () => process.getBuiltinModule('node:https'),
}
type Protocol = keyof typeof MODULES

interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

export interface NodeTransportOptions {
  /** All addresses of a host name. @default the operating system's resolver */
  readonly resolve?: (host: string) => Promise<readonly ResolvedAddress[]>
  /** Open connections per origin, at most. @default 64 */
  readonly connectionsPerOrigin?: number
}

/** Connections that nobody uses are closed after this; servers that close sooner say so in their Keep-Alive header. */
const IDLE_MS = 15_000

/** The transport for everything but simulations. One per process is enough; `close` ends its idle connections. */
export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  // A connection that was allowed to reach a private network must never be reused for a request that is not.
  const guarded = new Agents(options, false)
  const open = new Agents(options, true)
  return {
    async send(request) {
      checkUrl(request)
      const agent = (request.allowPrivateNetwork ? open : guarded).of(request.url.protocol as Protocol)
      return answerOf(await exchange(request, agent), request)
    },
    close() {
      guarded.destroy()
      open.destroy()
      return Promise.resolve()
    },
  }
}

/** The agents of both protocols, each made when it is first asked for. */
class Agents {
  readonly #settings: Https.AgentOptions & { lookup: LookupFunction }
  readonly #made = new Map<Protocol, Http.Agent>()

  constructor(options: NodeTransportOptions, allowPrivateNetwork: boolean) {
    this.#settings = {
      keepAlive: true,
      scheduling: 'lifo',
      timeout: IDLE_MS,
      maxSockets: options.connectionsPerOrigin ?? 64,
      lookup: checkedLookup(options.resolve ?? resolveBySystem, allowPrivateNetwork),
    }
  }

  of(protocol: Protocol): Http.Agent {
    const agent = this.#made.get(protocol) ?? new (MODULES[protocol]().Agent)(this.#settings)
    this.#made.set(protocol, agent)
    return agent
  }

  destroy(): void {
    for (const agent of this.#made.values()) agent.destroy()
  }
}

function resolveBySystem(host: string): Promise<readonly ResolvedAddress[]> {
  return systemLookup(host, { all: true })
}

/** A look-up for node:net that hands over only addresses that were checked, all of them or none. */
function checkedLookup(resolve: NonNullable<NodeTransportOptions['resolve']>, allowPrivate: boolean): LookupFunction {
  const answer = async (host: string, all: boolean | undefined, callback: Parameters<LookupFunction>[2]) => {
    const found = await checkedAddresses(host, resolve, allowPrivate).catch((error: unknown) => error as Error)
    if (found instanceof Error) callback(found, '', 0)
    else if (all) callback(null, found)
    else callback(null, found[0]!.address, found[0]!.family)
  }
  return (host, options, callback) => {
    void answer(host, options.all, callback)
  }
}

/** At least one address; throws when any of them is refused. */
async function checkedAddresses(
  host: string,
  resolve: NonNullable<NodeTransportOptions['resolve']>,
  allowPrivate: boolean,
): Promise<ResolvedAddress[]> {
  const addresses = await resolve(bareHost(host))
  const refused = addresses.find(({ address }) => addressRefusal(address, allowPrivate) !== undefined)
  if (refused) throw addressRefused(host, refused.address, allowPrivate)
  if (addresses.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
  return [...addresses]
}

function checkUrl({ url, allowPrivateNetwork }: TransportRequest): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TidemarkError(
      'url_refused',
      `An address that begins with ${url.protocol} is not read, only http: and https: are.`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new TidemarkError('url_refused', `The address of ${url.host} carries a user name or password.`, {
      hint: "Take it out of the address; credentials belong into the connection's options.",
    })
  }
  // A literal address is connected to without any look-up.
  if (hostRefusal(url.hostname, allowPrivateNetwork))
    throw addressRefused(url.hostname, url.hostname, allowPrivateNetwork)
}

function addressRefused(host: string, address: string, allowPrivateNetwork: boolean): TidemarkError {
  const bare = bareHost(address)
  const why = hostRefusal(bare, allowPrivateNetwork) ?? 'not allowed'
  const message =
    isAddress(bare) && bare !== bareHost(host)
      ? (`Host ${host} leads to ${bare}, which is ${why}.` as const)
      : (`Address ${bare} is ${why}.` as const)
  return new TidemarkError('address_refused', message, {
    hint: allowPrivateNetwork
      ? 'Credentials of a cloud machine could be read there; use another address.'
      : 'If the service really runs there, set allowPrivateNetwork=true for this connection.',
  })
}

interface Exchanged {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** One request on the wire, until the last byte of the answer. */
function exchange(request: TransportRequest, agent: Http.Agent): Promise<Exchanged> {
  const { url, signal, timeoutMs, bytesMax } = request
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled(url))
      return
    }
    const started = performance.now()
    let outgoing: Http.ClientRequest | undefined
    const timer = setTimeout(() => {
      end(timedOut(url, timeoutMs))
    }, timeoutMs)
    const onAbort = () => {
      end(cancelled(url))
    }
    signal.addEventListener('abort', onAbort)

    let ended = false
    /** Whatever happens first decides; what the destroyed socket says afterwards is of no interest. */
    const end = (outcome: TidemarkError | Exchanged) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      if (!(outcome instanceof TidemarkError)) {
        resolve(outcome)
        return
      }
      outgoing?.destroy()
      reject(outcome)
    }

    try {
      outgoing = MODULES[url.protocol as Protocol]().request(requestOptions(request, agent))
    } catch (error) {
      end(networkError(error, url))
      return
    }
    let cut: (() => void) | undefined
    outgoing.on('error', (error) => {
      // Once an answer has begun, whatever ends the connection has cut it.
      if (cut) cut()
      else end(networkError(error, url))
    })
    outgoing.on('response', (incoming) => {
      cut = readBody(incoming, bytesMax, url, started, end)
    })
    outgoing.end(request.bytes ?? request.body)
  })
}

function requestOptions(request: TransportRequest, agent: Http.Agent): Http.RequestOptions {
  const { url } = request
  const body = request.bytes ?? request.body
  // The flat form saves Node the work of keeping every header as an object that nobody asks for.
  const headers = ['host', url.host, 'connection', 'keep-alive']
  for (const name in request.headers) headers.push(name, request.headers[name]!)
  if (request.headers['accept-encoding'] === undefined) headers.push('accept-encoding', 'gzip, br, zstd, deflate')
  if (body !== undefined || request.method === 'POST') {
    headers.push('content-length', String(body === undefined ? 0 : Buffer.byteLength(body)))
  }
  return {
    agent,
    method: request.method,
    protocol: url.protocol,
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port,
    path: url.pathname + url.search,
    headers,
    joinDuplicateHeaders: true,
  }
}

/** Reads a body to its end. Answers what to call when the connection ends before that. */
function readBody(
  incoming: Http.IncomingMessage,
  bytesMax: number,
  url: URL,
  started: number,
  end: (outcome: TidemarkError | Exchanged) => void,
): () => void {
  const chunks: Buffer[] = []
  let length = 0
  const cut = () => {
    const announced = incoming.headers['content-length']
    const of = announced === undefined ? '' : ` of ${announced}`
    const after = Math.round(performance.now() - started)
    end(
      new TidemarkError(
        'body_incomplete',
        `Host ${url.host} ended its answer after ${of === '' ? plural(length, 'byte') : `${length}${of} bytes`} (${after} ms).`,
        { scope: 'page', hint: 'The connection broke, or a proxy in between gave up.' },
      ),
    )
  }
  if (Number(incoming.headers['content-length']) > bytesMax) end(tooLarge(url, bytesMax))
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > bytesMax) end(tooLarge(url, bytesMax))
    else chunks.push(chunk)
  })
  incoming.on('error', cut)
  incoming.on('end', () => {
    const [only] = chunks
    const body = chunks.length === 1 && only ? only : Buffer.concat(chunks, length)
    end({ status: incoming.statusCode ?? 0, headers: plainHeaders(incoming.headers), body })
  })
  return cut
}

function plainHeaders(headers: Http.IncomingHttpHeaders): Record<string, string> {
  const cookies = headers['set-cookie']
  if (!cookies) return headers as Record<string, string>
  return { ...(headers as Record<string, string>), 'set-cookie': cookies.join(', ') }
}

async function answerOf(exchanged: Exchanged, request: TransportRequest): Promise<TransportAnswer> {
  const { status, headers, body } = exchanged
  if (request.isBytes) return { status, headers, text: '', body, bytes: body.length }
  const text = decodeText(body, headers, request.bytesMax, request.url)
  return { status, headers, text: typeof text === 'string' ? text : await text, bytes: body.length }
}

function cancelled(url: URL): TidemarkError {
  return new TidemarkError('cancelled', `The request to ${url.host} was cancelled.`, { scope: 'run' })
}

function timedOut(url: URL, timeoutMs: number): TidemarkError {
  const message = `Host ${url.host} did not answer completely within ${timeoutMs / 1_000} s.` as const
  return new TidemarkError('timed_out', message, { scope: 'page' })
}
