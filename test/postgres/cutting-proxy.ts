// Owns a way to the server that can be cut: at once, or so that a COMMIT arrives and its answer never does.

import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

const SYNC = Buffer.from([0x53, 0, 0, 0, 4])

export class CuttingProxy {
  /** Whether the answer to the next COMMIT is lost. */
  losesCommit = false
  /** Answers that were lost. */
  lost = 0
  /** Statements that were sent: each ends with a Sync of the protocol. */
  statements = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(port: number): Promise<CuttingProxy> {
    const server = createServer()
    const proxy = new CuttingProxy(server)
    server.on('connection', (client) => proxy.#pair(client, createConnection(port, '127.0.0.1')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Cuts all that is connected; new connections are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #pair(client: Socket, server: Socket): void {
    let committing = false
    const end = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    client.on('data', (bytes) => {
      committing ||= this.losesCommit && bytes.includes('COMMIT')
      for (let at = bytes.indexOf(SYNC); at >= 0; at = bytes.indexOf(SYNC, at + SYNC.length)) this.statements++
      server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (!committing) {
        client.write(bytes)
        return
      }
      // The server has answered, so that it is done.
      this.losesCommit = false
      this.lost++
      end()
    })
  }
}
