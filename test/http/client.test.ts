// The client against a real server: what it asks, and how requests are signed.

import { describe, expect, test } from 'vitest'
import type { HttpSettings } from '../../src/connector/connector.ts'
import { linkHeader } from '../../src/connector/page.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { clientWorld, failure } from './client-world.ts'
import { json } from './scripted-server.ts'

const ok = json({ ok: true })

describe('requests', () => {
  test('go to the path behind the base URL', async () => {
    await using world = await clientWorld([ok], { basePath: '/v1/' })
    for (const path of ['/orders', 'orders', '/orders?page=2', '', '?a=1']) await world.http.get(path)
    expect((await world.http.get('/orders#part')).url).toBe(`${world.server.url}/v1/orders`)
    expect(world.server.seen.map(({ path }) => path)).toEqual([
      '/v1/orders',
      '/v1/orders',
      '/v1/orders?page=2',
      '/v1/',
      '/v1/?a=1',
      '/v1/orders',
    ])
  })

  test('carry the query; undefined and null are left out, and a page address keeps its own spelling', async () => {
    await using world = await clientWorld([ok])
    await world.http.get('/a', { query: { n: 1, yes: true, no: undefined, nil: null, text: 'a b+c/d=é' } })
    await world.http.get('/a?x=1%202&n=9', { query: { n: 2 } })
    await world.http.get(`${world.server.url}/a?token=a%20b`)
    expect(world.server.seen.map(({ path }) => path)).toEqual([
      '/a?n=1&yes=true&text=a+b%2Bc%2Fd%3D%C3%A9',
      '/a?x=1+2&n=2',
      '/a?token=a%20b',
    ])
  })

  test('carry the headers of the service and of the request, whatever their case', async () => {
    await using world = await clientWorld([ok], {
      settings: { headers: { Authorization: 'Bearer abc', Accept: 'a/b' } },
    })
    await world.http.get('/', { headers: { ACCEPT: 'c/d', 'X-One': '1' } })
    expect(world.server.seen[0]?.headers).toMatchObject({
      accept: 'c/d',
      'x-one': '1',
      authorization: 'Bearer abc',
      'user-agent': 'tidemark',
    })
  })

  test('carry a body as JSON or as a form', async () => {
    await using world = await clientWorld([ok])
    await world.http.post('/a', { json: { a: [1, 'é'] } })
    await world.http.post('/a', { form: { a: '1 2', b: '&' } })
    await world.http.post('/a')
    expect(world.server.seen.map(({ method, headers, body }) => [method, headers['content-type'], body])).toEqual([
      ['POST', 'application/json', '{"a":[1,"é"]}'],
      ['POST', 'application/x-www-form-urlencoded', 'a=1+2&b=%26'],
      ['POST', undefined, ''],
    ])
  })

  test.each([
    'https://elsewhere.example/x',
    '//elsewhere.example/x',
    '/\\elsewhere.example/x',
    '\\\\elsewhere.example/x',
    'http://127.0.0.1:1/x',
    'http://user:pass@127.0.0.1/x',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])('to %s are refused', async (path) => {
    await using world = await clientWorld([ok])
    const error = await failure(world.http.get(path))
    expect(error).toMatchObject({ code: 'url_refused', verdict: 'stop' })
    expect(world.rows).toEqual([])
    expect(world.server.connections()).toBe(0)
  })

  test('go on to a next page, whose address may be relative to the one before', async () => {
    const link = (next: string) => json([], 200, { link: `<${next}>; rel="next", </first>; rel="first"` })
    await using world = await clientWorld([link('/v1/b?page=2'), link('?page=3'), link('http://['), ok], {
      basePath: '/v1',
    })
    let next: string | undefined = '/a'
    for (let page = 1; page <= 3; page++) next = linkHeader(await world.http.get(next ?? ''), 'next')
    expect(world.server.seen.map(({ path }) => path)).toEqual(['/v1/a', '/v1/b?page=2', '/v1/b?page=3'])
    expect(await failure(world.http.get(next ?? ''))).toMatchObject({ code: 'url_refused' })
  })

  test('may go to the hosts that the service names', async () => {
    await using other = await clientWorld([ok])
    const host = `127.0.0.1:${other.server.port}`
    await using world = await clientWorld([ok], {
      settings: { allowedHosts: [host], headers: { authorization: 'Bearer abc' } },
    })
    expect((await world.http.get(`http://${host}/token`)).url).toBe(`http://${host}/token`)
    expect(other.server.seen[0]?.headers.authorization).toBe('Bearer abc')
    expect(world.rows[0]?.url).toBe(`http://${host}/token`)
  })

  test('cannot be made with a base URL that is none', async () => {
    await using world = await clientWorld([ok])
    for (const baseUrl of ['', 'api.example.com', 'ftp://example.com']) {
      expect(() => world.client({ baseUrl })).toThrow(TidemarkError)
    }
  })
})

describe('signing', () => {
  const sign: NonNullable<HttpSettings['sign']> = ({ method, path, query, headers, body, now }) => ({
    query: {
      sign: `${method} ${path} ${JSON.stringify(query)} ${body ?? ''} ${headers['x-app']}`,
      timestamp: String(now),
    },
    headers: { 'X-Signed': 'yes' },
  })

  test('gets the decoded query and the exact body, and adds to query and headers', async () => {
    await using world = await clientWorld([ok], { settings: { sign, headers: { 'X-App': 'app' } } })
    await world.http.post('/search', { query: { page: 'a+/=', n: 1 }, json: { z: 'é' } })
    const sent = new URL(world.server.seen[0]?.path ?? '', world.server.url)
    expect(sent.searchParams.get('sign')).toBe('POST /search {"page":"a+/=","n":"1"} {"z":"é"} app')
    expect(sent.searchParams.get('timestamp')).toBe(String(world.clock.now()))
    expect(world.server.seen[0]?.headers['x-signed']).toBe('yes')
  })

  test('sees the path that the API sees, whatever a proxy has in front of it', async () => {
    const baseUrl = 'https://service.example/v1'
    await using world = await clientWorld([ok], { settings: { sign, baseUrl }, basePath: '/proxy' })
    await world.http.post('/search', { json: {} })
    const sent = new URL(world.server.seen[0]?.path ?? '', world.server.url)
    expect(sent.pathname).toBe('/proxy/search')
    expect(sent.searchParams.get('sign')).toMatch(/^POST \/v1\/search /)
  })

  test('is done anew for every try, by the clock of that moment', async () => {
    await using world = await clientWorld([json({}, 500), json({}, 500), ok], { settings: { sign } })
    await world.http.get('/a')
    const stamps = world.server.seen.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('timestamp'))
    const first = Date.UTC(2026, 0, 1)
    expect(stamps).toEqual([[`${first}`], [`${first + 375}`], [`${first + 1_125}`]])
  })
})
