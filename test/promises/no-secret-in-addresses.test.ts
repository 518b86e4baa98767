// An address is stored and shown as it is, so that one with a login or an api key in it is refused before it is stored, and
// what is refused is repeated by no error.

import { expect, test } from 'vitest'
import { defineConnector, fullPass, secret, stream, z } from '../../src/index.ts'
import { openMirror } from '../support/mirror.ts'

const own = defineConnector(
  {
    name: 'own',
    title: 'Own',
    options: z.object({ token: secret('API token'), feed: z.string().optional(), more: z.array(z.url()).optional() }),
    http: ({ feed }) => ({ baseUrl: feed?.startsWith('host:') ? `https://${feed.slice(5)}` : 'https://x.example' }),
  },
  {
    rows: stream({
      schema: z.object({ id: z.string() }),
      key: (row) => row.id,
      passes: [fullPass({ pageSize: 10, read: () => Promise.resolve({ records: [] }) })],
    }),
  },
)

test.each<[what: string, options: Record<string, unknown>, message: string]>([
  ['a password', { baseUrl: 'http://ada:tidal-wave-9@127.0.0.1/' }, 'baseUrl has a user name or password in it'],
  ['a token as the user', { baseUrl: 'https://tidal-wave-9@x.example' }, 'baseUrl has a user name or password in it'],
  ['an api key', { baseUrl: 'https://x.example/?api_key=tidal-wave-9' }, 'baseUrl: has a query in it'],
  ['a fragment', { baseUrl: 'https://x.example/#tidal-wave-9' }, 'baseUrl: has a fragment in it'],
  ['another scheme', { baseUrl: 'ftp://x.example/tidal-wave-9' }, 'baseUrl: is no http address'],
  ['a login in another option', { feed: 'https://ada:tidal-wave-9@x.example/f' }, 'feed has a user name or password'],
  ['a login in a list', { more: ['https://tidal-wave-9@x.example/f'] }, 'more has a user name or password in it'],
  ['a database', { feed: 'postgres://ada:tidal-wave-9@db.example/f' }, 'feed has a user name or password in it'],
  ['a host with a login', { feed: 'host:ada:tidal-wave-9@x.example' }, 'is an address with a user name or password'],
  ['a host with a query', { feed: 'host:x.example?key=tidal-wave-9' }, 'is an address with a query'],
])('an address with %s is refused', async (_what, options, message) => {
  await using mirror = await openMirror()
  const connecting = mirror.tidemark.connect(own, { id: 'mine', options: { token: 'token-of-ada', ...options } })
  const error = await connecting.catch((thrown: unknown) => thrown as Error & { hint?: string })
  expect(error).toMatchObject({ message: expect.stringContaining(message), hint: expect.stringMatching(/./) })
  expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('tidal-wave')
  expect(await mirror.tidemark.connections()).toEqual([])
})

test('the hint names the options that are sealed', async () => {
  await using mirror = await openMirror()
  const options = { token: 'token-of-ada', baseUrl: 'http://ada:tidal-wave-9@x.example' }
  await expect(mirror.tidemark.connect(own, { id: 'mine', options })).rejects.toMatchObject({
    code: 'options_invalid',
    hint: 'baseUrl is stored and shown as it is. Give it without them; what is sealed: token.',
  })
})

test('where tokens are renewed is such an address, too', async () => {
  await using mirror = await openMirror()
  const options = { appKey: 'a', appSecret: 'abcdef', accessToken: 'abcdef', authUrl: 'https://x.example/?k=tidal' }
  await expect(mirror.tidemark.connect('tiktok-shop', { id: 'shop', options })).rejects.toMatchObject({
    code: 'options_invalid',
    message: expect.stringContaining('authUrl: has a query in it'),
  })
})

test.each([
  ['a path', { baseUrl: 'https://x.example/v1/' }],
  ['a query in an option of the connector', { feed: 'https://x.example/f?page=1' }],
  ['a user without a password elsewhere', { feed: 'ssh://git@x.example/f' }],
  ['what is no address', { feed: 'ada:tidal@x' }],
])('%s is not in question', async (_what, options) => {
  await using mirror = await openMirror()
  await mirror.tidemark.connect(own, { id: 'mine', options: { token: 'token-of-ada', ...options } })
  expect(await mirror.tidemark.connections()).toHaveLength(1)
})
