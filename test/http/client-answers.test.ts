// The client against a real server: which answers it trusts, and what it tells of those that it does not.

import { describe, expect, test } from 'vitest'
import type { RawAnswer } from '../../src/connector/connector.ts'
import { TidemarkError } from '../../src/model/errors.ts'
import { sourceText } from '../../src/model/exact-json.ts'
import { clientWorld, failure } from './client-world.ts'
import { type Answerer, json, raw, rawThenReset, silence, text } from './scripted-server.ts'

const ok = json({ ok: true })

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
    'status 999': [json({}, 999), 'server_error', 'retry', 5, /\(999\)/],
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
