// TLS: certificates are checked, and what is wrong with one is told.

import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import * as tls from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nodeTransport } from '../../src/http/node-transport.ts'
import type { Transport, TransportRequest } from '../../src/http/transport.ts'
import { failure } from './client-world.ts'
import { json, serve } from './scripted-server.ts'
import { selfSigned } from './self-signed.ts'

const HOST = 'secure.example'
const good = selfSigned(HOST, new Date(Date.UTC(2099, 0, 1)))
const expired = selfSigned(HOST, new Date(Date.UTC(2021, 0, 1)))
const servers: Record<string, Server> = {}
const trusted = tls.getCACertificates()

async function listen(certificate: { readonly key: string; readonly cert: string }): Promise<Server> {
  const server = createServer(certificate, ({ headers }, response) =>
    response.end(JSON.stringify({ host: headers.host })),
  )
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  return server
}

beforeAll(async () => {
  servers['good'] = await listen(good)
  servers['expired'] = await listen(expired)
})
afterEach(() => tls.setDefaultCACertificates(trusted))
afterAll(() => {
  for (const server of Object.values(servers)) server.close().closeAllConnections()
})

/** Each test has its own: a connection that was trusted once is used again. */
let transport: Transport
beforeEach(() => {
  transport = nodeTransport({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) })
})
afterEach(() => transport.close())

function request(server: string, host = HOST): TransportRequest {
  return {
    method: 'GET',
    url: new URL(`https://${host}:${(servers[server]!.address() as AddressInfo).port}/`),
    headers: {},
    body: undefined,
    timeoutMs: 120_000,
    bytesMax: 1_000,
    allowPrivateNetwork: true,
    signal: new AbortController().signal,
  }
}

describe('certificates', () => {
  test('of unknown authorities are refused', async () => {
    const error = await failure(transport.send(request('good')))
    expect(error).toMatchObject({ code: 'certificate_refused', verdict: 'stop' })
    expect(error.message).toContain(`The certificate of ${HOST}`)
    expect(error.message).toContain('is signed by itself')
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
  })

  test('that are trusted, for the right name, are fine; the name is sent and the connection goes to the address', async () => {
    tls.setDefaultCACertificates([...trusted, good.cert])
    const { url, ...rest } = request('good')
    expect(JSON.parse((await transport.send({ url, ...rest })).text)).toEqual({ host: url.host })
  })

  test('for another name are refused', async () => {
    tls.setDefaultCACertificates([...trusted, good.cert])
    const error = await failure(transport.send(request('good', 'other.example')))
    expect(error).toMatchObject({ code: 'certificate_refused' })
    expect(error.message).toContain('is for another name')
  })

  test('that have expired are refused', async () => {
    tls.setDefaultCACertificates([...trusted, expired.cert])
    const error = await failure(transport.send(request('expired')))
    expect(error).toMatchObject({ code: 'certificate_refused' })
    expect(error.message).toContain('has expired')
  })
})

test('a server that does not speak TLS is told so', async () => {
  await using plain = await serve(json({}))
  const error = await failure(transport.send({ ...request('good'), url: new URL(`https://${HOST}:${plain.port}/`) }))
  expect(error).toMatchObject({ code: 'network_failed', verdict: 'retry' })
  expect(error.message).toMatch(/does not speak TLS/)
})
