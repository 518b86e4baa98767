// Owns the promise that nothing that Tidemark sends reaches this machine, its networks or a cloud's metadata, whoever names the
// address and however it is written: a service, a page that redirects, a picture, an embedder, a webhook. Names are resolved by the
// test; only loopback is ever there to be asked, and what is there was asked for nothing.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { rows } from '../../src/connector/page.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import type { TidemarkError } from '../../src/model/errors.ts'
import { openMirror } from '../support/mirror.ts'

/** What names lead to; of a list of lists, one look-up after the other, the last of them from then on. */
const NAMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'home.example': [['127.0.0.1']],
  'lan.example': [['192.168.1.1']],
  'six.example': [['::1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'one-of-two.example': [['127.0.0.1', '10.0.0.1']],
  'link.example': [['fe80::1']],
  'cloud.example': [['169.254.169.254']],
}

/** Places that nothing may be sent to, with `PORT` where something listens on this machine. */
const PLACES = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '0', '0.0.0.0'],
  ...['127.0.0.1.', '１２７.0.0.1', 'localhost', 'LOCALHOST', 'localhost.', 'api.localhost'],
  ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fe80::1]'],
  ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', '198.18.0.1', '224.0.0.1', '[fc00::1]'],
  ...Object.keys(NAMES),
].map((host) => `http://${host}:PORT/`)

/** Never, even where private networks are allowed. */
const METADATA = [
  ...['169.254.169.254', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '0xa9fea9fe', '2852039166'],
  ...['100.100.100.200', '168.63.129.16', '[fd00:ec2::254]', '[64:ff9b::a9fe:a9fe]', 'cloud.example'],
].map((host) => `http://${host}:PORT/latest/meta-data/`)

const lists = defineConnector(
  { name: 'lists', title: 'Lists', options: z.object({}), http: () => ({ baseUrl: 'https://lists.example' }) },
  {
    films: stream({
      schema: z.object({ id: z.string(), poster_url: z.string() }),
      key: ({ id }) => id,
      passes: [
        fullPass({
          pageSize: 1_000,
          read: async ({ http }) => {
            const { found, total } = (await http.get('/list')).body as { found: unknown; total: number }
            return { records: rows(found, 'found'), total }
          },
        }),
      ],
    }),
  },
)

async function world() {
  const asked: string[] = []
  const state = { redirect: undefined as string | undefined, films: [] as { id: string; poster_url: string }[] }
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`)
    if (state.redirect !== undefined) {
      response.writeHead(302, { location: state.redirect }).end()
      return
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ found: state.films, total: state.films.length }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const looked: string[] = []
  const answers = new Map<string, (readonly string[])[]>()
  const resolve = async (host: string) => {
    looked.push(host)
    const left = answers.get(host) ?? [...(NAMES[host] ?? [])]
    answers.set(host, left)
    const found = (left.length > 1 ? left.shift() : left[0]) ?? []
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }) as const)
  }
  const mirror = await openMirror({ transport: nodeTransport({ resolve }) })
  onTestFinished(async () => {
    await mirror[Symbol.asyncDispose]()
    await new Promise<void>((done) => server.close(() => done()).closeAllConnections())
  })
  const at = (place: string) => place.replace('PORT', String(port))
  return { ...mirror, asked, looked, answers, state, port, at, url: `http://127.0.0.1:${port}` }
}

const REFUSED =
  /is (?:this machine|a private|link-local|a carrier|reserved|for |multicast|an IPv4|a tunnel|not a public|a cloud)/

/** What came of sending somewhere: the words of whoever refused it. */
async function said(act: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await act())
  } catch (error) {
    const { code, message } = error as TidemarkError
    return `${code}: ${message}`
  }
}

test('no webhook goes there: by its looks it is not made, and a name is looked at whenever it is sent', async () => {
  const { tidemark, asked, at } = await world()
  const send = async (place: string, options: { readonly allowPrivateNetwork?: boolean }) => {
    const { id } = await tidemark.webhooks.create(at(place), options)
    const sent = await tidemark.webhooks.test(id)
    await tidemark.webhooks.delete(id)
    return sent.error
  }
  for (const place of [...PLACES, ...METADATA])
    expect([place, await said(() => send(place, {}))]).toEqual([place, expect.stringMatching(REFUSED)])
  // Metadata not even for one that may be in a private network.
  for (const place of METADATA) {
    const told = await said(() => send(place, { allowPrivateNetwork: true }))
    expect([place, told]).toEqual([place, expect.stringContaining('metadata')])
  }
  expect(asked).toEqual([])
})

test('a webhook follows no redirect, and what was checked is what is connected to', async () => {
  const { tidemark, asked, looked, answers, state, port } = await world()
  state.redirect = `http://127.0.0.1:${port}/moved`
  answers.set('turns.example', [['127.0.0.1'], ['169.254.169.254']])
  const { id } = await tidemark.webhooks.create(`http://turns.example:${port}/told`, { allowPrivateNetwork: true })
  expect(await tidemark.webhooks.test(id)).toMatchObject({ status: 302, error: expect.stringContaining('no redirect') })
  expect([looked, asked]).toEqual([['turns.example'], [`turns.example:${port} /told`]])
})

test('a name that leads elsewhere the next time is refused then', async () => {
  const { tidemark, answers, port } = await world()
  // Whoever makes the webhook may have asked before: what the name led to then is not believed.
  answers.set('turns.example', [['203.0.113.7'], ['127.0.0.1'], ['169.254.169.254']])
  const { id } = await tidemark.webhooks.create(`http://turns.example:${port}/told`)
  const errors: string[] = []
  for (let i = 0; i < 3; i++) errors.push((await tidemark.webhooks.test(id)).error ?? '')
  expect(errors).toEqual([
    expect.stringContaining('203.0.113.7, which is for documentation'),
    expect.stringContaining('127.0.0.1, which is this machine'),
    expect.stringContaining('metadata'),
  ])
})

test('no connector is let there, nor led there by a redirect', async () => {
  const { tidemark, asked, at, url, state, port } = await world()
  for (const place of [...PLACES, ...METADATA]) {
    const told = await said(async () => {
      const tv = await tidemark.connect(lists, { id: 'tv', options: { baseUrl: at(place) } })
      return (await tv.sync()).error
    })
    expect([place, told]).toEqual([place, expect.stringMatching(/address_refused|options?_invalid/)])
  }
  expect(asked).toEqual([])
  const tv = await tidemark.connect(lists, { id: 'tv', options: { baseUrl: url, allowPrivateNetwork: true } })
  const others = ['http://10.0.0.1/', 'http://localhost:PORT/x', 'http://lan.example/', 'file:///etc/passwd']
  for (const place of [...METADATA, ...others]) {
    state.redirect = at(place)
    const { error } = await tv.sync()
    expect([place, error?.code]).toEqual([place, expect.stringMatching(/^(?:redirect|address)_refused$/)])
  }
  expect(new Set(asked)).toEqual(new Set([`127.0.0.1:${port} /list`]))
})

test('no picture is fetched from there, though its service itself is in a private network', async () => {
  const { tidemark, asked, at, url, state, port } = await world()
  const places = [...PLACES, ...METADATA].filter((place) => new URL(at(place)).origin !== url)
  state.films = places.map((place, i) => ({ id: String(i), poster_url: at(place) }))
  const tv = await tidemark.connect(lists, { id: 'tv', options: { baseUrl: url, allowPrivateNetwork: true } })
  expect((await tv.sync()).status).toBe('succeeded')
  for (const [i, place] of places.entries()) {
    const told = await said(() => tv.image('films', String(i)))
    expect([place, told]).toEqual([place, expect.stringMatching(/^address_refused/)])
  }
  // Nor by a redirect of the service's own.
  state.films = [{ id: 'own', poster_url: `${url}/poster` }]
  await tv.sync()
  for (const place of [...METADATA, 'http://10.0.0.1/', 'http://localhost:PORT/x', 'http://lan.example/']) {
    state.redirect = at(place)
    const told = await said(() => tv.image('films', 'own'))
    expect([place, told]).toEqual([place, expect.stringMatching(/^address_refused/)])
  }
  expect(new Set(asked)).toEqual(new Set([`127.0.0.1:${port} /list`, `127.0.0.1:${port} /poster`]))
})

test('no embedder is asked there', async () => {
  const { tidemark, asked, at } = await world()
  await tidemark.connect('github', { id: 'me', options: { user: 'ada' } })
  for (const place of [...PLACES, ...METADATA]) {
    const told = await said(async () => {
      await tidemark.connect('embeddings', { id: 'vectors', options: { baseUrl: at(place), model: 'small' } })
      return (await tidemark.search('words', { semantic: true })).notice
    })
    expect([place, told]).toEqual([place, expect.stringMatching(REFUSED)])
  }
  expect(asked).toEqual([])
})
