// Owns a proxy that stands for a provider below a path of its own: it takes the path away and passes the rest on.

import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PathProxy {
  /** The address that stands for the upstream's origin. */
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Answers 404 in JSON to whatever is not below `path`, such as `/tts`. */
export async function pathProxy(upstream: string, path: string): Promise<PathProxy> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    if (!url.startsWith(`${path}/`)) {
      outgoing.writeHead(404, { 'content-type': 'application/json' }).end('{"code":36009009,"message":"Invalid path"}')
      return
    }
    const passed = request(new URL(url.slice(path.length), upstream), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
