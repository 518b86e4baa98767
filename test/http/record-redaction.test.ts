// Owns the proof that a recording shows no secret in any of its forms, and that what stands in their place still fits
// together.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPersonal, isSecretName, Redaction } from '../../src/http/record-redaction.ts'

const SECRET = 'aB3/+=&"?ß-0815'

describe('a secret', () => {
  const CASES: [where: string, text: string][] = [
    ['as it is', `x ${SECRET} y`],
    ['in an address', `https://x.example/?k=${encodeURIComponent(SECRET)}`],
    [
      'in an address in lower case',
      `?k=${encodeURIComponent(SECRET).replaceAll(/%../g, (code) => code.toLowerCase())}`,
    ],
    ['in a form', new URLSearchParams({ k: SECRET }).toString()],
    ['in JSON', JSON.stringify({ k: SECRET })],
    ['in hexadecimal', Buffer.from(SECRET).toString('hex')],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in Basic authentication', Buffer.from(`user:${SECRET}`).toString('base64')],
    ['in the middle of Base64', Buffer.from(`{"k":"${SECRET}","more":1}`).toString('base64url')],
  ]

  test.each(CASES)('is not there %s', (_, text) => {
    const redaction = new Redaction()
    redaction.secret('token', SECRET)
    const clean = redaction.clean(text)
    expect(clean).toContain('redacted-token')
    const decodings = [clean, decodeURIComponent(clean.replaceAll('%', '%25')), Buffer.from(clean, 'base64').toString()]
    for (const decoded of decodings) expect(decoded).not.toContain(SECRET.slice(0, 10))
  })

  test('of any text is gone wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme-ascii' }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          fc.pre(!'redacted-token'.includes(secret))
          const redaction = new Redaction()
          redaction.secret('token', secret)
          expect(redaction.clean(`${before}${secret}${after}`)).toContain('redacted-token')
          expect(redaction.clean(JSON.stringify([secret]))).toBe('["redacted-token"]')
        },
      ),
    )
  })

  test('that an answer names is known from then on, in every text', () => {
    const redaction = new Redaction()
    redaction.learn('{"data":{"access_token":"abc\\/def-1","expires":1}}')
    expect(redaction.clean('the token is abc/def-1')).toBe('the token is redacted-access-token')
    expect(redaction.clean('{"access_token":"abc\\/def-1"}')).not.toContain('def-1')
  })

  test('has the same placeholder everywhere, and another has another', () => {
    const redaction = new Redaction()
    redaction.learn('{"refresh_token":"first-token"} {"refresh_token":"second-token"}')
    expect(redaction.clean('first-token second-token first-token')).toBe(
      'redacted-refresh-token redacted-refresh-token-2 redacted-refresh-token',
    )
  })
})

test.each([
  ['access_token', true],
  ['accessToken', true],
  ['client-secret', true],
  ['api_key', true],
  ['password', true],
  ['next_page_token', false],
  ['nextPageToken', false],
  ['cursor', false],
  ['key', false],
  ['tokens_used_today', false],
])('a member called %s is secret: %s', (name, secret) => expect(isSecretName(name)).toBe(secret))

test('parameters of addresses lose their secrets, also in addresses that stand in JSON', () => {
  const redaction = new Redaction()
  expect(redaction.clean('https://x.example/a?key=K1&page=2&sig=abc#d')).toBe(
    'https://x.example/a?key=redacted-key&page=2&sig=redacted-sig#d',
  )
  expect(redaction.clean(String.raw`{"next":"https://x.example/?page=2\u0026access_token=abc"}`)).toBe(
    String.raw`{"next":"https://x.example/?page=2\u0026access_token=redacted-access-token"}`,
  )
  expect(redaction.form('grant=refresh&client_secret=abc&page_token=p1')).toBe(
    'grant=refresh&client_secret=redacted-client-secret&page_token=p1',
  )
})

test('headers are kept by name only where they are known to be harmless', () => {
  const given = {
    Authorization: 'Bearer abc',
    Cookie: 'a=b',
    'Set-Cookie': 'a=b',
    'X-Session-Token': 'abc',
    'Content-Type': 'application/json',
    'X-RateLimit-Remaining': '7',
    Link: '<https://x.example/?page=2&token=abc>; rel="next"',
  }
  expect(new Redaction().headers(given)).toEqual({
    'content-type': 'application/json',
    'x-ratelimit-remaining': '7',
    link: '<https://x.example/?page=2&token=redacted-token>; rel="next"',
  })
})

test('what belongs to a person is replaced as a whole word, in the shape that it had', () => {
  expect([isPersonal('user', 'ada'), isPersonal('region', 'EU1'), isPersonal('pageUrl', 'https://x.example')]).toEqual([
    true,
    false,
    false,
  ])
  const redaction = new Redaction()
  expect(redaction.personal('user', 'ada')).toBe('redacted-user')
  expect(redaction.personal('shopId', '7494')).toMatch(/^9\d{3}$/)
  expect(redaction.personal('login', 'ada@mail.example')).toBe('redacted-login@example.invalid')
  expect(redaction.clean('/users/Ada/starred, Canada, ada_b')).toBe(
    '/users/redacted-user/starred, Canada, redacted-user_b',
  )
  expect(redaction.clean('mail grace@mail.example, grace@mail.example and joan@mail.example')).toBe(
    'mail person-1@example.invalid, person-1@example.invalid and person-2@example.invalid',
  )
})
