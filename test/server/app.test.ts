// Owns the proof of the server's smallest form: it says that it is up and nothing else, to nobody who calls it by
// another name, with headers that give nothing away.

import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/server/app.ts'
import { hostCheck } from '../../src/server/host-check.ts'

describe('the application', () => {
  test('is up', async () => {
    const answer = await createApp().request('http://localhost/healthz')
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    const head = await createApp().request('http://localhost/healthz', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test.each([
    ['POST', '/'],
    ['GET', '/healthz/'],
    ['GET', '/api/status'],
    ['POST', '/healthz'],
    ['DELETE', '/healthz'],
    ['GET', '/%2e%2e/etc/passwd'],
  ])('has nothing at %s %s, and says so as a problem document', async (method, path) => {
    const answer = await createApp().request(`http://localhost${path}`, { method })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      code: 'route_unknown',
      detail: expect.stringContaining(method),
      hint: expect.any(String),
    })
  })

  test('answers nobody who calls it by a name that is not its own', async () => {
    const answer = await createApp().request('http://localhost/healthz', { headers: { host: 'evil.example:4600' } })
    expect([answer.status, await answer.json()]).toEqual([421, expect.objectContaining({ code: 'host_refused' })])
    const known = await createApp({ hosts: ['mirror.example'] }).request('http://localhost/healthz', {
      headers: { host: 'mirror.example' },
    })
    expect(known.status).toBe(200)
  })

  test.each(['/healthz', '/nothing'])('answers %s with headers that keep browsers at a distance', async (path) => {
    const { headers } = await createApp().request(`http://localhost${path}`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('tells a stranger nothing of what went wrong inside', async () => {
    const app = createApp()
    app.get('/broken', () => {
      throw new Error('the password is hunter2')
    })
    const answer = await app.request('http://localhost/broken')
    const text = await answer.text()
    expect([answer.status, JSON.parse(text)]).toEqual([
      500,
      expect.objectContaining({ code: 'unexpected', title: 'Internal Server Error' }),
    ])
    expect(text).not.toContain('hunter2')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })
})

describe('the host check', () => {
  const CASES: readonly [hosts: string[], header: string | undefined, isOurs: boolean][] = [
    [[], 'localhost', true],
    [[], 'localhost:4600', true],
    [[], 'LocalHost.:4600', true],
    [[], '127.0.0.1:4600', true],
    [[], '[::1]:4600', true],
    [[], '::1', false],
    [[], undefined, false],
    [[], '', false],
    [[], 'localhost.evil.example', false],
    [[], '127.0.0.1.evil.example', false],
    [[], 'localhost:4600:80', false],
    [[], 'localhost@evil.example', false],
    [[], 'evil.example localhost', false],
    [[], '192.168.1.5', false],
    [['192.168.1.5'], '192.168.1.5:4600', true],
    [['::'], '[fe80::1]:4600', true],
    [['0.0.0.0'], '192.168.1.5:4600', true],
    [['0.0.0.0'], 'evil.example', false],
    [['Mirror.Example'], 'mirror.example:80', true],
  ]
  test.each(CASES)('with %j: %s is %s', (hosts, header, isOurs) => expect(hostCheck(hosts)(header)).toBe(isOurs))
})
