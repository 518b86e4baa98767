// Owns a door in front of an emulator. A test shuts it, waits until a request stands before it, does what has to happen
// meanwhile, and opens it: so nothing has to be done within a delay, which a busy machine would not keep.

import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Emulator } from '../../src/testing/emulators/index.ts'

export interface Door extends AsyncDisposable {
  /** What to connect to in place of the emulator's address. */
  readonly url: string
  /** From now on requests whose path and query match wait; the emulator does not hear of them. Resolves with the first. */
  shut(pattern: RegExp): Promise<void>
  /** Lets in who waits, and everybody after. */
  open(): void
  close(): Promise<void>
}

/** A door that is open. */
export async function doorOf(emulator: Emulator<unknown>): Promise<Door> {
  let shut: { readonly pattern: RegExp; readonly knock: () => void; readonly opened: Promise<void> } | undefined
  let open = () => {}
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (shut?.pattern.test(request.url ?? '')) {
      shut.knock()
      await shut.opened
    }
    if (!response.destroyed) pass(request, response, emulator.url, url)
  }
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void serve(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return {
    url,
    shut: async (pattern) => {
      const { promise: opened, resolve } = Promise.withResolvers<void>()
      const { promise: knocked, resolve: knock } = Promise.withResolvers<void>()
      shut = { pattern, knock, opened }
      open = () => {
        shut = undefined
        resolve()
      }
      await knocked
    },
    open: () => open(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Hands a request on, and its answer back, whose links lead to the door. */
function pass(request: IncomingMessage, response: ServerResponse, from: string, to: string): void {
  const { method, headers } = request
  const asked = ask(`${from}${request.url}`, { method, headers }, (answer) => {
    const { link } = answer.headers
    const links = link === undefined ? {} : { link: String(link).replaceAll(from, to) }
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...links })
    answer.pipe(response)
  })
  asked.on('error', () => response.destroy())
  request.pipe(asked)
}
