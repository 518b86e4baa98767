// Owns the promise about pictures: they come through the server, from the addresses that records hold and from no other; what is no
// picture, too large or on a network that is not the service's is refused.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineConnector, stream } from '../../src/connector/connector.ts'
import { rows } from '../../src/connector/page.ts'
import { fullPass } from '../../src/connector/passes.ts'
import { apiWorld } from './api-world.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/** A service whose records point to pictures of its own, and elsewhere. */
async function shop() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(`${path} ${request.headers['authorization'] ?? ''}`)
    if (path === '/list') {
      const found = Object.entries(pictures).map(([id, poster_url]) => ({ id, poster_url }))
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ found, total: found.length }))
    } else if (path === '/good') response.setHeader('content-type', 'text/html').end(PNG)
    else if (path === '/page') response.setHeader('content-type', 'image/png').end('<script>alert(1)</script>')
    else if (path === '/large') response.end(Buffer.concat([PNG, Buffer.alloc(9_000_000)]))
    else if (path === '/moved') response.writeHead(302, { location: '/good' }).end()
    else if (path === '/away') response.writeHead(302, { location: 'http://127.0.0.1:1/good' }).end()
    else if (path === '/round') response.writeHead(302, { location: '/round' }).end()
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const pictures: Readonly<Record<string, string | null>> = {
    good: `${url}/good`,
    moved: `${url}/moved`,
    page: `${url}/page`,
    large: `${url}/large`,
    gone: `${url}/nothing`,
    away: `${url}/away`,
    round: `${url}/round`,
    private: 'http://127.0.0.1:1/good',
    metadata: 'http://169.254.169.254/latest',
    file: 'file:///etc/passwd',
    login: `http://ada:secret@${url.slice(7)}/good`,
    none: null,
  }
  return { url, asked, pictures }
}

const connector = defineConnector(
  {
    name: 'posters',
    title: 'Posters',
    options: z.object({ token: z.string().meta({ secret: true }) }),
    http: ({ token }) => ({ baseUrl: 'https://posters.example', headers: { authorization: `Bearer ${token}` } }),
  },
  {
    films: stream({
      schema: z.object({ id: z.string(), poster_url: z.string().nullable() }),
      key: ({ id }) => id,
      passes: [
        fullPass({
          pageSize: 100,
          read: async ({ http }) => {
            const { body } = await http.get('/list')
            const { found, total } = body as { found: unknown; total: number }
            return { records: rows(found, 'found'), total }
          },
        }),
      ],
    }),
  },
)

test('a picture comes through the server, and nothing else does', async () => {
  const { tidemark, call, tokens } = await apiWorld()
  const { url, asked } = await shop()
  const options = { token: 'a-canary', baseUrl: url, allowPrivateNetwork: true }
  const tv = await tidemark.connect(connector, { id: 'tv', options })
  expect((await tv.sync()).status).toBe('succeeded')
  const get = (key: string, more = '') => call(`/api/connections/tv/image?stream=films&key=${key}${more}`, tokens.read)
  const good = await get('good')
  expect([good.status, good.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(good.headers.get('cache-control')).toBe('private, max-age=86400')
  expect(good.headers.get('x-content-type-options')).toBe('nosniff')
  expect(good.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  expect((await get('moved')).status).toBe(200)
  expect((await get('good', '&column=poster_url')).status).toBe(200)
  const refusals = {
    page: 'image_refused',
    large: 'body_too_large',
    gone: 'image_refused',
    away: 'address_refused',
    round: 'image_refused',
    private: 'address_refused',
    metadata: 'address_refused',
    file: 'image_unknown',
    login: 'url_refused',
    none: 'image_unknown',
    nobody: 'record_unknown',
  }
  for (const [key, code] of Object.entries(refusals)) expect([key, (await get(key)).json?.code]).toEqual([key, code])
  expect((await get('good', '&column=id')).json.code).toBe('image_unknown')
  expect((await get('good', `&url=${encodeURIComponent(url)}`)).status).toBe(400)
  expect((await call('/api/connections/tv/image?stream=films&key=good', undefined)).status).toBe(401)
  expect(asked.filter((one) => !one.startsWith('/list') && one.includes('canary'))).toEqual([])
  const picture = await tv.image('films', 'good')
  expect([picture.type, Buffer.compare(picture.bytes, PNG)]).toEqual(['image/png', 0])
})
