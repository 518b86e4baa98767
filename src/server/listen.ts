// Owns the server's socket: binding, what can be wrong with an address, and an end that lets answers be finished.

import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { TidemarkError } from '../model/errors.ts'

export interface Listening {
  /** Such as http://127.0.0.1:4600 */
  readonly url: string
  readonly port: number
  /** Takes no more requests, lets those under way end for a while, then cuts them. */
  close(): Promise<void>
}

export interface Application {
  fetch(request: Request): Response | Promise<Response>
}

/** How long answers under way may take to end, in milliseconds. */
const GRACE_MS = 5_000

/** How long a connection that nobody uses stays open, in milliseconds. */
const KEEP_ALIVE_MS = 65_000

/**
 * Serves an application. Port 0 takes any that is free.
 *
 * @throws TidemarkError port_busy, port_refused, host_invalid
 */
export async function listen(app: Application, at: { host?: string; port: number }): Promise<Listening> {
  const { host = '127.0.0.1', port } = at
  const server = createAdaptorServer({
    fetch: (request: Request) => app.fetch(request),
    overrideGlobalObjects: false,
  }) as Server
  const connections = new Connections(server)
  // Longer than clients and proxies keep theirs: none of them sends on a connection that is being closed here.
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(error, host, port)))
    server.listen(port, host, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () => close(server, connections),
  }
}

function close(server: Server, connections: Connections): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    connections.close()
  })
}

/** Connections by the answers under way on them: one without any ends with the server at once, also one that never asked. */
class Connections {
  readonly #open = new Map<Socket, number>()
  #isClosing = false

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#open.set(socket, 0)
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on('request', ({ socket }, response) => {
      this.#add(socket, 1)
      response.once('close', () => this.#add(socket, -1))
    })
  }

  close(): void {
    this.#isClosing = true
    for (const socket of this.#open.keys()) this.#add(socket, 0)
  }

  #add(socket: Socket, answers: number): void {
    const under = (this.#open.get(socket) ?? 0) + answers
    if (this.#open.has(socket)) this.#open.set(socket, under)
    // What was written goes out before it.
    if (this.#isClosing && under <= 0) socket.end(() => socket.destroy())
  }
}

function bindError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new TidemarkError('port_busy', `Port ${port} of ${host} is in use by another program.`, {
        hint: `Choose another one: --port ${port < 65_535 ? port + 1 : 4600}`,
        cause: error,
      })
    case 'EACCES':
      return new TidemarkError('port_refused', `This user may not open port ${port}.`, { cause: error })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new TidemarkError('host_invalid', `The name ${host} is no address of this machine.`, { cause: error })
    default:
      return error
  }
}
