// Owns a connection pooler in transaction mode, as PgBouncer is one: many clients share a few connections to the server, and
// each transaction of a client gets the next one that is free. Nothing that a session keeps is there in the next.

import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'

/** A message of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
interface Message {
  readonly type: string
  readonly bytes: Buffer
}

interface Upstream {
  readonly socket: Socket
  client: Client | undefined
}

interface Client {
  readonly socket: Socket
  upstream: Upstream | undefined
  /** Messages that wait for a connection to the server. */
  waiting: Buffer[]
  /** Answers that are not there yet: one for each Sync and each simple query. */
  due: number
}

export class PoolingProxy {
  /** Transactions that were given a connection, and how often it was another one than the client's last. */
  given = 0
  changed = 0
  /** Statements that were prepared under a name. */
  named = 0
  readonly #server: Server
  readonly #upstreams: readonly Upstream[]
  readonly #queue: Client[] = []
  readonly #last = new WeakMap<Client, Upstream>()
  #next = 0

  private constructor(server: Server, clients: readonly pg.Client[]) {
    this.#server = server
    this.#upstreams = clients.map((client) => this.#taken(client))
  }

  /** A pool of `size` connections to the database of this URL. */
  static async to(url: string, size: number): Promise<PoolingProxy> {
    const clients: pg.Client[] = []
    for (let i = 0; i < size; i++) {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => {})
      await client.connect()
      clients.push(client)
    }
    const server = createServer({ noDelay: true })
    const proxy = new PoolingProxy(server, clients)
    server.on('connection', (socket) => proxy.#welcome(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const { socket, client } of this.#upstreams) {
      socket.destroy()
      client?.socket.destroy()
    }
  }

  /** The driver has logged in; from here on the connection is ours. */
  #taken(client: pg.Client): Upstream {
    const { stream: socket } = (client as unknown as { connection: { stream: Socket } }).connection
    const upstream: Upstream = { socket, client: undefined }
    socket.removeAllListeners('data')
    const read = messages()
    socket.on('data', (bytes: Buffer) => {
      for (const message of read(bytes)) this.#answer(upstream, message)
    })
    return upstream
  }

  #welcome(socket: Socket): void {
    const client: Client = { socket, upstream: undefined, waiting: [], due: 0 }
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#left(client))
    let greeting = Buffer.alloc(0)
    const read = messages()
    let isIn = false
    socket.on('data', (bytes: Buffer) => {
      if (isIn) {
        for (const message of read(bytes)) this.#ask(client, message)
        return
      }
      greeting = Buffer.concat([greeting, bytes])
      if (greeting.length < 4 || greeting.length < greeting.readInt32BE(0)) return
      isIn = true
      socket.write(
        Buffer.concat([told('R', int(0)), ...PARAMETERS, told('K', int(randomInt(2 ** 31 - 1)), int(7)), READY]),
      )
    })
  }

  #ask(client: Client, { type, bytes }: Message): void {
    if (type === 'X') return void client.socket.end()
    if (type === 'P' && bytes[5] !== 0) this.named++
    if (type === 'Q' || type === 'S') client.due++
    if (client.upstream) client.upstream.socket.write(bytes)
    else {
      client.waiting.push(bytes)
      if (!this.#queue.includes(client)) this.#queue.push(client)
      this.#give()
    }
  }

  /** The connections take turns, so that two transactions of a client rarely meet the same. */
  #give(): void {
    while (this.#queue.length > 0) {
      const free = this.#upstreams.map((_, i) => this.#upstreams[(this.#next + i) % this.#upstreams.length] as Upstream)
      const upstream = free.find(({ client }) => client === undefined)
      const client = upstream && this.#queue.shift()
      if (!client) return
      this.#next = this.#upstreams.indexOf(upstream) + 1
      upstream.client = client
      client.upstream = upstream
      this.given++
      if (this.#last.get(client) !== upstream) this.changed++
      this.#last.set(client, upstream)
      for (const bytes of client.waiting.splice(0)) upstream.socket.write(bytes)
    }
  }

  #answer(upstream: Upstream, { type, bytes }: Message): void {
    const { client } = upstream
    if (!client) return
    client.socket.write(bytes)
    if (type !== 'Z') return
    client.due--
    if (client.due > 0 || bytes[5] !== IDLE) return
    upstream.client = undefined
    client.upstream = undefined
    this.#give()
  }

  /** What a client leaves in the middle is rolled back before anybody else has the connection. */
  #left(client: Client): void {
    const at = this.#queue.indexOf(client)
    if (at >= 0) this.#queue.splice(at, 1)
    const { upstream } = client
    if (!upstream) return
    client.due++
    upstream.socket.write(told('Q', Buffer.from('ROLLBACK\0')))
  }
}

const IDLE = 'I'.charCodeAt(0)
const READY = told('Z', Buffer.from('I'))
const PARAMETERS = Object.entries({ server_version: '18.0', client_encoding: 'UTF8', DateStyle: 'ISO, MDY' }).map(
  ([name, value]) => told('S', Buffer.from(`${name}\0${value}\0`)),
)

function told(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int(body.length + 4), body])
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/** Cuts what arrives into messages, whatever pieces it comes in. */
function messages(): (bytes: Buffer) => readonly Message[] {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const whole: Message[] = []
    while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
      const length = 1 + rest.readInt32BE(1)
      whole.push({ type: String.fromCharCode(rest[0] as number), bytes: rest.subarray(0, length) })
      rest = rest.subarray(length)
    }
    return whole
  }
}
