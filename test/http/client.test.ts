// The client against a real server: what it asks, what it trusts, what it asks again, and what it tells.

import { describe, expect, test } from 'vitest'
import type { HttpSettings, RawAnswer } from '../../src/connector/connector.ts'
import { linkHeader } from '../../src/connector/page.ts'
import { nodeTransport } from '../../src/http/node-transport.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { sourceText } from '../../src/model/exact-json.ts'
import { clientWorld, failure } from './client-world.ts'
import { type Answerer, json, raw, rawThenReset, silence, text } from './scripted-server.ts'

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

describe('answers that can be trusted', () => {
  test('have status, headers, address and the exact body', async () => {
    await using world = await clientWorld([
      text('{"rows":[{"id":12345678901234567890,"n":1.50}]}', 200, { 'X-Page': '1' }),
    ])
    const answer = await world.http.get('/a?x=1')
    expect(answer).toMatchObject({
      status: 200,
      url: `${world.server.url}/a?x=1`,
      body: { rows: [{ id: '12345678901234567890', n: 1.5 }] },
    })
    expect(answer.headers['x-page']).toBe('1')
    expect(sourceText((answer.body as { rows: [object] }).rows[0])).toBe('{"id":12345678901234567890,"n":1.50}')
  })

  test('may be JSON under another name', async () => {
    await using world = await clientWorld([
      text(' [1] ', 200, { 'content-type': 'text/html' }),
      text('"x"'),
      text('null'),
    ])
    expect((await world.http.get('/')).body).toEqual([1])
    expect((await world.http.get('/')).body).toBe('x')
    expect((await world.http.get('/')).body).toBeNull()
  })

  test.each([201, 202, 204, 205])('may be empty with status %i, where something was done', async (status) => {
    await using world = await clientWorld([text('', status)])
    expect(await world.http.post('/')).toMatchObject({ status, body: undefined })
    expect(await world.http.get('/', { accept: [status] })).toMatchObject({ status, body: undefined })
  })

  test.each([200, 203])('may have status %i where something was read', async (status) => {
    await using world = await clientWorld([json([1], status)])
    expect(await world.http.get('/')).toMatchObject({ status, body: [1] })
  })

  test.each([
    ['bytes=0-9', 'bytes 0-9/30'],
    ['bytes=0-9', 'bytes 0-4/5'],
    ['bytes=10-', 'bytes 10-29/30'],
    ['0-24', '0-24/*'],
    ['id ..; max=10', 'id a..b'],
  ])('may be the part that was asked for: %s', async (range, given) => {
    await using world = await clientWorld([json([1], 206, { 'content-range': given })])
    expect(await world.http.get('/', { headers: { range } })).toMatchObject({ status: 206, body: [1] })
  })

  test('may have a status that the request accepts', async () => {
    const classify = ({ status }: RawAnswer) =>
      status === 404 ? ({ verdict: 'stop', code: 'gone', message: 'gone' } as const) : undefined
    await using world = await clientWorld(
      [json({ message: 'no' }, 404), text('', 404), text('<html>', 404), text('', 304)],
      {
        settings: { classify },
      },
    )
    const init = { accept: [404, 304] }
    expect(await world.http.get('/', init)).toMatchObject({ status: 404, body: { message: 'no' } })
    expect(await world.http.get('/', init)).toMatchObject({ status: 404, body: undefined })
    expect(await world.http.get('/', init)).toMatchObject({ status: 404, body: '<html>' })
    expect(await world.http.get('/', init)).toMatchObject({ status: 304, body: undefined })
    expect(world.rows.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
  })
})

describe('answers that cannot', () => {
  const html = '<!DOCTYPE html><html><body>Log in to the network</body></html>'
  const cut = '{"data":[{"id":1},{"id":'
  const cases: Readonly<
    Record<string, readonly [Answerer, code: string, verdict: string, tries: number, message: RegExp]>
  > = {
    'a login page': [text(html, 200, { 'content-type': 'text/html' }), 'unexpected_html', 'retry', 5, /web page/],
    'a page without its type': [text(html), 'unexpected_html', 'retry', 5, /web page/],
    'words as a page': [
      text('It works!', 200, { 'content-type': 'text/html' }),
      'unexpected_html',
      'retry',
      5,
      /web page/,
    ],
    'JSON that was cut': [text(cut), 'invalid_json', 'retry', 5, /ends in the middle/],
    words: [text('Authorization failed.'), 'invalid_json', 'retry', 5, /not JSON/],
    XML: [text('<?xml version="1.0"?><a/>'), 'invalid_json', 'retry', 5, /not JSON/],
    nothing: [text(''), 'empty_body', 'retry', 5, /without a body/],
    blanks: [text(' \n '), 'empty_body', 'retry', 5, /without a body/],
    'JSON too deep': [text('['.repeat(600) + ']'.repeat(600)), 'json_too_deep', 'stop', 1, /512 levels/],
    'half a body': [raw('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1'), 'body_incomplete', 'retry', 5, /2 of 9/],
    'a reset': [
      rawThenReset('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1'),
      'body_incomplete',
      'retry',
      5,
      /2 of 9/,
    ],
    'gzip that is none': [text('xx', 200, { 'content-encoding': 'gzip' }), 'body_incomplete', 'retry', 5, /unpacked/],
    'no answer': [raw(''), 'network_failed', 'retry', 5, /closed/],
    bytes: [text(Buffer.from([0x22, 0xff, 0x22])), 'body_not_text', 'retry', 5, /UTF-8/],
    'status 400': [json({ message: 'bad page' }, 400), 'request_refused', 'stop', 1, /\(400\): bad page\.$/],
    'status 401': [
      json({ error: { message: 'Bad credentials' } }, 401),
      'token_rejected',
      'pause',
      1,
      /"me" \(401\): Bad cred/,
    ],
    'status 403': [json({ error: 'scope' }, 403), 'forbidden', 'stop', 1, /"me" \(403\): scope/],
    'status 403 that names the credentials': [
      json({ message: 'Invalid API key provided.' }, 403),
      'token_rejected',
      'pause',
      1,
      /"me" \(403\): Invalid API key/,
    ],
    'status 403 of a token that ran out': [
      json({}, 403, { 'www-authenticate': 'Bearer realm="x", error="invalid_token"' }),
      'token_rejected',
      'pause',
      1,
      /"me" \(403\)/,
    ],
    'status 403 of a firewall': [text(html, 403), 'unexpected_html', 'retry', 5, /refused the request with a web page/],
    'status 451': [json({ message: 'DMCA' }, 451), 'access_blocked', 'stop', 1, /legal reasons \(451\): DMCA/],
    'status 201 of a page': [json([], 201), 'unexpected_status', 'retry', 5, /status 201/],
    'status 202 of a page': [json({}, 202), 'not_ready', 'retry', 5, /not finished/],
    'status 204 of a page': [text('', 204), 'unexpected_status', 'retry', 5, /no content \(204\)/],
    'status 206 of a page': [json([], 206), 'unexpected_status', 'retry', 5, /a part of the content \(206\)/],
    'status 206 with its range': [
      json([], 206, { 'content-range': 'bytes 0-1/9' }),
      'unexpected_status',
      'retry',
      5,
      /a part of the content \(206\)/,
    ],
    'status 207': [json([], 207), 'unexpected_status', 'retry', 5, /status 207/],
    'status 226': [json([], 226), 'unexpected_status', 'retry', 5, /status 226/],
    'status 299': [json([], 299), 'unexpected_status', 'retry', 5, /status 299/],
    'two documents': [text('[1]\n[2]'), 'invalid_json', 'retry', 5, /not JSON/],
    'a document and something behind it': [
      text('{"data":[]} <!-- served in 5 ms -->'),
      'invalid_json',
      'retry',
      5,
      /JSON/,
    ],
    'a packing that nobody asked for': [
      text('[1]', 200, { 'content-encoding': 'x-own' }),
      'body_not_text',
      'retry',
      5,
      /packed as "x-own"/,
    ],
    'status 404': [json({ errors: [{ message: 'no such' }] }, 404), 'not_found', 'stop', 1, /\(404\): no such/],
    'status 408': [json({}, 408), 'server_error', 'retry', 5, /\(408\)/],
    'status 410': [json({}, 410), 'not_found', 'stop', 1, /\(410\)/],
    'status 422': [json({ detail: 'wrong' }, 422), 'request_refused', 'stop', 1, /wrong/],
    'status 425': [json({}, 425), 'server_error', 'retry', 5, /\(425\)/],
    'status 500': [text(html, 500), 'server_error', 'retry', 5, /failed \(500\) \(tried/],
    'status 503': [json({}, 503), 'server_error', 'retry', 5, /\(503\)/],
    'status 304': [text('', 304), 'request_refused', 'stop', 1, /\(304\)/],
    'status 302 to nowhere': [text('', 302), 'request_refused', 'stop', 1, /\(302\)/],
  }
  test.each(Object.entries(cases))('%s', async (_name, [answerer, code, verdict, tries, message]) => {
    await using world = await clientWorld([answerer], { setup: { connection: 'me' } })
    const error = await failure(world.http.get('/a'))
    expect(error).toBeInstanceOf(TidemarkError)
    expect(error).toMatchObject({ code, verdict })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(`127.0.0.1:${world.server.port}`)
    expect(world.rows.map(({ outcome, attempt }) => [outcome, attempt])).toEqual(
      Array.from({ length: tries }, (_, i) => [code, i + 1]),
    )
    // Between half and all of 500, 1000, 2000 and 4000 ms.
    expect(world.clock.slept).toEqual([375, 750, 1_500, 3_000].slice(0, tries - 1))
  })

  test('too slow', async () => {
    await using world = await clientWorld([silence()], { setup: { limits: { timeoutMs: 15, attempts: 2 } } })
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'timed_out', verdict: 'retry' })
    expect(world.rows.map(({ status, bytes, outcome }) => [status, bytes, outcome])).toEqual([
      [0, 0, 'timed_out'],
      [0, 0, 'timed_out'],
    ])
  })

  test('too long', async () => {
    await using world = await clientWorld([text('x'.repeat(2_000))], { setup: { limits: { bytesMax: 1_000 } } })
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'body_too_large', verdict: 'stop' })
    expect(world.rows).toHaveLength(1)
  })
})

describe('asking again', () => {
  test('succeeds as soon as the source does', async () => {
    await using world = await clientWorld([json({}, 500), text('', 200), raw(''), text('<html>'), ok])
    expect((await world.http.get('/a')).body).toEqual({ ok: true })
    expect(world.rows.map(({ outcome, attempt }) => `${attempt} ${outcome}`)).toEqual([
      '1 server_error',
      '2 empty_body',
      '3 network_failed',
      '4 unexpected_html',
      '5 ok',
    ])
    expect(world.events.filter(({ name }) => name === 'request.retried')).toHaveLength(4)
  })

  test('says at the end how often it was tried', async () => {
    await using world = await clientWorld([json({ message: 'oops' }, 500)])
    const error = await failure(world.http.get('/a'))
    expect(error.message).toBe(`Host 127.0.0.1:${world.server.port} failed (500): oops (tried 5 times in 5.6 s).`)
  })

  test('is not done for a request that may be sent once only', async () => {
    for (const answerer of [json({}, 500), raw(''), text('')]) {
      await using world = await clientWorld([answerer, ok])
      expect(await failure(world.http.post('/start', { json: {}, once: true }))).toMatchObject({ verdict: 'retry' })
      expect(world.server.seen).toHaveLength(1)
    }
    // A refusal is known not to have done anything.
    await using world = await clientWorld([json({}, 429, { 'retry-after': '1' }), ok])
    expect((await world.http.post('/start', { once: true })).body).toEqual({ ok: true })
  })

  test('ends with the signal, also while it sleeps', async () => {
    const abort = new AbortController()
    await using world = await clientWorld([json({}, 500)], {
      setup: { signal: abort.signal, logger: { event: () => abort.abort() } },
    })
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.server.seen).toHaveLength(1)
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.server.seen).toHaveLength(1)
    // What was not sent is not in the ledger.
    expect(world.rows).toHaveLength(1)
  })

  test('is not even begun when the signal was there first, with permits at hand', async () => {
    await using world = await clientWorld([ok])
    for (let i = 0; i < 4; i++) await world.http.get('/')
    const sent = world.rows.length
    expect(await failure(world.client({ signal: AbortSignal.abort() }).get('/'))).toMatchObject({ code: 'cancelled' })
    expect(world.rows).toHaveLength(sent)
  })

  test('is checked against the budget before every try', async () => {
    let left = 3
    const spent = new TidemarkError('budget_spent', 'It is spent.')
    await using world = await clientWorld([json({}, 500)], {
      setup: {
        beforeTry: () => {
          if (left-- === 0) throw spent
        },
      },
    })
    expect(await failure(world.http.get('/'))).toBe(spent)
    expect(world.rows).toHaveLength(3)
  })

  const nameless = nodeTransport({ resolve: async () => [] })
  test.each([
    ['address_refused', 'to this machine', { allowPrivateNetwork: false }, 0],
    ['header_refused', 'with a broken token', { settings: { baseUrl: '', headers: { authorization: 'a\nb' } } }, 0],
    // These were tries on the wire, though nobody heard of them.
    ['network_failed', 'where nobody listens', { baseUrl: 'http://127.0.0.1:9' }, 5],
    ['network_failed', 'to a name without address', { baseUrl: 'http://no.example', transport: nameless }, 5],
  ] as const)('gives back what it took when it never left: %s, %s', async (code, _what, changes, tries) => {
    let taken = 0
    await using world = await clientWorld([ok])
    const beforeTry = () => {
      taken++
      return () => void taken--
    }
    expect(await failure(world.client({ ...changes, beforeTry }).get('/'))).toMatchObject({ code })
    expect([taken, world.rows.length, world.server.seen.length]).toEqual([tries, tries, 0])
  })
})

describe('waiting', () => {
  test('for as long as the source says, without spending a try', async () => {
    const limited = json({}, 429, { 'retry-after': '7' })
    await using world = await clientWorld([limited, limited, limited, ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.clock.slept).toEqual([7_000, 7_000, 7_000])
    expect(world.rows.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1])
    expect(world.rows[0]).toMatchObject({ status: 429, outcome: 'rate_limited' })
  })

  test('for a date of the source’s clock', async () => {
    const sourceNow = Date.UTC(2026, 0, 1, 5)
    const headers = {
      date: new Date(sourceNow).toUTCString(),
      'retry-after': new Date(sourceNow + 20_000).toUTCString(),
    }
    await using world = await clientWorld([json({}, 503, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toHaveLength(1)
    expect(world.clock.slept[0]).toBeGreaterThan(18_000)
    expect(world.clock.slept[0]).toBeLessThanOrEqual(20_000)
  })

  test('for the reset of an exhausted window, also with status 403', async () => {
    const reset = Math.floor(Date.UTC(2026, 0, 1) / 1_000) + 40
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) }
    await using world = await clientWorld([json({}, 403, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([41_000])
  })

  test('longer than one may is an error with its time, for everybody', async () => {
    await using world = await clientWorld([json({ message: 'slow down' }, 429, { 'retry-after': '61' })], {
      setup: { connection: 'me' },
    })
    const error = await failure(world.http.get('/'))
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', retryAt: world.clock.now() + 61_000 })
    expect(error.message).toBe(
      `Host 127.0.0.1:${world.server.port} asks to wait (429): slow down; the next request is allowed in 1m 1s.`,
    )
    expect(error.hint).toBe('The limit ends at 2026-01-01T00:01:01.000Z; a sync after that goes on from here.')
    // Another client of the connection does not even ask.
    expect(await failure(world.client().get('/'))).toMatchObject({
      code: 'rate_limited',
      retryAt: world.clock.now() + 61_000,
      hint: error.hint,
    })
    // One of another connection does.
    expect(await failure(world.client({ connection: 'you' }).get('/'))).toMatchObject({ code: 'rate_limited' })
    expect(world.server.seen).toHaveLength(2)
  })

  const NOW = Date.UTC(2026, 0, 1)
  const SECONDS = NOW / 1_000
  const GROWING = [1_125, 1_688, 2_532, 3_797, 5_696, 8_543, 12_815, 19_222]
  test.each<[string, Record<string, string>, readonly number[]]>([
    ['says nothing', {}, GROWING],
    ['says nothing that can be read', { 'retry-after': 'soon' }, GROWING],
    ['says: less than nothing', { 'retry-after': '-5' }, GROWING],
    ['says: at once', { 'retry-after': '0' }, GROWING],
    ['names a date that is over', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, GROWING],
    [
      'names a reset that is over',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(SECONDS - 60) },
      GROWING,
    ],
    ['asks for little', { 'retry-after': '3' }, [3_000, 3_000, 3_000, 3_797, 5_696, 8_543, 12_815, 19_222]],
    ['asks for some', { 'retry-after': '9' }, [9_000, 9_000, 9_000, 9_000, 9_000, 9_000]],
    ['asks for much', { 'retry-after': '50, 53' }, [53_000]],
    [
      'names a date in an old form',
      { 'retry-after': 'Thursday, 01-Jan-26 00:00:45 GMT' },
      [45_000, 1_688, 2_532, 3_797, 5_696],
    ],
    ['asks for days', { 'retry-after': '99999999999' }, []],
  ])('ends after a minute in all when the source %s without end', async (_what, headers, slept) => {
    await using world = await clientWorld([json({}, 429, headers)])
    const error = await failure(world.http.get('/'))
    expect(error).toMatchObject({ code: 'rate_limited', verdict: 'wait', scope: 'run' })
    expect(error.retryAt).toBeGreaterThan(world.clock.now())
    expect(world.clock.slept).toEqual(slept)
    expect(world.server.seen).toHaveLength(slept.length + 1)
    expect(/after .* of waiting for it\.$/.test(error.message)).toBe(slept.length > 0)
  })

  test('in long waits ends after a minute for all requests together', async () => {
    const limited = json({}, 429, { 'retry-after': '25' })
    await using world = await clientWorld([limited, ok, limited, ok, limited, ok])
    await world.http.get('/')
    await world.http.get('/')
    expect(await failure(world.http.get('/'))).toMatchObject({ code: 'rate_limited', verdict: 'wait' })
    expect(world.clock.slept).toEqual([25_000, 25_000])
  })

  test.each([
    ['a message of GitHub', { message: 'API rate limit exceeded for user ID 1.' }],
    ['a message of GitHub’s secondary limits', { message: 'You have exceeded a secondary rate limit.' }],
    ['a message of Google', { error: { code: 403, message: 'The request exceeded your daily quota.' } }],
    ['words', 'Too many requests, slow down'],
  ])('for a limit that a 403 tells of in %s, without headers', async (_what, body) => {
    const limited = typeof body === 'string' ? text(body, 403) : json(body, 403)
    await using world = await clientWorld([limited, ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.rows[0]?.outcome).toBe('rate_limited')
    expect(world.clock.slept).toEqual([1_125])
  })

  test.each([500, 502, 503, 504])('for what a %i asks for, without spending a try', async (status) => {
    await using world = await clientWorld([json({}, status, { 'retry-after': '4' }), ok])
    await world.http.get('/')
    expect(world.rows.map(({ attempt }) => attempt)).toEqual([1, 1])
    expect(world.clock.slept).toEqual([4_000])
  })

  test('for an answer that is not finished yet', async () => {
    await using world = await clientWorld([json({}, 202, { 'retry-after': '2' }), json({}, 202), ok])
    expect((await world.http.get('/')).body).toEqual({ ok: true })
    expect(world.clock.slept).toEqual([2_000, 375])
    expect(world.rows.map(({ outcome }) => outcome)).toEqual(['not_ready', 'not_ready', 'ok'])
  })

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'as the careful default says for a classifier’s %d',
    async (waitMs) => {
      const classify = ({ status }: RawAnswer) =>
        status === 400 ? ({ verdict: 'wait', code: 'rate_limited', message: 'too fast', waitMs } as const) : undefined
      await using world = await clientWorld([json({}, 400), ok], { settings: { classify } })
      await world.http.get('/')
      expect(world.clock.slept).toEqual([1_125])
    },
  )

  test('as the classifier says', async () => {
    const classify = ({ body }: RawAnswer) =>
      (body as { code?: number }).code === 36009002
        ? ({ verdict: 'wait', code: 'rate_limited', message: 'too fast', waitMs: 5_000 } as const)
        : undefined
    await using world = await clientWorld([json({ code: 36009002 }), json({ code: 0 })], { settings: { classify } })
    expect((await world.http.get('/')).body).toEqual({ code: 0 })
    expect(world.clock.slept).toEqual([5_000])
  })

  test('as the headers say, where the classifier names no time', async () => {
    const classify = ({ status }: RawAnswer) =>
      status === 403 ? ({ verdict: 'wait', code: 'secondary_limit', message: 'too fast' } as const) : undefined
    await using world = await clientWorld([json({}, 403, { 'retry-after': '33' }), ok], { settings: { classify } })
    await world.http.get('/')
    expect(world.clock.slept).toEqual([33_000])
    expect(world.rows[0]?.outcome).toBe('secondary_limit')
  })

  test.each([
    [200, 1],
    [202, 1],
    [403, 7],
  ])('a %i whose Retry-After lies in the year 9999 is believed for %i days', async (status, days) => {
    const classify = (answer: RawAnswer) =>
      answer.status === 202 ? undefined : ({ verdict: 'wait', code: 'rate_limited', message: 'too fast' } as const)
    const headers = { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }
    await using world = await clientWorld([json({}, status, headers), ok], { settings: { classify } })
    const { retryAt } = (await failure(world.http.get('/'))) as { retryAt?: number }
    expect(retryAt).toBe(world.clock.now() + days * 86_400_000)
  })

  test('declared limits are kept, and the keys are theirs', async () => {
    const limits = [{ key: 'shop:app:1', requests: 2, per: '10s' }] as const
    await using world = await clientWorld([ok], { settings: { limits } })
    for (let i = 0; i < 4; i++) await world.http.get('/')
    expect(world.clock.slept).toEqual([11_000])
    expect(new Set(world.store.reserved.map(({ key }) => key))).toEqual(new Set(['shop:app:1']))
  })

  test('headers of good answers are obeyed', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '25' }
    await using world = await clientWorld([json({}, 200, headers), ok])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([])
    await world.http.get('/')
    expect(world.clock.slept).toEqual([26_000])
    expect(world.events.find(({ name }) => name === 'limit.headers')?.values).toMatchObject({
      remaining: 0,
      resetMs: 26_000,
    })
  })
})

describe('the classifier', () => {
  test('sees every answer: parsed, as text, or empty', async () => {
    const seen: RawAnswer[] = []
    const classify = (answer: RawAnswer) => void seen.push(answer)
    await using world = await clientWorld([ok, text('Authorization failed.'), text('', 500), json({ a: 1 }, 500), ok], {
      settings: { classify },
    })
    await world.http.get('/')
    await world.http.get('/')
    expect(seen.map(({ status, body }) => [status, body])).toEqual([
      [200, { ok: true }],
      [200, 'Authorization failed.'],
      [500, undefined],
      [500, { a: 1 }],
      [200, { ok: true }],
    ])
  })

  test('overrules what a status means', async () => {
    const classify = ({ body }: RawAnswer) =>
      body === 'Authorization failed.'
        ? ({ verdict: 'pause', code: 'token_rejected', message: 'the portal wants a login', hint: 'Log in.' } as const)
        : undefined
    await using world = await clientWorld([text('Authorization failed.')], { settings: { classify } })
    expect(await failure(world.http.get('/'))).toMatchObject({
      code: 'token_rejected',
      verdict: 'pause',
      message: 'the portal wants a login',
      hint: 'Log in.',
    })
    expect(world.rows).toMatchObject([{ status: 200, outcome: 'token_rejected' }])
  })
})
