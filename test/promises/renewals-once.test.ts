import { expect, test } from 'vitest'
import { defineConnector, fullPass, secret, stream, z } from '../../src/index.ts'
import { type Answerer, serve } from '../http/scripted-server.ts'
import { openMirror } from '../support/mirror.ts'
import { sleeplessClock } from '../support/sleepless-clock.ts'

/** A service that refuses the first token and breaks off the first request that renews it. */
async function service(onFirst: Answerer = (response) => response.socket?.destroy()) {
  let renewals = 0
  const server = await serve((response, seen) => {
    const { path, headers } = seen
    if (path === '/renew') {
      renewals++
      return renewals === 1 ? onFirst(response, seen) : response.end('{"token":"the-second-token"}')
    }
    if (headers.authorization !== 'Bearer the-second-token') return response.writeHead(401).end('{}')
    return response.end('[{"id":"a"}]')
  })
  return Object.assign(server, { renewals: () => renewals })
}

function renewing(once: boolean | undefined) {
  return defineConnector(
    {
      name: 'renewing',
      title: 'Renewing',
      options: z.object({ token: secret('Access token') }),
      http: ({ token }) => ({
        baseUrl: 'http://127.0.0.1',
        headers: { authorization: `Bearer ${token}` },
        classify: ({ status }) =>
          status === 401 ? { verdict: 'refresh', code: 'token_expired', message: 'expired' } : undefined,
      }),
      renew: async ({ http }) => {
        const { body } = await http.post('/renew', once === undefined ? {} : { once })
        return { secrets: { token: (body as { token: string }).token } }
      },
    },
    {
      items: stream({
        schema: z.object({ id: z.string() }),
        key: ({ id }) => id,
        passes: [
          fullPass({
            pageSize: 10,
            read: async ({ http }) => ({ records: (await http.get('/items')).body as { id: string }[] }),
          }),
        ],
      }),
    },
  )
}

test.each([
  ['is not sent again', undefined, 'failed', 1],
  ['is sent again where the connector says that it may be', false, 'succeeded', 2],
] as const)('the POST of a renewal whose outcome is unknown %s', async (_, once, status, renewals) => {
  await using source = await service()
  await using mirror = await openMirror({ clock: sleeplessClock() })
  const options = { token: 'the-first-token', baseUrl: source.url, allowPrivateNetwork: true }
  const items = await mirror.tidemark.connect(renewing(once), { id: 'items', options })
  expect((await items.sync()).status).toBe(status)
  expect(source.renewals()).toBe(renewals)
  // The next run renews with the same token: nothing is lost where the request never arrived.
  expect((await items.sync()).status).toBe('succeeded')
})

test('a renewal under way when the sync is stopped is waited for: its answer is the only way in', async () => {
  const stop = new AbortController()
  await using source = await service((response) => {
    stop.abort()
    response.end('{"token":"the-second-token"}')
  })
  await using mirror = await openMirror({ clock: sleeplessClock() })
  const options = { token: 'the-first-token', baseUrl: source.url, allowPrivateNetwork: true }
  const items = await mirror.tidemark.connect(renewing(undefined), { id: 'items', options })
  expect((await items.sync({ signal: stop.signal })).status).toBe('cancelled')
  expect((await items.sync()).status).toBe('succeeded')
  expect(source.renewals()).toBe(1)
})
