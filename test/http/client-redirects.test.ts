// Redirects: followed inside of the territory, never with credentials to another origin, never out of it.

import { describe, expect, test } from 'vitest'
import { isAllowed, territoryOf } from '../../src/http/urls.ts'
import { clientWorld, failure } from './client-world.ts'
import { type Answerer, json, text } from './scripted-server.ts'

const ok = json({ ok: true })
const to = (location: string, status = 302): Answerer => text('', status, { location })

describe('redirects on the same origin', () => {
  test('are followed with credentials and are part of one try', async () => {
    await using world = await clientWorld([to('/b?x=1#part', 301), to('../c', 307), to('d', 308), ok], {
      settings: { headers: { authorization: 'Bearer abc' } },
      basePath: '/v1',
    })
    expect(await world.http.get('/a/a')).toMatchObject({ status: 200, url: `${world.server.url}/d` })
    expect(world.server.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/v1/a/a', 'Bearer abc'],
      ['/b?x=1', 'Bearer abc'],
      ['/c', 'Bearer abc'],
      ['/d', 'Bearer abc'],
    ])
    expect(world.rows.map(({ url, status, outcome, attempt }) => [url, status, outcome, attempt])).toEqual([
      ['/v1/a/a', 301, 'redirected', 1],
      ['/b?x=…', 307, 'redirected', 1],
      ['/c', 308, 'redirected', 1],
      ['/d', 200, 'ok', 1],
    ])
  })

  test.each([301, 302, 303])('%i makes a GET of a POST', async (status) => {
    await using world = await clientWorld([to('/b', status), ok])
    await world.http.post('/a', { json: { secret: 1 } })
    expect(world.server.seen[1]).toMatchObject({ method: 'GET', path: '/b', body: '' })
    expect(world.server.seen[1]?.headers['content-type']).toBeUndefined()
  })

  test.each([307, 308])('%i keeps method and body', async (status) => {
    await using world = await clientWorld([to('/b', status), ok])
    await world.http.post('/a', { json: { a: 1 } })
    expect(world.server.seen[1]).toMatchObject({ method: 'POST', path: '/b', body: '{"a":1}' })
    expect(world.server.seen[1]?.headers['content-type']).toBe('application/json')
  })

  test('end after three', async () => {
    await using world = await clientWorld([to('/again')])
    expect(await failure(world.http.get('/a'))).toMatchObject({ code: 'redirect_loop', verdict: 'stop' })
    expect(world.server.seen).toHaveLength(4)
  })

  test('are signed anew', async () => {
    await using world = await clientWorld([to('/b?page=2'), ok], {
      settings: { sign: ({ path, query }) => ({ query: { sign: `${path} ${query['page']}` } }) },
    })
    await world.http.get('/a?page=1')
    expect(world.server.seen.map(({ path }) => new URL(path, 'http://x').searchParams.get('sign'))).toEqual([
      '/a 1',
      '/b 2',
    ])
  })

  test('count against limit and budget', async () => {
    let tries = 0
    await using world = await clientWorld([to('/b'), ok], {
      settings: { limits: [{ key: 'k', requests: 1, per: '10s' }] },
      setup: { beforeTry: () => void tries++ },
    })
    await world.http.get('/a')
    expect(tries).toBe(2)
    expect(world.clock.slept).toEqual([11_000])
  })

  test('start over when a later request of the chain fails', async () => {
    await using world = await clientWorld([to('/b'), json({}, 500), to('/c'), ok])
    await world.http.get('/a')
    expect(world.server.seen.map(({ path }) => path)).toEqual(['/a', '/b', '/a', '/c'])
  })
})

describe('redirects to another origin', () => {
  const headers = {
    authorization: 'Bearer abc',
    cookie: 'session=1',
    'x-tts-access-token': 'abc',
    'x-api-key': 'abc',
    apikey: 'abc',
    'accept-language': 'en',
    'x-anything': 'abc',
  }

  test('that is allowed go without credentials, and without a signature', async () => {
    await using other = await clientWorld([to('/y', 307), ok])
    const host = `127.0.0.1:${other.server.port}`
    await using world = await clientWorld([to(`http://${host}/x`, 307)], {
      settings: { allowedHosts: [host], headers, sign: () => ({ query: { sign: 's' }, headers: { 'x-sign': 's' } }) },
    })
    expect((await world.http.get('/a', { headers: { 'x-token': 'abc' } })).url).toBe(`http://${host}/y`)
    for (const { path, headers: sent } of other.server.seen) {
      expect(path).not.toContain('sign')
      expect(sent).toEqual({
        host,
        connection: 'keep-alive',
        accept: 'application/json',
        'accept-encoding': 'gzip, br, zstd, deflate',
        'accept-language': 'en',
        'user-agent': 'tidemark',
      })
    }
    expect(other.server.seen).toHaveLength(2)
  })

  test('and back again do not get the credentials back', async () => {
    await using world = await clientWorld(
      [(response, seen) => (seen.path === '/a' ? to(`http://${otherHost()}/x`)(response, seen) : ok(response, seen))],
      {
        settings: { headers },
      },
    )
    await using other = await clientWorld([(response, seen) => to(`${world.server.url}/back`)(response, seen)])
    const otherHost = () => `127.0.0.1:${other.server.port}`
    const http = world.client({ settings: { baseUrl: '', headers, allowedHosts: [otherHost()] } })
    await http.get('/a')
    expect(world.server.seen[1]).toMatchObject({ path: '/back' })
    expect(world.server.seen[1]?.headers.authorization).toBeUndefined()
  })

  test.each([307, 308])('that is allowed get no body: %i of a POST is refused', async (status) => {
    await using other = await clientWorld([ok])
    const host = `127.0.0.1:${other.server.port}`
    await using world = await clientWorld([to(`http://${host}/x`, status)], { settings: { allowedHosts: [host] } })
    const form = { client_secret: 'the-client-secret', refresh_token: 'the-refresh-token' }
    const error = await failure(world.http.post('/token', { form }))
    expect(error).toMatchObject({ code: 'redirect_refused', verdict: 'stop' })
    expect(error.message).toContain(`a POST with its body to another origin, http://${host} (${status})`)
    expect(other.server.seen).toEqual([])
  })

  test.each([301, 302, 303])('that is allowed get a GET without the body after %i of a POST', async (status) => {
    await using other = await clientWorld([ok])
    const host = `127.0.0.1:${other.server.port}`
    await using world = await clientWorld([to(`http://${host}/x`, status)], { settings: { allowedHosts: [host] } })
    await world.http.post('/token', { form: { refresh_token: 'the-refresh-token' } })
    expect(other.server.seen).toMatchObject([{ method: 'GET', body: '' }])
  })

  test('that is allowed get a POST without a body', async () => {
    await using other = await clientWorld([ok])
    const host = `127.0.0.1:${other.server.port}`
    await using world = await clientWorld([to(`http://${host}/x`, 307)], { settings: { allowedHosts: [host] } })
    await world.http.post('/start')
    expect(other.server.seen).toMatchObject([{ method: 'POST', body: '' }])
  })

  test.each([
    ['a login page elsewhere', 'https://login.example/'],
    ['the same host on another port', 'http://127.0.0.1:1/'],
    ['a private address', 'http://10.0.0.1/'],
    ["a cloud's metadata", 'http://169.254.169.254/latest/meta-data/'],
    ['a file', 'file:///etc/passwd'],
    ['a name and password', 'http://user:pass@127.0.0.1/'],
    ['nonsense', 'http://['],
  ])('is refused: %s', async (_name, location) => {
    await using world = await clientWorld([to(location)])
    const error = await failure(world.http.get('/a'))
    expect(error).toMatchObject({ code: 'redirect_refused', verdict: 'stop' })
    expect(error.message).not.toContain('pass')
    expect(world.rows).toHaveLength(1)
  })

  test('to an allowed host that turns out to be private is refused by its address', async () => {
    await using world = await clientWorld([to('http://169.254.169.254/')], {
      settings: { allowedHosts: ['169.254.169.254'] },
    })
    expect(await failure(world.http.get('/a'))).toMatchObject({ code: 'address_refused', verdict: 'stop' })
    // The second request was never made.
    expect(world.rows.map(({ outcome }) => outcome)).toEqual(['redirected'])
  })

  test('never steps down from https', () => {
    const territory = territoryOf('https://api.example/v1', ['Files.example', 'api.example'])
    expect(isAllowed(territory, new URL('https://files.example/x'))).toBe(true)
    expect(isAllowed(territory, new URL('http://files.example/x'))).toBe(false)
    expect(isAllowed(territory, new URL('http://api.example/v1'))).toBe(false)
    expect(isAllowed(territory, new URL('https://files.example:8443/x'))).toBe(false)
    expect(isAllowed(territory, new URL('https://evil-files.example/x'))).toBe(false)
    expect(isAllowed(territory, new URL('https://user@api.example/x'))).toBe(false)
  })

  test('the classifier sees a redirect before it is followed', async () => {
    await using world = await clientWorld([to('/login')], {
      settings: {
        classify: ({ status, headers: { location } }) =>
          status === 302 && location === '/login'
            ? { verdict: 'pause', code: 'token_rejected', message: 'login' }
            : undefined,
      },
    })
    expect(await failure(world.http.get('/a'))).toMatchObject({ verdict: 'pause' })
    expect(world.server.seen).toHaveLength(1)
  })
})
