// The real transport against real sockets: what it sends, how it decodes, and that nothing but a complete answer counts.

import { randomBytes } from 'node:crypto'
import { getEventListeners } from 'node:events'
import * as zlib from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type NodeTransportOptions, nodeTransport } from '../../src/http/node-transport.ts'
import type { Transport, TransportRequest } from '../../src/http/transport.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import {
  type Answerer,
  json,
  raw,
  rawThenReset,
  type Scripted,
  serve,
  silence,
  stall,
  text,
} from './scripted-server.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

function transport(options?: NodeTransportOptions): Transport {
  const made = nodeTransport(options)
  open.push(made)
  return made
}

async function scripted(...answerers: readonly Answerer[]): Promise<Scripted> {
  const server = await serve(...answerers)
  open.push({ close: async () => server[Symbol.asyncDispose]() })
  return server
}

function request(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: 'GET',
    url: new URL(url),
    headers: {},
    body: undefined,
    timeoutMs: 120_000,
    bytesMax: 1 << 20,
    allowPrivateNetwork: true,
    signal: new AbortController().signal,
    ...more,
  }
}

async function failure(promise: Promise<unknown>): Promise<TidemarkError> {
  try {
    await promise
  } catch (error) {
    return error as TidemarkError
  }
  throw new Error('it did not fail')
}

describe('requests', () => {
  test('go out with the headers and the body that were given, and nothing of ours but the frame', async () => {
    const server = await scripted(json({}))
    await transport().send(
      request(`${server.url}/a/b?x=1%202&y=%C3%A9`, {
        method: 'POST',
        headers: { authorization: 'Bearer abc', 'content-type': 'application/json' },
        body: '{"name":"Zoë"}',
      }),
    )
    expect(server.seen).toEqual([
      {
        method: 'POST',
        path: '/a/b?x=1%202&y=%C3%A9',
        body: '{"name":"Zoë"}',
        headers: {
          host: `127.0.0.1:${server.port}`,
          connection: 'keep-alive',
          authorization: 'Bearer abc',
          'content-type': 'application/json',
          'accept-encoding': 'gzip, br, zstd, deflate',
          'content-length': '15',
        },
      },
    ])
  })

  test('share a connection when they follow each other', async () => {
    const server = await scripted(json({ n: 1 }))
    const sender = transport()
    for (let i = 0; i < 5; i++) await sender.send(request(server.url))
    expect(server.connections()).toBe(1)
  })

  test('leave no listener on the signal', async () => {
    const server = await scripted(json({}))
    const { signal } = new AbortController()
    const sender = transport()
    for (let i = 0; i < 3; i++) await sender.send(request(server.url, { signal }))
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('with a header that cannot be sent fail without showing its value', async () => {
    const server = await scripted(json({}))
    const error = await failure(
      transport().send(request(server.url, { headers: { authorization: 'Bearer line\nbreak' } })),
    )
    expect(error).toMatchObject({ code: 'header_refused', verdict: 'stop' })
    expect(error.message).toContain('authorization')
    expect(error.message).not.toContain('break')
    expect(server.seen).toEqual([])
  })
})

describe('answers', () => {
  test('have lower-case headers; repeated ones are joined', async () => {
    const server = await scripted((response) => {
      response.setHeader('X-Thing', ['a', 'b'])
      response.setHeader('Set-Cookie', ['c=1', 'd=2'])
      response.setHeader('Link', ['<a>; rel="next"', '<b>; rel="last"'])
      response.writeHead(418).end('short and stout')
    })
    const answer = await transport().send(request(server.url))
    expect(answer.status).toBe(418)
    expect(answer.text).toBe('short and stout')
    expect(answer.headers).toMatchObject({
      'x-thing': 'a, b',
      'set-cookie': 'c=1, d=2',
      link: '<a>; rel="next", <b>; rel="last"',
    })
  })

  test('without a body have an empty text', async () => {
    const server = await scripted(text('', 204), text('', 304, { 'content-encoding': 'gzip' }), text(''))
    const sender = transport()
    for (const status of [204, 304, 200]) {
      expect(await sender.send(request(server.url))).toMatchObject({ status, text: '', bytes: 0 })
    }
  })

  const small = JSON.stringify({ text: 'é中😀'.repeat(50) })
  /** Larger than what is unpacked at once, since it hardly shrinks. */
  const large = JSON.stringify({ text: randomBytes(60_000).toString('base64') })
  const codings: Readonly<Record<string, (body: string) => Buffer>> = {
    gzip: zlib.gzipSync,
    'x-gzip': zlib.gzipSync,
    GZIP: zlib.gzipSync,
    br: zlib.brotliCompressSync,
    zstd: zlib.zstdCompressSync,
    deflate: zlib.deflateSync,
    'deflate ': zlib.deflateRawSync,
    'gzip, br': (body) => zlib.brotliCompressSync(zlib.gzipSync(body)),
    identity: (body) => Buffer.from(body),
  }
  describe.each(Object.entries(codings))('packed as "%s"', (coding, pack) => {
    test.each([small, large])('%#', async (body) => {
      const packed = pack(body)
      const server = await scripted(text(packed, 200, { 'content-encoding': coding }))
      const answer = await transport().send(request(server.url))
      expect(answer.text).toBe(body)
      expect(answer.bytes).toBe(packed.length)
    })
  })

  test('come in pieces that may split a character', async () => {
    const bytes = Buffer.from('"é中😀"')
    const server = await scripted(async (response) => {
      for (const byte of bytes) {
        response.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      response.end()
    })
    expect((await transport().send(request(server.url))).text).toBe('"é中😀"')
  })

  test('lose their byte order mark', async () => {
    const server = await scripted(text(Buffer.from('\ufeff{"a":1}')))
    expect((await transport().send(request(server.url))).text).toBe('{"a":1}')
  })

  test('in another encoding are read by the name that the server gives', async () => {
    const server = await scripted(
      text(Buffer.from('"Zo\xeb"', 'latin1'), 200, { 'content-type': 'text/plain; charset=ISO-8859-1' }),
    )
    expect((await transport().send(request(server.url))).text).toBe('"Zoë"')
  })

  test.each([{}, { 'content-type': 'application/json; charset=utf-8' }, { 'content-type': 'x; charset=klingon' }])(
    'that are no text are refused, not repaired: %o',
    async (headers) => {
      const server = await scripted(text(Buffer.from('"Zo\xeb"', 'latin1'), 200, headers))
      const error = await failure(transport().send(request(server.url)))
      expect(error).toMatchObject({ code: 'body_not_text', verdict: 'retry' })
    },
  )
})

describe('incomplete answers', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'
  const cases: Readonly<Record<string, readonly [Answerer, code: string, message: RegExp]>> = {
    'closed before its announced length': [
      raw(`${head}content-length: 100\r\n\r\n{"a":`),
      'body_incomplete',
      /after 5 of 100 bytes/,
    ],
    'reset in the middle': [
      rawThenReset(`${head}content-length: 100\r\n\r\n{"a":`),
      'body_incomplete',
      /after 5 of 100 bytes/,
    ],
    'chunked without its end': [
      raw(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`),
      'body_incomplete',
      /after 5 bytes/,
    ],
    'closed in the middle of a chunk': [
      raw(`${head}transfer-encoding: chunked\r\n\r\nff\r\n{"a":`),
      'body_incomplete',
      /after 5 bytes/,
    ],
    'gzip that is garbage': [text('not gzip at all', 200, { 'content-encoding': 'gzip' }), 'body_incomplete', /gzip/],
    'gzip that was cut': [
      text(zlib.gzipSync('x'.repeat(1000)).subarray(0, 20), 200, { 'content-encoding': 'gzip' }),
      'body_incomplete',
      /gzip/,
    ],
    'a long gzip that was cut': [
      text(zlib.gzipSync(randomBytes(90_000).toString('hex')).subarray(0, 60_000), 200, { 'content-encoding': 'gzip' }),
      'body_incomplete',
      /gzip/,
    ],
    'brotli that is garbage': [text('not brotli at all', 200, { 'content-encoding': 'br' }), 'body_incomplete', /br\b/],
    'closed without an answer': [raw(''), 'network_failed', /closed from the other side/],
    'reset without an answer': [rawThenReset(''), 'network_failed', /closed from the other side/],
    'something that is not HTTP': [raw('SSH-2.0-OpenSSH_9.6\r\n\r\n'), 'network_failed', /not HTTP/],
  }
  test.each(Object.entries(cases))('%s', async (_name, [answerer, code, message]) => {
    const server = await scripted(answerer)
    const error = await failure(transport().send(request(server.url)))
    expect(error).toMatchObject({ code, verdict: 'retry' })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(`127.0.0.1:${server.port}`)
    expect(error.hint).toBeTruthy()
  })

  test('with an unknown packing are refused', async () => {
    const server = await scripted(
      text('x', 200, { 'content-encoding': 'compress' }),
      text('x', 200, { 'content-encoding': 'gzip,gzip,gzip' }),
      // What every object has is no packing either; so much is unpacked on another thread.
      text('x'.repeat(40_000), 200, { 'content-encoding': 'constructor' }),
    )
    const sender = transport()
    for (let i = 0; i < 3; i++) {
      expect(await failure(sender.send(request(server.url)))).toMatchObject({ code: 'body_not_text', verdict: 'retry' })
    }
  })

  test.each([
    ['without an answer', silence()],
    ['in the middle of a body', stall('{"a":')],
  ])('that take too long %s', async (_name, answerer) => {
    const server = await scripted(answerer)
    const error = await failure(transport().send(request(server.url, { timeoutMs: 40 })))
    expect(error).toMatchObject({ code: 'timed_out', verdict: 'retry' })
    expect(error.message).toContain('0.04 s')
  })

  test.each([
    ['without an answer', silence()],
    ['in the middle of a body', stall('{"a":')],
  ])('that are cancelled %s', async (_name, answerer) => {
    const server = await scripted(answerer)
    const abort = new AbortController()
    const failed = failure(transport().send(request(server.url, { signal: abort.signal })))
    setTimeout(() => abort.abort(), 20)
    expect(await failed).toMatchObject({ code: 'cancelled' })
  })

  test('that are cancelled before they begin are not sent', async () => {
    const server = await scripted(json({}))
    expect(await failure(transport().send(request(server.url, { signal: AbortSignal.abort() })))).toMatchObject({
      code: 'cancelled',
    })
    expect(server.connections()).toBe(0)
  })
})

describe('sizes', () => {
  const bytesMax = 10_000
  const bomb = Buffer.alloc(50 << 20)
  test.each([
    ['announced', text('x'.repeat(20_000), 200, { 'content-length': '20000' })],
    ['not announced', (response: Parameters<Answerer>[0]) => response.writeHead(200).write('x'.repeat(20_000))],
    ['packed small', text(zlib.gzipSync(Buffer.alloc(1 << 20)), 200, { 'content-encoding': 'gzip' })],
    ['a bomb', text(zlib.gzipSync(bomb).subarray(0, 9_000), 200, { 'content-encoding': 'gzip' })],
    ['a bomb in brotli', text(zlib.brotliCompressSync(bomb), 200, { 'content-encoding': 'br' })],
    ['a bomb in a bomb', text(zlib.gzipSync(zlib.gzipSync(bomb)), 200, { 'content-encoding': 'gzip, gzip' })],
  ] satisfies [string, Answerer][])('too long, %s', async (_name, answerer) => {
    const server = await scripted(answerer)
    const error = await failure(transport().send(request(server.url, { bytesMax })))
    expect(error).toMatchObject({ code: 'body_too_large', verdict: 'stop' })
    expect(error.message).toContain('10000 bytes')
  })

  test('a long bomb stops at the limit while it is unpacked', async () => {
    const server = await scripted(text(zlib.gzipSync(Buffer.alloc(60 << 20)), 200, { 'content-encoding': 'gzip' }))
    const error = await failure(transport().send(request(server.url, { bytesMax: 1 << 20 })))
    expect(error).toMatchObject({ code: 'body_too_large' })
    expect(error.message).toContain('1 MiB')
  })

  test('a body of exactly the limit is fine', async () => {
    const server = await scripted(
      text('x'.repeat(bytesMax)),
      text(zlib.gzipSync('x'.repeat(bytesMax)), 200, { 'content-encoding': 'gzip' }),
    )
    const sender = transport()
    for (let i = 0; i < 2; i++)
      expect((await sender.send(request(server.url, { bytesMax }))).text).toHaveLength(bytesMax)
  })
})

describe('hosts that cannot be reached', () => {
  test('nothing listens', async () => {
    const server = await serve(json({}))
    await server[Symbol.asyncDispose]()
    const error = await failure(transport().send(request(server.url)))
    expect(error).toMatchObject({ code: 'network_failed', verdict: 'retry' })
    expect(error.message).toBe(
      `Host 127.0.0.1:${server.port} cannot be reached: nothing accepts connections there (ECONNREFUSED).`,
    )
    expect(error.hint).toContain('port')
  })

  test.each([
    ['ENOTFOUND', /name does not exist/, /is online.*http:\/\/no\.example is right/],
    ['EAI_AGAIN', /name server did not answer/, /is online.*http:\/\/no\.example is right/],
  ])('the name server says %s', async (code, message, hint) => {
    const resolve = () => Promise.reject(Object.assign(new Error('lookup'), { code }))
    const error = await failure(transport({ resolve }).send(request('http://no.example/')))
    expect(error).toMatchObject({ code: 'network_failed', verdict: 'retry' })
    expect(error.message).toMatch(message)
    expect(error.message).toContain('no.example')
    expect(error.hint).toMatch(hint)
  })

  test('a name without any address', async () => {
    const error = await failure(transport({ resolve: () => Promise.resolve([]) }).send(request('http://no.example/')))
    expect(error.message).toContain('name does not exist')
  })
})

describe('addresses', () => {
  test('of this machine are refused before anything is sent', async () => {
    const server = await scripted(json({}))
    for (const url of [server.url, `http://localhost:${server.port}/`, `http://[::ffff:127.0.0.1]:${server.port}/`]) {
      const error = await failure(transport().send(request(url, { allowPrivateNetwork: false })))
      expect(error).toMatchObject({ code: 'address_refused', verdict: 'stop' })
      expect(error.hint).toContain('allowPrivateNetwork')
    }
    expect(server.connections()).toBe(0)
  })

  test('of a cloud are refused even when private networks are allowed', async () => {
    const error = await failure(transport().send(request('http://169.254.169.254/latest/meta-data/')))
    expect(error).toMatchObject({ code: 'address_refused' })
    expect(error.hint).not.toContain('allowPrivateNetwork')
  })

  test('that a name resolves to are checked, every one of them', async () => {
    const resolve = () =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const error = await failure(
      transport({ resolve }).send(request('http://two.example/', { allowPrivateNetwork: false })),
    )
    expect(error).toMatchObject({ code: 'address_refused', verdict: 'stop' })
    expect(error.message).toBe('Host two.example leads to 127.0.0.1, which is this machine.')
  })

  test('are asked for once per connection, and the connection goes there: a second answer changes nothing', async () => {
    const server = await scripted(json({ here: true }))
    const answers = ['127.0.0.1', '169.254.169.254']
    const asked: string[] = []
    const resolve = (host: string) => {
      asked.push(host)
      return Promise.resolve([{ address: answers[asked.length - 1] ?? '169.254.169.254', family: 4 }])
    }
    const sender = transport({ resolve })
    const url = `http://rebind.example:${server.port}/`
    expect((await sender.send(request(url))).text).toBe('{"here":true}')
    // The open connection is used again; no name server is asked.
    expect((await sender.send(request(url))).text).toBe('{"here":true}')
    expect(asked).toEqual(['rebind.example'])
    expect(server.seen[0]?.headers.host).toBe(`rebind.example:${server.port}`)
    // A new connection asks again, and is refused.
    const other = await scripted(json({}))
    const error = await failure(sender.send(request(`http://rebind.example:${other.port}/`)))
    expect(error.message).toContain("a cloud's metadata service")
    expect(other.connections()).toBe(0)
  })

  test('an open connection into the private network serves only requests that may go there', async () => {
    const server = await scripted(json({}))
    const sender = transport({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) })
    const url = `http://portal.example:${server.port}/`
    await sender.send(request(url))
    expect(await failure(sender.send(request(url, { allowPrivateNetwork: false })))).toMatchObject({
      code: 'address_refused',
    })
    expect(server.seen).toHaveLength(1)
  })

  test('of other kinds are refused', async () => {
    for (const url of ['ftp://example.com/', 'file:///etc/passwd', 'http://user:secret@example.com/', 'data:,x']) {
      const error = await failure(transport().send(request(url)))
      expect(error).toMatchObject({ code: 'url_refused', verdict: 'stop' })
      expect(error.message).not.toContain('secret')
    }
  })
})

test('close ends idle connections', async () => {
  const server = await scripted(json({}))
  const sender = nodeTransport()
  await sender.send(request(server.url))
  await sender.close()
  await sender.send(request(server.url))
  await sender.close()
  expect(server.connections()).toBe(2)
})
