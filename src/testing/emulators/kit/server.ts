// Owns the server that every emulator is: a real socket on the loopback, and the order in which a request meets the
// admin endpoint, the faults and the provider's handler.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { ADMIN_PATH, adminAnswer } from './admin.ts'
import type { Answer, Call } from './answer.ts'
import type { Emulator, EmulatorDefinition } from './emulator.ts'
import { faultScript } from './faults.ts'
import { requestLog } from './log.ts'
import { type PageCount, pageHooks } from './pages.ts'
import { serveFault } from './serve-fault.ts'

/** What serving a request needs, besides the request. */
interface Running<W> {
  readonly definition: EmulatorDefinition<W>
  readonly emulator: Emulator<W>
  readonly hooks: PageCount
  readonly timers: Set<NodeJS.Timeout>
  bytes: number
  /** Requests that are not answered yet. */
  open: number
}

/** Starts a server on 127.0.0.1. */
export async function startEmulator<W>(definition: EmulatorDefinition<W>): Promise<Emulator<W>> {
  const { clock, world, name } = definition
  const log = requestLog()
  const faults = faultScript()
  const hooks = pageHooks()
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    response.sendDate = false
    if (request.method === 'GET' || request.method === 'HEAD') return serve(running, request, response, '')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => serve(running, request, response, Buffer.concat(chunks).toString()))
  })
  const url = await listen(server, definition.port ?? 0)

  const stats = (): ReturnType<Emulator<W>['stats']> => ({
    requests: log.count(),
    pages: hooks.pages.served,
    bytes: running.bytes,
    perPath: log.perPath(),
    perStatus: log.perStatus(),
    faults: faults.served(),
  })
  const close = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
  const { pages } = hooks
  const emulator = { name, url, clock, log, faults, pages, world, stats, close, [Symbol.asyncDispose]: close }
  const running: Running<W> = { definition, emulator, hooks, timers, bytes: 0, open: 0 }
  return emulator
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function serve<W>(running: Running<W>, request: IncomingMessage, response: ServerResponse, body: string): void {
  try {
    respond(running, request, response, body)
  } catch (error) {
    // A mistake of the emulator itself must not look like one of the provider's own errors.
    response.writeHead(599, { 'Content-Type': 'text/plain' })
    response.end(`emulator failed: ${error instanceof Error ? error.stack : String(error)}`)
  }
}

function respond<W>(running: Running<W>, request: IncomingMessage, response: ServerResponse, body: string): void {
  const { definition, emulator, hooks, timers } = running
  running.open++
  response.once('close', () => running.open--)
  const call = callOf(request, body, running)
  const { method, path, search } = call
  const dress = (answer: Answer): Dressed => dressed(answer, call, definition)
  const write = (answer: Answer): void => {
    const { headers, body: bytes } = dress(answer)
    running.bytes += bytes.length
    response.writeHead(answer.status, headers)
    response.end(method === 'HEAD' ? undefined : bytes)
  }
  if (path.startsWith(ADMIN_PATH)) return write(adminAnswer(call, emulator, definition.admin))

  const fault = emulator.faults.decide(call)
  const note = (status: number): void =>
    emulator.log.add({ method, path, query: search, status, at: call.now, ...(fault && { fault: fault.kind }) })
  const run = (): Answer => {
    const answer = definition.handle(call)
    if (answer.page) hooks.served()
    return answer
  }
  const send = (answer: Answer): void => {
    note(answer.status)
    write(answer)
  }
  if (!fault) return send(run())
  const later = (ms: number, action: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!response.destroyed) action()
    }, ms)
    timers.add(timer)
  }
  const refuse = (status: number): Answer => definition.refuse(status, call)
  serveFault(fault, { run, refuse, send, note, dress, later, response })
}

function callOf<W>(request: IncomingMessage, body: string, { emulator, open: together }: Running<W>): Call {
  const { url: base, clock } = emulator
  const target = request.url ?? '/'
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const search = mark < 0 ? '' : target.slice(mark + 1)
  const { method = 'GET', headers } = request
  const ip = request.socket.remoteAddress ?? '127.0.0.1'
  return {
    method,
    path,
    search,
    query: new URLSearchParams(search),
    headers,
    body,
    ip,
    base,
    now: clock.now(),
    together,
  }
}

interface Dressed {
  readonly headers: Record<string, string>
  readonly body: Buffer
}

/** An answer as it goes out: with date, type and length, and compressed if both sides want that. */
function dressed<W>(answer: Answer, call: Call, { clock, gzip }: EmulatorDefinition<W>): Dressed {
  let body = typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? Buffer.alloc(0))
  const headers: Record<string, string> = { Date: clock.httpDate() }
  if (body.length > 0) headers['Content-Type'] = 'application/json; charset=utf-8'
  Object.assign(headers, answer.headers)
  const accepted = call.headers['accept-encoding'] ?? ''
  if (gzip && body.length > 1000 && accepted.includes('gzip') && !headers['Content-Encoding']) {
    body = gzipSync(body, { level: 1 })
    headers['Content-Encoding'] = 'gzip'
  }
  if (answer.status !== 204 && answer.status !== 304) headers['Content-Length'] = String(body.length)
  return { headers, body }
}
