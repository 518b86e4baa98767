// Owns a real HTTP server on this machine that does what a test tells it, faults included.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

interface Seen {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answerer = (response: ServerResponse, seen: Seen) => unknown

export interface Scripted extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly seen: readonly Seen[]
  /** How many connections were opened. */
  connections(): number
}

/** Answers the first request by the first answerer, and so on; the last one answers all that follow. */
export async function serve(...answerers: readonly Answerer[]): Promise<Scripted> {
  const seen: Seen[] = []
  const sockets = new Set<Socket>()
  let opened = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      // The date is the test's business, since its clock is.
      response.sendDate = false
      const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      answerers[Math.min(seen.length, answerers.length) - 1]?.(response, one)
    })
  })
  server.on('connection', (socket) => {
    opened++
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    connections: () => opened,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => {
        server.close(done)
      })
    },
  }
}

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answerer {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

export function text(
  body: string | Buffer,
  status = 200,
  headers: Readonly<Record<string, string | string[]>> = {},
): Answerer {
  return (response) => response.writeHead(status, headers).end(body)
}

/** Bytes as they are, then the connection is closed. */
export function raw(bytes: string): Answerer {
  return (response) => response.socket?.end(bytes)
}

/** Bytes as they are, then the connection is reset. */
export function rawThenReset(bytes: string): Answerer {
  return (response) => {
    const { socket } = response
    // A reset overtakes what was not read: the other side, in this same loop, gets two rounds to read it.
    socket?.write(bytes, () => setImmediate(() => setImmediate(() => setImmediate(() => socket.resetAndDestroy()))))
  }
}

/** Head and a part of the body, and then nothing. */
export function stall(part = ''): Answerer {
  return (response) => response.writeHead(200, { 'content-length': '1000' }).write(part || ' ')
}

/** Nothing at all. */
export function silence(): Answerer {
  return () => {}
}
